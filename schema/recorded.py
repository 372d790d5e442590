"""What every successful mutation answers besides its object: the record of the change."""

from uuid import UUID

import strawberry

from engine import batched
from schema.access import EVERYONE, readable
from schema.references import AuditRecordRef


@strawberry.type(description="A change that was made and recorded.")
@readable(EVERYONE, rows="the caller's own change")
class Recorded:
    """A change that was made and recorded; not a type of the API, its heirs are."""

    record_ref: strawberry.Private[UUID]

    @batched(description="The record of the change.")
    def audit_record(self) -> AuditRecordRef: ...
