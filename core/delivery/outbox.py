"""The queue of texts that something is still to be done with, across organizations.

A claim moves a row's time into the future, so a row whose worker died comes back by itself. `attempts` counts claims
and tells an old claim from a new one: whoever comes back late finds another number there.

Whoever locks a row and its message locks the row first.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

LEASE = timedelta(seconds=90)
"""How long a claimed row stays away: three times what a carrier may take to answer."""
LOOK_AHEAD = 500
"""Due rows among which a claim chooses, so that one organization's backlog does not hide the others'."""

_TRIES = 3
"""Another worker may take all that was chosen; then there may be more."""

_DUE = """
SELECT org_id, message_id FROM texting.outbox
WHERE available_at <= $1 AND org_id <> ALL ($2::uuid[]) ORDER BY available_at LIMIT $3
"""
# The time is compared as an expression, so that no index on it is used here: the keys alone find the rows, whatever
# the statistics say of how many are due.
_CLAIM = """
UPDATE texting.outbox AS taken SET available_at = $4, attempts = taken.attempts + 1, claimed_by = $5
FROM (
  SELECT place.org_id, place.message_id
  FROM unnest($1::uuid[], $2::uuid[]) AS wanted (org_id, message_id)
  JOIN texting.outbox AS place ON place.org_id = wanted.org_id AND place.message_id = wanted.message_id
  WHERE place.available_at + interval '0' <= $3
  FOR UPDATE OF place SKIP LOCKED
) AS free
WHERE taken.org_id = free.org_id AND taken.message_id = free.message_id
RETURNING taken.org_id, taken.message_id, taken.attempts
"""
_POSTPONE = """
UPDATE texting.outbox SET available_at = $4 WHERE org_id = $1 AND message_id = $2 AND attempts = $3
"""
_LOCK = "SELECT attempts, send_by, answers FROM texting.outbox WHERE org_id = $1 AND message_id = $2 FOR UPDATE"
_REVISIT = "UPDATE texting.outbox SET available_at = $3, claimed_by = NULL WHERE org_id = $1 AND message_id = $2"
_REMOVE = "DELETE FROM texting.outbox WHERE org_id = $1 AND message_id = $2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A row that is this worker's for `LEASE`. `attempts` counts claims, this one included."""

    org_id: UUID
    message_id: UUID
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A text's place in the queue. `answers`: the keyword, an inbound message, that the text confirms."""

    attempts: int
    send_by: datetime
    answers: UUID | None


async def claim(
    pool: asyncpg.Pool, *, name: str, now: datetime, limit: int, limit_each: int, passing_over: Sequence[UUID] = ()
) -> list[Claim]:
    """Take rows that are due, the oldest first, at most `limit_each` of one organization.

    `name` says who has them; organizations in `passing_over` are left alone for now.
    """
    for _ in range(_TRIES):
        due = await pool.fetch(_DUE, now, list(passing_over), LOOK_AHEAD)
        wanted = _shared(due, limit=limit, limit_each=limit_each)
        if not wanted:
            return []
        orgs, messages = zip(*wanted, strict=True)
        if rows := await pool.fetch(_CLAIM, orgs, messages, now, now + LEASE, name):
            return [Claim(org_id=row["org_id"], message_id=row["message_id"], attempts=row["attempts"]) for row in rows]
    return []


async def postpone(pool: asyncpg.Pool, claimed: Claim, until: datetime) -> None:
    """Give a claim back, to be taken again from then on; one that somebody else has meanwhile stays theirs."""
    await pool.execute(_POSTPONE, claimed.org_id, claimed.message_id, claimed.attempts, until)


async def lock(connection: asyncpg.Connection, org_id: UUID, message_id: UUID) -> Place | None:
    """Lock a text's place in the queue; `None` when it has none any more."""
    row = await connection.fetchrow(_LOCK, org_id, message_id)
    return Place(**row) if row is not None else None


async def revisit(connection: asyncpg.Connection, org_id: UUID, message_id: UUID, at: datetime) -> None:
    """Have somebody look at the text again at that time."""
    await connection.execute(_REVISIT, org_id, message_id, at)


async def remove(connection: asyncpg.Connection, org_id: UUID, message_id: UUID) -> None:
    """Take a text out: nothing is left to do."""
    await connection.execute(_REMOVE, org_id, message_id)


def _shared(due: Iterable[asyncpg.Record], *, limit: int, limit_each: int) -> list[tuple[UUID, UUID]]:
    """Choose from what is due, in order, at most so much of one organization."""
    taken: Counter[UUID] = Counter()
    chosen: list[tuple[UUID, UUID]] = []
    for row in due:
        if len(chosen) < limit and taken[row["org_id"]] < limit_each:
            taken[row["org_id"]] += 1
            chosen.append((row["org_id"], row["message_id"]))
    return chosen
