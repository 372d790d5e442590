"""Stored signatures that another policy made, computed anew: what is counted by them is then what is decided."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
from sqlmodel import SQLModel

from core.commands.writes import lock, update
from core.ids import SYSTEM_ORG_ID
from core.rules.policy import Policy
from core.rules.signatures import location_signature, number_signature, user_signature
from core.storage import facts
from core.storage.database import reading, writing
from core.storage.fetching import Fetch, inside
from core.storage.rows import LocationRow, PhoneNumberRow, Row, UserRow
from core.storage.tables import Locations, PhoneNumbers, Users

AT_ONCE = 250
"""Rows looked at together: few enough that requests do not wait for it."""

_ORGS = "SELECT org_id FROM texting.orgs WHERE org_id <> $1 ORDER BY org_id"
_FIRST = UUID(int=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Signed:
    """What is signed: its table, how its facts are read, and what its signature says of them."""

    table: type[SQLModel]
    row: type[Row]
    load: Callable[[Fetch, UUID, Sequence[UUID]], Awaitable[Mapping[UUID, Any]]]
    sign: Callable[[Any, Policy], str]


# The organization's own is computed by whoever reads it.
_SIGNED = (
    _Signed(
        table=Locations,
        row=LocationRow,
        load=facts.load_locations,
        sign=lambda state, policy: location_signature(state.facts, policy),
    ),
    _Signed(table=PhoneNumbers, row=PhoneNumberRow, load=facts.load_numbers, sign=number_signature),
    _Signed(
        table=Users,
        row=UserRow,
        load=facts.load_users,
        sign=lambda state, policy: user_signature(state.facts, state.number, policy),
    ),
)


async def sign_all_anew(pool: asyncpg.Pool, policy: Policy) -> int:
    """Sign what a policy judges otherwise than is stored, in every organization; give how many rows that were."""
    async with reading(pool, SYSTEM_ORG_ID) as reader:
        org_ids = [row["org_id"] for row in await reader.fetch_sql(_ORGS, SYSTEM_ORG_ID)]
    return sum([await sign_anew(pool, policy, org_id) for org_id in org_ids])


async def sign_anew(pool: asyncpg.Pool, policy: Policy, org_id: UUID) -> int:
    """Sign what a policy judges otherwise than is stored in one organization; give how many rows that were."""
    return sum([await _sign(pool, policy, org_id, signed) for signed in _SIGNED])


async def _sign(pool: asyncpg.Pool, policy: Policy, org_id: UUID, signed: _Signed) -> int:
    count, after = 0, _FIRST
    while True:
        async with reading(pool, org_id) as reader:
            rows = await reader.fetch_sql(_page(signed.table), org_id, after, AT_ONCE)
            made = await _made(reader.fetch, policy, org_id, signed, [row["id"] for row in rows])
        stale = [row["id"] for row in rows if made[row["id"]] != row["signature"]]
        if stale:
            async with writing(pool, org_id) as connection:
                # Read again under the lock: whoever changes these facts signs after us.
                await lock(connection, signed.table, org_id, stale, signed.row)
                made = await _made(inside(connection), policy, org_id, signed, stale)
                await update(connection, signed.table, org_id, {id: {"signature": made[id]} for id in stale})
        count += len(stale)
        if len(rows) < AT_ONCE:
            return count
        after = rows[-1]["id"]


async def _made(fetch: Fetch, policy: Policy, org_id: UUID, signed: _Signed, ids: Sequence[UUID]) -> dict[UUID, str]:
    return {id: signed.sign(state, policy) for id, state in (await signed.load(fetch, org_id, ids)).items()}


def _page(table: type[SQLModel]) -> str:
    name = table.__table__.fullname  # type: ignore[attr-defined]
    return f"SELECT id, signature FROM {name} WHERE org_id = $1 AND id > $2 ORDER BY id LIMIT $3"
