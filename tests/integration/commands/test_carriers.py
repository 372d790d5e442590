"""Each carrier's answer about a campaign stands beside the others' and beside the registry's."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

import pytest

from core.commands.refusals import InvalidInput
from core.commands.transaction import Store
from core.rules.enums import BrandStatus, CampaignStatus, CarrierStatus
from tests.integration.commands.campaigning import branded, campaign_at, refuse, say
from tests.integration.commands.stored import Stored


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
