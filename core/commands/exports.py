"""Exports of evidence and of reports: who asked for what, recorded before anything is given out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from audit.record import AuditKind, Target
from core.commands.orgs import locked_org
from core.commands.problems import Problems
from core.commands.refusals import NotAllowed, Refused, invalid
from core.commands.transaction import Answer, Transaction
from core.commands.writes import insert
from core.principal import LOG_READERS, ORG_READERS, Role
from core.rules.enums import ExportFormat, ExportKind
from core.storage.export_filters import to_json
from core.storage.tables import Exports

FORMATS = {ExportKind.EVIDENCE: ExportFormat.ZIP, ExportKind.ELIGIBILITY_REPORT: ExportFormat.CSV}
"""What each kind is written as."""
ROLES: Mapping[ExportKind, frozenset[Role]] = {
    ExportKind.EVIDENCE: LOG_READERS,
    ExportKind.ELIGIBILITY_REPORT: ORG_READERS,
}
"""Who may take out each kind: those who may read all that is in it."""
UNFINISHED_MAX = 10
"""Exports of one organization that wait or are being made: the next ones would only wait behind them."""
CONDITION_LENGTH_MAX = 200
"""The longest text of a condition: subjects, actions, rules and tracking ids are shorter."""
CONDITION_VALUES_MAX = 100
"""Values of one condition; there are fewer actions."""

_SIGNED = """
SELECT size FROM audit.checkpoint WHERE org_id = $1 AND size::numeric = ANY ($2::text[]::numeric[])
"""
_NEWEST = "SELECT max(size) FROM audit.checkpoint WHERE org_id = $1"
_UNFINISHED = "SELECT count(*) FROM texting.exports WHERE org_id = $1 AND state IN ('QUEUED', 'RUNNING')"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewExport:
    """What is asked for: the leaves from `from_size` on, in the tree of `at_size` (`None`: of the newest checkpoint).

    `conditions`: only such records, by the names of `core.storage.audit_records.where`; `None` when an id among them
    names nothing. `report`: of a report instead, what it is about, in JSON.
    """

    kind: ExportKind
    format: ExportFormat
    from_size: int = 0
    at_size: int | None = None
    conditions: Mapping[str, Any] | None = field(default_factory=dict)
    report: Mapping[str, Any] = field(default_factory=dict)


async def start_export(tx: Transaction, wanted: NewExport) -> Answer:
    """Put an export in the queue; a worker makes it. It holds what those roles may see that let the caller ask."""
    acting = tx.attempt.acting_roles & ROLES[wanted.kind]
    if not acting:
        needed = tuple(sorted(ROLES[wanted.kind]))
        raise Refused(NotAllowed(message=f"{wanted.kind} is taken out by {', '.join(needed)}", required_roles=needed))
    if wanted.format is not FORMATS[wanted.kind]:
        right = FORMATS[wanted.kind]
        raise invalid("format", "WRONG_FORMAT", f"{wanted.kind} is not written as {wanted.format}: give {right}")
    is_evidence = wanted.kind is ExportKind.EVIDENCE
    picked = _conditions(wanted.conditions)
    at_size = await _sizes(tx, wanted) if is_evidence else None
    # Who asks at once takes turns here, or each would count without the others.
    await locked_org(tx)
    if await tx.connection.fetchval(_UNFINISHED, tx.org_id) >= UNFINISHED_MAX:
        raise invalid("orgId", "TOO_MANY", f"`{UNFINISHED_MAX}` exports wait already: ask again when one is READY")
    export_id = tx.new_id()
    row = {
        "org_id": tx.org_id,
        "id": export_id,
        "kind": wanted.kind,
        "format": wanted.format,
        "from_size": wanted.from_size,
        "at_size": at_size,
        "filter": picked,
        "report": None if is_evidence else {**wanted.report, "language": tx.attempt.language},
        "subject": tx.attempt.principal.subject,
        "roles": sorted(acting),
        "requested_at": tx.now,
        "last_audit_id": tx.audit_id,
    }
    await insert(tx.connection, Exports, [row])
    told: dict[str, str] = {"kind": wanted.kind, "format": wanted.format}
    if at_size is not None:
        told |= _range(wanted.from_size, at_size)
    if conditions := [*(picked or ()), *wanted.report]:
        # Their names alone: what is looked for may be personal, and no leaf may hold that.
        told["conditions"] = ", ".join(conditions)
    await _record(tx, export_id, told)
    return Answer(type="ExportStarted", refs={"export_ref": str(export_id), "record_ref": str(tx.audit_id)})


async def record_export(tx: Transaction, *, kind: str, from_size: int, at_size: int) -> Answer:
    """Record an export that is made at once, of the leaves from `from_size` on, in the tree of `at_size`."""
    export_id = tx.new_id()
    await _record(tx, export_id, {"kind": kind, **_range(from_size, at_size)})
    return Answer(type="ExportRecorded", refs={"export_ref": str(export_id), "record_ref": str(tx.audit_id)})


async def _sizes(tx: Transaction, wanted: NewExport) -> int:
    """Check that both ends are signed; give the size of the newer one."""
    newest = await tx.connection.fetchval(_NEWEST, tx.org_id)
    if newest is None:
        raise invalid("atSize", "NOT_SEALED", "nothing of this log is signed yet: ask again in a second")
    at_size = newest if wanted.at_size is None else wanted.at_size
    ends = {"atSize": at_size, "fromSize": wanted.from_size}
    rows = await tx.connection.fetch(_SIGNED, tx.org_id, [str(size) for size in ends.values()])
    signed = {row["size"] for row in rows}
    problems = Problems()
    for name, size in ends.items():
        if size not in signed and (name, size) != ("fromSize", 0):
            problems.add((name,), "NOT_SIGNED", f"no checkpoint of size `{size}` was signed: give the size of one")
    if not problems.found and wanted.from_size >= at_size:
        message = f"`{wanted.from_size}` leaves nothing up to `{at_size}`: give the size of an older checkpoint, or 0"
        problems.add(("fromSize",), "EMPTY_RANGE", message)
    problems.refuse()
    return at_size


def _conditions(conditions: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if conditions is None:
        message = "an id in `audit` names nothing here: check `targetId`, `involves` and `locationId`"
        raise invalid("audit", "NOT_FOUND", message)
    problems = Problems()
    for name, value in conditions.items():
        path = ("audit", _camel_case(name))
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, str):
                problems.text(path, each, longest=CONDITION_LENGTH_MAX)
        if isinstance(value, list) and len(value) > CONDITION_VALUES_MAX:
            problems.add(path, "TOO_LONG", f"`{path[1]}` has {len(value)} values: give at most {CONDITION_VALUES_MAX}")
    problems.refuse()
    return to_json(conditions)


def _range(from_size: int, at_size: int) -> dict[str, str]:
    return {"fromSize": str(from_size), "atSize": str(at_size)}


async def _record(tx: Transaction, export_id: UUID, told: Mapping[str, str]) -> None:
    await tx.record(
        target=Target(type="Export", id=export_id),
        before=None,
        after=told,
        kind=AuditKind.EXPORT,
        correlation_id=str(export_id),
    )


def _camel_case(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.title, rest))
