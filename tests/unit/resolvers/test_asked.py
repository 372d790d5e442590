"""What an input says: its ids, its digest, and what absent and null mean in it."""

from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
from strawberry import UNSET

from core.commands.absent import ABSENT
from core.commands.transaction import Store
from core.ids import encode
from core.principal import Grant, Principal, Role
from core.rules.default_policy import DEFAULT_POLICY
from core.storage.pool import Pool
from resolvers.context import RequestContext
from resolvers.mutations.asked import NOBODY, Asked, or_absent, or_none
from schema.enums import AssignmentStatus, TextingMode
from schema.number_changes import AssignPhoneNumberInput, RecordNumberAssignmentInput
from schema.org_changes import CreateOrgInput, SetOrgEntitlementsInput, UpdateOrgInput
from schema.registrations import RecordBrandStatusInput
from schema.toggles import SetUserTextingInput
from schema.user_changes import DeactivateUserInput, UpdateUserInput

ORG, USER, NUMBER = uuid4(), uuid4(), uuid4()
NUMBER_ID, USER_ID = encode("UserPhoneNumber", ORG, NUMBER), encode("User", ORG, USER)


class NoStore:
    """Nothing here reads or writes."""

    pool, policy = Pool.__new__(Pool), DEFAULT_POLICY


def asked(input: Any) -> Asked:
    principal = Principal(subject="admin", name=None, org_id=ORG, grants=(Grant(role=Role.ORG_ADMIN, org_id=ORG),))
    context = RequestContext(
        principal=principal, org_id=ORG, tracking_id="BTM_1", now=datetime.now(UTC), store=cast("Store", NoStore())
    )
    return Asked(context, input)


def digest(input: Any) -> bytes:
    return asked(input).digest


def nested(depth: int) -> Any:
    value: Any = "bottom"
    for _ in range(depth):
        value = [value]
    return value


def test_an_id_of_the_organization_entered_is_read() -> None:
    found = asked(AssignPhoneNumberInput(phone_number_id=NUMBER_ID, user_id=USER_ID))
    assert found.about == ("UserPhoneNumber", NUMBER, "phoneNumberId")
    assert (found.id("phone_number_id"), found.given_id("user_id")) == (NUMBER, USER)
    assert found.strangers == ()


@pytest.mark.parametrize(
    "stranger",
    [
        "",
        "rubbish",
        "\0",
        "5",
        encode("UserPhoneNumber", ORG, NUMBER),
        encode("User", uuid4(), USER),
        encode("Org", ORG, ORG),
        "é" * 500,
    ],
)
def test_an_id_that_names_nothing_there_stands_for_nobody(stranger: str) -> None:
    found = asked(AssignPhoneNumberInput(phone_number_id=NUMBER_ID, user_id=stranger))
    assert found.given_id("user_id") == NOBODY
    assert found.strangers == ("userId",)


def test_of_strangers_only_ids_are_recorded() -> None:
    other = encode("User", uuid4(), USER)
    assert asked(UpdateUserInput(user_id=other, location_id="her@example.com")).attempted == {"userId": other}


def test_what_a_stranger_names_is_not_what_the_attempt_is_about() -> None:
    stranger = encode("User", uuid4(), USER)
    assert asked(UpdateUserInput(user_id=stranger)).about == ("Org", ORG, "userId")
    assert asked(CreateOrgInput(name="A", customer_type="ENTERPRISE")).about == ("Org", ORG, "orgId")


def test_an_absent_id_leaves_things_and_null_clears_them() -> None:
    assert asked(AssignPhoneNumberInput(phone_number_id=NUMBER_ID)).given_id("user_id") is ABSENT
    assert asked(AssignPhoneNumberInput(phone_number_id=NUMBER_ID, user_id=None)).given_id("user_id") is None
    assert asked(AssignPhoneNumberInput(phone_number_id=NUMBER_ID)).optional_id("user_id") is None


def test_absent_and_null_are_told_apart_where_it_matters() -> None:
    assert (or_absent(UNSET), or_absent(None), or_absent(False)) == (ABSENT, None, False)
    assert (or_none(UNSET), or_none(None), or_none(0)) == (None, None, 0)


def test_a_change_is_privileged_when_its_reason_is_required() -> None:
    assert asked(DeactivateUserInput(user_id=USER_ID, reason="left")).reason_required
    assert asked(SetOrgEntitlementsInput(org_id="x", reason="sold")).reason_required
    assert not asked(UpdateUserInput(user_id=USER_ID)).reason_required
    assert not asked(CreateOrgInput(name="A", customer_type="ENTERPRISE")).reason_required


def test_a_dry_run_and_a_key_are_read_where_the_input_has_them() -> None:
    switch = SetUserTextingInput(user_id=USER_ID, mode=TextingMode.ON, dry_run=True, idempotency_key="k")
    assert (asked(switch).dry_run, asked(switch).idempotency_key, asked(switch).reason) == (True, "k", None)
    null = SetUserTextingInput(user_id=USER_ID, mode=TextingMode.ON, dry_run=None, idempotency_key=None, reason=None)
    assert (asked(null).dry_run, asked(null).idempotency_key, asked(null).reason) == (False, None, None)


def test_the_digest_is_of_everything_but_the_key() -> None:
    one = UpdateOrgInput(org_id="a", name="A", idempotency_key="1")
    assert digest(one) == digest(UpdateOrgInput(org_id="a", name="A", idempotency_key="2"))
    assert len(digest(one)) == 32
    others = [
        UpdateOrgInput(org_id="a"),
        UpdateOrgInput(org_id="a", name=None),
        UpdateOrgInput(org_id="a", name="B"),
        UpdateOrgInput(org_id="b", name="A"),
        UpdateOrgInput(org_id="a", name="A", reason="why"),
        UpdateOrgInput(org_id="a", name="A", effective_from=datetime(2026, 1, 1, tzinfo=UTC)),
        UpdateOrgInput(org_id="a", name="A", effective_from=datetime(2026, 1, 1, 1, tzinfo=UTC)),
        UpdateOrgInput(org_id="a", name="A", handles_phi=False),
        UpdateOrgInput(org_id="a", name="A", handles_phi=None),
    ]
    assert len({digest(each) for each in [one, *others]}) == len(others) + 1


def test_the_digest_does_not_depend_on_the_order_of_keys() -> None:
    def of(evidence: Any) -> bytes:
        return digest(RecordBrandStatusInput(brand_id="b", evidence=evidence))

    assert of({"a": 1, "b": [1, 2]}) == of({"b": [1, 2], "a": 1})
    assert of([1, 2]) != of([2, 1])
    assert of({"a": None}) != of({})


@pytest.mark.parametrize(
    "evidence", [1.5, 10**3000, -(2**70), float("inf"), "\ud800", "\0", nested(900), {"\0": nested(40)}, True]
)
def test_a_digest_can_be_made_of_anything(evidence: Any) -> None:
    said = RecordNumberAssignmentInput(
        phone_number_id=NUMBER_ID, campaign_id="c", status=AssignmentStatus.ASSIGNED, evidence=evidence
    )
    assert len(digest(said)) == 32


def test_nobody_is_no_id_that_we_make() -> None:
    assert UUID(int=0) == NOBODY
