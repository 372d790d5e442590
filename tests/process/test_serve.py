"""A server with demo data: what it prints, who may come in, and what there is to see."""

from __future__ import annotations

import stat
from collections import Counter
from typing import Any

import pytest

from tests.process.serving import Serving, names, run, sentence

PERSONAS = ("provider_admin", "org_admin", "location_admin", "compliance_officer", "auditor", "user")

WHO = "{ viewer { subject roles org { id name } user { id displayName } } }"
USERS = """
query Users($org: ID!, $after: String) {
  users(orgId: $org, first: 30, after: $after) {
    pageInfo { hasNextPage endCursor }
    edges { node { displayName location { name } eligibility { outcome rootCauses { ruleId } } } }
  }
}
"""


def test_it_says_where_it_is_and_gives_a_token_for_each_persona(demo: Serving) -> None:
    base = demo.url.removesuffix("/graphql")
    assert demo.lines[0] == f"ready: {base}/graphql"
    assert demo.lines[1] == f"GraphiQL: {base}/graphiql"
    printed = dict(line.split() for line in demo.lines[3:])
    assert printed == demo.tokens
    assert tuple(printed) == PERSONAS


def test_the_tokens_file_is_its_owners_alone(demo: Serving) -> None:
    assert stat.S_IMODE((demo.folder / "demo-tokens.json").stat().st_mode) == 0o600


@pytest.mark.parametrize("persona", PERSONAS)
def test_every_persona_is_who_its_token_says(demo: Serving, persona: str) -> None:
    viewer = demo.data(WHO, persona=persona)["viewer"]
    assert viewer["roles"] == [persona.upper()]
    assert viewer["subject"] == f"demo:{persona}"
    assert (viewer["user"] is not None) == (persona == "user")


def test_the_provider_sees_three_organizations_in_different_states(demo: Serving) -> None:
    found = demo.data("{ orgs(first: 10) { edges { node { name customerType } } } }")
    # Other tests add to the same demo.
    assert {"Corner Coffee", "Harbor & Pine Outfitters", "Lakeside Dental Group"} <= set(names(found["orgs"]["edges"]))


def test_boston_has_each_reason_for_which_one_person_cannot_text_alone(demo: Serving) -> None:
    causes = Counter(
        tuple(cause["ruleId"] for cause in user["eligibility"]["rootCauses"])
        for user in _users(demo)
        if user["location"]["name"] == "Boston" and user["eligibility"]["outcome"] == "DENIED"
    )
    assert causes == {
        ("CLIENT_VERSION_MIN",): 1,
        ("USER_PRIMARY_TN_PRESENT",): 3,
        ("USER_TN_FROM_CALLING_PLAN",): 1,
        ("USER_TN_COUNTRY_US_CA",): 1,
        ("NUMBER_CAMPAIGN_ASSIGNED",): 3,
        ("EFFECTIVE_SETTING_ENABLED",): 1,
        ("USER_ACTIVE",): 1,
    }


def test_every_outcome_is_to_be_seen(demo: Serving) -> None:
    outcomes = Counter(user["eligibility"]["outcome"] for user in _users(demo))
    assert outcomes["ALLOWED"] >= 10
    assert set(outcomes) == {"ALLOWED", "DENIED", "PENDING", "INDETERMINATE"}


def test_a_second_server_of_the_same_address_is_told_before_anything_starts(demo: Serving) -> None:
    port = demo.url.rsplit(":", 1)[1].partition("/")[0]
    other = demo.folder.with_name("other")
    told = sentence(run("serve", "--port", port, "--data-dir", other))
    assert (
        told == f"port `{port}` of `127.0.0.1` is in use: stop the program that uses it, or choose another with --port"
    )
    assert not other.exists()


def _users(demo: Serving) -> list[dict[str, Any]]:
    org = demo.data(WHO, persona="org_admin")["viewer"]["org"]["id"]
    users: list[dict[str, Any]] = []
    after = None
    while True:
        page = demo.data(USERS, persona="org_admin", org=org, after=after)["users"]
        users += [edge["node"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return users
