"""The signed states of an organization's audit log, and the proof that one grew out of another."""

from datetime import datetime
from typing import Annotated

import strawberry

from engine import batched
from schema.access import EVERYONE, readable
from schema.scalars import UnsignedInt64

AtSize = Annotated[
    UnsignedInt64 | None, strawberry.argument(description="The size of a signed checkpoint; absent: the newest one's.")
]
FromSize = Annotated[
    UnsignedInt64, strawberry.argument(description="The size of a signed checkpoint that the caller holds, or 0.")
]


@strawberry.type(
    description="A signed state of an organization's audit log (C2SP tlog-checkpoint): whoever keeps `note` can later "
    "show whether anything before it was changed."
)
@readable(EVERYONE, rows="every one of the organization")
class AuditCheckpoint:
    """A signed state of an organization's audit log."""

    origin: str = strawberry.field(description="The log's name: opaque, it tells nobody whose it is.")
    size: UnsignedInt64 = strawberry.field(description="How many records it covers.")
    root_hash: str = strawberry.field(description="The Merkle root hash of all of them (RFC 6962 §2.1), in base64.")
    note: str = strawberry.field(description="The signed text, byte for byte.")
    sealed_at: datetime = strawberry.field(description="When it was signed.")

    @batched(
        description="For how many milliseconds the oldest record has waited for its place; null when none waits. "
        "Stops at 2147483647, which is 25 days."
    )
    def oldest_pending_age_ms(self) -> int | None: ...

    @batched(description="Since when the oldest record has waited for its place; null when none waits.")
    def oldest_pending_at(self) -> datetime | None: ...


@strawberry.type(
    description="That a log only grew between two signed states (RFC 6962 §2.1.2). Both ends are signed, so there is "
    "none to a size in between."
)
@readable(EVERYONE, rows="every one of the organization")
class AuditConsistencyProof:
    """That a log only grew between two signed states."""

    from_size: UnsignedInt64 = strawberry.field(description="The size of the older state.")
    to_size: UnsignedInt64 = strawberry.field(description="The size of the newer state.")
    hashes: list[str] = strawberry.field(description="The proof's hashes in order, in base64.")
    to: AuditCheckpoint = strawberry.field(description="The newer state.")
