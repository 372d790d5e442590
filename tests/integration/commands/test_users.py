"""Users are created and changed with their records, or refused with every reason."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from core.commands.locations import Address
from core.commands.refusals import InvalidInput, NotAllowed, NotFound, VersionConflict
from core.commands.transaction import Answer, Store, Transaction, perform
from core.commands.user_status import deactivate_user, deactivate_users, report_app_version
from core.commands.users import NewUser, UserChange, create_user, create_users, update_user, update_users
from core.principal import Role
from core.rules.enums import PhoneNumberType, PstnConnectionType, TextingMode
from tests.integration.commands.desk import Desk, Look, held, open_desk, statements, together
from tests.integration.commands.people import check_people
from tests.integration.worlds import (
    PROVIDER,
    answer,
    attempt,
    member,
    new_email,
    new_location,
    new_number,
    new_org,
    new_world,
)


@pytest.fixture
async def desk(store: Store, stored: Look) -> Desk:
    return await open_desk(store, stored)


async def test_a_user_is_created_with_a_record_and_facts(desk: Desk) -> None:
    async with desk.look.only(record=1, users=1, fact_versions=1):
        made = await desk.ask(create_user, desk.wanted(email="Ana@Example.com", app_version=" 42.12 "))
    assert isinstance(made, Answer)
    user_id, record_id = UUID(str(made.refs["user_ref"])), UUID(str(made.refs["record_ref"]))
    row = await desk.look.row("users", user_id)
    assert (row["display_name"], row["sort_name"], row["email"]) == ("Ana Brown", "ana brown", "Ana@Example.com")
    assert (row["email_key"], row["app_version"], row["status"]) == ("ana@example.com", "42.12", "ACTIVE")
    assert (row["texting"], row["texting_set_at"], row["version"]) == ("INHERIT", None, 1)
    assert row["app_version_seen_at"] is not None
    record = await desk.look.record(record_id)
    assert (record.action, record.target.id, record.target.name) == ("user:create", user_id, "Ana Brown")
    assert record.before is None
    assert record.after is not None
    assert {key: record.after[key] for key in ("displayName", "email", "appVersion", "texting")} == {
        "displayName": "Ana Brown",
        "email": "Ana@Example.com",
        "appVersion": "42.12",
        "texting": "INHERIT",
    }
    assert record.location_id == desk.here
    assert "Ana" not in record.raw
    assert "xample.com" not in record.raw
    await check_people(desk.look)


async def test_a_provider_hands_in_a_user_with_numbers(store: Store, stored: Look) -> None:
    world = await new_world(store)
    number = new_number()
    dialled = f"({number[2:5]}) {number[5:8]}-{number[8:]}"
    numbers = (held(dialled), held(type=PhoneNumberType.ALTERNATE, campaign_id=world.campaign_id))
    wanted = NewUser(location_id=world.location_id, display_name="Bo", email=new_email(), phone_numbers=numbers)
    look = stored(world.org_id)
    async with look.only(record=1, users=1, phone_numbers=2, number_directory=2, fact_versions=3):
        made = await world.answer(PROVIDER, lambda tx: create_user(tx, wanted))
    user_id = UUID(str(made.refs["user_ref"]))
    first, second = (row for row in await look.rows("phone_numbers") if row["owner_id"] == user_id)
    assert (first["phone_number"], first["region"], first["valid"]) == (number, "US", True)
    assert (first["campaign_id"], first["assignment_status"]) == (None, None)
    assert (second["campaign_id"], second["assignment_status"]) == (world.campaign_id, "PENDING_ASSIGNMENT")
    assert second["assignment_audit_id"] == UUID(str(made.refs["record_ref"]))
    assert (await look.row("users", user_id))["primary_number_id"] == first["id"]
    record = await look.record(str(made.refs["record_ref"]))
    assert record.after is not None
    assert [each["phoneNumber"] for each in record.after["phoneNumbers"]] == [number, second["phone_number"]]
    assert {first["id"], second["id"], world.campaign_id} <= set(record.involves)
    assert "+1415" not in record.raw
    await check_people(look)


async def test_only_a_provider_hands_in_numbers(desk: Desk) -> None:
    found = await desk.ask(create_user, desk.wanted(phone_numbers=(held(),)))
    assert isinstance(found, NotAllowed)
    assert found.required_roles == (Role.PROVIDER_ADMIN,)


async def test_numbers_are_read_as_dialled_where_the_user_is(store: Store, desk: Desk) -> None:
    london = await new_location(store, desk.org_id, address=Address(country="GB"), time_zone="Europe/London")
    wanted = desk.wanted(location_id=london, phone_numbers=(held("020 7946 0991"),))
    made = await desk.ask(create_user, wanted, PROVIDER)
    assert isinstance(made, Answer)
    [row] = await desk.look.rows("phone_numbers")
    assert (row["phone_number"], row["region"]) == ("+442079460991", "GB")


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        ({"display_name": " "}, ("displayName", "EMPTY")),
        ({"display_name": "Ana\0"}, ("displayName", "NUL_CHARACTER")),
        ({"display_name": "A" * 257}, ("displayName", "TOO_LONG")),
        ({"display_name": "\ud800"}, ("displayName", "NOT_UNICODE")),
        ({"email": "ana"}, ("email", "NOT_AN_EMAIL")),
        ({"email": "ana@example"}, ("email", "NOT_AN_EMAIL")),
        ({"email": "a,b@example.com"}, ("email", "NOT_AN_EMAIL")),
        ({"email": ""}, ("email", "EMPTY")),
        ({"email": "a" * 250 + "@example.com"}, ("email", "TOO_LONG")),
        ({"app_version": "4" * 101}, ("appVersion", "TOO_LONG")),
        ({"app_version": "42\x07"}, ("appVersion", "CONTROL_CHARACTER")),
        ({"phone_numbers": (held("abc"),)}, ("phoneNumbers.0.phoneNumber", "LETTERS")),
        ({"phone_numbers": (held("+99912345"),)}, ("phoneNumbers.0.phoneNumber", "COUNTRY_CODE")),
        ({"phone_numbers": (held(), held())}, ("phoneNumbers", "SECOND_PRIMARY")),
    ],
)
async def test_what_is_wrong_is_told_with_its_place(desk: Desk, told: dict[str, Any], problem: tuple[str, str]) -> None:
    async with desk.look.only(record=1):
        assert await desk.problems(create_user, desk.wanted(**told), PROVIDER) == [problem]


async def test_every_fault_of_an_input_is_told_at_once(desk: Desk) -> None:
    found = await desk.problems(create_user, desk.wanted(display_name="", email="x", app_version="\x01"))
    assert [where for where, _ in found] == ["displayName", "email", "appVersion"]


async def test_an_email_is_one_users_however_it_is_written(desk: Desk) -> None:
    await desk.create(email="Ana@Example.com")
    assert await desk.problems(create_user, desk.wanted(email=" ana@EXAMPLE.com")) == [("email", "EMAIL_TAKEN")]


async def test_another_organization_may_have_the_same_email(store: Store, desk: Desk) -> None:
    await desk.create(email="shared@example.com")
    other = await new_org(store)
    location_id = await new_location(store, other)
    wanted = NewUser(location_id=location_id, display_name="Ana", email="shared@example.com")
    await answer(store, other, member(other, Role.ORG_ADMIN), lambda tx: create_user(tx, wanted))


async def test_two_rivals_for_one_email_are_one_user(desk: Desk) -> None:
    email = new_email()
    answers = await asyncio.gather(*(desk.ask(create_user, desk.wanted(email=email)) for _ in range(4)))
    assert sum(isinstance(each, Answer) for each in answers) == 1
    refused = [each for each in answers if isinstance(each, InvalidInput)]
    assert [each.problems[0].code for each in refused] == ["EMAIL_TAKEN"] * 3


async def test_two_rivals_for_one_number_are_one_holder(store: Store, desk: Desk) -> None:
    number, other = new_number(), await new_org(store)
    there = NewUser(
        location_id=await new_location(store, other),
        display_name="Bo",
        email=new_email(),
        phone_numbers=(held(number),),
    )
    answers = await asyncio.gather(
        desk.ask(create_user, desk.wanted(phone_numbers=(held(number),)), PROVIDER),
        perform(store, attempt(other, PROVIDER), lambda tx: create_user(tx, there)),
    )
    [refused] = [each for each in answers if isinstance(each, InvalidInput)]
    path = ("phoneNumbers", "0", "phoneNumber")
    assert [(each.path, each.code) for each in refused.problems] == [(path, "NUMBER_TAKEN")]
    assert "another organization" in refused.message


async def test_a_location_that_is_not_there_is_not_found(store: Store, desk: Desk) -> None:
    elsewhere = await new_location(store, await new_org(store))
    for location_id in (uuid4(), elsewhere):
        found = await desk.ask(create_user, desk.wanted(location_id=location_id))
        assert isinstance(found, NotFound)
        assert found.argument == "locationId"


async def test_a_campaign_that_is_not_there_is_not_found(desk: Desk) -> None:
    found = await desk.ask(create_user, desk.wanted(phone_numbers=(held(campaign_id=uuid4()),)), PROVIDER)
    assert isinstance(found, NotFound)
    assert found.argument == "campaignId"


async def test_texting_on_is_refused_where_it_is_not_available(store: Store, desk: Desk, stored: Look) -> None:
    found = await desk.ask(create_user, desk.wanted(texting=TextingMode.ON))
    assert isinstance(found, InvalidInput)
    assert [(each.path, each.code) for each in found.problems] == [(("texting",), "NOT_ELIGIBLE")]
    assert "ORG_BRAND_REGISTERED" in found.message
    world = await new_world(store)
    gateway = await new_location(store, world.org_id, pstn_connection_type=PstnConnectionType.LOCAL_GATEWAY)
    wanted = NewUser(location_id=gateway, display_name="Bo", email=new_email(), texting=TextingMode.ON)
    found = await world.refusal(world.org_admin, lambda tx: create_user(tx, wanted))
    assert "LOCATION_PSTN_CISCO" in found.message
    made = await world.answer(
        world.org_admin, lambda tx: create_user(tx, replace(wanted, location_id=world.location_id))
    )
    row = await stored(world.org_id).row("users", UUID(str(made.refs["user_ref"])))
    assert (row["texting"], row["texting_set_by"]) == ("ON", world.org_admin.subject)
    assert row["texting_audit_id"] == UUID(str(made.refs["record_ref"]))
    await check_people(stored(world.org_id))


@pytest.mark.parametrize("mode", [TextingMode.OFF, TextingMode.INHERIT])
async def test_texting_off_and_inherited_are_always_possible(desk: Desk, mode: TextingMode) -> None:
    user_id = await desk.create(texting=mode)
    assert (await desk.look.row("users", user_id))["texting"] == mode


async def test_many_users_take_no_more_statements_than_one(store: Store, desk: Desk) -> None:
    ids = [await desk.create() for _ in range(30)]

    def creating(count: int) -> Callable[..., Any]:
        wanted = [desk.wanted(phone_numbers=(held(),)) for _ in range(count)]
        return lambda tx: create_users(tx, wanted)

    def moving(some: list[UUID]) -> Callable[..., Any]:
        wanted = [UserChange(id=id, location_id=desk.there, email=new_email(), app_version="1.2") for id in some]
        return lambda tx: update_users(tx, wanted)

    for one, many in (
        (creating(1), creating(40)),
        (moving(ids[:1]), moving(ids[1:])),
        (lambda tx: deactivate_users(tx, ids[:1]), lambda tx: deactivate_users(tx, ids[1:])),
    ):
        assert await statements(store, desk.org_id, one) == await statements(store, desk.org_id, many)


async def test_of_many_users_one_at_fault_stops_all(desk: Desk) -> None:
    wanted = [desk.wanted(), desk.wanted(email="x"), desk.wanted()]
    assert await desk.problems(create_users, wanted) == [("1.email", "NOT_AN_EMAIL")]
    twice = desk.wanted()
    assert await desk.problems(create_users, [twice, desk.wanted(), twice]) == [
        ("0.email", "EMAIL_TAKEN"),
        ("2.email", "EMAIL_TAKEN"),
    ]
    assert await desk.look.rows("users") == []


async def test_the_same_key_creates_one_user(desk: Desk) -> None:
    wanted = desk.wanted()
    said = {"idempotency_key": str(uuid4()), "body_digest": b"same"}
    first, again = [await desk.ask(create_user, wanted, **said) for _ in range(2)]
    assert first == again
    assert len(await desk.look.rows("users")) == 1


async def test_a_user_is_changed_with_before_and_after(desk: Desk) -> None:
    user_id = await desk.create(display_name="Ana", email="before@example.com")
    change = UserChange(id=user_id, display_name="Ana Bell", email="after@example.com", location_id=desk.there)
    async with desk.look.only(record=1, fact_versions=1):
        made = await desk.ask(update_user, change)
    assert isinstance(made, Answer)
    row = await desk.look.row("users", user_id)
    assert (row["display_name"], row["sort_name"], row["email_key"]) == ("Ana Bell", "ana bell", "after@example.com")
    assert (row["location_id"], row["version"]) == (desk.there, 2)
    record = await desk.look.record(str(made.refs["record_ref"]))
    assert record.action == "user:update"
    assert (record.before or {})["email"] == "before@example.com"
    assert (record.after or {})["displayName"] == "Ana Bell"
    assert record.target.version == 1
    await check_people(desk.look)


async def test_nothing_different_is_recorded_as_nothing(desk: Desk) -> None:
    user_id = await desk.create(display_name="Ana")
    async with desk.look.only(record=1):
        await desk.ask(update_user, UserChange(id=user_id, display_name=" Ana "))
    record = (await desk.look.records("user:update"))[-1]
    assert (record.before, record.after) == ({}, {})
    assert (await desk.look.row("users", user_id))["version"] == 1


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        ({"display_name": None}, ("displayName", "NOT_CLEARABLE")),
        ({"email": None}, ("email", "NOT_CLEARABLE")),
        ({"location_id": None}, ("locationId", "NOT_CLEARABLE")),
        ({"email": "x"}, ("email", "NOT_AN_EMAIL")),
        ({"effective_from": datetime.now(UTC) + timedelta(hours=1)}, ("effectiveFrom", "IN_THE_FUTURE")),
    ],
)
async def test_a_faulty_change_is_refused(desk: Desk, told: dict[str, Any], problem: tuple[str, str]) -> None:
    user_id = await desk.create()
    assert (await desk.problems(update_user, UserChange(id=user_id, **told)))[0] == problem


async def test_a_change_upon_another_version_is_refused(desk: Desk) -> None:
    user_id = await desk.create()
    await desk.ask(update_user, UserChange(id=user_id, display_name="Bo", expected_version=1))
    found = await desk.ask(update_user, UserChange(id=user_id, display_name="Cy", expected_version=1))
    assert isinstance(found, VersionConflict)
    assert (found.current_version, found.id) == (2, user_id)


async def test_an_email_of_somebody_else_cannot_be_taken_but_ones_own_respelt(desk: Desk) -> None:
    await desk.create(email="bo@example.com")
    user_id = await desk.create(email="ana@example.com")
    assert await desk.problems(update_user, UserChange(id=user_id, email="BO@example.com")) == [
        ("email", "EMAIL_TAKEN")
    ]
    await desk.ask(update_user, UserChange(id=user_id, email="Ana@example.com"))
    assert (await desk.look.row("users", user_id))["email"] == "Ana@example.com"


async def test_a_move_into_the_past_is_a_fact_from_then_on(desk: Desk) -> None:
    user_id = await desk.create()
    before, since = datetime.now(UTC) - timedelta(days=3), datetime.now(UTC) - timedelta(days=2)
    await desk.ask(update_user, UserChange(id=user_id, location_id=desk.there, effective_from=since))
    assert await desk.look.facts(user_id, before) == {}
    assert (await desk.look.facts(user_id, since))["location_id"] == str(desk.there)
    await check_people(desk.look)


async def test_a_locations_administrator_stays_within(desk: Desk) -> None:
    admin = member(desk.org_id, Role.LOCATION_ADMIN, location_id=desk.here)
    mine, theirs = await desk.create(), await desk.create(location_id=desk.there)
    assert isinstance(await desk.ask(update_user, UserChange(id=mine, display_name="Bo"), admin), Answer)
    for change in (
        UserChange(id=theirs, display_name="Bo"),
        UserChange(id=theirs, location_id=desk.here),
        UserChange(id=mine, location_id=desk.there),
    ):
        assert isinstance(await desk.ask(update_user, change, admin), NotAllowed)
    assert isinstance(await desk.ask(update_user, UserChange(id=uuid4(), display_name="Bo"), admin), NotFound)


async def test_an_app_version_is_kept_as_reported(desk: Desk) -> None:
    user_id = await desk.create()
    me = member(desk.org_id, Role.USER, user_id=user_id)
    for version in ("42.12", "next, maybe", "42.12"):
        made = await desk.ask(report, (user_id, version), me)
        assert isinstance(made, Answer)
        row = await desk.look.row("users", user_id)
        assert (row["app_version"], row["version"]) == (version, 1)
        await check_people(desk.look)
    record = await desk.look.record(str(made.refs["record_ref"]))
    assert (record.action, record.actor.user_id) == ("user:app-version:report", user_id)
    assert (record.before or {})["appVersion"] == "next, maybe"
    assert record.target.id == user_id


async def test_the_same_version_again_is_seen_but_no_new_fact(desk: Desk) -> None:
    user_id = await desk.create(app_version="42.12")
    me = member(desk.org_id, Role.USER, user_id=user_id)
    seen = (await desk.look.row("users", user_id))["app_version_seen_at"]
    async with desk.look.only(record=1):
        await desk.ask(report, (user_id, "42.12"), me)
    assert (await desk.look.row("users", user_id))["app_version_seen_at"] > seen


async def test_reports_out_of_order_keep_the_newest_and_fill_the_past(desk: Desk) -> None:
    user_id = await desk.create()
    me = member(desk.org_id, Role.USER, user_id=user_id)
    now = datetime.now(UTC)
    days = [now - timedelta(days=ago) for ago in (5, 4, 3, 2, 1)]
    for version, at in (("42.1", 0), ("42.1", 4), ("43.0", 2), ("42.9", 1)):
        await desk.ask(report, (user_id, version, days[at]), me)
        await check_people(desk.look)
    row = await desk.look.row("users", user_id)
    assert (row["app_version"], row["app_version_seen_at"]) == ("42.1", days[4])
    known = [(await desk.look.facts(user_id, at)).get("app_version") for at in days]
    assert known == ["42.1", "42.9", "43.0", "43.0", "42.1"]


@pytest.mark.parametrize(
    ("version", "problem"),
    [("", "EMPTY"), ("\0", "NUL_CHARACTER"), ("4\n2", "CONTROL_CHARACTER"), ("4" * 101, "TOO_LONG")],
)
async def test_what_no_app_says_is_refused(desk: Desk, version: str, problem: str) -> None:
    user_id = await desk.create()
    me = member(desk.org_id, Role.USER, user_id=user_id)
    assert await desk.problems(report, (user_id, version), me) == [("appVersion", problem)]


async def test_a_report_is_never_from_the_future(desk: Desk) -> None:
    user_id = await desk.create()
    me = member(desk.org_id, Role.USER, user_id=user_id)
    later = datetime.now(UTC) + timedelta(minutes=5)
    assert await desk.problems(report, (user_id, "42.12", later), me) == [("seenAt", "IN_THE_FUTURE")]


async def test_a_user_reports_for_nobody_else(desk: Desk) -> None:
    user_id, other = await desk.create(), await desk.create()
    me = member(desk.org_id, Role.USER, user_id=user_id)
    assert isinstance(await desk.ask(report, (other, "42.12"), me), NotAllowed)
    assert isinstance(await desk.ask(report, (uuid4(), "42.12"), me), NotFound)


async def test_a_deactivated_user_stays_as_a_tombstone_with_the_number(store: Store, stored: Look) -> None:
    world = await new_world(store)
    person, look = world.people[0], stored(world.org_id)
    async with look.only(record=1, fact_versions=1):
        made = await world.answer(world.org_admin, lambda tx: deactivate_user(tx, person.user_id, expected_version=1))
    row = await look.row("users", person.user_id)
    assert (row["status"], row["version"], row["primary_number_id"]) == ("DEACTIVATED", 2, person.number_id)
    assert row["email"] is not None
    assert (await look.row("phone_numbers", person.number_id))["owner_id"] == person.user_id
    record = await look.record(str(made.refs["record_ref"]))
    assert (record.action, record.before, record.after) == (
        "user:deactivate",
        {"status": "ACTIVE"},
        {"status": "DEACTIVATED"},
    )
    await check_people(look)


async def test_deactivation_is_final(desk: Desk) -> None:
    user_id = await desk.create(email="gone@example.com")
    await desk.ask(deactivate, user_id)
    me = member(desk.org_id, Role.USER, user_id=user_id)
    assert await desk.problems(update_user, UserChange(id=user_id, display_name="Bo")) == [("userId", "NOT_ACTIVE")]
    assert await desk.problems(report, (user_id, "42.12"), me) == [("userId", "NOT_ACTIVE")]
    assert await desk.problems(create_user, desk.wanted(email="gone@example.com")) == [("email", "EMAIL_TAKEN")]
    async with desk.look.only(record=1):
        assert isinstance(await desk.ask(deactivate, user_id), Answer)
    assert (await desk.look.records("user:deactivate"))[-1].after == {}


async def test_deactivation_minds_the_version_and_the_id(desk: Desk) -> None:
    user_id = await desk.create()
    found = await desk.ask(lambda tx, whom: deactivate_user(tx, whom, expected_version=7), user_id)
    assert isinstance(found, VersionConflict)
    assert isinstance(await desk.ask(deactivate, uuid4()), NotFound)
    assert (await desk.look.row("users", user_id))["status"] == "ACTIVE"


async def test_several_users_are_deactivated_together(desk: Desk) -> None:
    ids = [await desk.create() for _ in range(3)]
    async with desk.look.only(record=3, fact_versions=3):
        await desk.ask(together(deactivate_users), ids)
    assert {row["status"] for row in await desk.look.rows("users")} == {"DEACTIVATED"}
    await check_people(desk.look)


async def test_several_users_are_changed_together(desk: Desk) -> None:
    ids = [await desk.create() for _ in range(3)]
    changes = [UserChange(id=id, app_version=f"4{at}.0") for at, id in enumerate(ids)]
    async with desk.look.only(record=3, fact_versions=3):
        await desk.ask(together(update_users), changes)
    assert [row["app_version"] for row in await desk.look.rows("users")] == ["40.0", "41.0", "42.0"]
    await check_people(desk.look)


async def report(tx: Transaction, said: tuple[Any, ...]) -> Answer:
    user_id, version, *seen_at = said
    return await report_app_version(tx, user_id, app_version=version, seen_at=next(iter(seen_at), None))


async def deactivate(tx: Transaction, user_id: UUID) -> Answer:
    return await deactivate_user(tx, user_id)
