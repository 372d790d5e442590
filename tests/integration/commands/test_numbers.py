"""Numbers enter an inventory once in the whole world, and their source and state are recorded."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from core.commands.numbers import NUMBERS_MAX, NumberChange, UnheldNumber, add_each, add_numbers, update_number
from core.commands.refusals import InvalidInput, NotFound
from core.commands.transaction import Answer, Store, Transaction
from core.rules import numbers
from core.rules.enums import NumberSource, NumberState
from tests.integration.commands.desk import Desk, Look, held, open_desk, together
from tests.integration.commands.people import check_people
from tests.integration.worlds import PROVIDER, answer, new_number, new_org, new_world, refusal

CISCO = NumberSource.CISCO_CALLING_PLAN


@pytest.fixture
async def desk(store: Store, stored: Look) -> Desk:
    return await open_desk(store, stored)


def adding(*listed: str, source: NumberSource = CISCO) -> Callable[[Transaction], object]:
    return lambda tx: add_numbers(tx, listed, source)


async def test_numbers_enter_with_region_validity_and_one_record(store: Store, desk: Desk) -> None:
    us, formatted = new_number(), new_number()
    listed = [
        us,
        f" {formatted[:2]} ({formatted[2:5]}) {formatted[5:8]}-{formatted[8:]} ",
        "+442079460123",
        "+1867123456",
    ]
    async with desk.look.only(record=1, phone_numbers=4, number_directory=4, fact_versions=4):
        made = await answer(store, desk.org_id, PROVIDER, adding(*listed))
    assert made.type == "PhoneNumbersAdded"
    ids = [UUID(each) for each in made.refs["number_refs"] or ()]
    rows = [await desk.look.row("phone_numbers", id) for id in ids]
    assert [(row["phone_number"], row["region"], row["valid"]) for row in rows] == [
        (us, "US", True),
        (formatted, "US", True),
        ("+442079460123", "GB", True),
        ("+1867123456", None, False),
    ]
    assert {(row["type"], row["state"], row["owner_id"], row["assigned_by"]) for row in rows} == {
        ("PRIMARY", "ACTIVE", None, "CISCO_CALLING_PLAN")
    }
    record = await desk.look.record(str(made.refs["record_ref"]))
    assert (record.action, record.target.type, record.target.id) == ("number:add", "Org", desk.org_id)
    assert record.after is not None
    assert [each["phoneNumber"] for each in record.after["phoneNumbers"]] == [row["phone_number"] for row in rows]
    assert set(ids) <= set(record.involves)
    assert us not in record.raw
    await check_people(desk.look)


async def test_toll_free_numbers_are_marked(store: Store, desk: Desk) -> None:
    await answer(store, desk.org_id, PROVIDER, adding(f"+1888{new_number()[5:]}"))
    [row] = await desk.look.rows("phone_numbers")
    assert (row["toll_free_number"], row["region"]) == (True, "US")


async def test_as_many_numbers_as_are_allowed_fit_into_one_record(store: Store, desk: Desk) -> None:
    listed = [new_number() for _ in range(NUMBERS_MAX + 1)]
    found = await refusal(store, desk.org_id, PROVIDER, adding(*listed))
    assert isinstance(found, InvalidInput)
    assert [(each.path, each.code) for each in found.problems] == [(("phoneNumbers",), "COUNT")]
    made = await answer(store, desk.org_id, PROVIDER, adding(*listed[:-1]))
    assert len(made.refs["number_refs"] or ()) == NUMBERS_MAX


async def test_no_number_is_no_change(store: Store, desk: Desk) -> None:
    found = await refusal(store, desk.org_id, PROVIDER, adding())
    assert isinstance(found, InvalidInput)


async def test_every_number_that_cannot_be_read_is_named(store: Store, desk: Desk) -> None:
    async with desk.look.only(record=1):
        found = await refusal(store, desk.org_id, PROVIDER, adding("abc", new_number(), "4155550100", ""))
    assert isinstance(found, InvalidInput)
    assert [(each.path, each.code) for each in found.problems] == [
        (("phoneNumbers", "0"), "LETTERS"),
        (("phoneNumbers", "2"), "NO_COUNTRY_CODE"),
        (("phoneNumbers", "3"), "EMPTY"),
    ]


async def test_a_number_is_one_organizations(store: Store, desk: Desk) -> None:
    ours, theirs, fresh = new_number(), new_number(), new_number()
    await answer(store, desk.org_id, PROVIDER, adding(ours))
    await answer(store, await new_org(store), PROVIDER, adding(theirs))
    async with desk.look.only(record=1):
        found = await refusal(store, desk.org_id, PROVIDER, adding(fresh, ours, theirs, fresh))
    assert isinstance(found, InvalidInput)
    assert [(each.path[-1], each.code) for each in found.problems] == [
        (place, "NUMBER_TAKEN") for place in ("0", "1", "2", "3")
    ]
    why = [each.message for each in found.problems]
    assert "named 2 times" in why[0]
    assert "in the inventory already" in why[1]
    assert "another organization" in why[2]
    await answer(store, desk.org_id, PROVIDER, adding(fresh))


async def test_the_record_of_a_clash_does_not_repeat_the_number(store: Store, desk: Desk) -> None:
    number = new_number()
    await answer(store, await new_org(store), PROVIDER, adding(number))
    await refusal(store, desk.org_id, PROVIDER, adding(number), action="number:add")
    record = (await desk.look.records("number:add"))[-1]
    assert (record.outcome, record.status_detail) == ("FAILED", "phoneNumbers.0: NUMBER_TAKEN")
    assert number not in record.raw


async def test_each_may_have_a_record_of_its_own(store: Store, desk: Desk) -> None:
    wanted = [UnheldNumber(number=_read(new_number()), assigned_by=CISCO) for _ in range(3)]
    async with desk.look.only(record=3, phone_numbers=3, number_directory=3, fact_versions=3):
        await answer(store, desk.org_id, PROVIDER, lambda tx: together(add_each)(tx, wanted))
    records = await desk.look.records("number:add")
    assert [each.target.name for each in records] == [each.number.e164 for each in wanted]
    await check_people(desk.look)


async def test_a_number_is_suspended_and_its_holder_signed_anew(store: Store, stored: Look) -> None:
    world = await new_world(store)
    person, look = world.people[0], stored(world.org_id)
    before = await look.row("phone_numbers", person.number_id)
    change = NumberChange(id=person.number_id, state=NumberState.INACTIVE)
    async with look.only(record=1, fact_versions=1):
        made = await world.answer(PROVIDER, lambda tx: update_number(tx, change))
    assert (made.type, made.refs["number_ref"]) == ("PhoneNumberUpdated", str(person.number_id))
    row = await look.row("phone_numbers", person.number_id)
    assert (row["state"], row["version"]) == ("INACTIVE", before["version"] + 1)
    record = await look.record(str(made.refs["record_ref"]))
    assert (record.action, record.before, record.after) == (
        "number:update",
        {"state": "ACTIVE"},
        {"state": "INACTIVE"},
    )
    assert (record.target.name, record.location_id) == (person.number, world.location_id)
    assert person.user_id in record.involves
    await check_people(look)


async def test_a_source_found_out_later_counts_from_then_on(store: Store, stored: Look) -> None:
    world = await new_world(store)
    number_id, look = world.people[0].number_id, stored(world.org_id)
    since = datetime.now(UTC) - timedelta(days=30)
    change = NumberChange(id=number_id, assigned_by=NumberSource.LOCAL_GATEWAY, effective_from=since)
    await world.answer(PROVIDER, lambda tx: update_number(tx, change))
    assert await look.facts(number_id, since) == {"assigned_by": "LOCAL_GATEWAY"}
    await check_people(look)


async def test_a_faulty_change_of_a_number_is_refused(store: Store, desk: Desk) -> None:
    user_id = await desk.create(PROVIDER, phone_numbers=(held(),))
    number_id = (await desk.look.row("users", user_id))["primary_number_id"]
    later = datetime.now(UTC) + timedelta(days=1)
    change = NumberChange(id=number_id, state=None, assigned_by=None, effective_from=later)
    assert await desk.problems(update_number, change, PROVIDER) == [
        ("state", "NOT_CLEARABLE"),
        ("assignedBy", "NOT_CLEARABLE"),
        ("effectiveFrom", "IN_THE_FUTURE"),
    ]
    found = await desk.ask(update_number, NumberChange(id=uuid4(), state=NumberState.INACTIVE), PROVIDER)
    assert isinstance(found, NotFound)
    assert found.argument == "phoneNumberId"


async def test_nothing_different_is_recorded_as_nothing(store: Store, desk: Desk) -> None:
    made = await answer(store, desk.org_id, PROVIDER, adding(new_number()))
    [number_id] = made.refs["number_refs"] or ()
    change = NumberChange(id=UUID(number_id), state=NumberState.ACTIVE, assigned_by=CISCO)
    async with desk.look.only(record=1):
        found = await desk.ask(update_number, change, PROVIDER)
    assert isinstance(found, Answer)
    assert (await desk.look.record(str(found.refs["record_ref"]))).after == {}
    assert (await desk.look.row("phone_numbers", UUID(number_id)))["version"] == 1


def _read(text: str) -> numbers.PhoneNumber:
    found = numbers.parse(text)
    assert isinstance(found, numbers.PhoneNumber)
    return found
