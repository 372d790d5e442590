"""Whatever is done, in any order: what was answered is answered again, by its id and by what was known when it was."""

import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit import sealer
from core.commands.brands import BrandStatusChange, record_brand_status
from core.commands.campaigns import CampaignStatusChange, record_campaign_status
from core.commands.entitlements import License, SetEntitlements
from core.commands.locations import Address, LocationChange, update_location
from core.commands.orgs import set_entitlements
from core.commands.toggles import set_location_texting, set_org_texting, set_user_texting
from core.commands.transaction import Answer, Store, Transaction, perform
from core.commands.user_status import report_app_version
from core.ids import encode, uuid7
from core.rules.enums import BrandStatus, CampaignStatus, PstnConnectionType, TextingMode
from tests.acceptance.asking import Asker
from tests.integration.audit.sealed import seal_all, verify
from tests.integration.commands.conftest import stored
from tests.integration.commands.desk import Look
from tests.integration.commands.people import check_people
from tests.integration.commands.test_people_histories import Chance
from tests.integration.worlds import PROVIDER, World, attempt, new_world

__all__ = ["stored"]

REPLAYED = """outcome prerequisites enabled policyVersion policyDigest rootCauses { ruleId }
  rules { ruleId status level observed required blockedBy subject { id } observedAt }"""
NOW = f"query($id: ID!) {{ eligibility(userId: $id) {{ id {REPLAYED} }} }}"
AGAIN = f"query($ids: [ID!]!) {{ nodes(ids: $ids) {{ id ... on EligibilityDecision {{ {REPLAYED} }} }} }}"
THEN = f"""query($id: ID!, $asOf: DateTime, $knownAt: DateTime) {{
  eligibility(userId: $id, asOf: $asOf, knownAt: $knownAt) {{ id {REPLAYED} }} }}"""

STEPS = 40
Command = Callable[[Transaction], Awaitable[Answer]]


class Fortune(Chance):
    """Draws changes of the organization and its locations, too."""

    async def step(self) -> bool:
        if self.draw.random() < 0.5:
            return await super().step()
        kind = self.draw.choice((self.brand, self.campaign, self.sold, self.moved, self.org, self.place, self.person))
        self.users = [row["id"] for row in await self.look.rows("users")]
        return isinstance(await perform(self.world.store, attempt(self.world.org_id, PROVIDER), kind()), Answer)

    def brand(self) -> Command:
        status = self.draw.choice(list(BrandStatus))
        change = BrandStatusChange(brand_id=self.world.brand_id, registration=status, effective_from=self.since())
        return lambda tx: record_brand_status(tx, change)

    def campaign(self) -> Command:
        status = self.draw.choice((CampaignStatus.ACTIVE, CampaignStatus.SUSPENDED))
        change = CampaignStatusChange(campaign_id=self.world.campaign_id, status=status, effective_from=self.since())
        return lambda tx: record_campaign_status(tx, change)

    def sold(self) -> Command:
        units = self.draw.choice((0, 5, 9))
        change = SetEntitlements(texting_add_on=License(total_units=units), effective_from=self.since())
        return lambda tx: set_entitlements(tx, change)

    def moved(self) -> Command:
        change = LocationChange(
            id=self.draw.choice(self.world.location_ids),
            address=Address(country=self.draw.choice(("US", "CA", "DE"))),
            pstn_connection_type=self.draw.choice((PstnConnectionType.CISCO_PSTN, PstnConnectionType.LOCAL_GATEWAY)),
            effective_from=self.since(),
        )
        return lambda tx: update_location(tx, change)

    def org(self) -> Command:
        enabled, locked = self.draw.random() < 0.5, self.draw.choice((None, None, True, False, False))
        return lambda tx: set_org_texting(tx, enabled=enabled, locked=locked)

    def place(self) -> Command:
        id, mode = self.draw.choice(self.world.location_ids), self.draw.choice(list(TextingMode))
        locked = self.draw.choice((None, None, True, False, False))
        return lambda tx: set_location_texting(tx, id, mode=mode, locked=locked)

    def person(self) -> Command:
        id, mode = self.draw.choice(self.users), self.draw.choice(list(TextingMode))
        return lambda tx: set_user_texting(tx, id, mode=mode)


class Chronicle:
    """What was answered, when, and at which signed size of the log. Each size is given a second of its own."""

    def __init__(
        self,
        ask: Asker,
        world: World,
        admin: asyncpg.Connection,
        workers: asyncpg.Pool,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        self.ask, self.world, self.admin, self.workers = ask, world, admin, workers
        self.told: list[tuple[str, datetime, datetime, dict[str, Any]]] = []
        self._second = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
        self._anchor = uuid4()
        monkeypatch.setattr(sealer, "datetime", self)

    def now(self, _: object) -> datetime:
        """The sealer's clock."""
        return self._second

    async def note(self, user_id: UUID) -> None:
        """Seal everything, and ask."""
        self._second += timedelta(seconds=1)
        await seal_all(self.workers, self.world.org_id, self._anchor)
        gid, at = encode("User", self.world.org_id, user_id), datetime.now(UTC)
        found = (await self.ask(self.world.org_admin, NOW, id=gid))["eligibility"]
        self.told.append((gid, at, self._second, found))

    async def check(self) -> None:
        """Everything that was told is told again."""
        who = self.world.org_admin
        nodes = (await self.ask(who, AGAIN, ids=[found["id"] for *_, found in self.told]))["nodes"]
        assert nodes == [found for *_, found in self.told]
        for gid, at, known, found in self.told:
            moment = {"asOf": at.isoformat(), "knownAt": known.isoformat()}
            assert (await self.ask(who, THEN, id=gid, **moment))["eligibility"] == found
        written = await self.admin.fetch("SELECT id FROM audit.record WHERE org_id = $1", self.world.org_id)
        await seal_all(self.workers, self.world.org_id, self._anchor)
        await verify(self.admin, self.world.org_id, {row["id"] for row in written})


@pytest.mark.parametrize("seed", range(5))
async def test_what_was_answered_is_answered_again(
    ask: Asker,
    store: Store,
    stored: Look,
    admin: asyncpg.Connection,
    worker_pool: asyncpg.Pool,
    monkeypatch: pytest.MonkeyPatch,
    seed: int,
) -> None:
    world = await new_world(store, people=3, locations=2)
    fortune = Fortune(world, stored(world.org_id), random.Random(seed))
    chronicle = Chronicle(ask, world, admin, worker_pool, monkeypatch)
    made = 0
    for _ in range(STEPS):
        made += await fortune.step()
        await chronicle.note(fortune.draw.choice(fortune.users))
    assert made > STEPS / 4
    assert len({found["outcome"] for *_, found in chronicle.told}) > 1
    assert len({found["id"] for *_, found in chronicle.told}) > STEPS / 4
    await chronicle.check()
    await check_people(fortune.look)
    await fortune.look.check_signatures()


@given(st.lists(st.tuples(st.integers(0, 50), st.sampled_from(("US", "DE", "CA", "MX"))), min_size=1, max_size=6))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_as_of_any_time_late_facts_say_what_the_corrected_history_says(
    ask: Asker, store: Store, admin: asyncpg.Connection, drawn: list[tuple[int, str]]
):
    world = await old_world(store, admin)
    start = datetime.now(UTC) - timedelta(days=100)
    for day, country in drawn:
        change = LocationChange(
            id=world.location_id, address=Address(country=country), effective_from=start + timedelta(days=day)
        )
        await world.answer(world.org_admin, lambda tx, change=change: update_location(tx, change))
    for day in {day + step for day, _ in drawn for step in (-1, 0, 1)}:
        at = start + timedelta(days=day)
        # The last word on a time is what was said last of any time until then.
        said = [country for since, country in drawn if since <= day]
        assert await observed(ask, world, "LOCATION_COUNTRY_US_CA", at) == (said[-1] if said else "US")


async def test_an_app_version_that_was_seen_late_held_until_the_next_one(
    ask: Asker, store: Store, admin: asyncpg.Connection
):
    world = await old_world(store, admin)
    person, now = world.people[0], datetime.now(UTC)
    for days, said in ((9, "42.1"), (3, "44.0"), (6, "43.0")):
        seen = now - timedelta(days=days)
        await world.answer(
            person.principal,
            lambda tx, seen=seen, said=said: report_app_version(tx, person.user_id, app_version=said, seen_at=seen),
        )
    found = [await observed(ask, world, "CLIENT_VERSION_MIN", now - timedelta(days=days)) for days in (10, 8, 5, 2)]
    assert found == ["43.1", "42.1", "43.0", "44.0"]


async def old_world(store: Store, admin: asyncpg.Connection) -> World:
    """An organization whose facts hold for 200 days already."""
    world = await new_world(store)
    aged = "UPDATE texting.fact_versions SET valid_from = valid_from - interval '200 days' WHERE org_id = $1"
    await admin.execute(aged, world.org_id)
    seen = "UPDATE texting.users SET app_version_seen_at = created_at - interval '200 days' WHERE org_id = $1"
    await admin.execute(seen, world.org_id)
    return world


async def observed(ask: Asker, world: World, rule_id: str, at: datetime) -> Any:
    """What a rule saw as of a time."""
    document = "query($id: ID!, $at: DateTime) { eligibility(userId: $id, asOf: $at) { rules { ruleId observed } } }"
    gid = encode("User", world.org_id, world.people[0].user_id)
    found = (await ask(world.org_admin, document, id=gid, at=at.isoformat()))["eligibility"]
    return next(rule["observed"] for rule in found["rules"] if rule["ruleId"] == rule_id)


async def test_a_change_that_commits_late_leaves_a_decisions_id_its_own(
    ask: Asker, store: Store, admin: asyncpg.Connection
):
    world = await new_world(store)
    gid = encode("User", world.org_id, world.people[0].user_id)
    early = uuid7()
    await world.answer(world.org_admin, lambda tx: set_user_texting(tx, world.people[0].user_id, mode=TextingMode.ON))
    first = (await ask(world.org_admin, NOW, id=gid))["eligibility"]
    await admin.execute(
        "INSERT INTO texting.fact_versions (org_id, id, entity_type, entity_id, valid_from, facts, audit_id) "
        "SELECT $1, $2, 'Location', $3, max(valid_from), '{\"country\": \"DE\"}', $2 "
        "FROM texting.fact_versions WHERE org_id = $1",
        world.org_id,
        early,
        world.location_id,
    )
    await admin.execute("UPDATE texting.locations SET country = 'DE' WHERE org_id = $1", world.org_id)
    second = (await ask(world.org_admin, NOW, id=gid))["eligibility"]
    assert (first["outcome"], second["outcome"]) == ("ALLOWED", "DENIED")
    assert first["id"] != second["id"]
    found = (await ask(world.org_admin, AGAIN, ids=[first["id"], second["id"]]))["nodes"]
    assert found == [first, second]
