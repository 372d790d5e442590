"""Reading what other people wrote: nothing is changed, and it is recorded all the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from audit.record import AuditKind, Target
from core.commands.transaction import Answer, Transaction

NAMED_MAX = 100
"""So many texts one record names, as many as a page has; with everybody concerned they fill half of an entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyRead:
    """A text that was read, by the object that holds it: a `Message`, a `ConsentEvent` or an `AuditRecord`.

    `about`: the user whose text it is and whoever else the reading concerns.
    """

    type: str
    id: UUID
    about: tuple[UUID, ...] = ()


async def record_reads(tx: Transaction, reads: Sequence[BodyRead]) -> Answer:
    """Record that the caller read these texts: one record, or several where one cannot name them all."""
    parts = [reads[at : at + NAMED_MAX] for at in range(0, len(reads), NAMED_MAX)]
    ids = tx.new_ids(len(parts))
    if len(parts) > 1:
        tx.correlation_id = str(ids[0])
    await tx.append(
        [
            tx.describe(
                target=_target(tx, part),
                before=None,
                after={"read": [tx.global_id(each.type, each.id) for each in part]},
                audit_id=id,
                kind=AuditKind.READ,
                involves=tuple(dict.fromkeys(id for each in part for id in (each.id, *each.about))),
            )
            for id, part in zip(ids, parts, strict=True)
        ]
    )
    return Answer(type="BodiesRead", refs={"record_ref": str(ids[0])})


def _target(tx: Transaction, reads: Sequence[BodyRead]) -> Target:
    """Name the one object that was read; of several, the organization whose they are."""
    if len(reads) == 1:
        return Target(type=reads[0].type, id=reads[0].id)
    return Target(type="Org", id=tx.org_id)
