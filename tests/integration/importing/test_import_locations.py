"""A file of locations is carried out whole, or not at all."""

from pathlib import Path

import pytest

from core.commands.transaction import Store
from tests.integration.commands.desk import Look
from tests.integration.importing.files import Office, counts, faults
from tests.integration.worlds import new_location, new_org
from texting.importing import sample
from texting.importing.table import FileRefused

HEADER = "Location Name,Address Country,Address Line 1,City,State,Postal Code,Time Zone,PSTN Connection\n"
BOSTON = 'Boston,US,"1 Main Street,\nFloor 2",Boston,MA,02108,America/New_York,Cisco PSTN\n'


@pytest.fixture
async def office(store: Store, tmp_path: Path, stored: Look) -> Office:
    org_id = await new_org(store)
    return Office(store, org_id, tmp_path, stored(org_id), "")


async def test_new_locations_enter(office: Office) -> None:
    async with office.look.only(record=2, locations=1, fact_versions=1):
        result = await office.locations_file(HEADER + BOSTON)
    assert (counts(result), result.written) == ({"created": 1}, True)
    [row] = await office.look.rows("locations")
    assert (row["name"], row["line1"], row["region"]) == ("Boston", "1 Main Street, Floor 2", "MA")
    assert (row["time_zone"], row["pstn_connection_type"]) == ("America/New_York", "CISCO_PSTN")
    records = [each for each in await office.look.records() if each.correlation_id == str(result.record_id)]
    assert sorted(each.action for each in records) == ["directory:import", "location:create"]
    await office.look.check_signatures()


async def test_the_same_file_again_changes_nothing(office: Office) -> None:
    content = sample.locations_csv().decode("utf-8-sig")
    first = await office.locations_file(content)
    async with office.look.only(record=1):
        again = await office.locations_file(content)
    assert counts(again) == {"unchanged": first.created}


async def test_locations_that_are_there_are_changed_where_the_file_differs(office: Office) -> None:
    await office.locations_file(HEADER + BOSTON)
    moved = "BOSTON,CA,,Toronto,,,America/Toronto,Local Gateway\n"
    result = await office.locations_file(HEADER + moved)
    assert counts(result) == {"updated": 1}
    [row] = await office.look.rows("locations")
    assert (row["name"], row["country"], row["city"], row["region"]) == ("Boston", "CA", "Toronto", "MA")
    assert (row["line1"], row["pstn_connection_type"]) == ("1 Main Street, Floor 2", "LOCAL_GATEWAY")
    await office.look.check_signatures()


async def test_refused_rows_are_named_and_nothing_is_written(office: Office, store: Store) -> None:
    for _ in range(2):
        await new_location(store, office.org_id, name="Twin")
    content = (
        HEADER + BOSTON + "Rome,ZZ,,,,,Europe/Rome,Carrier pigeon\nTwin,US,,,,,Mars/Base,CISCO_PSTN\n,US,,,,,UTC,\n"
    )
    async with office.look.only(record=1):
        result = await office.locations_file(content)
    assert faults(result) == [
        (4, "Address Country"),
        (4, "PSTN Connection"),
        (5, "Time Zone"),
        (6, "Location Name"),
        (6, "PSTN Connection"),
    ]
    result = await office.locations_file(HEADER + "Twin,US,,,,,UTC,CISCO_PSTN\n")
    assert faults(result) == [(2, "Location Name")]
    result = await office.locations_file(content, skip_invalid=True)
    assert counts(result) == {"created": 1}


async def test_a_dry_run_writes_nothing(office: Office) -> None:
    before = await office.look.everything()
    result = await office.locations_file(HEADER + BOSTON, dry_run=True)
    assert (counts(result), result.written) == ({"created": 1}, False)
    assert await office.look.everything() == before


async def test_a_file_without_its_columns_is_refused(office: Office) -> None:
    with pytest.raises(FileRefused, match="Time Zone"):
        await office.locations_file("Location Name,Address Country\nBoston,US\n")
