"""Exports of evidence: who asked for which range, recorded in a transaction of its own before anything is given out."""

from uuid import UUID

from audit.record import AuditKind, Target
from core.commands.transaction import Answer, Transaction


async def record_export(
    tx: Transaction, *, kind: str, from_size: int, at_size: int, picked: int | None = None
) -> Answer:
    """Record an export of the leaves from `from_size` on, in the tree of `at_size`; `picked`: how many of them."""
    export_id: UUID = tx.new_id()
    told = {"kind": kind, "fromSize": str(from_size), "atSize": str(at_size)}
    if picked is not None:
        told["picked"] = str(picked)
    await tx.record(
        target=Target(type="Export", id=export_id),
        before=None,
        after=told,
        kind=AuditKind.EXPORT,
        correlation_id=str(export_id),
    )
    return Answer(type="ExportRecorded", refs={"export_ref": str(export_id), "record_ref": str(tx.audit_id)})
