"""Locations are created and changed by the set, each with its record, its facts and its signature."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from audit.actions import Action
from core.commands.locations import (
    Address,
    LocationChange,
    NewLocation,
    create_location,
    create_locations,
    update_location,
    update_locations,
)
from core.commands.refusals import InvalidInput, NotFound, VersionConflict
from core.commands.transaction import Answer, Store, Transaction
from core.principal import Role
from core.rules.enums import PstnConnectionType
from tests.integration.commands.stored import Stored
from tests.integration.worlds import PROVIDER, answer, member, new_location, new_org, refusal

HERE = NewLocation(
    name="Boise",
    address=Address(country="us", region="ID", city="Boise", line1="1 Main St", postal_code="83701"),
    time_zone="America/Boise",
    pstn_connection_type=PstnConnectionType.CISCO_PSTN,
)


async def create(store: Store, org_id: UUID, wanted: NewLocation = HERE) -> Answer:
    admin = member(org_id, Role.ORG_ADMIN)
    return await answer(store, org_id, admin, lambda tx: create_location(tx, wanted), action=Action.LOCATION_CREATE)


async def update(store: Store, org_id: UUID, id: UUID, **told: object) -> Answer:
    wanted = LocationChange(id=id, **told)  # type: ignore[arg-type]
    return await answer(store, org_id, member(org_id, Role.ORG_ADMIN), lambda tx: update_location(tx, wanted))


async def test_a_location_is_created_with_its_record_facts_and_signature(
    store: Store, stored: Callable[[UUID], Stored]
) -> None:
    org_id = await new_org(store)
    made = await create(store, org_id)
    id, record_id = UUID(str(made.refs["location_ref"])), UUID(str(made.refs["record_ref"]))
    row = await stored(org_id).row("locations", id)
    assert (row["name"], row["country"], row["region"], row["city"]) == ("Boise", "US", "ID", "Boise")
    assert (row["line1"], row["postal_code"], row["time_zone"]) == ("1 Main St", "83701", "America/Boise")
    assert (row["texting"], row["version"], row["last_audit_id"]) == ("INHERIT", 1, record_id)
    record = await stored(org_id).record(record_id)
    assert (record.action, record.target.id, record.location_id) == ("location:create", id, id)
    assert record.after is not None
    assert (record.after["postalCode"], record.after["pstnConnectionType"]) == ("83701", "CISCO_PSTN")
    assert await stored(org_id).facts(id) == {
        "country": "US",
        "pstn_connection_type": "CISCO_PSTN",
        "texting": "INHERIT",
        "texting_locked": False,
    }
    await stored(org_id).check_signatures()


async def test_many_are_created_with_a_record_each_in_their_order(
    store: Store, stored: Callable[[UUID], Stored]
) -> None:
    org_id = await new_org(store)
    wanted = [NewLocation(**{**_fields(HERE), "name": f"Place {at}"}) for at in range(30)]
    made: list[Any] = []

    async def change(tx: Transaction) -> Answer:
        made.extend(await create_locations(tx, wanted))
        return Answer(type="test", refs={})

    async with stored(org_id).only(record=30, locations=30, fact_versions=30):
        await answer(store, org_id, PROVIDER, change)
    rows = {row["id"]: row for row in await stored(org_id).rows("locations")}
    assert [rows[each.id]["name"] for each in made] == [each.name for each in wanted]
    records = await stored(org_id).records("location:create")
    assert [(each.id, each.target.id) for each in records] == [(each.audit_id, each.id) for each in made]


async def test_what_is_wrong_with_one_of_many_is_named_by_its_place(
    store: Store, stored: Callable[[UUID], Stored]
) -> None:
    org_id = await new_org(store)
    bad = NewLocation(
        name=" ",
        address=Address(country="Utopia", city="x" * 257),
        time_zone="Mars/Olympus",
        pstn_connection_type=PstnConnectionType.UNKNOWN,
    )

    async def change(tx: Transaction) -> Answer:
        await create_locations(tx, [HERE, bad])
        raise AssertionError("unreachable")

    async with stored(org_id).only(record=1):
        refused = await refusal(store, org_id, PROVIDER, change)
    assert isinstance(refused, InvalidInput)
    assert [(each.path, each.code) for each in refused.problems] == [
        (("1", "name"), "EMPTY"),
        (("1", "address", "country"), "UNKNOWN_COUNTRY"),
        (("1", "address", "city"), "TOO_LONG"),
        (("1", "timeZone"), "UNKNOWN_TIME_ZONE"),
    ]


async def test_what_is_absent_stays_and_an_address_is_replaced_whole(
    store: Store, stored: Callable[[UUID], Stored]
) -> None:
    org_id = await new_org(store)
    id = UUID(str((await create(store, org_id)).refs["location_ref"]))
    made = await update(
        store,
        org_id,
        id,
        address=Address(country="MX", city=" "),
        pstn_connection_type=PstnConnectionType.LOCAL_GATEWAY,
    )
    row = await stored(org_id).row("locations", id)
    assert (row["name"], row["time_zone"]) == ("Boise", "America/Boise")
    assert (row["country"], row["region"], row["city"], row["line1"]) == ("MX", None, None, None)
    assert (row["version"], row["signature"]) == (2, "FF")
    record = await stored(org_id).record(str(made.refs["record_ref"]))
    assert record.before is not None
    assert record.after is not None
    assert record.before["country"] == "US"
    assert record.after == {
        "country": "MX",
        "region": None,
        "city": None,
        "line1": None,
        "postalCode": None,
        "pstnConnectionType": "LOCAL_GATEWAY",
    }
    known = await stored(org_id).facts(id)
    assert (known["country"], known["pstn_connection_type"]) == ("MX", "LOCAL_GATEWAY")
    await stored(org_id).check_signatures()


async def test_nothing_can_be_cleared(store: Store) -> None:
    org_id = await new_org(store)
    id = await new_location(store, org_id)
    wanted = LocationChange(
        id=id,
        name=None,
        address=None,
        time_zone=None,
        pstn_connection_type=None,
        effective_from=datetime.now(UTC) + timedelta(days=1),
    )
    refused = await refusal(store, org_id, PROVIDER, lambda tx: update_location(tx, wanted))
    assert isinstance(refused, InvalidInput)
    assert [(each.path, each.code) for each in refused.problems] == [
        (("name",), "NOT_CLEARABLE"),
        (("address",), "NOT_CLEARABLE"),
        (("timeZone",), "NOT_CLEARABLE"),
        (("pstnConnectionType",), "NOT_CLEARABLE"),
        (("effectiveFrom",), "IN_THE_FUTURE"),
    ]


async def test_a_move_can_be_told_late(store: Store, stored: Callable[[UUID], Stored]) -> None:
    org_id = await new_org(store)
    id = await new_location(store, org_id)
    earlier = datetime.now(UTC).replace(microsecond=0) - timedelta(days=40)
    await update(store, org_id, id, address=Address(country="CA"), effective_from=earlier)
    for at in (earlier, earlier + timedelta(days=1), None):
        assert (await stored(org_id).facts(id, at))["country"] == "CA"
    assert await stored(org_id).facts(id, earlier - timedelta(seconds=1)) == {}


async def test_a_name_changes_no_fact(store: Store, stored: Callable[[UUID], Stored]) -> None:
    org_id = await new_org(store)
    id = await new_location(store, org_id)
    async with stored(org_id).only(record=1):
        await update(store, org_id, id, name="New")
    row = await stored(org_id).row("locations", id)
    async with stored(org_id).only(record=1):
        await update(store, org_id, id, name="New")
    assert await stored(org_id).row("locations", id) == row


async def test_a_change_upon_another_version_is_refused(store: Store) -> None:
    org_id = await new_org(store)
    id = await new_location(store, org_id)
    await update(store, org_id, id, name="First", expected_version=1)
    wanted = LocationChange(id=id, name="Second", expected_version=1)
    refused = await refusal(store, org_id, PROVIDER, lambda tx: update_location(tx, wanted))
    assert isinstance(refused, VersionConflict)
    assert (refused.current_version, refused.type, refused.id) == (2, "Location", id)


async def test_a_location_of_another_organization_is_not_found(store: Store, stored: Callable[[UUID], Stored]) -> None:
    org_id, other = await new_org(store), await new_org(store)
    elsewhere = await new_location(store, other)
    for unknown in (elsewhere, uuid4()):
        wanted = LocationChange(id=unknown, name="Mine")
        refused = await refusal(store, org_id, PROVIDER, lambda tx, wanted=wanted: update_location(tx, wanted))
        assert isinstance(refused, NotFound)
        assert refused.argument == "locationId"
    assert (await stored(other).row("locations", elsewhere))["version"] == 1


async def test_one_that_is_not_there_keeps_all_of_them_unchanged(
    store: Store, stored: Callable[[UUID], Stored]
) -> None:
    org_id = await new_org(store)
    id = await new_location(store, org_id)
    changes = [LocationChange(id=each, name="New") for each in (id, uuid4())]

    async def change(tx: Transaction) -> Answer:
        await update_locations(tx, changes)
        raise AssertionError("unreachable")

    before = await stored(org_id).row("locations", id)
    refused = await refusal(store, org_id, PROVIDER, change)
    assert isinstance(refused, NotFound)
    assert await stored(org_id).row("locations", id) == before


async def test_rival_changes_of_many_wait_for_each_other(store: Store, stored: Callable[[UUID], Stored]) -> None:
    org_id = await new_org(store)
    ids = [await new_location(store, org_id) for _ in range(6)]

    async def rename(name: str, order: list[UUID]) -> None:
        async def change(tx: Transaction) -> Answer:
            await update_locations(tx, [LocationChange(id=id, name=name) for id in order])
            return Answer(type="test", refs={})

        await answer(store, org_id, PROVIDER, change)

    await asyncio.gather(*(rename(f"Name {at}", ids if at % 2 else ids[::-1]) for at in range(8)))
    rows = await stored(org_id).rows("locations")
    assert len({row["name"] for row in rows}) == 1
    assert {row["version"] for row in rows} == {1 + 8}


@pytest.mark.parametrize(
    ("country", "connection", "signature"),
    [
        ("US", PstnConnectionType.CISCO_PSTN, "PP"),
        ("CA", PstnConnectionType.INTEGRATED_CCP, "PF"),
        ("GB", PstnConnectionType.UNKNOWN, "FU"),
    ],
)
async def test_the_signature_says_what_holds_there(
    store: Store, stored: Callable[[UUID], Stored], country: str, connection: PstnConnectionType, signature: str
) -> None:
    org_id = await new_org(store)
    id = await new_location(store, org_id, address=Address(country=country), pstn_connection_type=connection)
    assert (await stored(org_id).row("locations", id))["signature"] == signature


def _fields(wanted: NewLocation) -> dict[str, Any]:
    return {name: getattr(wanted, name) for name in NewLocation.__dataclass_fields__}
