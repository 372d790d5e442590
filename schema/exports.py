"""Exports: asked for, made beside the requests, and fetched by a link that soon ends."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from engine import batched
from schema.access import WHOLE_ORG, readable
from schema.audit import AuditFilter
from schema.checkpoints import AuditCheckpoint
from schema.enums import ExportFormat, ExportKind, ExportState
from schema.inputs import IDEMPOTENCY_KEY, optional
from schema.node import Node
from schema.recorded import Recorded
from schema.references import AuditRecordRef
from schema.refusals import IdempotencyConflict, InvalidInput, NotAllowed, NotFound
from schema.scalars import UnsignedInt64
from schema.user import UserFilter
from schema.what_if import FactOverride


@strawberry.type(description="Something taken out of the organization's data, to be looked at elsewhere.")
@readable(WHOLE_ORG, rows="AUDITOR and COMPLIANCE_OFFICER: every one; others: every report")
class Export(Node):
    """Something taken out of the organization's data."""

    kind: ExportKind = strawberry.field(description="What it holds.")
    format: ExportFormat = strawberry.field(description="What it is written as.")
    state: ExportState = strawberry.field(description="How far it has come.")
    progress: float = strawberry.field(description="How much of it is made, from 0 to 1.")
    requested_at: datetime = strawberry.field(description="When it was asked for.")

    @batched(
        description="Where to fetch it: a path on this server, good for ten minutes and for the caller alone, whose "
        "fetching is recorded. Null until READY, a day after that, and for callers who may not see all that is in it."
    )
    def url(self) -> str | None: ...

    sha256: str | None = strawberry.field(
        name="sha256", description="The SHA-256 of the file, in hexadecimal; null until READY."
    )

    @batched(description="The signed state of the log that it is evidence of; null for other kinds.")
    def checkpoint(self) -> AuditCheckpoint | None: ...

    error: str | None = strawberry.field(description="Why it cannot be made, and what to do; null unless FAILED.")

    @batched(description="The record of its being asked for.")
    def audit_record(self) -> AuditRecordRef | None: ...


@strawberry.input(
    description="What is taken out. EVIDENCE: all records from `fromSize` on in the log of `atSize`, or those of "
    "`audit` only. ELIGIBILITY_REPORT: those of `users` who may not text, one a line, with what stands in the way."
)
class CreateExportInput:
    """What is taken out."""

    org_id: strawberry.ID = strawberry.field(description="The organization.")
    kind: ExportKind = strawberry.field(description="What it shall hold.")
    format: ExportFormat = strawberry.field(description="What it shall be written as.")
    audit: AuditFilter | None = optional(
        "Of evidence: only such records, at most 10,000, each with a proof of its own; absent: all of the range, with "
        "one proof that none is missing."
    )
    users: UserFilter | None = optional("Of a report: only such users; absent: every one.")
    what_if: list[FactOverride] | None = optional("Of a report: facts to suppose, at most 20; nothing is changed.")
    as_of: datetime | None = optional("Of a report: the moment to decide about; absent: when it is made.")
    known_at: datetime | None = optional("Of a report: only facts that the sealed log held by then; absent: all.")
    at_size: UnsignedInt64 | None = optional("Of evidence: the size of a signed checkpoint; absent: the newest one's.")
    from_size: UnsignedInt64 | None = optional(
        "Of evidence: the size of a signed checkpoint that the reader holds already; absent: 0, the start."
    )
    reason: str = strawberry.field(description="Why, for the record.")
    idempotency_key: str | None = optional(IDEMPOTENCY_KEY)


@strawberry.type(description="The export was asked for; a worker makes it.")
@readable(WHOLE_ORG, rows="the caller's own change")
class ExportStarted(Recorded):
    """The export was asked for."""

    export_ref: strawberry.Private[UUID]

    @batched(description="The export: ask for it again until it is READY or FAILED.")
    def export_job(self) -> Export: ...


ExportResult = Annotated[
    ExportStarted | NotFound | NotAllowed | InvalidInput | IdempotencyConflict,
    strawberry.union("ExportResult", description="What was asked for, or why it cannot be."),
]
