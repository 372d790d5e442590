"""A file of users is carried out whole, with a record for every change, or not at all."""

import hashlib
from pathlib import Path
from uuid import uuid4

import pytest

from core.commands.campaigns import NewCampaign, submit_campaign
from core.commands.number_assignment import NumberAssignment, assign_number
from core.commands.transaction import Store
from core.rules.default_policy import DEFAULT_POLICY
from core.rules.enums import PhoneNumberType
from tests.integration.commands.desk import Look
from tests.integration.commands.people import check_people
from tests.integration.importing.files import OPERATOR, Office, counts, faults
from tests.integration.worlds import (
    PROVIDER,
    World,
    answer,
    new_email,
    new_location,
    new_number,
    new_org,
    new_world,
)
from texting.importing import sample
from texting.importing.outcome import ImportRefused
from texting.importing.run import import_locations, import_users
from texting.importing.table import FileRefused


@pytest.fixture
async def world(store: Store) -> World:
    return await new_world(store, people=2)


@pytest.fixture
async def office(world: World, tmp_path: Path, stored: Look) -> Office:
    look = stored(world.org_id)
    [location] = await look.rows("locations")
    return Office(world.store, world.org_id, tmp_path, look, location["name"])


async def test_new_users_enter_with_their_numbers(office: Office) -> None:
    ana, bo = new_number(), new_number()
    result = await office.users(
        office.row("ana@example.com", ana, app="44.3"), office.row("bo@example.com", bo), office.row("cy@example.com")
    )
    assert counts(result) == {"created": 3, "moved": 2}
    assert result.written
    people = await office.people()
    assert (people["ana@example.com"]["number"], people["bo@example.com"]["number"]) == (ana, bo)
    assert (people["ana@example.com"]["display_name"], people["ana@example.com"]["app_version"]) == ("Ana", "44.3")
    assert people["cy@example.com"]["number"] is None
    await check_people(office.look)


async def test_every_change_has_a_record_and_all_name_the_import(office: Office) -> None:
    path = office.write(office.row("ana@example.com", new_number()), office.row("bo@example.com"))
    async with office.look.only(record=3, users=2, phone_numbers=1, number_directory=1, fact_versions=3):
        result = await office.users_file(path)
    records = [each for each in await office.look.records() if each.correlation_id == str(result.record_id)]
    assert sorted(each.action for each in records) == ["directory:import", "user:create", "user:create"]
    [record] = [each for each in records if each.action == "directory:import"]
    assert (record.id, record.actor.subject, record.target.type) == (result.record_id, "cli:tests", "Org")
    assert record.after == {
        "file": "users.csv",
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "created": 2,
        "updated": 0,
        "moved": 1,
        "changed": 0,
        "deactivated": 0,
        "unchanged": 0,
        "skipped": 0,
        "refused": 0,
    }
    assert len({each.request_id for each in records}) == 1


async def test_the_same_file_again_changes_nothing_and_says_so(office: Office, world: World) -> None:
    rows = [
        office.row("ana@example.com", new_number(), app="44.3"),
        office.row("bo@example.com", new_number(), campaign=await _use_case(office, world)),
        office.row("cy@example.com", status="Inactive"),
    ]
    await office.users(*rows)
    async with office.look.only(record=1):
        result = await office.users(*rows)
    assert counts(result) == {"unchanged": 3}


@pytest.mark.parametrize(("bom", "end"), [(True, "\r\n"), (False, "\n"), (True, "\n"), (False, "\r\n")])
async def test_a_file_reads_the_same_however_it_was_saved(office: Office, bom: bool, end: str) -> None:
    number = new_number()
    rows = [
        office.row("ana@example.com", number, display='Brown, "Ana"'),
        office.row("bo@example.com", display="Bo\r\nBell"),
        office.row("chloe@example.com", display="Chloe\u0301"),
    ]
    result = await office.users_file(office.write(*rows, bom=bom, end=end))
    assert counts(result) == {"created": 3, "moved": 1}
    people = await office.people()
    assert people["ana@example.com"]["display_name"] == 'Brown, "Ana"'
    assert people["bo@example.com"]["display_name"] == "Bo Bell"
    assert people["chloe@example.com"]["display_name"] == "Chlo\u00e9"
    assert counts(await office.users_file(office.write(*rows, bom=not bom))) == {"unchanged": 3}


@pytest.mark.parametrize("lost", [1, 2])
async def test_a_number_that_lost_its_plus_is_the_same_number(office: Office, lost: int) -> None:
    number = new_number()
    await office.users(office.row("ana@example.com", number[lost:]))
    assert (await office.people())["ana@example.com"]["number"] == number
    assert counts(await office.users(office.row("ana@example.com", number))) == {"unchanged": 1}


async def test_users_that_are_there_are_changed_where_the_file_differs(office: Office, world: World) -> None:
    email = (await office.look.row("users", world.people[0].user_id))["email"]
    other = await new_location(world.store, world.org_id, name="Lab")
    result = await office.users(office.row(email.upper(), display="Ana Bell", app="44.9", location="LAB"))
    assert counts(result) == {"updated": 1}
    row = await office.look.row("users", world.people[0].user_id)
    assert (row["display_name"], row["location_id"], row["app_version"]) == ("Ana Bell", other, "44.9")
    assert (row["email"], row["version"]) == (email, 2)
    [record] = await office.look.records("user:update")
    assert (record.after or {})["displayName"] == "Ana Bell"
    await check_people(office.look)


async def test_who_left_is_deactivated_and_who_is_missing_only_when_asked(office: Office, world: World) -> None:
    [ana, bo] = [(await office.look.row("users", each.user_id))["email"] for each in world.people]
    await office.users(office.row("cy@example.com"))
    assert {row["status"] for row in await office.look.rows("users")} == {"ACTIVE"}
    result = await office.users(office.row(ana, status="Inactive"))
    assert counts(result) == {"deactivated": 1}
    people = await office.people()
    assert (people[ana]["status"], people[ana]["number"]) == ("DEACTIVATED", world.people[0].number)
    result = await office.users(office.row("cy@example.com"), deactivate_missing=True)
    assert counts(result) == {"deactivated": 1, "unchanged": 1}
    people = await office.people()
    assert (people[bo]["status"], people["cy@example.com"]["status"]) == ("DEACTIVATED", "ACTIVE")
    await check_people(office.look)


async def test_nobody_whom_a_row_names_is_missing_whatever_became_of_the_row(office: Office, world: World) -> None:
    [ana, bo] = [(await office.look.row("users", each.user_id))["email"] for each in world.people]
    rows = [office.row(ana, "not a number"), office.row(bo, webex="FALSE")]
    result = await office.users(*rows, deactivate_missing=True, skip_invalid=True)
    assert counts(result) == {"skipped": 1}
    assert faults(result) == [(2, "Phone Number")]
    assert {row["status"] for row in await office.look.rows("users")} == {"ACTIVE"}


async def test_with_a_row_that_names_nobody_nobody_is_missing(office: Office) -> None:
    before = await office.look.everything()
    with pytest.raises(FileRefused, match="on line 3"):
        await office.users(
            office.row("ana@example.com"), office.row("nobody"), deactivate_missing=True, skip_invalid=True
        )
    assert await office.look.everything() == before


async def test_of_a_file_without_rows_nobody_is_missing(office: Office) -> None:
    before = await office.look.everything()
    with pytest.raises(FileRefused, match="names no user, so that all would be deactivated: check the file"):
        await office.users(deactivate_missing=True)
    assert await office.look.everything() == before


async def test_refused_rows_are_named_and_nothing_is_written(office: Office, world: World) -> None:
    theirs = world.people[0].number
    rows = [
        office.row("ana@example.com", new_number()),
        office.row("no e-mail"),
        office.row("bo@example.com", "555"),
        office.row("cy@example.com", location="Mars"),
        office.row("di@example.com", theirs),
        office.row("ed@example.com", new_number(), campaign="NOPE", app="new"),
        office.row("ana@example.com"),
        office.row("fay@example.com", display="Fay\x07"),
    ]
    async with office.look.only(record=1):
        result = await office.users(*rows)
    assert faults(result) == [
        (3, "User ID/Email (Required)"),
        (4, "Phone Number"),
        (5, "Location"),
        (6, "Phone Number"),
        (7, "App Version"),
        (8, "User ID/Email (Required)"),
        (9, "Display Name"),
    ]
    assert "import it first" in result.faults[2].reason
    assert "another user's" in result.faults[3].reason
    assert not result.written
    record = await office.look.record(str(result.record_id))
    assert (record.action, record.outcome, record.status_code) == ("directory:import", "FAILED", "INVALID_INPUT")
    assert (record.after or {})["refused"] == 7


async def test_the_other_rows_are_written_when_asked(office: Office) -> None:
    number = new_number()
    rows = [office.row("ana@example.com", number), office.row("bo@example.com", location="Mars")]
    result = await office.users(*rows, skip_invalid=True)
    assert (counts(result), faults(result)) == ({"created": 1, "moved": 1}, [(3, "Location")])
    assert result.written
    people = await office.people()
    assert people["ana@example.com"]["number"] == number
    assert "bo@example.com" not in people
    [record] = await office.look.records("directory:import")
    assert (record.after or {})["refused"] == 1


@pytest.mark.parametrize("row", [{"location": "Mars"}, {}])
async def test_a_dry_run_writes_nothing(office: Office, row: dict[str, str]) -> None:
    before = await office.look.everything()
    listed = [office.row("ana@example.com", new_number()), office.row("bo@example.com", **row)]
    result = await office.users(*listed, dry_run=True)
    assert (result.created, len(result.faults)) == ((1, 1) if row else (2, 0))
    assert (result.written, result.record_id) == (False, None)
    assert await office.look.everything() == before


async def test_two_users_swap_numbers_in_one_file(office: Office, world: World) -> None:
    ana, bo = world.people
    emails = [(await office.look.row("users", each.user_id))["email"] for each in world.people]
    async with office.look.only(record=3, fact_versions=4):
        result = await office.users(
            office.row(emails[0], bo.number, display=""), office.row(emails[1], ana.number, display="")
        )
    assert counts(result) == {"moved": 2}
    people = await office.people()
    assert [people[email]["number"] for email in emails] == [bo.number, ana.number]
    await check_people(office.look)


async def test_a_number_waits_for_its_holder_to_be_given_another_one(office: Office, world: World) -> None:
    ana = world.people[0]
    email = (await office.look.row("users", ana.user_id))["email"]
    fresh = new_number()
    given_another, takes_it = office.row(email, fresh), office.row("cy@example.com", ana.number)
    refused = await office.users({**given_another, "Location": "Mars"}, takes_it, skip_invalid=True)
    assert faults(refused) == [(2, "Location"), (3, "Phone Number")]
    result = await office.users(takes_it, given_another)
    assert (result.created, result.moved) == (1, 2)
    people = await office.people()
    assert (people[email]["number"], people["cy@example.com"]["number"]) == (fresh, ana.number)
    await check_people(office.look)


async def test_who_gets_another_number_gives_the_old_one_back(office: Office, world: World) -> None:
    ana = world.people[0]
    email = (await office.look.row("users", ana.user_id))["email"]
    fresh = new_number()
    await office.users(office.row(email, fresh))
    assert (await office.look.row("phone_numbers", ana.number_id))["owner_id"] is None
    assert (await office.people())[email]["number"] == fresh
    actions = [each.action for each in await office.look.records() if each.correlation_id]
    assert actions.count("number:unassign") == actions.count("number:assign") == actions.count("number:add") == 1
    await check_people(office.look)


async def test_a_leavers_number_goes_to_whom_the_file_says(office: Office, world: World) -> None:
    ana, bo = world.people
    emails = [(await office.look.row("users", each.user_id))["email"] for each in world.people]
    result = await office.users(office.row(emails[0], status="Inactive"), office.row("cy@example.com", ana.number))
    assert (result.created, result.moved, result.deactivated) == (1, 1, 1)
    result = await office.users(office.row("di@example.com", bo.number), deactivate_missing=True)
    assert result.deactivated == 2
    people = await office.people()
    assert (people["cy@example.com"]["number"], people["di@example.com"]["number"]) == (ana.number, bo.number)
    assert people[emails[0]]["number"] is None
    await check_people(office.look)


async def test_a_number_of_another_organization_is_refused(office: Office, store: Store) -> None:
    theirs = (await new_world(store)).people[0].number
    rows = [office.row("ana@example.com", theirs), office.row("bo@example.com", new_number())]
    async with office.look.only(record=1):
        result = await office.users(*rows)
    assert faults(result) == [(2, "Phone Number")]
    assert "another organization" in result.faults[0].reason
    result = await office.users(*rows, skip_invalid=True)
    assert (result.created, result.moved, faults(result)) == (1, 1, [(2, "Phone Number")])
    await check_people(office.look)


async def test_a_number_that_is_an_alternate_one_becomes_the_primary(office: Office, store: Store) -> None:
    number = new_number()
    await office.users(office.row("ana@example.com", number))
    number_id = (await office.people())["ana@example.com"]["primary_number_id"]
    wanted = NumberAssignment(id=number_id, type=PhoneNumberType.ALTERNATE)
    await answer(store, office.org_id, PROVIDER, lambda tx: assign_number(tx, wanted))
    assert counts(await office.users(office.row("ana@example.com", number))) == {"moved": 1}
    assert (await office.people())["ana@example.com"]["number"] == number
    await check_people(office.look)


async def test_sources_and_campaigns_change_where_the_file_says(office: Office, world: World) -> None:
    use_case = await _use_case(office, world)
    number = new_number()
    await office.users(office.row("ana@example.com", number))
    result = await office.users(office.row("ana@example.com", number, number="LOCAL_GATEWAY", campaign=use_case))
    assert counts(result) == {"changed": 1}
    [row] = [row for row in await office.look.rows("phone_numbers") if row["phone_number"] == number]
    assert (row["assigned_by"], row["assignment_status"]) == ("LOCAL_GATEWAY", "PENDING_ASSIGNMENT")
    assert row["campaign_id"] == world.campaign_id
    await check_people(office.look)


async def test_a_campaign_takes_no_more_numbers_than_the_policy_says(office: Office, world: World) -> None:
    use_case = await _use_case(office, world)
    room = DEFAULT_POLICY.campaign_numbers_max.value - len(world.people)
    rows = [office.row(new_email(), new_number(), campaign=use_case) for _ in range(room + 2)]
    result = await office.users(*rows)
    assert faults(result) == [(room + 2, "Campaign"), (room + 3, "Campaign")]
    result = await office.users(*rows, skip_invalid=True)
    assert (result.created, result.moved) == (room, room)


async def test_a_number_stays_in_its_campaign_until_that_ends(office: Office, world: World) -> None:
    other = NewCampaign(use_case="MARKETING", description="Offers", sample_messages=("Hello",))
    await world.answer(world.org_admin, lambda tx: submit_campaign(tx, other))
    email = (await office.look.row("users", world.people[0].user_id))["email"]
    result = await office.users(office.row(email, world.people[0].number, campaign="MARKETING"))
    assert faults(result) == [(2, "Campaign")]
    assert "ASSIGNED" in result.faults[0].reason


async def test_a_name_that_two_locations_have_names_neither(office: Office, world: World) -> None:
    await new_location(world.store, world.org_id, name=office.location.upper())
    result = await office.users(office.row("ana@example.com"))
    assert faults(result) == [(2, "Location")]
    assert "several" in result.faults[0].reason


async def test_only_an_operator_of_the_provider_imports(office: Office, world: World) -> None:
    path = office.write(office.row("ana@example.com"))
    with pytest.raises(ImportRefused, match="PROVIDER_ADMIN"):
        await import_users(world.store, world.org_id, path, principal=world.org_admin)
    with pytest.raises(ImportRefused, match="check the id"):
        await import_users(world.store, uuid4(), path, principal=OPERATOR)
    assert len(await office.look.rows("users")) == 2


async def test_progress_is_told_from_nothing_to_all(office: Office) -> None:
    told: list[tuple[int, int]] = []
    rows = [office.row(new_email(), new_number()) for _ in range(3)]
    await office.users(*rows, progress=lambda done, total: told.append((done, total)))
    assert told[0] == (0, 6)
    assert told[-1] == (6, 6)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


async def test_a_sample_of_many_users_is_carried_out(store: Store, stored: Look, tmp_path: Path) -> None:
    org_id = await new_org(store)
    look = stored(org_id)
    (tmp_path / "users.csv").write_bytes(sample.users_csv(1_500))
    (tmp_path / "locations.csv").write_bytes(sample.locations_csv())
    await import_locations(store, org_id, tmp_path / "locations.csv", principal=OPERATOR)
    first = await import_users(store, org_id, tmp_path / "users.csv", principal=OPERATOR)
    assert (first.created, first.faults) == (1_500 - first.skipped, ())
    assert len(await look.rows("users")) == first.created
    again = await import_users(store, org_id, tmp_path / "users.csv", principal=OPERATOR)
    assert (again.total, again.unchanged) == (0, first.created)


async def _use_case(office: Office, world: World) -> str:
    row = await office.look.row("campaigns", world.campaign_id)
    return str(row["use_case"])
