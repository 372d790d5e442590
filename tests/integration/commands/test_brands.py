"""A brand is handed in, answered by the registry, and handed in again; every step with its record and facts."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from audit.actions import Action
from core.commands.brands import BrandStatusChange, NewBrand, record_brand_status, register_brand
from core.commands.refusals import InvalidInput, NotFound, WrongState
from core.commands.transaction import Answer, Store, perform
from core.principal import Role
from core.rules.enums import BrandFeedback, BrandIdentity, BrandStatus
from core.rules.states import BRAND, may_become
from tests.integration.commands.stored import Stored
from tests.integration.worlds import PROVIDER, answer, attempt, member, new_org, refusal

TAX_ID = "12-3456789"
BRAND_OF_OURS = NewBrand(legal_name="Example Inc.", tax_id=TAX_ID, website="https://example.com")
PATHS = {
    BrandStatus.PENDING: (),
    BrandStatus.IN_REVIEW: (BrandStatus.IN_REVIEW,),
    BrandStatus.APPROVED: (BrandStatus.APPROVED,),
    BrandStatus.SUSPENDED: (BrandStatus.APPROVED, BrandStatus.SUSPENDED),
    BrandStatus.FAILED: (BrandStatus.FAILED,),
}
"""How a brand gets where it stands."""


async def register(store: Store, org_id: UUID, wanted: NewBrand = BRAND_OF_OURS) -> Answer:
    admin = member(org_id, Role.ORG_ADMIN)
    return await answer(store, org_id, admin, lambda tx: register_brand(tx, wanted), action=Action.BRAND_REGISTER)


async def say(store: Store, org_id: UUID, brand_id: UUID, **told: object) -> Answer:
    change = BrandStatusChange(brand_id=brand_id, **told)  # type: ignore[arg-type]
    return await answer(store, org_id, PROVIDER, lambda tx: record_brand_status(tx, change))


async def refuse(store: Store, org_id: UUID, brand_id: UUID, **told: object):
    change = BrandStatusChange(brand_id=brand_id, **told)  # type: ignore[arg-type]
    return await refusal(store, org_id, PROVIDER, lambda tx: record_brand_status(tx, change))


async def brand_at(store: Store, org_id: UUID, status: BrandStatus) -> UUID:
    """A brand that stands there."""
    brand_id = UUID(str((await register(store, org_id)).refs["brand_ref"]))
    for step in PATHS[status]:
        await say(store, org_id, brand_id, registration=step)
    return brand_id


async def test_a_brand_begins_pending_with_its_record_and_facts(store: Store, stored: Callable[[UUID], Stored]) -> None:
    org_id = await new_org(store)
    made = await register(store, org_id)
    assert made.type == "BrandRegistered"
    brand_id, record_id = UUID(str(made.refs["brand_ref"])), UUID(str(made.refs["record_ref"]))
    row = await stored(org_id).row("brands", brand_id)
    assert (row["legal_name"], row["tax_id"], row["website"]) == ("Example Inc.", TAX_ID, "https://example.com")
    assert (row["registration"], row["identity"], row["score"], row["feedback"]) == (
        "PENDING",
        "SELF_DECLARED",
        None,
        [],
    )
    assert row["since"] == row["created_at"]
    assert (row["version"], row["last_audit_id"]) == (1, record_id)
    record = await stored(org_id).record(record_id)
    assert (record.action, record.target.type, record.target.id, record.target.name) == (
        "brand:register",
        "Brand",
        brand_id,
        "Example Inc.",
    )
    assert record.before is None
    assert record.after == {
        "legalName": "Example Inc.",
        "taxId": TAX_ID,
        "website": "https://example.com",
        "registration": "PENDING",
        "identity": "SELF_DECLARED",
    }
    assert TAX_ID not in record.raw
    assert await stored(org_id).facts(brand_id) == {"registration": "PENDING"}
    await stored(org_id).check_signatures()


@pytest.mark.parametrize("status", [each for each in BrandStatus if each is not BrandStatus.FAILED])
async def test_an_organization_has_one_brand(
    store: Store, stored: Callable[[UUID], Stored], status: BrandStatus
) -> None:
    org_id = await new_org(store)
    await brand_at(store, org_id, status)
    async with stored(org_id).only(record=1):
        refused = await refusal(
            store, org_id, member(org_id, Role.ORG_ADMIN), lambda tx: register_brand(tx, BRAND_OF_OURS)
        )
    assert isinstance(refused, WrongState)
    assert refused.state == status
    record = await stored(org_id).record(refused.record_id)
    assert (record.outcome, record.kind, record.status_detail) == ("FAILED", "FAILURE", f"state {status}")


async def test_of_two_that_are_handed_in_at_once_one_is_refused(store: Store, stored: Callable[[UUID], Stored]) -> None:
    org_id = await new_org(store)
    who = attempt(org_id, member(org_id, Role.ORG_ADMIN))
    found = await asyncio.gather(*(perform(store, who, lambda tx: register_brand(tx, BRAND_OF_OURS)) for _ in range(4)))
    assert sorted(type(each).__name__ for each in found) == ["Answer", "WrongState", "WrongState", "WrongState"]
    assert len(await stored(org_id).rows("brands")) == 1


async def test_a_brand_that_failed_is_handed_in_again(store: Store, stored: Callable[[UUID], Stored]) -> None:
    org_id = await new_org(store)
    brand_id = await brand_at(store, org_id, BrandStatus.PENDING)
    await say(store, org_id, brand_id, registration=BrandStatus.FAILED, feedback=(BrandFeedback.TAX_ID,), score=3)
    before = await stored(org_id).row("brands", brand_id)
    again = NewBrand(legal_name="Example Incorporated", website=None)
    made = await register(store, org_id, again)
    assert made.refs["brand_ref"] == str(brand_id)
    row = await stored(org_id).row("brands", brand_id)
    assert (row["legal_name"], row["tax_id"], row["website"]) == ("Example Incorporated", TAX_ID, None)
    assert (row["registration"], row["feedback"], row["score"]) == ("IN_REVIEW", [], 3)
    assert row["version"] == before["version"] + 1
    assert row["since"] > before["since"]
    record = await stored(org_id).record(str(made.refs["record_ref"]))
    assert record.action == "brand:register"
    assert record.before is not None
    assert record.after is not None
    assert (record.before["legalName"], record.after["legalName"]) == ("Example Inc.", "Example Incorporated")
    assert (record.before["registration"], record.after["registration"]) == ("FAILED", "IN_REVIEW")
    assert "taxId" not in record.after
    assert await stored(org_id).facts(brand_id) == {"registration": "IN_REVIEW"}
    await stored(org_id).check_signatures()


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("legal_name", "", "EMPTY"),
        ("legal_name", "  ", "EMPTY"),
        ("legal_name", "x" * 257, "TOO_LONG"),
        ("legal_name", "a\0b", "NUL_CHARACTER"),
        ("legal_name", "a\nb", "CONTROL_CHARACTER"),
        ("legal_name", "a\ud800", "NOT_UNICODE"),
        ("tax_id", "1" * 65, "TOO_LONG"),
        ("website", "javascript:alert(1)", "NOT_A_WEBSITE"),
        ("website", "example.com", "NOT_A_WEBSITE"),
        ("website", "https://", "NOT_A_WEBSITE"),
        ("website", "https://exa mple.com", "NOT_A_WEBSITE"),
        ("website", "https://[::1", "NOT_A_WEBSITE"),
        ("website", "https://example.com/" + "x" * 2_048, "TOO_LONG"),
    ],
)
async def test_what_cannot_be_handed_in_is_refused_by_name(
    store: Store, stored: Callable[[UUID], Stored], field: str, value: str, code: str
) -> None:
    org_id = await new_org(store)
    wanted = NewBrand(**{"legal_name": "Example Inc.", field: value})
    refused = await refusal(store, org_id, member(org_id, Role.ORG_ADMIN), lambda tx: register_brand(tx, wanted))
    assert isinstance(refused, InvalidInput)
    camel = {"legal_name": "legalName", "tax_id": "taxId", "website": "website"}[field]
    assert [(each.path, each.code) for each in refused.problems] == [((camel,), code)]
    assert await stored(org_id).rows("brands") == []


@pytest.mark.parametrize("blank", [None, "", "  "])
async def test_a_tax_id_or_website_may_be_missing(
    store: Store, stored: Callable[[UUID], Stored], blank: str | None
) -> None:
    org_id = await new_org(store)
    made = await register(store, org_id, NewBrand(legal_name="Example Inc.", tax_id=blank, website=blank))
    row = await stored(org_id).row("brands", UUID(str(made.refs["brand_ref"])))
    assert (row["tax_id"], row["website"]) == (None, None)


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
