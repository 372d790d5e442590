"""A campaign is handed in for a brand, and moves by what the registry and carriers answer."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from audit.actions import Action
from core.commands.brands import BrandStatusChange, NewBrand, record_brand_status, register_brand
from core.commands.campaigns import CampaignStatusChange, NewCampaign, record_campaign_status, submit_campaign
from core.commands.refusals import InvalidInput, NotFound, WrongState
from core.commands.transaction import Answer, Store, perform
from core.principal import Role
from core.rules.enums import BrandStatus, CampaignStatus, CarrierStatus
from core.rules.states import CAMPAIGN, may_become
from tests.integration.commands.stored import Stored
from tests.integration.worlds import PROVIDER, answer, attempt, member, new_org, refusal

OURS = NewCampaign(use_case="CUSTOMER_CARE", description="Answers\nto customers", sample_messages=("Hello", "Bye"))
REVIEWED = (CampaignStatus.REGISTRY_REVIEW, CampaignStatus.CARRIER_REVIEW)
PATHS = {
    CampaignStatus.SUBMITTED: (),
    CampaignStatus.REGISTRY_REVIEW: REVIEWED[:1],
    CampaignStatus.REGISTRY_REJECTED: (CampaignStatus.REGISTRY_REVIEW, CampaignStatus.REGISTRY_REJECTED),
    CampaignStatus.CARRIER_REVIEW: REVIEWED,
    CampaignStatus.ACTIVE: (*REVIEWED, CampaignStatus.ACTIVE),
    CampaignStatus.SUSPENDED: (*REVIEWED, CampaignStatus.ACTIVE, CampaignStatus.SUSPENDED),
    CampaignStatus.EXPIRED: (*REVIEWED, CampaignStatus.ACTIVE, CampaignStatus.EXPIRED),
    CampaignStatus.DEACTIVATED: (CampaignStatus.DEACTIVATED,),
}
"""How a campaign gets where it stands; DRAFT is reserved."""


async def branded(store: Store, *statuses: BrandStatus) -> tuple[UUID, UUID]:
    """An organization with a brand that went through these statuses."""
    org_id = await new_org(store)
    brand = NewBrand(legal_name="Example Inc.")
    made = await answer(store, org_id, PROVIDER, lambda tx: register_brand(tx, brand))
    brand_id = UUID(str(made.refs["brand_ref"]))
    for status in statuses:
        change = BrandStatusChange(brand_id=brand_id, registration=status)
        await answer(store, org_id, PROVIDER, lambda tx, change=change: record_brand_status(tx, change))
    return org_id, brand_id


async def submit(store: Store, org_id: UUID, wanted: NewCampaign = OURS) -> Answer:
    admin = member(org_id, Role.ORG_ADMIN)
    return await answer(store, org_id, admin, lambda tx: submit_campaign(tx, wanted), action=Action.CAMPAIGN_SUBMIT)


async def say(store: Store, org_id: UUID, campaign_id: UUID, **told: object) -> Answer:
    change = CampaignStatusChange(campaign_id=campaign_id, **told)  # type: ignore[arg-type]
    return await answer(store, org_id, PROVIDER, lambda tx: record_campaign_status(tx, change))


async def refuse(store: Store, org_id: UUID, campaign_id: UUID, **told: object):
    change = CampaignStatusChange(campaign_id=campaign_id, **told)  # type: ignore[arg-type]
    return await refusal(store, org_id, PROVIDER, lambda tx: record_campaign_status(tx, change))


async def campaign_at(store: Store, org_id: UUID, status: CampaignStatus = CampaignStatus.SUBMITTED) -> UUID:
    """A campaign that stands there."""
    campaign_id = UUID(str((await submit(store, org_id)).refs["campaign_ref"]))
    for step in PATHS[status]:
        await say(store, org_id, campaign_id, status=step)
    return campaign_id


async def test_a_campaign_begins_submitted_with_its_record_and_facts(
    store: Store, stored: Callable[[UUID], Stored]
) -> None:
    org_id, brand_id = await branded(store, BrandStatus.APPROVED)
    made = await submit(store, org_id)
    assert made.type == "CampaignSubmitted"
    campaign_id, record_id = UUID(str(made.refs["campaign_ref"])), UUID(str(made.refs["record_ref"]))
    row = await stored(org_id).row("campaigns", campaign_id)
    assert (row["brand_id"], row["use_case"], row["description"]) == (brand_id, OURS.use_case, OURS.description)
    assert (row["sample_messages"], row["status"], row["carriers"]) == (["Hello", "Bye"], "SUBMITTED", [])
    assert (row["version"], row["last_audit_id"], row["since"]) == (1, record_id, row["created_at"])
    record = await stored(org_id).record(record_id)
    assert (record.action, record.target.type, record.target.id) == ("campaign:submit", "Campaign", campaign_id)
    assert record.after is not None
    assert (record.after["status"], record.after["sampleMessages"]) == ("SUBMITTED", ["Hello", "Bye"])
    assert brand_id in record.involves
    assert await stored(org_id).facts(campaign_id) == {"status": "SUBMITTED"}
    await stored(org_id).check_signatures()


@pytest.mark.parametrize("statuses", [(), (BrandStatus.IN_REVIEW,), (BrandStatus.APPROVED,)])
async def test_a_campaign_may_wait_for_its_brand(store: Store, statuses: tuple[BrandStatus, ...]) -> None:
    org_id, _ = await branded(store, *statuses)
    assert (await submit(store, org_id)).type == "CampaignSubmitted"


@pytest.mark.parametrize("statuses", [(BrandStatus.FAILED,), (BrandStatus.APPROVED, BrandStatus.SUSPENDED)])
async def test_a_brand_that_does_not_stand_has_no_new_campaigns(
    store: Store, stored: Callable[[UUID], Stored], statuses: tuple[BrandStatus, ...]
) -> None:
    org_id, _ = await branded(store, *statuses)
    async with stored(org_id).only(record=1):
        refused = await refusal(store, org_id, PROVIDER, lambda tx: submit_campaign(tx, OURS))
    assert isinstance(refused, WrongState)
    assert refused.state == statuses[-1]


async def test_no_brand_no_campaign(store: Store, stored: Callable[[UUID], Stored]) -> None:
    org_id = await new_org(store)
    async with stored(org_id).only(record=1):
        refused = await refusal(store, org_id, PROVIDER, lambda tx: submit_campaign(tx, OURS))
    assert isinstance(refused, WrongState)
    assert refused.state == "NONE"


async def test_everything_wrong_with_a_campaign_is_listed(store: Store, stored: Callable[[UUID], Stored]) -> None:
    org_id, _ = await branded(store, BrandStatus.APPROVED)
    wanted = NewCampaign(use_case="", description="x" * 4_097, sample_messages=("ok", "", "y" * 1_025, "a\0b"))
    refused = await refusal(store, org_id, PROVIDER, lambda tx: submit_campaign(tx, wanted))
    assert isinstance(refused, InvalidInput)
    assert [(each.path, each.code) for each in refused.problems] == [
        (("useCase",), "EMPTY"),
        (("description",), "TOO_LONG"),
        (("sampleMessages", "1"), "EMPTY"),
        (("sampleMessages", "2"), "TOO_LONG"),
        (("sampleMessages", "3"), "NUL_CHARACTER"),
    ]
    assert await stored(org_id).rows("campaigns") == []


@pytest.mark.parametrize("many", [0, 6])
async def test_a_campaign_has_one_to_five_examples(store: Store, many: int) -> None:
    org_id, _ = await branded(store, BrandStatus.APPROVED)
    wanted = NewCampaign(use_case="MIXED", description="x", sample_messages=("Hello",) * many)
    refused = await refusal(store, org_id, PROVIDER, lambda tx: submit_campaign(tx, wanted))
    assert isinstance(refused, InvalidInput)
    assert [(each.path, each.code) for each in refused.problems] == [(("sampleMessages",), "COUNT")]


async def test_the_largest_campaign_fits_into_its_record(store: Store, stored: Callable[[UUID], Stored]) -> None:
    org_id, _ = await branded(store, BrandStatus.APPROVED)
    wanted = NewCampaign(
        use_case="\U0001f4a9" * 64, description="\U0001f4a9" * 4_096, sample_messages=("\U0001f4a9" * 1_024,) * 5
    )
    made = await submit(store, org_id, wanted)
    row = await stored(org_id).row("campaigns", UUID(str(made.refs["campaign_ref"])))
    assert row["sample_messages"] == list(wanted.sample_messages)


@pytest.mark.parametrize("stands", list(PATHS))
async def test_the_registry_moves_a_campaign_only_along_the_arrows(
    store: Store, stored: Callable[[UUID], Stored], stands: CampaignStatus
) -> None:
    org_id, _ = await branded(store, BrandStatus.APPROVED)
    for wanted in CampaignStatus:
        campaign_id = await campaign_at(store, org_id, stands)
        before = await stored(org_id).row("campaigns", campaign_id)
        if wanted is stands or may_become(CAMPAIGN, stands, wanted):
            made = await say(store, org_id, campaign_id, status=wanted)
            row = await stored(org_id).row("campaigns", campaign_id)
            assert row["status"] == wanted
            assert (row["since"] == before["since"]) is (wanted is stands)
            assert (row["version"] == before["version"]) is (wanted is stands)
            assert await stored(org_id).facts(campaign_id) == {"status": wanted}
            record = await stored(org_id).record(str(made.refs["record_ref"]))
            assert record.action == "campaign:status:record"
            assert (record.after or {}).get("status") == (None if wanted is stands else wanted)
        else:
            refused = await refuse(store, org_id, campaign_id, status=wanted)
            assert isinstance(refused, WrongState)
            assert refused.state == stands
            assert await stored(org_id).row("campaigns", campaign_id) == before
        await stored(org_id).check_signatures()


async def test_a_status_can_be_told_to_hold_since_earlier(store: Store, stored: Callable[[UUID], Stored]) -> None:
    org_id, _ = await branded(store, BrandStatus.APPROVED)
    campaign_id = await campaign_at(store, org_id, CampaignStatus.CARRIER_REVIEW)
    earlier = datetime.now(UTC).replace(microsecond=0) - timedelta(days=2)
    await say(store, org_id, campaign_id, status=CampaignStatus.ACTIVE, effective_from=earlier)
    assert (await stored(org_id).row("campaigns", campaign_id))["since"] == earlier
    for at in (earlier, earlier + timedelta(days=1), None):
        assert await stored(org_id).facts(campaign_id, at) == {"status": "ACTIVE"}
    assert await stored(org_id).facts(campaign_id, earlier - timedelta(seconds=1)) == {}


async def test_carriers_answer_one_by_one_and_their_answers_stand_side_by_side(
    store: Store, stored: Callable[[UUID], Stored]
) -> None:
    org_id, _ = await branded(store, BrandStatus.APPROVED)
    campaign_id = await campaign_at(store, org_id, CampaignStatus.CARRIER_REVIEW)
    await say(store, org_id, campaign_id, carrier="Verizon", carrier_status=CarrierStatus.PENDING)
    made = await say(
        store, org_id, campaign_id, carrier=" AT&T ", carrier_status=CarrierStatus.APPROVED, evidence={"class": "A"}
    )
    row = await stored(org_id).row("campaigns", campaign_id)
    assert [(each["carrier"], each["status"]) for each in row["carriers"]] == [
        ("AT&T", "APPROVED"),
        ("Verizon", "PENDING"),
    ]
    assert (row["status"], row["evidence"]) == ("CARRIER_REVIEW", {"class": "A"})
    record = await stored(org_id).record(str(made.refs["record_ref"]))
    assert record.action == "campaign:carrier:record"
    assert record.before is not None
    assert record.after is not None
    assert record.before["carriers"] == []
    assert [(each["carrier"], each["status"]) for each in record.after["carriers"]] == [("AT&T", "APPROVED")]
    assert record.after["evidence"] == {"class": "A"}
    made = await say(store, org_id, campaign_id, carrier="at&t", carrier_status=CarrierStatus.SUSPENDED)
    row = await stored(org_id).row("campaigns", campaign_id)
    assert [(each["carrier"], each["status"]) for each in row["carriers"]] == [
        ("AT&T", "SUSPENDED"),
        ("Verizon", "PENDING"),
    ]
    record = await stored(org_id).record(str(made.refs["record_ref"]))
    assert record.before is not None
    assert [each["status"] for each in record.before["carriers"]] == ["APPROVED"]
    assert await stored(org_id).facts(campaign_id) == {"status": "CARRIER_REVIEW"}


async def test_an_answer_that_stays_keeps_its_since_unless_another_is_told(
    store: Store, stored: Callable[[UUID], Stored]
) -> None:
    org_id, _ = await branded(store, BrandStatus.APPROVED)
    campaign_id = await campaign_at(store, org_id)
    told = {"carrier": "Verizon", "carrier_status": CarrierStatus.APPROVED}
    await say(store, org_id, campaign_id, **told)
    first = await stored(org_id).row("campaigns", campaign_id)
    await say(store, org_id, campaign_id, **told)
    assert await stored(org_id).row("campaigns", campaign_id) == first
    earlier = datetime(2026, 1, 2, tzinfo=UTC)
    await say(store, org_id, campaign_id, **told, effective_from=earlier)
    [answered] = (await stored(org_id).row("campaigns", campaign_id))["carriers"]
    assert datetime.fromisoformat(answered["since"]) == earlier


@pytest.mark.parametrize(
    ("told", "path", "code"),
    [
        ({}, "status", "MISSING"),
        ({"status": None}, "status", "MISSING"),
        ({"carrier": None, "evidence": {}}, "status", "MISSING"),
        ({"carrier": "Verizon"}, "carrierStatus", "MISSING"),
        ({"carrier": "Verizon", "carrier_status": None}, "carrierStatus", "MISSING"),
        ({"carrier_status": CarrierStatus.APPROVED}, "carrier", "MISSING"),
        ({"carrier_status": CarrierStatus.APPROVED, "status": CampaignStatus.ACTIVE}, "carrier", "MISSING"),
        (
            {"carrier": "Verizon", "carrier_status": CarrierStatus.APPROVED, "status": CampaignStatus.ACTIVE},
            "status",
            "TWO_ANSWERS",
        ),
        ({"carrier": " ", "carrier_status": CarrierStatus.APPROVED}, "carrier", "EMPTY"),
        ({"carrier": "x" * 65, "carrier_status": CarrierStatus.APPROVED}, "carrier", "TOO_LONG"),
        ({"status": CampaignStatus.ACTIVE, "evidence": [0.5]}, "evidence", "NOT_CANONICAL"),
        (
            {"status": CampaignStatus.ACTIVE, "effective_from": datetime(2999, 1, 1, tzinfo=UTC)},
            "effectiveFrom",
            "IN_THE_FUTURE",
        ),
    ],
)
async def test_who_answered_what_must_be_clear(
    store: Store, stored: Callable[[UUID], Stored], told: dict[str, object], path: str, code: str
) -> None:
    org_id, _ = await branded(store, BrandStatus.APPROVED)
    campaign_id = await campaign_at(store, org_id, CampaignStatus.CARRIER_REVIEW)
    async with stored(org_id).only(record=1):
        refused = await refuse(store, org_id, campaign_id, **told)
    assert isinstance(refused, InvalidInput)
    assert [(each.path[0], each.code) for each in refused.problems] == [(path, code)]


async def test_a_campaign_of_another_organization_is_not_found(store: Store) -> None:
    org_id, _ = await branded(store, BrandStatus.APPROVED)
    other, _ = await branded(store, BrandStatus.APPROVED)
    for unknown in (await campaign_at(store, other), uuid4()):
        refused = await refuse(store, org_id, unknown, status=CampaignStatus.REGISTRY_REVIEW)
        assert isinstance(refused, NotFound)
        assert refused.argument == "campaignId"


async def test_of_two_rival_answers_the_second_is_judged_after_the_first(
    store: Store, stored: Callable[[UUID], Stored]
) -> None:
    org_id, _ = await branded(store, BrandStatus.APPROVED)
    campaign_id = await campaign_at(store, org_id, CampaignStatus.ACTIVE)
    changes = [
        CampaignStatusChange(campaign_id=campaign_id, status=status)
        for status in (CampaignStatus.EXPIRED, CampaignStatus.DEACTIVATED)
    ]
    found = await asyncio.gather(
        *(
            perform(store, attempt(org_id, PROVIDER), lambda tx, each=each: record_campaign_status(tx, each))
            for each in changes
        )
    )
    assert sorted(type(each).__name__ for each in found) == ["Answer", "WrongState"]
    await stored(org_id).check_signatures()


async def test_the_organization_s_signature_sees_every_rival_change(
    store: Store, stored: Callable[[UUID], Stored]
) -> None:
    org_id, brand_id = await branded(store, BrandStatus.APPROVED)
    campaigns = [await campaign_at(store, org_id, CampaignStatus.ACTIVE) for _ in range(3)]
    suspending = BrandStatusChange(brand_id=brand_id, registration=BrandStatus.SUSPENDED)
    await asyncio.gather(
        *(say(store, org_id, each, status=CampaignStatus.SUSPENDED) for each in campaigns),
        answer(store, org_id, PROVIDER, lambda tx: record_brand_status(tx, suspending)),
    )
    await stored(org_id).check_signatures()
    assert "P" not in (await stored(org_id).row("orgs", org_id))["signature"][3:5]


async def test_carriers_that_answer_at_once_are_all_kept(store: Store, stored: Callable[[UUID], Stored]) -> None:
    org_id, _ = await branded(store, BrandStatus.APPROVED)
    campaign_id = await campaign_at(store, org_id)
    names = [f"Carrier {letter}" for letter in "ABCDEF"]
    await asyncio.gather(
        *(say(store, org_id, campaign_id, carrier=name, carrier_status=CarrierStatus.APPROVED) for name in names)
    )
    row = await stored(org_id).row("campaigns", campaign_id)
    assert [each["carrier"] for each in row["carriers"]] == names
    assert row["version"] == 1 + len(names)
