"""What became of a decision between two times, and which records made it so."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from core.commands.brands import BrandStatusChange, record_brand_status
from core.commands.locations import Address, LocationChange, update_location
from core.commands.toggles import set_location_texting, set_user_texting
from core.commands.transaction import Store
from core.commands.users import UserChange, update_user
from core.ids import encode
from core.principal import Principal, Role
from core.rules.enums import BrandStatus, TextingMode
from tests.acceptance.asking import Asker
from tests.integration.worlds import PROVIDER, Change, World, member, new_location, new_world

DIFF = """query($id: ID!, $from: DateTime!, $to: DateTime!) { eligibilityDiff(userId: $id, from: $from, to: $to) {
  before { outcome } after { outcome }
  changes { ruleId before { status observed } after { status observed } causedBy { id action } } } }"""


@pytest.fixture
async def world(store: Store) -> World:
    return await new_world(store)


async def diff(ask: Asker, world: World, since: datetime, who: Principal | None = None) -> dict[str, Any]:
    gid = encode("User", world.org_id, world.people[0].user_id)
    reader = who or member(world.org_id, Role.AUDITOR)
    answer = await ask(reader, DIFF, id=gid, **{"from": since.isoformat(), "to": datetime.now(UTC).isoformat()})
    return answer["eligibilityDiff"]


async def record_of(world: World, principal: Principal, change: Change) -> str:
    """Carry out a change, and give its record."""
    made = await world.answer(principal, change)
    return encode("AuditRecord", world.org_id, UUID(str(made.refs["record_ref"])))


async def suspend(world: World) -> str:
    change = BrandStatusChange(brand_id=world.brand_id, registration=BrandStatus.SUSPENDED)
    return await record_of(world, PROVIDER, lambda tx: record_brand_status(tx, change))


async def test_a_rule_that_flipped_names_the_record_that_flipped_it(ask: Asker, world: World):
    since = datetime.now(UTC)
    record = await suspend(world)
    found = await diff(ask, world, since)
    assert (found["before"]["outcome"], found["after"]["outcome"]) == ("ALLOWED", "DENIED")
    assert found["changes"] == [
        {
            "ruleId": "ORG_BRAND_REGISTERED",
            "before": {"status": "PASS", "observed": "APPROVED"},
            "after": {"status": "FAIL", "observed": "SUSPENDED"},
            "causedBy": [{"id": record, "action": "brand:status:record"}],
        }
    ]


async def test_what_changed_nothing_or_is_read_by_no_rule_is_no_change(ask: Asker, world: World):
    since = datetime.now(UTC)
    location = LocationChange(id=world.location_id, name="Renamed", address=Address(country="US", city="Reno"))
    await world.answer(world.org_admin, lambda tx: update_location(tx, location))
    assert (await diff(ask, world, since))["changes"] == []


async def test_moving_to_another_place_is_a_cause_of_what_its_rules_find(ask: Asker, world: World):
    abroad = await new_location(world.store, world.org_id, address=Address(country="DE"))
    since = datetime.now(UTC)
    moving = UserChange(id=world.people[0].user_id, location_id=abroad)
    record = await record_of(world, world.org_admin, lambda tx: update_user(tx, moving))
    [change] = (await diff(ask, world, since))["changes"]
    assert (change["ruleId"], change["after"]["observed"]) == ("LOCATION_COUNTRY_US_CA", "DE")
    assert record in [each["id"] for each in change["causedBy"]]


async def test_the_switch_that_decides_is_the_cause_and_no_other(ask: Asker, world: World):
    user_id = world.people[0].user_id
    await world.answer(world.org_admin, lambda tx: set_user_texting(tx, user_id, mode=TextingMode.ON))
    since = datetime.now(UTC)
    place = world.location_id
    await world.answer(world.org_admin, lambda tx: set_location_texting(tx, place, mode=TextingMode.OFF))
    assert (await diff(ask, world, since))["changes"] == []
    record = await record_of(world, world.org_admin, lambda tx: set_user_texting(tx, user_id, mode=TextingMode.OFF))
    [change] = (await diff(ask, world, since))["changes"]
    assert change["ruleId"] == "EFFECTIVE_SETTING_ENABLED"
    assert [each["id"] for each in change["causedBy"]] == [record]


async def test_since_before_the_user_was_there_every_rule_changed(ask: Asker, world: World):
    found = await diff(ask, world, datetime.now(UTC) - timedelta(days=1))
    assert found["before"]["outcome"] == "INDETERMINATE"
    assert len(found["changes"]) == 15
    assert all(change["causedBy"] for change in found["changes"])
    assert {change["before"]["status"] for change in found["changes"]} == {"UNKNOWN"}


async def test_records_that_are_not_the_callers_to_see_are_left_out(ask: Asker, world: World):
    since = datetime.now(UTC)
    await suspend(world)
    found = await diff(ask, world, since, world.people[0].principal)
    assert [(each["ruleId"], each["causedBy"]) for each in found["changes"]] == [("ORG_BRAND_REGISTERED", [])]


async def test_facts_that_are_withheld_show_no_change_but_of_their_status(ask: Asker, world: World):
    await suspend(world)
    since = datetime.now(UTC)
    failed = BrandStatusChange(brand_id=world.brand_id, registration=BrandStatus.FAILED)
    await world.answer(PROVIDER, lambda tx: record_brand_status(tx, failed))
    assert (await diff(ask, world, since, world.people[0].principal))["changes"] == []
    assert len((await diff(ask, world, since))["changes"]) == 1


async def test_times_in_the_wrong_order_are_refused_and_strangers_find_nothing(ask: Asker, world: World):
    gid = encode("User", world.org_id, world.people[0].user_id)
    now, then = datetime.now(UTC), datetime.now(UTC) - timedelta(hours=1)
    wrong = {"from": now.isoformat(), "to": then.isoformat()}
    assert (await ask(world.org_admin, DIFF, id=gid, **wrong)).codes == ["BAD_USER_INPUT"]
    tomorrow = {"from": now.isoformat(), "to": (now + timedelta(days=1)).isoformat()}
    refused = await ask(world.org_admin, DIFF, id=gid, **tomorrow)
    assert refused.codes == ["BAD_USER_INPUT"]
    assert refused.errors[0]["message"].startswith("`to` is ")
    right = {"from": then.isoformat(), "to": now.isoformat()}
    assert (await ask(world.user(world.org_id), DIFF, id=gid, **right))["eligibilityDiff"] is None
