"""Apollo Client and urql on a running server: pages merge, an id is one object, and JSON comes beside streams."""

from __future__ import annotations

import pytest

from tests.peers.npm import Installed, Npm
from tests.process.serving import Serving

APOLLO = ("graphql@16.14.0", "@apollo/client@4.3.8", "rxjs@7.8.2")
URQL = ("graphql@16.14.0", "@urql/core@6.0.3", "graphql-ws@6.0.6", "ws@8.18.3")
JSON = ("application/graphql-response+json", "application/json")


@pytest.fixture(scope="module")
def urql(npm: Npm) -> Installed:
    return npm.install(*URQL)


@pytest.fixture(scope="module")
def org(demo: Serving) -> str:
    id: str = demo.data("{ viewer { org { id } } }", persona="org_admin")["viewer"]["org"]["id"]
    return id


def test_apollo_merges_pages_and_shows_a_change_wherever_the_object_is(npm: Npm, demo: Serving, org: str) -> None:
    lines = npm.install(*APOLLO).lines("apollo.mjs", demo.url, demo.tokens["org_admin"], org)
    merged, renamed, shown, refused, cached = lines
    users = demo.data("query($org: ID!) { users(orgId: $org, first: 4) { edges { node { id } } } }", org=org)
    assert merged["merged"] == [edge["node"]["id"] for edge in users["users"]["edges"]]
    assert renamed["answered"]["user"]["displayName"] == "Renamed by Apollo"
    assert shown == {"shown": "Renamed by Apollo", "held": 4}
    assert (refused["answered"]["__typename"], refused["answered"]["code"]) == ("InvalidInput", "INVALID_INPUT")
    assert sorted(cached["cached"]) == sorted(f"User:{id}" for id in merged["merged"])


@pytest.mark.parametrize("transport", ["ws", "sse"])
def test_urql_reads_and_is_refused_in_json_while_a_stream_is_open(
    urql: Installed, demo: Serving, org: str, transport: str
) -> None:
    (said,) = urql.lines("urql.mjs", transport, demo.url, demo.tokens["org_admin"], org)
    assert said["changed"][-1]["__typename"] == "OrgUpdated"
    assert said["read"]["org"]["id"] == org
    assert (said["refused"]["__typename"], said["error"]) == ("InvalidInput", None)
    assert {event["action"] for event in said["events"]} >= {"org:update"}
    streams = [type for type in said["types"] if type.startswith("text/event-stream")]
    answers = [type for type in said["types"] if type.startswith(JSON)]
    assert (len(streams), len(answers)) == (int(transport == "sse"), len(said["changed"]) + 2)
