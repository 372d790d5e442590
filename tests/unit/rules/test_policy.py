"""The policy: which one is in force, its digest, and the document it is stored as."""

import json
from dataclasses import fields, replace
from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.rules.content import ContentRule
from core.rules.default_policy import DEFAULT_POLICY
from core.rules.enums import ConsentScope, Level, LimitKind, PolicyAction, UsageUnit
from core.rules.hours import HoursPolicy
from core.rules.keywords import KeywordLists
from core.rules.policy import Limit, Policy, PolicyValue, in_force, to_document
from core.rules.policy_document import PolicyError, parse_policy
from core.rules.versions import AppVersion

names = st.text(st.sampled_from("abc/-0"), min_size=1, max_size=8)
counts = st.integers(1, 10_000)
dates = st.dates(date(2020, 1, 1), date(2030, 1, 1))
words = st.text(st.sampled_from("abcde"), min_size=1, max_size=6)
keywords = st.lists(words, min_size=3, max_size=9, unique=True).map(
    lambda found: KeywordLists(opt_out=tuple(found[:-2]), opt_in=(found[-2],), help=(found[-1],))
)
limits = st.lists(
    st.builds(
        Limit,
        name=names,
        level=st.sampled_from((Level.ORG, Level.CAMPAIGN, Level.USER, Level.NUMBER)),
        kind=st.sampled_from(LimitKind),
        unit=st.sampled_from(UsageUnit),
        window_s=counts,
        count=counts,
        action=st.sampled_from(PolicyAction),
        source_id=st.sampled_from(("L5", "L6b")),
        source=names,
        resets_daily_in=st.sampled_from((None, "America/Los_Angeles")),
    ),
    max_size=3,
    unique_by=lambda limit: limit.name,
).map(tuple)
content = st.lists(
    st.builds(
        ContentRule,
        id=names,
        category=names,
        words=st.lists(words, max_size=3).map(tuple),
        action=st.sampled_from(PolicyAction),
        allowed_if_age_gated=st.booleans(),
    ),
    max_size=3,
    unique_by=lambda rule: rule.id,
).map(tuple)
hours = st.builds(
    HoursPolicy,
    enabled=st.booleans(),
    conversational=st.booleans(),
    opens=st.integers(0, 11).map(time),
    closes=st.builds(time, st.integers(12, 23), st.integers(0, 59)),
)
VALUES = {
    "territory": st.lists(st.sampled_from(("US", "CA", "PR")), min_size=1, unique=True).map(tuple),
    "calling_plan_providers": st.lists(words, max_size=2).map(tuple),
    "min_app_version": st.lists(st.integers(0, 50), min_size=1, max_size=4).map(
        lambda parts: AppVersion.parse(".".join(map(str, parts)))
    ),
    "body_max_characters": counts,
    "retention_days": counts,
    "regulatory_retention_days": st.none() | counts,
    "delivery_receipt_timeout_s": counts,
    "campaign_numbers_max": counts,
    "keywords": keywords,
    "keyword_scope": st.sampled_from((ConsentScope.CAMPAIGN, ConsentScope.ORG)),
    "opt_out_business_days": counts,
    "limits": limits,
    "hours": hours,
    "content": content,
}


def _valued(values):
    return st.builds(PolicyValue, name=names, version=names, effective_from=dates, source=names, value=values)


policies = st.builds(
    Policy, version=names, effective_from=dates, **{name: _valued(values) for name, values in VALUES.items()}
)
DOCUMENT = to_document(DEFAULT_POLICY)


def changed(place, value):
    """Give the default policy's document with one entry changed; `place` is a dotted path."""
    document = json.loads(json.dumps(DOCUMENT))
    *above, last = place.split(".")
    entry = document
    for step in above:
        entry = entry[int(step)] if isinstance(entry, list) else entry[step]
    if value is ...:
        del entry[last]
    else:
        entry[int(last) if isinstance(entry, list) else last] = value
    return document


@settings(max_examples=50)
@given(policies)
def test_a_stored_policy_reads_back_equal(policy):
    document = json.dumps(to_document(policy))
    assert parse_policy(document) == policy
    assert parse_policy(document.encode()) == policy
    assert parse_policy(json.loads(document)).digest == policy.digest


def test_the_default_policy_reads_back_equal():
    assert parse_policy(json.dumps(DOCUMENT)) == DEFAULT_POLICY


@settings(max_examples=20)
@given(policies, policies)
def test_the_digest_tells_policies_apart(one, other):
    assert (one.digest == other.digest) == (one == other)
    assert (hash(one) == hash(other)) or one != other


@pytest.mark.parametrize("name", list(VALUES))
def test_every_value_is_part_of_the_digest(name):
    value = getattr(DEFAULT_POLICY, name)
    dated = replace(DEFAULT_POLICY, **{name: replace(value, effective_from=date(2024, 1, 2))})
    assert dated.digest != DEFAULT_POLICY.digest
    assert len(DEFAULT_POLICY.digest) == 64


def test_the_values_are_all_that_a_policy_has():
    assert set(VALUES) == {item.name for item in fields(Policy) if item.init} - {"version", "effective_from"}


@pytest.mark.parametrize("name", [*VALUES, "version", "effective_from"])
def test_every_entry_is_required(name):
    with pytest.raises(PolicyError, match=name):
        parse_policy(changed(name, ...))


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("territory.value", []),
        ("territory.value", ["us"]),
        ("territory.value", "US"),
        ("territory.value", ["US", 1]),
        ("min_app_version.value", "next"),
        ("min_app_version.value", 42.12),
        ("body_max_characters.value", 0),
        ("body_max_characters.value", True),
        ("body_max_characters.value", "1600"),
        ("retention_days.value", 36_501),
        ("retention_days.value", None),
        ("regulatory_retention_days.value", 0),
        ("opt_out_business_days.value", -1),
        ("keyword_scope.value", "NUMBER_PAIR"),
        ("keyword_scope.value", "campaign"),
        ("keywords.value.opt_out", ["stop", "STOP"]),
        ("keywords.value.opt_in", ["stop"]),
        ("keywords.value.help", ["!"]),
        ("keywords.value.more", []),
        ("hours.value.opens", "21:00"),
        ("hours.value.closes", "24:00"),
        ("hours.value.opens", "08:00:30"),
        ("hours.value.opens", "08:00Z"),
        ("hours.value.opens", 8),
        ("hours.value.enabled", "yes"),
        ("limits.value.0.level", "LOCATION"),
        ("limits.value.0.level", "USERS"),
        ("limits.value.0.window_s", 0),
        ("limits.value.0.resets_daily_in", "Mars/Olympus"),
        ("limits.value.1.name", "user.burst"),
        ("limits.value.0.more", 1),
        ("limits.value", {}),
        ("content.value.0.words", [""]),
        ("content.value.1.id", "shaft.sex"),
        ("content.value.0.action", "DENY"),
        ("territory.name", ""),
        ("territory.source", None),
        ("territory.effective_from", "2024-13-01"),
        ("territory.effective_from", 2024),
        ("territory.value", ...),
        ("territory", []),
        ("effective_from", "soon"),
    ],
)
def test_what_cannot_be_read_names_the_place_and_the_value(place, value):
    with pytest.raises(PolicyError) as refused:
        parse_policy(changed(place, value))
    assert place.split(".")[0] in str(refused.value).split("`")[1]
    assert ";" in str(refused.value)


@pytest.mark.parametrize("document", ["", "{", "[]", "1", b"\xff", '"policy"'])
def test_what_is_no_json_object_is_refused(document):
    with pytest.raises(PolicyError, match="policy"):
        parse_policy(document)


@pytest.mark.parametrize("place", ["more", "territory.more", "hours.value.more"])
def test_an_unknown_entry_is_refused_with_the_known_ones(place):
    with pytest.raises(PolicyError, match="has no entry `more`; the entries are"):
        parse_policy(changed(place, 1))


def dated(version, day):
    return replace(DEFAULT_POLICY, version=version, effective_from=date(2026, 3, day))


@pytest.mark.parametrize(
    ("moment", "version"),
    [
        (datetime(2026, 3, 1, 23, 59, tzinfo=UTC), None),
        (datetime(2026, 3, 2, tzinfo=UTC), "a"),
        (datetime(2026, 3, 4, 23, tzinfo=UTC), "a"),
        (datetime(2026, 3, 5, tzinfo=UTC), "c"),
        (datetime(2030, 1, 1, tzinfo=UTC), "c"),
    ],
)
def test_the_latest_begun_is_in_force_and_of_two_the_later_given(moment, version):
    given_ = [dated("b", 5), dated("a", 2), dated("c", 5)]
    found = in_force(given_, moment)
    assert (found.version if found is not None else None) == version


def test_a_limit_is_found_by_its_name():
    assert DEFAULT_POLICY.limit("org.daily") in DEFAULT_POLICY.limits.value
    assert DEFAULT_POLICY.limit("nobody") is None
