"""Organizations are created with a log of their own, say things of themselves, and are told what was sold to them."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from audit.actions import Action
from core.commands.absent import ABSENT
from core.commands.entitlements import CallingPlan, License, SetEntitlements
from core.commands.orgs import CreateOrg, UpdateOrg, create_org, set_entitlements, update_org
from core.commands.refusals import InvalidInput, NotFound, VersionConflict
from core.commands.transaction import Answer, Store, perform
from core.ids import SYSTEM_ORG_ID
from core.principal import Role
from core.rules.enums import CustomerType
from tests.integration.commands.stored import Stored
from tests.integration.worlds import PROVIDER, answer, attempt, member, new_org, refusal

PLAN = CallingPlan(provider="CISCO", countries=("us", "CA", "US"))


async def create(store: Store, **told: object) -> Answer:
    wanted = CreateOrg(**{"name": "Acme", "customer_type": CustomerType.ENTERPRISE, **told})  # type: ignore[arg-type]
    return await answer(store, SYSTEM_ORG_ID, PROVIDER, lambda tx: create_org(tx, wanted), action=Action.ORG_CREATE)


async def update(store: Store, org_id: UUID, **told: object) -> Answer:
    wanted = UpdateOrg(**told)  # type: ignore[arg-type]
    return await answer(store, org_id, member(org_id, Role.ORG_ADMIN), lambda tx: update_org(tx, wanted))


async def sell(store: Store, org_id: UUID, **told: object) -> Answer:
    wanted = SetEntitlements(**told)  # type: ignore[arg-type]
    said = {"action": Action.ORG_ENTITLEMENTS_UPDATE, "reason": "order 7", "reason_required": True}
    return await answer(store, org_id, PROVIDER, lambda tx: set_entitlements(tx, wanted), **said)


async def problems_of(store: Store, org_id: UUID, change) -> list[tuple[tuple[str, ...], str]]:
    refused = await refusal(store, org_id, PROVIDER, change)
    assert isinstance(refused, InvalidInput)
    return [(each.path, each.code) for each in refused.problems]


async def test_an_organization_is_created_with_its_record_in_its_own_log(
    store: Store, stored: Callable[[UUID], Stored]
) -> None:
    before = len(await stored(SYSTEM_ORG_ID).records())
    made = await create(
        store, name="  Acme  ", calling_plan=PLAN, texting_add_on=License(total_units=5), handles_phi=False
    )
    org_id, record_id = UUID(str(made.refs["org_ref"])), UUID(str(made.refs["record_ref"]))
    row = await stored(org_id).row("orgs", org_id)
    assert (row["name"], row["customer_type"], row["calling_plan_provider"]) == ("Acme", "ENTERPRISE", "CISCO")
    assert (row["calling_plan_countries"], row["add_on_units"], row["add_on_suspended"]) == (["CA", "US"], 5, False)
    assert (row["handles_phi"], row["healthcare"], row["texting_enabled"]) == (False, None, False)
    assert (row["texting_set_at"], row["version"], row["last_audit_id"]) == (None, 1, record_id)
    [record] = await stored(org_id).records()
    assert (record.id, record.action, record.target.id, record.target.name) == (
        record_id,
        "org:create",
        org_id,
        "Acme",
    )
    assert (record.actor.subject, record.actor.org_id) == ("provider", SYSTEM_ORG_ID)
    assert record.after is not None
    assert (record.after["name"], record.after["addOnUnits"]) == ("Acme", 5)
    assert "healthcare" not in record.after
    known = await stored(org_id).facts(org_id)
    assert (known["customer_type"], known["add_on_units"], known["handles_phi"]) == ("ENTERPRISE", 5, False)
    assert len(await stored(SYSTEM_ORG_ID).records()) == before
    await stored(org_id).check_signatures()


async def test_what_was_never_recorded_differs_from_what_is_recorded_to_be_none(
    store: Store, stored: Callable[[UUID], Stored]
) -> None:
    unknown = UUID(str((await create(store)).refs["org_ref"]))
    none = UUID(str((await create(store, calling_plan=None, texting_add_on=None)).refs["org_ref"]))
    row = await stored(unknown).row("orgs", unknown)
    assert (row["calling_plan_countries"], row["add_on_units"]) == (None, None)
    assert row["signature"].startswith("UPU")
    row = await stored(none).row("orgs", none)
    assert (row["calling_plan_countries"], row["add_on_units"]) == ([], 0)
    assert row["signature"].startswith("FPF")


async def test_a_switch_given_at_creation_says_who_set_it(store: Store, stored: Callable[[UUID], Stored]) -> None:
    made = await create(store, texting_enabled=True)
    org_id = UUID(str(made.refs["org_ref"]))
    row = await stored(org_id).row("orgs", org_id)
    assert (row["texting_enabled"], row["texting_set_by"]) == (True, "provider")
    assert row["texting_audit_id"] == UUID(str(made.refs["record_ref"]))
    assert (await stored(org_id).facts(org_id))["texting_enabled"] is True


async def test_everything_wrong_with_a_new_organization_is_listed(
    store: Store, stored: Callable[[UUID], Stored]
) -> None:
    wanted = CreateOrg(
        name="",
        customer_type=CustomerType.TRIAL,
        calling_plan=CallingPlan(provider="x" * 129, countries=("USA", "XX")),
        texting_add_on=License(total_units=-1, suspended=None),
    )
    found = await problems_of(store, SYSTEM_ORG_ID, lambda tx: create_org(tx, wanted))
    assert found == [
        (("name",), "EMPTY"),
        (("callingPlan", "provider"), "TOO_LONG"),
        (("callingPlan", "countries", "0"), "UNKNOWN_COUNTRY"),
        (("callingPlan", "countries", "1"), "UNKNOWN_COUNTRY"),
        (("textingAddOn", "totalUnits"), "OUT_OF_RANGE"),
        (("textingAddOn", "suspended"), "NOT_CLEARABLE"),
    ]


async def test_two_organizations_may_have_one_name(store: Store) -> None:
    made = await asyncio.gather(*(create(store, name="Twin") for _ in range(3)))
    assert len({each.refs["org_ref"] for each in made}) == 3


async def test_what_is_absent_stays_and_what_is_null_is_cleared(store: Store, stored: Callable[[UUID], Stored]) -> None:
    org_id = await new_org(store, name="Before", handles_phi=False, healthcare=True)
    made = await update(store, org_id, name="After", handles_phi=None)
    row = await stored(org_id).row("orgs", org_id)
    assert (row["name"], row["handles_phi"], row["healthcare"], row["version"]) == ("After", None, True, 2)
    record = await stored(org_id).record(str(made.refs["record_ref"]))
    assert (record.before, record.after) == (
        {"name": "Before", "handlesPhi": False},
        {"name": "After", "handlesPhi": None},
    )
    assert (record.target.name, record.target.version) == ("Before", 1)
    assert (await stored(org_id).facts(org_id))["handles_phi"] is None
    await stored(org_id).check_signatures()


async def test_nothing_different_is_recorded_as_nothing(store: Store, stored: Callable[[UUID], Stored]) -> None:
    org_id = await new_org(store, name="Same")
    row = await stored(org_id).row("orgs", org_id)
    async with stored(org_id).only(record=2):
        made = await update(store, org_id, name="Same", handles_phi=False)
        await update(store, org_id)
    assert await stored(org_id).row("orgs", org_id) == row
    record = await stored(org_id).record(str(made.refs["record_ref"]))
    assert (record.before, record.after) == ({}, {})


async def test_a_name_cannot_be_cleared_nor_the_future_told(store: Store) -> None:
    org_id = await new_org(store)
    wanted = UpdateOrg(name=None, effective_from=datetime.now(UTC) + timedelta(minutes=1))
    found = await problems_of(store, org_id, lambda tx: update_org(tx, wanted))
    assert found == [(("name",), "NOT_CLEARABLE"), (("effectiveFrom",), "IN_THE_FUTURE")]


async def test_a_fact_that_held_from_earlier_on_is_news_even_unchanged(
    store: Store, stored: Callable[[UUID], Stored]
) -> None:
    org_id = await new_org(store, handles_phi=True)
    since = datetime.now(UTC).replace(microsecond=0) - timedelta(days=9)
    async with stored(org_id).only(record=1, fact_versions=2):
        await update(store, org_id, handles_phi=True, effective_from=since)
    assert await stored(org_id).facts(org_id, since) == {"handles_phi": True}


async def test_a_change_upon_another_version_is_refused(store: Store, stored: Callable[[UUID], Stored]) -> None:
    org_id = await new_org(store)
    await update(store, org_id, name="First", expected_version=1)
    for change in (
        lambda tx: update_org(tx, UpdateOrg(name="Second", expected_version=1)),
        lambda tx: set_entitlements(tx, SetEntitlements(texting_add_on=None, expected_version=1)),
    ):
        async with stored(org_id).only(record=1):
            refused = await refusal(store, org_id, PROVIDER, change)
        assert isinstance(refused, VersionConflict)
        assert (refused.current_version, refused.type, refused.id) == (2, "Org", org_id)
    assert (await stored(org_id).row("orgs", org_id))["name"] == "First"


async def test_of_two_changes_upon_one_version_one_is_refused(store: Store, stored: Callable[[UUID], Stored]) -> None:
    org_id = await new_org(store)
    found = await asyncio.gather(
        *(
            perform(
                store,
                attempt(org_id, PROVIDER),
                lambda tx, name=name: update_org(tx, UpdateOrg(name=name, expected_version=1)),
            )
            for name in ("First", "Second", "Third")
        )
    )
    assert sorted(type(each).__name__ for each in found) == ["Answer", "VersionConflict", "VersionConflict"]
    assert (await stored(org_id).row("orgs", org_id))["version"] == 2


async def test_entitlements_change_what_they_name(store: Store, stored: Callable[[UUID], Stored]) -> None:
    org_id = await new_org(store)
    add_on = (await stored(org_id).row("orgs", org_id))["add_on_id"]
    made = await sell(store, org_id, customer_type=CustomerType.ONLINE, calling_plan=PLAN)
    row = await stored(org_id).row("orgs", org_id)
    assert (row["customer_type"], row["calling_plan_countries"], row["add_on_units"]) == ("ONLINE", ["CA", "US"], 1_000)
    record = await stored(org_id).record(str(made.refs["record_ref"]))
    assert (record.action, record.reason) == ("org:entitlements:update", "order 7")
    assert record.after == {"customerType": "ONLINE", "callingPlanCountries": ["CA", "US"]}
    await sell(store, org_id, texting_add_on=License(total_units=3, suspended=True))
    await sell(store, org_id, texting_add_on=License(total_units=4))
    row = await stored(org_id).row("orgs", org_id)
    assert (row["add_on_units"], row["add_on_suspended"], row["add_on_id"]) == (4, True, add_on)
    await sell(store, org_id, texting_add_on=License(total_units=4, suspended=False), calling_plan=None)
    row = await stored(org_id).row("orgs", org_id)
    assert (row["add_on_suspended"], row["calling_plan_provider"], row["calling_plan_countries"]) == (False, None, [])
    await sell(store, org_id, texting_add_on=None)
    row = await stored(org_id).row("orgs", org_id)
    assert (row["add_on_id"], row["add_on_units"], row["add_on_suspended"]) == (None, 0, False)
    assert (await stored(org_id).facts(org_id))["add_on_units"] == 0
    await stored(org_id).check_signatures()


async def test_what_was_sold_needs_a_type_a_country_and_a_reason(store: Store) -> None:
    org_id = await new_org(store)
    wanted = SetEntitlements(customer_type=None, calling_plan=CallingPlan(provider="CISCO", countries=()))
    found = await problems_of(store, org_id, lambda tx: set_entitlements(tx, wanted))
    assert found == [(("customerType",), "NOT_CLEARABLE"), (("callingPlan", "countries"), "EMPTY")]
    for reason in (None, "", "  ", "x" * 1_001, "a\0b"):
        refused = await refusal(
            store,
            org_id,
            PROVIDER,
            lambda tx: set_entitlements(tx, SetEntitlements(texting_add_on=None)),
            reason=reason,
            reason_required=True,
        )
        assert isinstance(refused, InvalidInput)
        assert [each.path for each in refused.problems] == [("reason",)]


@pytest.mark.parametrize("change", [lambda tx: update_org(tx, UpdateOrg(name=ABSENT))])
async def test_an_organization_that_is_not_there_is_not_found(store: Store, change) -> None:
    refused = await refusal(store, uuid4(), PROVIDER, change)
    assert isinstance(refused, NotFound)
    assert refused.argument == "orgId"
