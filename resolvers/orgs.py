"""The directory of organizations: the provider's whole one, and for others those that they have grants for.

Nobody but the provider reads across organizations: each granted one is read inside itself, so that row security holds.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Unpack
from uuid import UUID

from core.ids import SYSTEM_ORG_ID
from core.principal import Role
from core.storage import orgs as stored_orgs
from core.storage.database import Reader
from core.storage.fetching import Fetch
from core.storage.listing import EVERYTHING, Where, fetch_ids, fetch_page
from core.storage.orgs import BY_NAME, DIRECTORY, ORGS
from core.storage.pages import Page, PageRequest, take
from core.storage.rows import OrgRow
from engine import Info, Registry
from resolvers.context import RequestContext
from resolvers.lists import PageArguments, Paging

registry = Registry()


@registry.bind("Query.orgs")
async def orgs(
    parents: Sequence[None], info: Info, *, search: str | None, **asked: Unpack[PageArguments]
) -> list[Page[OrgRow]]:
    """Give a page of the organizations that the caller may enter, by name."""
    context: RequestContext = info.context
    request = Paging(**asked).of(BY_NAME)
    where, counted = stored_orgs.begins(search), info.selects("totalCount")
    if Role.PROVIDER_ADMIN in context.principal.roles_in(SYSTEM_ORG_ID):
        page = await _page(context.directory.fetch, context.org_id, request, where, counted=counted)
    else:
        page = await _granted(context, request, where, counted=counted)
    return [page] * len(parents)


async def find_orgs(context: RequestContext, org_ids: Iterable[UUID]) -> dict[UUID, OrgRow]:
    """Read organizations that the caller has grants for, each inside itself; the others are missing."""
    found: dict[UUID, OrgRow] = {}
    for org_id in dict.fromkeys(org_ids):
        if context.principal.may_enter(org_id):
            async with _inside(context, org_id) as fetch:
                found |= await fetch_ids(fetch, ORGS, [org_id], org=org_id, where=EVERYTHING)
    return found


async def _granted(context: RequestContext, request: PageRequest, where: Where, *, counted: bool) -> Page[OrgRow]:
    """Merge what each granted organization has of the page: itself, or nothing."""
    granted = {grant.org_id for grant in context.principal.grants if grant.org_id is not None}
    rows: list[OrgRow] = []
    total = 0
    # The one entered comes last: its snapshot keeps a connection, and whoever waits for a second one while holding a
    # first may wait for long.
    for org_id in sorted(granted, key=lambda org_id: org_id == context.org_id):
        async with _inside(context, org_id) as fetch:
            part = await _page(fetch, org_id, request, where & stored_orgs.ITSELF, counted=counted)
        rows += part.nodes
        total += part.total_count or 0
    rows.sort(key=lambda row: tuple(row[key] for key in BY_NAME.keys), reverse=request.backward)
    return take(request, rows[: request.size + 1], total if counted else None)


async def _page(fetch: Fetch, org_id: UUID, request: PageRequest, where: Where, *, counted: bool) -> Page[OrgRow]:
    return await fetch_page(fetch, DIRECTORY, request, org=org_id, where=where, counted=counted)


@asynccontextmanager
async def _inside(context: RequestContext, org_id: UUID) -> AsyncIterator[Fetch]:
    """Read inside an organization: the request's snapshot for the one entered, else a short one of its own."""
    if org_id == context.org_id:
        yield context.db.fetch
        return
    reader = Reader(context.store.pool, org_id)
    try:
        yield reader.fetch
    finally:
        await reader.close()
