"""What the registry answers moves a brand along its arrows, each step with its record and facts."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from core.commands.refusals import InvalidInput, NotFound, WrongState
from core.commands.transaction import Store
from core.rules.enums import BrandFeedback, BrandIdentity, BrandStatus
from core.rules.states import BRAND, may_become
from tests.integration.commands.branding import brand_at, refuse, say
from tests.integration.commands.stored import Stored
from tests.integration.worlds import new_org


@pytest.mark.parametrize("stands", list(BrandStatus))
async def test_the_registry_moves_a_brand_only_along_the_arrows(
    store: Store, stored: Callable[[UUID], Stored], stands: BrandStatus
) -> None:
    for wanted in BrandStatus:
        org_id = await new_org(store)
        brand_id = await brand_at(store, org_id, stands)
        before = await stored(org_id).row("brands", brand_id)
        if wanted is stands or may_become(BRAND, stands, wanted):
            await say(store, org_id, brand_id, registration=wanted)
            assert (await stored(org_id).row("brands", brand_id))["registration"] == wanted
            assert await stored(org_id).facts(brand_id) == {"registration": wanted}
        else:
            refused = await refuse(store, org_id, brand_id, registration=wanted)
            assert isinstance(refused, WrongState)
            assert refused.state == stands
            assert await stored(org_id).row("brands", brand_id) == before
        await stored(org_id).check_signatures()


async def test_a_registration_that_stays_keeps_its_since_unless_another_is_told(
    store: Store, stored: Callable[[UUID], Stored]
) -> None:
    org_id = await new_org(store)
    brand_id = await brand_at(store, org_id, BrandStatus.APPROVED)
    since = (await stored(org_id).row("brands", brand_id))["since"]
    await say(store, org_id, brand_id, registration=BrandStatus.APPROVED, score=50)
    assert (await stored(org_id).row("brands", brand_id))["since"] == since
    await say(store, org_id, brand_id, identity=BrandIdentity.VERIFIED)
    assert (await stored(org_id).row("brands", brand_id))["since"] == since
    earlier = since - timedelta(days=3)
    made = await say(store, org_id, brand_id, registration=BrandStatus.APPROVED, effective_from=earlier)
    row = await stored(org_id).row("brands", brand_id)
    assert (row["since"], row["score"], row["identity"]) == (earlier, 50, "VERIFIED")
    assert await stored(org_id).facts(brand_id, earlier) == {"registration": "APPROVED"}
    assert await stored(org_id).facts(brand_id, earlier - timedelta(seconds=1)) == {}
    record = await stored(org_id).record(str(made.refs["record_ref"]))
    assert record.after is not None
    assert datetime.fromisoformat(record.after["effectiveFrom"]) == earlier


async def test_what_held_earlier_than_known_overrules_what_was_known_since(
    store: Store, stored: Callable[[UUID], Stored]
) -> None:
    org_id = await new_org(store)
    brand_id = await brand_at(store, org_id, BrandStatus.APPROVED)
    approved = (await stored(org_id).row("brands", brand_id))["since"]
    await say(store, org_id, brand_id, registration=BrandStatus.SUSPENDED, effective_from=approved - timedelta(days=1))
    for at in (approved - timedelta(hours=1), approved, None):
        assert await stored(org_id).facts(brand_id, at) == {"registration": "SUSPENDED"}


async def test_an_answer_changes_what_it_says_and_clears_what_is_null(
    store: Store, stored: Callable[[UUID], Stored]
) -> None:
    org_id = await new_org(store)
    brand_id = await brand_at(store, org_id, BrandStatus.PENDING)
    evidence = {"case": "TCR-7", "contact": "ana@example.com", "checks": [{"ein": True}, None]}
    made = await say(
        store,
        org_id,
        brand_id,
        identity=BrandIdentity.VETTED_VERIFIED,
        score=100,
        feedback=(BrandFeedback.OTHERS, BrandFeedback.TAX_ID, BrandFeedback.OTHERS),
        evidence=evidence,
    )
    row = await stored(org_id).row("brands", brand_id)
    assert (row["identity"], row["score"], row["feedback"], row["evidence"]) == (
        "VETTED_VERIFIED",
        100,
        ["OTHERS", "TAX_ID"],
        evidence,
    )
    record = await stored(org_id).record(str(made.refs["record_ref"]))
    assert record.after is not None
    assert record.after["evidence"] == evidence
    assert "ana@example.com" not in record.raw
    assert (record.before or {}).get("score", "absent") is None
    made = await say(store, org_id, brand_id, score=None, feedback=None, evidence=None)
    row = await stored(org_id).row("brands", brand_id)
    assert (row["identity"], row["score"], row["feedback"], row["evidence"]) == ("VETTED_VERIFIED", None, [], None)
    made = await say(store, org_id, brand_id)
    record = await stored(org_id).record(str(made.refs["record_ref"]))
    assert (record.before, record.after) == ({}, {})
    assert (await stored(org_id).row("brands", brand_id))["version"] == row["version"]


async def test_everything_wrong_with_an_answer_is_listed(store: Store, stored: Callable[[UUID], Stored]) -> None:
    org_id = await new_org(store)
    brand_id = await brand_at(store, org_id, BrandStatus.PENDING)
    before = await stored(org_id).row("brands", brand_id)
    refused = await refuse(
        store,
        org_id,
        brand_id,
        registration=None,
        identity=None,
        score=101,
        evidence={"scores": [1, 0.5]},
        effective_from=datetime.now(UTC) + timedelta(hours=1),
    )
    assert isinstance(refused, InvalidInput)
    assert {(each.path, each.code) for each in refused.problems} == {
        (("registration",), "NOT_CLEARABLE"),
        (("identity",), "NOT_CLEARABLE"),
        (("score",), "OUT_OF_RANGE"),
        (("evidence", "scores", "1"), "NOT_CANONICAL"),
        (("effectiveFrom",), "IN_THE_FUTURE"),
    }
    assert await stored(org_id).row("brands", brand_id) == before


@pytest.mark.parametrize("score", [-1, 101, 2_147_483_647])
async def test_a_score_beyond_the_registry_s_is_refused(store: Store, score: int) -> None:
    org_id = await new_org(store)
    brand_id = await brand_at(store, org_id, BrandStatus.PENDING)
    refused = await refuse(store, org_id, brand_id, score=score)
    assert isinstance(refused, InvalidInput)
    assert f"`{score}`" in refused.message


async def test_a_brand_of_another_organization_is_not_found(store: Store) -> None:
    org_id, other = await new_org(store), await new_org(store)
    brand_id = await brand_at(store, other, BrandStatus.PENDING)
    for unknown in (brand_id, uuid4()):
        refused = await refuse(store, org_id, unknown, score=1)
        assert isinstance(refused, NotFound)
        assert refused.argument == "brandId"


async def test_rival_answers_take_turns(store: Store, stored: Callable[[UUID], Stored]) -> None:
    org_id = await new_org(store)
    brand_id = await brand_at(store, org_id, BrandStatus.APPROVED)
    await asyncio.gather(*(say(store, org_id, brand_id, score=score) for score in range(8)))
    row = await stored(org_id).row("brands", brand_id)
    assert row["version"] == 2 + 8
    last = (await stored(org_id).records("brand:status:record"))[-1]
    assert row["score"] in range(8)
    assert last.target.id == brand_id
    await stored(org_id).check_signatures()
