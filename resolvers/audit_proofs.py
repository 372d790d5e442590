"""The evidence of audit records: their places in the tree, signed states of it, and proofs between the two."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from core.storage import audit_trees
from core.storage.audit_trees import StoredCheckpoint
from engine import Info, Registry
from resolvers.audit_views import Record, note_whole
from resolvers.context import RequestContext
from resolvers.errors import BadInput
from resolvers.global_ids import enters
from schema.enums import SealState

registry = Registry()

INT_MAX = 2**31 - 1
"""The greatest `Int` of GraphQL."""
SIZE_MAX = 2**63 - 1
"""The greatest size that the database holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A signed state of the tree of the organization entered."""

    graphql_type: ClassVar[str] = "AuditCheckpoint"

    stored: StoredCheckpoint

    @property
    def origin(self) -> str:
        """The log's name."""
        return self.stored.origin

    @property
    def size(self) -> int:
        """How many records it covers."""
        return self.stored.size

    @property
    def root_hash(self) -> str:
        """The root, in base64."""
        return b64encode(self.stored.root).decode()

    @property
    def note(self) -> str:
        """The signed text."""
        return self.stored.note.decode()

    @property
    def sealed_at(self) -> datetime:
        """When it was signed, UTC."""
        return self.stored.sealed_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Consistency:
    """That the tree only grew. `hashes`: in base64."""

    graphql_type: ClassVar[str] = "AuditConsistencyProof"

    from_size: int
    hashes: list[str]
    to: Checkpoint

    @property
    def to_size(self) -> int:
        """The size of the newer state."""
        return self.to.size


@registry.bind("Query.audit_checkpoint")
async def audit_checkpoint(
    parents: Sequence[None], info: Info, *, org_id: str, size: int | None
) -> list[Checkpoint | None]:
    """Find a signed state of the log of the organization entered."""
    context: RequestContext = info.context
    found = await _signed(context, size) if enters(context, org_id) else None
    return [None if found is None else Checkpoint(stored=found)] * len(parents)


@registry.bind("Query.audit_consistency")
async def audit_consistency(
    parents: Sequence[None], info: Info, *, org_id: str, from_size: int, to_size: int | None
) -> list[Consistency | None]:
    """Prove that the log of the organization entered only grew; nothing is null but another organization's."""
    context: RequestContext = info.context
    if not enters(context, org_id):
        return [None] * len(parents)
    older = None if from_size == 0 else await _known(context, "fromSize", from_size)
    newer = await _known(context, "toSize", to_size)
    start = 0 if older is None else older.size
    if start > newer.size:
        raise BadInput(f"`fromSize` is `{start}`, `toSize` is `{newer.size}`: a log only grows, give the smaller first")
    hashes = await audit_trees.consistency(context.db, context.org_id, start, newer.size) if start else []
    written = [b64encode(each).decode() for each in hashes]
    return [Consistency(from_size=start, hashes=written, to=Checkpoint(stored=newer))] * len(parents)


@registry.bind("AuditCheckpoint.oldest_pending_at")
async def oldest_pending_at(parents: Sequence[Checkpoint], info: Info) -> list[datetime | None]:
    """Read since when the oldest record waits."""
    return [await audit_trees.oldest_pending(info.context.db, info.context.org_id)] * len(parents)


@registry.bind("AuditCheckpoint.oldest_pending_age_ms")
async def oldest_pending_age_ms(parents: Sequence[Checkpoint], info: Info) -> list[int | None]:
    """Read for how long the oldest record has waited."""
    context: RequestContext = info.context
    since = await audit_trees.oldest_pending(context.db, context.org_id)
    # What was committed after this request began has waited for no time.
    age = None if since is None else max(0, int((context.now - since).total_seconds() * 1_000))
    return [None if age is None else min(age, INT_MAX)] * len(parents)


@registry.bind("AuditRecord.disclosures")
def disclosures(parents: Sequence[Record], info: Info) -> list[Any]:
    """Give what the digests stand for; others' texts among it are noted as read."""
    if info.selected() & {"salt", "value"}:
        for each in parents:
            note_whole(info.context, each)
    return [each.view.disclosures for each in parents]


@registry.bind("AuditRecord.leaf_index")
async def leaf_index(parents: Sequence[Record], info: Info) -> list[int | None]:
    """Read the places."""
    places = await _places(info.context, parents)
    return [places.get(each.id) for each in parents]


@registry.bind("AuditRecord.seal_state")
async def seal_state(parents: Sequence[Record], info: Info) -> list[SealState]:
    """Read how far the evidence has come."""
    context: RequestContext = info.context
    places = await _places(context, parents)
    witnessed = await audit_trees.witnessed_size(context.db, context.org_id) if places else 0
    return [_state(places.get(each.id), witnessed) for each in parents]


@registry.bind("AuditRecord.proof")
async def proof(parents: Sequence[Record], info: Info, *, tree_size: int | None) -> list[str | None]:
    """Make proof files for all records of the level, in one statement more than their places and the checkpoint."""
    context: RequestContext = info.context
    places = await _places(context, parents)
    at = await _signed(context, tree_size)
    if at is None:
        if tree_size is None:
            return [None] * len(parents)
        raise _no_such("treeSize", tree_size)
    files = await audit_trees.proofs(context.db, context.org_id, places.values(), at)
    written = {index: str(file) for index, file in files.items()}
    return [written.get(places.get(each.id, -1)) for each in parents]


async def _places(context: RequestContext, records: Sequence[Record]) -> dict[UUID, int]:
    return await audit_trees.leaf_indexes(context.db, context.org_id, (each.id for each in records))


async def _signed(context: RequestContext, size: int | None) -> StoredCheckpoint | None:
    if size is not None and size > SIZE_MAX:
        return None
    return await audit_trees.checkpoint(context.db, context.org_id, size)


async def _known(context: RequestContext, argument: str, size: int | None) -> StoredCheckpoint:
    found = await _signed(context, size)
    if found is None:
        raise _no_such(argument, size)
    return found


def _no_such(argument: str, size: int | None) -> BadInput:
    if size is None:
        return BadInput("nothing of this organization's log is signed yet: ask again in a second")
    return BadInput(f"`{argument}` is `{size}`: no checkpoint of that size was signed, give the `size` of one that was")


def _state(index: int | None, witnessed: int) -> SealState:
    if index is None:
        return SealState.PENDING
    return SealState.WITNESSED if index < witnessed else SealState.SEALED
