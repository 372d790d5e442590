"""Exports: by id, in pages, and the links by which whoever may have them fetches them."""

from collections.abc import Sequence
from typing import Any, Unpack

from core.commands.downloads import roles_for
from core.ids import encode
from core.storage import audit_trees
from core.storage.exports import EXPORTS, NEWEST_FIRST, is_kept
from core.storage.rows import ExportRow, OrgRow
from engine import Info, Registry
from resolvers import visibility
from resolvers.audit_proofs import Checkpoint
from resolvers.context import RequestContext
from resolvers.lists import PageArguments, Paging, of_org
from resolvers.references import resolve

registry = Registry()


@registry.bind("Org.exports")
async def org_exports(parents: Sequence[OrgRow], info: Info, **asked: Unpack[PageArguments]) -> list[Any]:
    """Give a page of the exports, the newest first."""
    paging = Paging(**asked)
    return await of_org(parents, info, EXPORTS, NEWEST_FIRST, paging, visibility.exports(info.context))


@registry.bind("Export.url")
def url(parents: Sequence[ExportRow], info: Info) -> list[str | None]:
    """Write links for those that are there and that the caller may have."""
    return [_link(info.context, each) for each in parents]


@registry.bind("Export.checkpoint")
async def checkpoint(parents: Sequence[ExportRow], info: Info) -> list[Checkpoint | None]:
    """Find the signed states, in one statement."""
    context: RequestContext = info.context
    sizes = [each.at_size for each in parents if each.at_size is not None]
    found = await audit_trees.checkpoints(context.db, context.org_id, sizes)
    return [Checkpoint(stored=found[each.at_size]) if each.at_size in found else None for each in parents]


@registry.bind("Export.audit_record")
async def record(parents: Sequence[ExportRow], info: Info) -> list[Any]:
    """Find the records of their being asked for."""
    return await resolve(info, "AuditRecord", [each.last_audit_id for each in parents])


def _link(context: RequestContext, export: ExportRow) -> str | None:
    roles = roles_for(export, context.roles)
    if not is_kept(export, context.now) or not roles:
        return None
    name = f"{encode('Export', context.org_id, export.id)}.{export.format.lower()}"
    return context.store.links.write(name, caller=context.principal, roles=roles, now=context.now)
