"""Decisions of another time: by what held then, and by what the sealed log held."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from core.commands.brands import BrandStatusChange, record_brand_status
from core.commands.erasures import Erasure, erase_personal_data
from core.commands.locations import Address, LocationChange, update_location
from core.commands.toggles import set_user_texting
from core.commands.transaction import Store
from core.commands.user_status import deactivate_user
from core.ids import encode
from core.principal import Role
from core.rules.enums import BrandStatus, TextingMode
from tests.acceptance.asking import Asker
from tests.integration.audit.sealed import seal_all, verify
from tests.integration.worlds import PROVIDER, World, member, new_person, new_world

THEN = """query($id: ID!, $asOf: DateTime, $knownAt: DateTime) {
  eligibility(userId: $id, asOf: $asOf, knownAt: $knownAt) {
    id outcome asOf knownAt evaluatedAt decidedBy { ruleId status observed message } rules { ruleId status observed }
  } }"""


@pytest.fixture
async def world(store: Store) -> World:
    return await new_world(store)


def gid(world: World) -> str:
    return encode("User", world.org_id, world.people[0].user_id)


async def then(ask: Asker, world: World, **moment: datetime) -> dict[str, Any]:
    given = {name: at.isoformat() for name, at in moment.items()}
    return (await ask(world.org_admin, THEN, id=gid(world), **given))["eligibility"]


async def switch(world: World, mode: TextingMode) -> datetime:
    """Switch the user, and give a moment after that."""
    await world.answer(world.org_admin, lambda tx: set_user_texting(tx, world.people[0].user_id, mode=mode))
    return datetime.now(UTC)


async def moved_to(world: World, country: str, since: datetime) -> None:
    change = LocationChange(id=world.location_id, address=Address(country=country), effective_from=since)
    await world.answer(world.org_admin, lambda tx: update_location(tx, change))


async def test_what_held_then_is_told_whatever_holds_now(ask: Asker, world: World):
    on = datetime.now(UTC)
    off = await switch(world, TextingMode.OFF)
    again = await switch(world, TextingMode.ON)
    outcomes = [(await then(ask, world, asOf=at))["outcome"] for at in (on, off, again)]
    assert outcomes == ["ALLOWED", "DENIED", "ALLOWED"]
    found = await then(ask, world, asOf=off)
    assert datetime.fromisoformat(found["asOf"]) == off.replace(microsecond=off.microsecond // 1000 * 1000)
    assert found["knownAt"] == found["evaluatedAt"]


async def test_a_late_fact_changes_what_held_then_and_not_what_was_known(
    ask: Asker, world: World, worker_pool: asyncpg.Pool
):
    before = datetime.now(UTC)
    await seal_all(worker_pool, world.org_id, uuid4())
    known = datetime.now(UTC)
    await moved_to(world, "DE", before)
    late = await then(ask, world, asOf=before)
    assert (late["outcome"], late["decidedBy"]["ruleId"]) == ("DENIED", "LOCATION_COUNTRY_US_CA")
    assert (await then(ask, world, asOf=before, knownAt=known))["outcome"] == "ALLOWED"
    assert (await then(ask, world, knownAt=known))["outcome"] == "ALLOWED"


async def test_only_what_is_sealed_is_known(ask: Asker, world: World, worker_pool: asyncpg.Pool):
    await seal_all(worker_pool, world.org_id, uuid4())
    off = await switch(world, TextingMode.OFF)
    assert (await then(ask, world, asOf=off, knownAt=off))["outcome"] == "ALLOWED"
    await seal_all(worker_pool, world.org_id, uuid4())
    now = datetime.now(UTC)
    assert (await then(ask, world, asOf=off, knownAt=now))["outcome"] == "DENIED"


async def test_before_anything_was_recorded_every_rule_is_unknown(ask: Asker, world: World):
    for moment in ({"asOf": datetime(2025, 1, 1, tzinfo=UTC)}, {"knownAt": datetime(2025, 1, 1, tzinfo=UTC)}):
        found = await then(ask, world, **moment)
        assert found["outcome"] == "INDETERMINATE"
        assert {(rule["status"], rule["observed"]) for rule in found["rules"]} == {("UNKNOWN", None)}
        assert found["decidedBy"]["message"] == "Nothing was recorded of it at that time."


async def test_of_a_user_who_came_later_only_the_organization_is_known(ask: Asker, world: World):
    before = datetime.now(UTC)
    late = await new_person(world.store, world.org_id, world.location_id, world.campaign_id)
    answer = await ask(world.org_admin, THEN, id=encode("User", world.org_id, late.user_id), asOf=before.isoformat())
    found = answer["eligibility"]
    assert found["outcome"] == "INDETERMINATE"
    statuses = {rule["ruleId"]: rule["status"] for rule in found["rules"]}
    assert {name for name, status in statuses.items() if status == "PASS"} == {
        "ORG_CALLING_PLAN_US_CA", "ORG_CUSTOMER_TYPE_ENTERPRISE", "ORG_ADDON_LICENSED", "ORG_BRAND_REGISTERED",
        "ORG_CAMPAIGN_ACTIVE", "ORG_NOT_HIPAA",
    }  # fmt: skip
    assert set(statuses.values()) == {"PASS", "UNKNOWN"}


async def test_times_that_have_not_come_or_had_no_rules_are_refused(ask: Asker, world: World):
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    for given in ({"asOf": tomorrow}, {"knownAt": tomorrow}, {"asOf": "2020-01-01T00:00:00Z"}):
        answer = await ask(world.org_admin, THEN, id=gid(world), **given)
        assert answer.codes == ["BAD_USER_INPUT"]


async def test_the_same_facts_have_one_id_however_they_are_asked_for(
    ask: Asker, world: World, worker_pool: asyncpg.Pool
):
    await seal_all(worker_pool, world.org_id, uuid4())
    plain = await then(ask, world)
    now = datetime.now(UTC)
    assert {(await then(ask, world, **moment))["id"] for moment in ({"asOf": now}, {"knownAt": now})} == {plain["id"]}
    await switch(world, TextingMode.OFF)
    assert (await then(ask, world))["id"] != plain["id"]
    assert (await then(ask, world, asOf=now))["id"] == plain["id"]


@pytest.mark.parametrize(("is_known", "statements"), [(True, 6), (False, 9)])
async def test_many_users_cost_as_many_statements_as_two(
    ask: Asker, store: Store, worker_pool: asyncpg.Pool, is_known: bool, statements: int
):
    document = """query($n: Int!, $at: DateTime) { users(first: $n) { edges { node {
      eligibility(asOf: $at, knownAt: $at) { id outcome } } } } }"""
    world = await new_world(store, people=12)
    if is_known:
        await seal_all(worker_pool, world.org_id, uuid4())
    now = datetime.now(UTC).isoformat()
    few = await ask(world.org_admin, document, n=2, at=now)
    many = await ask(world.org_admin, document, n=12, at=now)
    assert few.statements == many.statements == statements
    outcomes = {edge["node"]["eligibility"]["outcome"] for edge in many["users"]["edges"]}
    assert (len(many["users"]["edges"]), outcomes) == (12, {"ALLOWED" if is_known else "INDETERMINATE"})


async def test_a_decision_of_the_past_is_made_again_by_its_id(ask: Asker, world: World):
    suspended = BrandStatusChange(brand_id=world.brand_id, registration=BrandStatus.SUSPENDED)
    await world.answer(PROVIDER, lambda tx: record_brand_status(tx, suspended))
    made = await then(ask, world)
    approved = BrandStatusChange(brand_id=world.brand_id, registration=BrandStatus.APPROVED)
    await world.answer(PROVIDER, lambda tx: record_brand_status(tx, approved))
    document = """query($id: ID!) { node(id: $id) { id ... on EligibilityDecision {
      outcome decidedBy { ruleId status observed message } rules { ruleId status observed } } } }"""
    found = (await ask(world.org_admin, document, id=made["id"]))["node"]
    assert found == {name: made[name] for name in found}
    assert found["decidedBy"]["observed"] == "SUSPENDED"


async def test_a_decision_about_somebody_who_was_erased_since_shows_an_erased_user(
    ask: Asker, world: World, worker_pool: asyncpg.Pool, admin: asyncpg.Connection
):
    made = await then(ask, world)
    user_id = world.people[0].user_id
    await world.answer(world.org_admin, lambda tx: deactivate_user(tx, user_id))
    erasure = Erasure(legal_basis="GDPR Art. 17", user_id=user_id)
    officer = member(world.org_id, Role.COMPLIANCE_OFFICER)
    await world.answer(officer, lambda tx: erase_personal_data(tx, erasure))
    document = """query($id: ID!) { node(id: $id) { ... on EligibilityDecision {
      outcome rules { ruleId status observed } user { displayName email status } } } }"""
    found = (await ask(world.org_admin, document, id=made["id"]))["node"]
    assert found.pop("user") == {"displayName": "Erased user", "email": None, "status": "ERASED"}
    assert found == {name: made[name] for name in found}
    await seal_all(worker_pool, world.org_id, uuid4())
    written = await admin.fetch("SELECT id FROM audit.record WHERE org_id = $1", world.org_id)
    await verify(admin, world.org_id, {row["id"] for row in written})


async def test_what_is_supposed_of_another_time_is_supposed_again_by_its_id(ask: Asker, world: World):
    on = datetime.now(UTC)
    await switch(world, TextingMode.OFF)
    supposed = {"ruleId": "CLIENT_VERSION_MIN", "value": "41.0"}
    document = """query($id: ID!, $asOf: DateTime, $whatIf: [FactOverride!]) {
      eligibility(userId: $id, asOf: $asOf, whatIf: $whatIf) { id outcome simulated denials { ruleId observed } } }"""
    asked = {"id": gid(world), "asOf": on.isoformat(), "whatIf": [supposed]}
    made = (await ask(world.org_admin, document, **asked))["eligibility"]
    assert made["denials"] == [{"ruleId": "CLIENT_VERSION_MIN", "observed": "41.0"}]
    assert made["id"] != (await then(ask, world, asOf=on))["id"]
    again = """query($id: ID!) { node(id: $id) { ... on EligibilityDecision {
      id outcome simulated denials { ruleId observed } } } }"""
    assert (await ask(world.org_admin, again, id=made["id"]))["node"] == made
