"""What an organization's tables and log hold, read past row security."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from audit.render import DISCLOSURES, RecordView, Renderer, may_see_all
from core.rules.default_policy import DEFAULT_POLICY
from core.rules.signatures import location_signature, org_signature
from core.storage import facts
from core.storage.fetching import inside
from tests.conftest import MASTER_KEY

_TABLES = """
SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname IN ('texting', 'audit') AND c.relkind IN ('r', 'p') AND NOT c.relispartition
  AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'org_id')
ORDER BY 1
"""

_WITH_RECORDS = {"audit.involvement", "audit.pending"}
"""What a record brings along."""


@dataclass(frozen=True)
class Stored:
    """One organization, seen by a superuser."""

    admin: asyncpg.Connection
    org_id: UUID

    async def row(self, table: str, id: UUID) -> asyncpg.Record:
        """One row by its id."""
        key = "org_id" if table == "orgs" else "id"
        found = await self.admin.fetchrow(
            f"SELECT * FROM texting.{table} WHERE org_id = $1 AND {key} = $2", self.org_id, id
        )
        assert found is not None
        return found

    async def rows(self, table: str) -> list[asyncpg.Record]:
        """All rows, by id."""
        return await self.admin.fetch(f"SELECT * FROM texting.{table} WHERE org_id = $1 ORDER BY id", self.org_id)

    async def records(self, action: str | None = None) -> list[RecordView]:
        """What the log says, the oldest first, with every value that still exists."""
        rows = await self.admin.fetch(
            "SELECT org_id, id, entry FROM audit.record "
            "WHERE org_id = $1 AND ($2::text IS NULL OR action = $2) ORDER BY id",
            self.org_id,
            action,
        )
        sealed = await self.admin.fetch(DISCLOSURES, self.org_id, [row["id"] for row in rows])
        return Renderer(MASTER_KEY).render(rows, sealed, may_see=may_see_all)

    async def record(self, id: UUID | str) -> RecordView:
        """One record by its id."""
        [found] = [each for each in await self.records() if each.id == UUID(str(id))]
        return found

    async def facts(self, entity_id: UUID, at: datetime | None = None) -> Mapping[str, Any]:
        """What was known of something at a time, by the newest version that holds each fact; without one, now."""
        rows = await self.admin.fetch(
            "SELECT facts FROM texting.fact_versions WHERE org_id = $1 AND entity_id = $2 "
            "AND ($3::timestamptz IS NULL OR valid_from <= $3) ORDER BY valid_from, id",
            self.org_id,
            entity_id,
            at,
        )
        known: dict[str, Any] = {}
        for row in rows:
            known |= row["facts"]
        return known

    async def counts(self) -> dict[str, int]:
        """How many rows each table has of it."""
        names = [row[0] for row in await self.admin.fetch(_TABLES)]
        return {
            name: await self.admin.fetchval(f"SELECT count(*) FROM {name} WHERE org_id = $1", self.org_id)
            for name in names
        }

    async def everything(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of it in every table of ours: equal before and after what changes nothing."""
        names = [row[0] for row in await self.admin.fetch(_TABLES)]
        return {
            name: sorted(
                tuple(map(str, row))
                for row in await self.admin.fetch(f"SELECT * FROM {name} WHERE org_id = $1", self.org_id)
            )
            for name in names
        }

    async def check_signatures(self) -> None:
        """The stored signatures of the organization and its locations are those of what is stored."""
        fetch = inside(self.admin)
        state = await facts.load_org(fetch, self.org_id)
        assert state is not None
        row = await self.row("orgs", self.org_id)
        assert row["signature"] == org_signature(state.facts, state.campaigns, DEFAULT_POLICY)
        locations = {each["id"]: each for each in await self.rows("locations")}
        for id, location in (await facts.load_locations(fetch, self.org_id, list(locations))).items():
            assert locations[id]["signature"] == location_signature(location.facts, DEFAULT_POLICY)

    @asynccontextmanager
    async def only(self, **added: int) -> AsyncIterator[None]:
        """Nothing changes but that tables grow by so many rows: `record=1` is one more record in the log."""
        before = await self.counts()
        yield
        after = await self.counts()
        grown = {name: after[name] - before[name] for name in after if after[name] != before[name]}
        of_records = {name: more for name, more in grown.items() if name.startswith("audit.")}
        assert of_records.pop("audit.record", 0) == added.pop("record", 0), grown
        assert of_records.keys() <= _WITH_RECORDS, grown
        rest = {name.removeprefix("texting."): more for name, more in grown.items() if name.startswith("texting.")}
        assert rest == added


async def prepare(connection: asyncpg.Connection) -> None:
    """Read JSON as values."""
    for name in ("json", "jsonb"):
        await connection.set_type_codec(
            name, schema="pg_catalog", encoder=lambda value: orjson.dumps(value).decode(), decoder=orjson.loads
        )
