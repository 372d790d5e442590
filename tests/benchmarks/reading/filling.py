"""One large organization, made quickly: one of each by the usual ways, then its like by the hundred thousand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from audit.actions import Action
from audit.record import Actor, ActorType, AuditKind, AuditOutcome, Erasable, Record, Target
from core.commands.transaction import Store
from core.ids import encode
from core.principal import Grant, Principal, Role
from core.rules.signatures import location_signature, number_signature, org_signature, user_signature
from core.storage import facts
from core.storage.database import reading, writing
from tests.acceptance.directories import Directory, directory

USERS, LOCATIONS, MESSAGES, RECORDS = 100_000, 500, 400_000, 5_000

_PLAN = """
CREATE TEMP TABLE made AS SELECT n, uuidv7() AS user_id, uuidv7() AS number_id, uuidv7() AS conversation_id
FROM generate_series(1, $1::int) n;
CREATE TEMP TABLE place AS SELECT n - 1 AS n, uuidv7() AS id FROM generate_series(1, $2::int) n;
"""
_COPIES = (
    """
    INSERT INTO texting.locations SELECT (jsonb_populate_record(l, jsonb_build_object('id', p.id, 'name',
      'Location ' || p.n))).* FROM texting.locations l, place p WHERE l.id = $1
    """,
    """
    INSERT INTO texting.users SELECT (jsonb_populate_record(u, jsonb_build_object('id', m.user_id, 'location_id', p.id,
      'display_name', 'Person ' || m.n, 'sort_name', 'person ' || m.n, 'email', 'person' || m.n || '@example.com',
      'email_key', 'person' || m.n || '@example.com', 'primary_number_id', m.number_id))).*
    FROM texting.users u, made m JOIN place p ON p.n = m.n % (SELECT count(*) FROM place) WHERE u.id = $1
    """,
    """
    INSERT INTO texting.phone_numbers SELECT (jsonb_populate_record(s, jsonb_build_object('id', m.number_id, 'owner_id',
      m.user_id, 'phone_number', '+1213' || (2000000 + m.n)))).* FROM texting.phone_numbers s, made m WHERE s.id = $1
    """,
    """
    INSERT INTO texting.number_directory SELECT n.phone_number, n.org_id, n.id FROM texting.phone_numbers n, made m
    WHERE n.id = m.number_id AND $1::uuid IS NOT NULL
    """,
    """
    INSERT INTO texting.conversations (org_id, id, user_id, peer, last_message_id, created_at)
    SELECT u.org_id, m.conversation_id, m.user_id, '+12025550100', m.conversation_id, now()
    FROM texting.users u, made m WHERE u.id = $1
    """,
)
_MESSAGES = """
INSERT INTO texting.messages (org_id, id, user_id, conversation_id, direction, from_number, to_number, body, status,
  segments, encoding, created_at, expires_at, last_audit_id)
SELECT $1, uuidv7(), m.user_id, m.conversation_id, 'OUTBOUND', '+1213' || (2000000 + m.n), '+12025550100',
  'See you at ten, room ' || k, 'DELIVERED', 1, 'GSM7', now(), now() + interval '365 days', $1
FROM made m, generate_series(1, $2::int) k
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What there is to ask for: database ids, and the caller."""

    org_id: UUID
    users: list[UUID]
    locations: list[UUID]
    caller: Principal

    def gid(self, type_name: str, id: UUID) -> str:
        """A global id."""
        return encode(type_name, self.org_id, id)


async def fill(admin: asyncpg.Connection, store: Store, *, scale: float = 1) -> Filled:
    """Make the organization; `scale` makes everything smaller, to try things out."""
    made = await directory(store.pool, users=1, name="Large")
    await _sign(admin, store, made)
    users, locations = int(USERS * scale), max(int(LOCATIONS * scale), 25)
    for statement, value in zip(_PLAN.strip().split(";")[:2], (users, locations), strict=True):
        await admin.execute(statement.replace("$1", str(value)).replace("$2", str(value)))
    templates = (made.locations[0], made.users[0], made.primaries[0], made.users[0], made.users[0])
    for statement, template in zip(_COPIES, templates, strict=True):
        await admin.execute(statement, template)
    await admin.execute(_MESSAGES, made.org_id, MESSAGES // USERS)
    await _records(store, made, int(RECORDS * scale))
    await admin.execute("VACUUM ANALYZE")
    some = await admin.fetch("SELECT user_id FROM made ORDER BY random() LIMIT 500")
    places = await admin.fetch("SELECT id FROM place ORDER BY random() LIMIT 200")
    caller = Principal(
        subject="bench", name=None, org_id=made.org_id, grants=(
            Grant(role=Role.ORG_ADMIN, org_id=made.org_id), Grant(role=Role.AUDITOR, org_id=made.org_id),
        ),
    )  # fmt: skip
    return Filled(
        org_id=made.org_id, users=[row[0] for row in some], locations=[row[0] for row in places], caller=caller
    )


async def _sign(admin: asyncpg.Connection, store: Store, made: Directory) -> None:
    """Sign what will be copied, as the commands do."""
    async with reading(store.pool, made.org_id) as reader:
        org = await facts.load_org(reader.fetch, made.org_id)
        places = await facts.load_locations(reader.fetch, made.org_id, made.locations)
        people = await facts.load_users(reader.fetch, made.org_id, made.users)
        numbers = await facts.load_numbers(reader.fetch, made.org_id, [*made.primaries, *made.alternates, made.spare])
    assert org is not None
    policy = store.policy
    signed: Mapping[str, Mapping[UUID, str]] = {
        "locations": {id: location_signature(state.facts, policy) for id, state in places.items()},
        "users": {id: user_signature(state.facts, state.number, policy) for id, state in people.items()},
        "phone_numbers": {id: number_signature(state, policy) for id, state in numbers.items()},
    }
    await admin.execute(
        "UPDATE texting.orgs SET signature = $2, texting_enabled = true, texting_set_at = now(), texting_set_by = 'x' "
        "WHERE org_id = $1",
        made.org_id,
        org_signature(org.facts, org.campaigns, policy),
    )
    for table, signatures in signed.items():
        await admin.executemany(f"UPDATE texting.{table} SET signature = $2 WHERE id = $1", list(signatures.items()))


async def _records(store: Store, made: Directory, count: int) -> None:
    began = datetime.now(UTC) - timedelta(hours=2)
    for first in range(0, count, 1_000):
        async with writing(store.pool, made.org_id) as connection:
            numbers = range(first, min(first + 1_000, count))
            await store.audit.append_many(connection, [_record(made, began + timedelta(seconds=n), n) for n in numbers])


def _record(made: Directory, occurred_at: datetime, number: int) -> Record:
    user = made.users[number % len(made.users)]
    before: dict[str, Any] = {
        "texting": "INHERIT",
        "version": number,
        "email": Erasable(f"p{number}@example.com", user),
    }
    return Record(
        org_id=made.org_id,
        action=Action.USER_TEXTING_ENABLE,
        kind=AuditKind.CHANGE,
        outcome=AuditOutcome.ALLOWED,
        actor=Actor(
            subject="acct-7", type=ActorType.USER, name=Erasable("Ada Admin", made.users[0]), roles=("ORG_ADMIN",)
        ),
        target=Target(type="User", id=user, name=Erasable(f"Person {number}", user), version=number),
        occurred_at=occurred_at,
        before=before,
        after={**before, "texting": "ON", "version": number + 1},
        reason="asked for by phone",
    )
