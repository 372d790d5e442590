"""A campaign is handed in for a brand, and moves by what the registry answers."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from core.commands.brands import BrandStatusChange, record_brand_status
from core.commands.campaigns import CampaignStatusChange, NewCampaign, record_campaign_status, submit_campaign
from core.commands.refusals import InvalidInput, NotFound, WrongState
from core.commands.transaction import Store, perform
from core.rules.enums import BrandStatus, CampaignStatus
from core.rules.states import CAMPAIGN, may_become, why_not
from tests.integration.commands.campaigning import OURS, PATHS, branded, campaign_at, refuse, say, submit
from tests.integration.commands.stored import Stored
from tests.integration.worlds import PROVIDER, answer, attempt, new_org, refusal


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
            assert refused.message == f"the campaign is `{stands}`: {why_not(CAMPAIGN, stands, wanted)}"
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
