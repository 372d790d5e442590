"""Global ids carry their organization; uuidv7 their time."""

import base64
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ids import SYSTEM_ORG_ID, GlobalId, decode, encode, uuid7, uuid7_after, uuid7_floor, uuid7_time

ORG, OTHER, ID = UUID(int=1), UUID(int=2), UUID("0190a000-0000-7000-8000-00000000abcd")
types = st.from_regex(r"[A-Za-z]{1,40}", fullmatch=True).filter(
    lambda name: name not in {"Org", "EffectiveSetting", "EligibilityDecision"}
)
details = st.from_regex(r"[A-Za-z0-9._-]{1,100}", fullmatch=True)
moments = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1)).map(lambda moment: moment.replace(tzinfo=UTC))  # noqa: DTZ001


def encoded(text):
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def webex(text, *, url_safe=False, padded=False):
    content = (base64.urlsafe_b64encode if url_safe else base64.b64encode)(text.encode()).decode()
    return content if padded else content.rstrip("=")


@given(types, st.uuids(), st.uuids())
def test_what_is_encoded_decodes_to_the_same(type_name, org_id, id):
    text = encode(type_name, org_id, id)
    assert decode(text) == GlobalId(type_name, org_id, id)
    assert str(decode(text)) == text
    assert "=" not in text


@given(st.sampled_from(("EffectiveSetting", "EligibilityDecision")), st.uuids(), st.uuids(), details)
def test_what_is_worked_out_carries_a_detail(type_name, org_id, id, detail):
    text = encode(type_name, org_id, id, detail)
    assert decode(text) == GlobalId(type_name, org_id, id, detail)
    assert str(decode(text)) == text


@given(st.uuids())
def test_an_organization_is_its_own(org_id):
    text = encode("Org", org_id, org_id)
    assert decode(text) == GlobalId("Org", org_id, org_id)
    assert base64.urlsafe_b64decode(text + "==").decode() == f"Org:{org_id}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "x",
        "User",
        "!" * 40,
        "é" * 40,
        "A" * 401,
        encoded(f"User:{ORG}:{ID}") + "=" * 400,
        encoded("User"),
        encoded(f"User:{ORG}"),
        encoded(f"Org:{ORG}:{ID}"),
        encoded(f"User:{ORG}:{ID}:more"),
        encoded(f"EffectiveSetting:{ORG}:{ID}"),
        encoded(f"EffectiveSetting:{ORG}:{ID}:"),
        encoded(f"EffectiveSetting:{ORG}:{ID}:{'x' * 161}"),
        encoded(f"EffectiveSetting:{ORG}:{ID}:a b"),
        encoded(f"User:{ORG}:{ID}\n"),
        encoded(f":{ORG}:{ID}"),
        encoded(f"{'U' * 41}:{ORG}:{ID}"),
        encoded(f"User:{ORG}:{str(ID).upper()}"),
        encoded(f"User:{ORG}:{'-' * 36}"),
        encoded(f"User:{'0' * 36}:{ID}"),
        encoded(f"Üser:{ORG}:{ID}"),
        encoded(f"User:{ORG}:{ID}")[:-1] + "*",
        str(ID),
    ],
)
def test_garbage_is_no_id(text):
    assert decode(text) is None
    assert decode(text, home=ORG) is None


@given(st.text(max_size=80) | st.binary(max_size=90).map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_any_text_is_an_id_or_none_and_never_an_error(text):
    found = decode(text, home=ORG)
    assert found is None or decode(str(found)) == found


@pytest.mark.parametrize(("kind", "type_name"), [("PEOPLE", "User"), ("LOCATION", "Location")])
@pytest.mark.parametrize("padded", [True, False])
@pytest.mark.parametrize("url_safe", [True, False])
def test_a_webex_id_is_of_the_callers_own_organization(kind, type_name, padded, url_safe):
    text = webex(f"ciscospark://us/{kind}/{ID}", url_safe=url_safe, padded=padded)
    assert decode(text, home=ORG) == GlobalId(type_name, ORG, ID)
    assert decode(text) is None


def test_a_webex_id_of_an_organization_is_only_the_callers():
    text = webex(f"ciscospark://us/ORGANIZATION/{ORG}")
    assert decode(text, home=ORG) == GlobalId("Org", ORG, ORG)
    assert decode(text, home=OTHER) is None


def test_a_webex_id_may_be_in_capitals_and_of_any_region():
    assert decode(webex(f"ciscospark://eu/PEOPLE/{str(ID).upper()}"), home=ORG) == GlobalId("User", ORG, ID)


@pytest.mark.parametrize(
    "text",
    ["ciscospark://us/ROOM/{}", "ciscospark://us/PEOPLE/{}/x", "https://us/PEOPLE/{}", "ciscospark:///PEOPLE/{}"],
)
def test_another_address_is_no_id(text):
    assert decode(webex(text.format(ID)), home=ORG) is None


def test_both_alphabets_of_base64_are_read():
    text = encode("User", UUID(int=2**128 - 1), ID)
    assert decode(text.replace("-", "+").replace("_", "/")) == decode(text)


@given(moments)
def test_a_uuid7_carries_its_time_to_the_millisecond(moment):
    id = uuid7(moment)
    assert id.version == 7
    assert timedelta() <= moment - uuid7_time(id) < timedelta(milliseconds=1)


@given(moments)
def test_the_floor_of_a_moment_is_the_lowest_id_of_it(moment):
    floor = uuid7_floor(moment)
    assert (floor.version, floor.variant) == (7, "specified in RFC 4122")
    assert floor <= uuid7(moment) < uuid7_after(moment) == uuid7_floor(moment + timedelta(milliseconds=1))
    assert uuid7_time(floor) == moment.replace(microsecond=moment.microsecond // 1_000 * 1_000)


@pytest.mark.parametrize("moment", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
def test_every_moment_that_a_client_can_name_bounds_a_range(moment):
    assert uuid7_floor(moment) < uuid7_after(moment) < uuid7_after(moment, lag=timedelta(hours=1))


def test_new_ids_ascend():
    made = [uuid7() for _ in range(1_000)]
    assert made == sorted(set(made))


def test_the_systems_own_organization_is_older_than_every_other():
    assert SYSTEM_ORG_ID.version == 7
    assert uuid7_time(SYSTEM_ORG_ID) == datetime(1970, 1, 1, tzinfo=UTC)
