"""What a change alters, and how a record shows it."""

from types import SimpleNamespace
from uuid import UUID

import pytest

from audit.record import Erasable
from core.commands.absent import ABSENT, given, or_none
from core.commands.differences import before_of, check_version, difference, shown
from core.commands.refusals import Refused, VersionConflict
from core.ids import encode

ORG, ID, ANA = UUID(int=1), UUID(int=2), UUID(int=3)
TX = SimpleNamespace(global_id=lambda name, given: None if given is None else encode(name, ORG, given))
STORED = {"name": "Acme", "countries": ["US"], "units": None}


@pytest.mark.parametrize(
    ("wanted", "changed"),
    [
        ({}, {}),
        ({"name": "Acme"}, {}),
        ({"name": "Acme2", "units": None}, {"name": "Acme2"}),
        ({"countries": ("US",)}, {}),
        ({"countries": ["CA", "US"]}, {"countries": ["CA", "US"]}),
        ({"units": 0}, {"units": 0}),
        ({"name": None}, {"name": None}),
    ],
)
def test_only_what_is_not_as_stored_changes(wanted, changed):
    assert difference(STORED, wanted) == changed
    assert before_of(STORED, changed) == {name: STORED[name] for name in changed}


def test_a_record_shows_the_apis_names_and_ids():
    columns = {"pstn_connection_type": "CISCO_PSTN", "location_id": ID, "campaign_id": None, "sort_name": "x"}
    assert shown(TX, columns) == {
        "pstnConnectionType": "CISCO_PSTN",
        "locationId": encode("Location", ORG, ID),
        "campaignId": None,
    }


def test_personal_values_can_be_erased_with_their_subject():
    made = shown(TX, {"display_name": "Ana", "email": "ana@example.com", "status": "ACTIVE", "email_key": "x"}, ANA)
    assert made == {
        "displayName": Erasable("Ana", ANA),
        "email": Erasable("ana@example.com", ANA),
        "status": "ACTIVE",
    }


@pytest.mark.parametrize("name", ["display_name", "email", "phone_number", "tax_id", "recipient", "sender"])
def test_a_personal_value_of_nobody_is_an_error(name):
    with pytest.raises(ValueError, match=f"`{name}` is personal"):
        shown(TX, {name: "x"})


def row(version):
    return SimpleNamespace(version=version, graphql_type="User", id=ANA)


@pytest.mark.parametrize("expected", [None, 3])
def test_a_change_upon_the_current_version_goes_on(expected):
    check_version(row(3), expected)


@pytest.mark.parametrize("expected", [2, 4, 0])
def test_a_change_upon_another_version_is_refused_with_the_current_one(expected):
    with pytest.raises(Refused, match=f"version `{expected}` is not the current one, which is `3`") as refused:
        check_version(row(3), expected)
    refusal = refused.value.refusal
    assert isinstance(refusal, VersionConflict)
    assert (refusal.current_version, refusal.type, refusal.id) == (3, "User", ANA)


def test_absent_is_left_out_and_null_is_kept():
    assert given(a=ABSENT, b=None, c=0) == {"b": None, "c": 0}
    assert (or_none(ABSENT), or_none(None), or_none(0)) == (None, None, 0)
