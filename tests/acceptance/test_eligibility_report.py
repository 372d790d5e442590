"""Reports and filters over many users: the sum of what is said of each, whatever was changed before."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from core.commands.transaction import Store
from core.ids import encode
from core.principal import Role
from core.rules.registry import RULES
from resolvers import eligibility_report
from tests.acceptance.asking import Asker
from tests.integration.worlds import PROVIDER, World, member, new_world

REPORT = """query($org: ID!, $f: UserFilter, $if: [FactOverride!]) {
  eligibilityReport(orgId: $org, filter: $f, whatIf: $if) { total computedAt
    byOutcome { prerequisites enabled outcome count } byRule { ruleId status count asRootCause }
    byLocation { location { id } outcome count } } }"""
SINGLES = """query($org: ID!, $f: UserFilter, $if: [FactOverride!]) {
  users(orgId: $org, filter: $f, first: 100) { totalCount edges { node { id location { id }
    eligibility(whatIf: $if) { prerequisites enabled outcome
      rules { ruleId status } denials { ruleId } rootCauses { ruleId } } } } } }"""

Say = Callable[[World, random.Random], tuple[str, dict[str, Any]]]


def _user(world: World, chance: random.Random) -> str:
    return encode("User", world.org_id, chance.choice(world.people).user_id)


def _number(world: World, chance: random.Random) -> str:
    return encode("UserPhoneNumber", world.org_id, chance.choice(world.people).number_id)


def _location(world: World, chance: random.Random) -> str:
    return encode("Location", world.org_id, chance.choice(world.location_ids))


CHANGES: tuple[Say, ...] = (
    lambda on, r: ("reportAppVersion", {"userId": _user(on, r), "appVersion": r.choice(("42.9", "43.0", "abc"))}),
    lambda on, r: ("setUserTexting", {"userId": _user(on, r), "mode": r.choice(("ON", "OFF", "INHERIT"))}),
    lambda on, r: ("setLocationTexting", {"locationId": _location(on, r), "mode": r.choice(("OFF", "INHERIT"))}),
    lambda on, r: ("updateUser", {"userId": _user(on, r), "locationId": _location(on, r)}),
    lambda on, r: ("deactivateUser", {"userId": _user(on, r), "reason": "left"}),
    lambda on, r: ("updatePhoneNumber", {"phoneNumberId": _number(on, r), "state": r.choice(("ACTIVE", "INACTIVE"))}),
    lambda on, r: (
        "updatePhoneNumber",
        {"phoneNumberId": _number(on, r), "assignedBy": r.choice(("LOCAL_GATEWAY", "UNKNOWN", "CISCO_CALLING_PLAN"))},
    ),
    lambda on, r: (
        "updateLocation",
        {"locationId": _location(on, r), "pstnConnectionType": r.choice(("CISCO_PSTN", "UNKNOWN", "LOCAL_GATEWAY"))},
    ),
    lambda on, r: (
        "recordCampaignStatus",
        {"campaignId": encode("Campaign", on.org_id, on.campaign_id), "status": r.choice(("SUSPENDED", "ACTIVE"))},
    ),
    lambda on, r: ("assignPhoneNumber", {"phoneNumberId": _number(on, r), "userId": None}),
)


@pytest.fixture(params=range(3))
async def world(store: Store, ask: Asker, request: pytest.FixtureRequest) -> World:
    """An organization of nine users to whom all sorts of things were done."""
    made = await new_world(store, people=9, locations=3)
    chance = random.Random(request.param)
    for _ in range(40):
        mutation, given = chance.choice(CHANGES)(made, chance)
        type_name = mutation[0].upper() + mutation[1:]
        document = f"mutation($i: {type_name}Input!) {{ {mutation}(input: $i) {{ __typename }} }}"
        answer = await ask(
            PROVIDER if "record" in mutation or "Phone" in mutation else made.org_admin, document, i=given
        )
        assert not answer.errors, answer.errors
    return made


async def singles(ask: Asker, world: World, **variables: Any) -> list[dict[str, Any]]:
    answer = await ask(world.org_admin, SINGLES, org=_org(world), **variables)
    edges = answer["users"]["edges"]
    assert answer["users"]["totalCount"] == len(edges)
    return [edge["node"] for edge in edges]


def summed(users: list[dict[str, Any]]) -> dict[str, Any]:
    """What a report of these users should say, as sets."""
    decided = [user["eligibility"] for user in users]
    roots = Counter(rule["ruleId"] for each in decided for rule in each["rootCauses"])
    rules = Counter((rule["ruleId"], rule["status"]) for each in decided for rule in each["rules"])
    return {
        "total": len(users),
        "byOutcome": dict(Counter((each["prerequisites"], each["enabled"], each["outcome"]) for each in decided)),
        "byRule": {
            key: (count, roots[key[0]] if key[1] == "FAIL" else 0) for key, count in rules.items()
        },
        "byLocation": dict(Counter((user["location"]["id"], user["eligibility"]["outcome"]) for user in users)),
    }  # fmt: skip


def told(report: dict[str, Any]) -> dict[str, Any]:
    return {
        "total": report["total"],
        "byOutcome": {(e["prerequisites"], e["enabled"], e["outcome"]): e["count"] for e in report["byOutcome"]},
        "byRule": {(e["ruleId"], e["status"]): (e["count"], e["asRootCause"]) for e in report["byRule"]},
        "byLocation": {(e["location"]["id"], e["outcome"]): e["count"] for e in report["byLocation"]},
    }


async def test_a_report_is_the_sum_of_what_is_said_of_each(ask: Asker, world: World) -> None:
    users = await singles(ask, world)
    assert len(users) == 9
    answer = await ask(world.org_admin, REPORT, org=_org(world))
    assert told(answer["eligibilityReport"]) == summed(users)
    assert answer.statements <= 5
    listed = [each["ruleId"] for each in answer["eligibilityReport"]["byRule"]]
    order = [str(rule.rule_id) for rule in RULES]
    assert listed == sorted(listed, key=order.index)


async def test_a_filter_finds_those_of_whom_it_is_said_and_a_report_counts_them(ask: Asker, world: World) -> None:
    everybody = await singles(ask, world)
    said = [user["eligibility"] for user in everybody]
    filters: list[dict[str, Any]] = [{"enabled": True}, {"enabled": False}, {"outcome": []}]
    filters += [{"outcome": [outcome]} for outcome in {each["outcome"] for each in said}]
    filters += [{"prerequisites": [outcome]} for outcome in {each["prerequisites"] for each in said}]
    filters += [{"failingRule": [rule["ruleId"]]} for each in said for rule in each["denials"]]
    filters += [
        {"prerequisites": ["ALLOWED"], "enabled": False},
        {"failingRule": ["USER_ACTIVE", "CLIENT_VERSION_MIN"]},
    ]
    for wanted in filters:
        found = await singles(ask, world, f=wanted)
        expected = [user for user in everybody if _satisfies(user["eligibility"], wanted)]
        assert [user["id"] for user in found] == [user["id"] for user in expected], wanted
        answer = await ask(world.org_admin, REPORT, org=_org(world), f=wanted)
        assert told(answer["eligibilityReport"]) == summed(expected), wanted


async def test_what_if_the_app_were_new_everywhere(ask: Asker, world: World) -> None:
    what_if = [{"ruleId": "CLIENT_VERSION_MIN", "value": "43.1"}]
    users = await singles(ask, world, **{"if": what_if})
    answer = await ask(world.org_admin, REPORT, org=_org(world), **{"if": what_if})
    assert told(answer["eligibilityReport"]) == summed(users)
    plain = await ask(world.org_admin, REPORT, org=_org(world), **{"if": []})
    assert told(plain["eligibilityReport"]) == summed(await singles(ask, world))


async def test_as_things_were_before_the_app_was_reported_anew(ask: Asker, small: World) -> None:
    before = datetime.now(UTC)
    person = small.people[0]
    given = {"userId": encode("User", small.org_id, person.user_id), "appVersion": "42.9"}
    change = "mutation($i: ReportAppVersionInput!) { reportAppVersion(input: $i) { __typename } }"
    assert not (await ask(person.principal, change, i=given)).errors
    document = REPORT.replace("$if:", "$at: DateTime, $if:").replace("whatIf:", "asOf: $at, whatIf:")
    then = await ask(small.org_admin, document, org=_org(small), at=before.isoformat())
    now = await ask(small.org_admin, document, org=_org(small))
    outcomes = [
        {each["outcome"]: each["count"] for each in answer["eligibilityReport"]["byOutcome"]} for answer in (then, now)
    ]
    assert outcomes == [{"ALLOWED": 2}, {"ALLOWED": 1, "DENIED": 1}]


async def test_a_report_is_of_those_whom_the_caller_sees(ask: Asker, world: World) -> None:
    place = world.location_ids[0]
    seen = [
        user for user in await singles(ask, world) if user["location"]["id"] == encode("Location", world.org_id, place)
    ]
    answer = await ask(world.location_admin(place), REPORT, org=_org(world))
    assert told(answer["eligibilityReport"]) == summed(seen)
    mine = await ask(world.people[0].principal, REPORT, org=_org(world))
    assert mine["eligibilityReport"]["total"] == 1


@pytest.fixture
async def small(store: Store) -> World:
    return await new_world(store, people=2)


async def test_another_organization_has_nobody(ask: Asker, small: World, store: Store) -> None:
    other = await new_world(store)
    answer = await ask(small.org_admin, REPORT, org=_org(other))
    assert answer["eligibilityReport"]["total"] == 0


async def test_too_many_to_suppose_for_are_refused_with_what_to_do(
    ask: Asker, small: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(eligibility_report, "DECIDED_MAX", 1)
    what_if = [{"ruleId": "CLIENT_VERSION_MIN", "value": "43.1"}]
    answer = await ask(small.org_admin, REPORT, org=_org(small), **{"if": what_if})
    assert answer.codes == ["REPORT_TOO_LARGE"]
    assert "narrow the `filter`" in answer.errors[0]["message"]
    one = {"search": "Person", "failingRule": ["CLIENT_VERSION_MIN"]}
    assert (await ask(small.org_admin, REPORT, org=_org(small), f=one, **{"if": what_if})).codes == []


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"f": {"failingRule": ["NONSENSE"]}}, "`NONSENSE`, which is no rule"),
        ({"if": [{"ruleId": "NONSENSE", "value": 1}]}, "whatIf[0]"),
    ],
)
async def test_what_cannot_be_asked_is_said(ask: Asker, small: World, variables: dict[str, Any], words: str) -> None:
    answer = await ask(small.org_admin, REPORT, org=_org(small), **variables)
    assert answer.codes == ["BAD_USER_INPUT"]
    assert words in answer.errors[0]["message"]


async def test_the_first_locations_alone(ask: Asker, small: World) -> None:
    document = "query($o: ID!, $n: Int!) { eligibilityReport(orgId: $o) { byLocation(first: $n) { count } } }"
    assert len((await ask(small.org_admin, document, o=_org(small), n=1))["eligibilityReport"]["byLocation"]) == 1
    assert (await ask(small.org_admin, document, o=_org(small), n=0)).codes == ["BAD_USER_INPUT"]


@pytest.mark.parametrize(("role", "seen"), [(Role.AUDITOR, 2), (Role.COMPLIANCE_OFFICER, 2), (Role.LOCATION_ADMIN, 0)])
async def test_whoever_sees_users_may_count_them(ask: Asker, small: World, role: Role, seen: int) -> None:
    somebody = member(small.org_id, role, location_id=UUID(int=1) if role is Role.LOCATION_ADMIN else None)
    answer = await ask(somebody, REPORT, org=_org(small))
    assert answer["eligibilityReport"]["total"] == seen


def _org(world: World) -> str:
    return encode("Org", world.org_id, world.org_id)


def _satisfies(said: dict[str, Any], wanted: dict[str, Any]) -> bool:
    failing = {rule["ruleId"] for rule in said["denials"]}
    return (
        said["enabled"] is wanted.get("enabled", said["enabled"])
        and said["outcome"] in wanted.get("outcome", [said["outcome"]])
        and said["prerequisites"] in wanted.get("prerequisites", [said["prerequisites"]])
        and ("failingRule" not in wanted or not failing.isdisjoint(wanted["failingRule"]))
    )
