"""Fetching the file of an export: recorded before the first byte leaves."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from audit.record import AuditKind, Target
from core.commands.exports import ROLES
from core.commands.refusals import not_found
from core.commands.transaction import Answer, Transaction
from core.principal import Role
from core.rules.enums import ExportKind
from core.storage.exports import EXPORTS, is_kept
from core.storage.listing import EVERYTHING, fetch_ids
from core.storage.rows import ExportRow


def holds_texts(roles: Collection[str]) -> bool:
    """Say whether an export asked for in these roles tells what was written in texts."""
    return Role.COMPLIANCE_OFFICER in roles


def roles_for(export: ExportRow, roles: Collection[Role]) -> frozenset[Role]:
    """Give those of somebody's roles in which an export may be fetched; none where it may not."""
    acting = ROLES[ExportKind(export.kind)].intersection(roles)
    is_open = export.kind != ExportKind.EVIDENCE or not holds_texts(export.roles) or holds_texts(acting)
    return acting if is_open else frozenset()


async def record_download(tx: Transaction, export_id: UUID) -> Answer:
    """Record that somebody fetches the file; NotFound when it is not there, or not for the caller's roles."""
    found = await fetch_ids(tx.fetch, EXPORTS, [export_id], org=tx.org_id, where=EVERYTHING)
    export: Any = found.get(export_id)
    if export is None or not roles_for(export, tx.attempt.roles) or not is_kept(export, tx.now):
        raise not_found("id", export_id)
    await tx.record(
        target=Target(type="Export", id=export_id),
        before=None,
        after={"kind": export.kind, "sha256": export.sha256},
        kind=AuditKind.EXPORT,
        correlation_id=str(export_id),
    )
    return Answer(type="ExportFetched", refs={"record_ref": str(tx.audit_id)})
