"""A brand is handed in, and handed in again when it failed; each time with its record and facts."""

import asyncio
from collections.abc import Callable
from uuid import UUID

import pytest

from core.commands.brands import NewBrand, register_brand
from core.commands.refusals import InvalidInput, WrongState
from core.commands.transaction import Store, perform
from core.principal import Role
from core.rules.enums import BrandFeedback, BrandStatus
from tests.integration.commands.branding import BRAND_OF_OURS, TAX_ID, brand_at, register, say
from tests.integration.commands.stored import Stored
from tests.integration.worlds import attempt, member, new_org, refusal


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
