"""Switches are set where texting is available; a dry run says what they would do and writes nothing at all."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest

from audit.actions import Action
from core.commands.bulk_toggles import GivenUser, set_users_texting
from core.commands.refusals import NotAllowed, NotEligible, NotFound, VersionConflict
from core.commands.toggles import set_location_texting, set_org_texting, set_user_texting
from core.commands.transaction import Store
from core.commands.user_status import deactivate_user
from core.principal import Role
from tests.integration.commands.stored import Stored
from tests.integration.commands.switching import (
    INHERIT,
    NOTHING,
    OFF,
    ON,
    given,
    impact,
    location_to,
    move_abroad,
    org_to,
    user_to,
    without_add_on,
)
from tests.integration.worlds import World, member, new_location, new_org, new_person, new_world


@pytest.fixture
async def world(store: Store) -> World:
    """Three users in the first of two locations, the organization switched off."""
    return await new_world(store, people=3, locations=2, enabled=False)


async def test_the_organization_is_switched_on_for_all_who_inherit(
    world: World, stored: Callable[[UUID], Stored]
) -> None:
    await user_to(world, 0, OFF)
    made = await org_to(world, enabled=True)
    assert made.type == "TextingSet"
    assert made.values == {"impact": impact(turned_on=2, kept_by_override=1), "dry_run": False}
    row = await stored(world.org_id).row("orgs", world.org_id)
    record_id = UUID(str(made.refs["record_ref"]))
    assert (row["texting_enabled"], row["texting_audit_id"], row["last_audit_id"]) == (True, record_id, record_id)
    assert row["texting_set_by"] == world.org_admin.subject
    record = await stored(world.org_id).record(record_id)
    assert (record.action, record.before, record.after) == (
        "org:texting:enable",
        {"textingEnabled": False},
        {"textingEnabled": True},
    )
    assert (record.policy_version, record.policy_digest) == (world.store.policy.version, world.store.policy.digest)
    assert (await stored(world.org_id).facts(world.org_id))["texting_enabled"] is True


async def test_switched_off_and_never_switched_are_told_apart(world: World, stored: Callable[[UUID], Stored]) -> None:
    assert (await stored(world.org_id).row("orgs", world.org_id))["texting_set_at"] is None
    await org_to(world, enabled=False)
    row = await stored(world.org_id).row("orgs", world.org_id)
    assert (row["texting_enabled"], row["texting_set_at"] is None) == (False, False)
    async with stored(world.org_id).only(record=1):
        await org_to(world, enabled=False)
    assert (await stored(world.org_id).row("orgs", world.org_id))["version"] == row["version"]


async def test_a_location_s_switch_stands_between(world: World, stored: Callable[[UUID], Stored]) -> None:
    await org_to(world, enabled=True)
    await user_to(world, 0, ON)
    made = await location_to(world, OFF)
    assert made.values["impact"] == impact(turned_off=2, kept_by_override=1)
    id, record_id = world.location_id, UUID(str(made.refs["record_ref"]))
    row = await stored(world.org_id).row("locations", id)
    assert (row["texting"], row["texting_audit_id"]) == ("OFF", record_id)
    record = await stored(world.org_id).record(record_id)
    assert (record.action, record.location_id, record.after) == (
        "location:texting:disable",
        id,
        {"texting": "OFF"},
    )
    assert (await stored(world.org_id).facts(id))["texting"] == "OFF"
    assert (await location_to(world, INHERIT)).values["impact"] == impact(turned_on=2, unchanged=1)
    assert (await location_to(world, ON, at=1)).values["impact"] == NOTHING


async def test_a_user_has_three_switches(world: World, stored: Callable[[UUID], Stored]) -> None:
    for mode, action, expected in (
        (ON, "user:texting:enable", impact(turned_on=1)),
        (OFF, "user:texting:disable", impact(turned_off=1)),
        (INHERIT, "user:texting:inherit", impact(unchanged=1)),
    ):
        made = await user_to(world, 0, mode)
        assert made.values["impact"] == expected
        assert made.refs["user_ref"] == str(world.people[0].user_id)
        row = await stored(world.org_id).row("users", world.people[0].user_id)
        assert (row["texting"], row["texting_set_by"]) == (mode, world.org_admin.subject)
        record = await stored(world.org_id).record(str(made.refs["record_ref"]))
        assert (record.action, record.after, record.location_id) == (action, {"texting": mode}, world.location_id)
        assert (await stored(world.org_id).facts(world.people[0].user_id))["texting"] == mode


async def test_setting_a_switch_to_what_it_is_is_recorded_and_changes_nothing(
    world: World, stored: Callable[[UUID], Stored]
) -> None:
    await user_to(world, 0, ON)
    row = await stored(world.org_id).row("users", world.people[0].user_id)
    async with stored(world.org_id).only(record=2):
        await user_to(world, 0, ON)
        await location_to(world, INHERIT)
    assert await stored(world.org_id).row("users", world.people[0].user_id) == row


async def test_users_who_cannot_text_all_the_same_are_counted_as_still_blocked(world: World, store: Store) -> None:
    await new_person(store, world.org_id, world.location_id, world.campaign_id, app_version="42.11")
    made = await org_to(world, enabled=True)
    assert made.values["impact"] == impact(turned_on=4, still_blocked=1)


async def test_the_deactivated_are_not_counted(world: World) -> None:
    id = world.people[0].user_id
    await world.answer(world.org_admin, lambda tx: deactivate_user(tx, id), reason="left")
    assert (await org_to(world, enabled=True)).values["impact"] == impact(turned_on=2)


@pytest.mark.parametrize("change", ["org", "location", "user"])
async def test_nothing_turns_on_while_the_organization_is_not_entitled(
    world: World, stored: Callable[[UUID], Stored], change: str
) -> None:
    await without_add_on(world)
    ids = {"location": world.location_id, "user": world.people[0].user_id}
    commands = {
        "org": lambda tx: set_org_texting(tx, enabled=True),
        "location": lambda tx: set_location_texting(tx, ids["location"], mode=ON),
        "user": lambda tx: set_user_texting(tx, ids["user"], mode=ON),
    }
    async with stored(world.org_id).only(record=1):
        refused = await world.refusal(world.org_admin, commands[change], action=Action.USER_TEXTING_ENABLE)
    assert isinstance(refused, NotEligible)
    assert [each.rule_id for each in refused.blockers] == ["ORG_ADDON_LICENSED"]
    record = await stored(world.org_id).record(refused.record_id)
    assert (record.kind, record.outcome, record.rule) == ("DENIAL", "DENIED", "ORG_ADDON_LICENSED")


async def test_a_location_abroad_stops_itself_and_its_users_but_not_the_organization(world: World) -> None:
    await move_abroad(world)
    location_id, user_id = world.location_id, world.people[0].user_id
    for change in (
        lambda tx: set_location_texting(tx, location_id, mode=ON),
        lambda tx: set_user_texting(tx, user_id, mode=ON),
    ):
        refused = await world.refusal(world.org_admin, change)
        assert isinstance(refused, NotEligible)
        assert [each.rule_id for each in refused.blockers] == ["LOCATION_COUNTRY_US_CA", "LOCATION_PSTN_CISCO"]
        assert refused.location_id == location_id
    assert (await org_to(world, enabled=True)).values["impact"] == impact(turned_on=3, still_blocked=3)
    assert (await location_to(world, ON, at=1)).values["impact"] == NOTHING


async def test_off_and_inherit_are_always_possible(world: World) -> None:
    await org_to(world, enabled=True)
    await without_add_on(world)
    await move_abroad(world)
    assert (await user_to(world, 0, OFF)).values["impact"] == impact(turned_off=1)
    assert (await location_to(world, OFF)).values["impact"]["turned_off"] == 2
    assert (await location_to(world, INHERIT)).values["impact"]["turned_on"] == 2
    assert (await org_to(world, enabled=False)).values["impact"]["turned_off"] == 2


async def test_a_dry_run_tells_the_impact_and_writes_nothing(world: World, stored: Callable[[UUID], Stored]) -> None:
    user_id, location_id, users = world.people[0].user_id, world.location_id, given(world)
    before = await stored(world.org_id).everything()
    for change, expected in (
        (lambda tx: set_org_texting(tx, enabled=True), impact(turned_on=3)),
        (lambda tx: set_location_texting(tx, location_id, mode=ON), impact(turned_on=3)),
        (lambda tx: set_user_texting(tx, user_id, mode=ON), impact(turned_on=1)),
        (lambda tx: set_users_texting(tx, users, mode=ON), impact(turned_on=3)),
    ):
        made = await world.answer(world.org_admin, change, dry_run=True, idempotency_key="k-1")
        assert made.values == {"impact": expected, "dry_run": True}
        assert not made.refs.get("record_ref")
        assert not made.refs.get("record_refs")
    assert await stored(world.org_id).everything() == before


async def test_a_dry_run_that_is_refused_writes_nothing_either(world: World, stored: Callable[[UUID], Stored]) -> None:
    await without_add_on(world)
    user_id, users = world.people[0].user_id, given(world)
    before = await stored(world.org_id).everything()
    for change in (
        lambda tx: set_org_texting(tx, enabled=True),
        lambda tx: set_user_texting(tx, user_id, mode=ON),
        lambda tx: set_users_texting(tx, users, mode=ON),
        lambda tx: set_user_texting(tx, uuid4(), mode=OFF),
    ):
        refused = await world.refusal(world.org_admin, change, dry_run=True)
        assert refused.record_id is None
    assert await stored(world.org_id).everything() == before


async def test_a_preview_is_what_then_happens(world: World, store: Store) -> None:
    await user_to(world, 0, OFF)
    await new_person(store, world.org_id, world.location_ids[1], world.campaign_id, app_version=None)
    preview = await org_to(world, enabled=True, dry_run=True)
    assert (await org_to(world, enabled=True)).values["impact"] == preview.values["impact"]
    assert (await org_to(world, enabled=True)).values["impact"] == impact(unchanged=3, kept_by_override=1)


@pytest.mark.parametrize("what", ["org", "location", "user"])
async def test_a_switch_upon_another_version_is_refused(
    world: World, stored: Callable[[UUID], Stored], what: str
) -> None:
    location_id, user_id = world.location_id, world.people[0].user_id
    set_to = {
        "org": lambda tx, version, on: set_org_texting(tx, enabled=on, expected_version=version),
        "location": lambda tx, version, on: set_location_texting(
            tx, location_id, mode=ON if on else OFF, expected_version=version
        ),
        "user": lambda tx, version, on: set_user_texting(tx, user_id, mode=ON if on else OFF, expected_version=version),
    }[what]
    id = {"org": world.org_id, "location": location_id, "user": user_id}[what]
    version = (await stored(world.org_id).row(f"{what}s", id))["version"]
    await world.answer(world.org_admin, lambda tx: set_to(tx, version, True))
    async with stored(world.org_id).only(record=1):
        refused = await world.refusal(world.org_admin, lambda tx: set_to(tx, version, False))
    assert isinstance(refused, VersionConflict)
    assert (refused.current_version, refused.id) == (version + 1, id)


async def test_what_is_of_another_organization_is_not_found(world: World, store: Store) -> None:
    other = await new_world(store, people=1, enabled=False)
    cases = (
        (lambda tx: set_location_texting(tx, other.location_id, mode=OFF), "locationId"),
        (lambda tx: set_user_texting(tx, other.people[0].user_id, mode=OFF), "userId"),
    )
    for change, argument in cases:
        refused = await world.refusal(world.org_admin, change)
        assert isinstance(refused, NotFound)
        assert refused.argument == argument


async def test_a_location_s_administrator_reaches_that_location_alone(
    world: World, store: Store, stored: Callable[[UUID], Stored]
) -> None:
    elsewhere = await new_person(store, world.org_id, world.location_ids[1], world.campaign_id)
    here = world.location_admin(world.location_id)
    user_id = world.people[0].user_id
    await world.answer(here, lambda tx: set_user_texting(tx, user_id, mode=ON))
    await world.answer(here, lambda tx: set_location_texting(tx, world.location_id, mode=ON))
    mixed = [*given(world), GivenUser(given="x", id=elsewhere.user_id)]
    for change in (
        lambda tx: set_user_texting(tx, elsewhere.user_id, mode=ON),
        lambda tx: set_location_texting(tx, world.location_ids[1], mode=ON),
        lambda tx: set_users_texting(tx, mixed, mode=OFF),
    ):
        async with stored(world.org_id).only(record=1):
            refused = await world.refusal(here, change)
        assert isinstance(refused, NotAllowed)


async def test_an_organization_without_users_can_be_switched(store: Store) -> None:
    world = await new_world(store, people=0, enabled=False)
    assert (await org_to(world, enabled=True)).values["impact"] == NOTHING


async def test_a_new_organization_names_every_blocker(store: Store) -> None:
    org_id = await new_org(store, calling_plan=None, handles_phi=True)
    await new_location(store, org_id)
    world = World(store=store, org_id=org_id, location_ids=(), brand_id=org_id, campaign_id=org_id, people=())
    admin = member(org_id, Role.ORG_ADMIN)
    refused = await world.refusal(admin, lambda tx: set_org_texting(tx, enabled=True))
    assert isinstance(refused, NotEligible)
    assert [each.rule_id for each in refused.blockers] == [
        "ORG_CALLING_PLAN_US_CA",
        "ORG_BRAND_REGISTERED",
        "ORG_CAMPAIGN_ACTIVE",
        "ORG_NOT_HIPAA",
    ]
    assert refused.blockers[0].message is not None
