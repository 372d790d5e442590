"""graphql-ws and graphql-sse on a running server: a line that was cut resumes without gap or repeat."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest

from tests.peers.npm import Installed, Npm
from tests.process.serving import Serving

CLIENTS = ("graphql@16.14.0", "graphql-ws@6.0.6", "graphql-sse@2.6.0", "ws@8.18.3")
EVENTS = """subscription($org: ID!, $after: String) {
  auditRecordSealed(orgId: $org, after: $after) { cursor record { leafIndex action } } }"""
CHANGE = """mutation($org: ID!, $name: String!) {
  updateOrg(input: { orgId: $org, name: $name, reason: "renamed" }) { __typename } }"""


@pytest.fixture(scope="module")
def clients(npm: Npm) -> Installed:
    """The script beside the clients it imports."""
    return npm.install(*CLIENTS)


@contextmanager
def following(clients: Installed, serving: Serving, transport: str, **variables: Any) -> Iterator[Iterator[Any]]:
    """The responses a client prints; the line is cut when the block ends."""
    given = [transport, serving.url, serving.tokens["auditor"], EVENTS, json.dumps(variables)]
    process = subprocess.Popen(
        [clients.npm.node, clients.folder / "subscribe.mjs", *given],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield map(json.loads, process.stdout)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.mark.parametrize("transport", ["ws", "sse"])
def test_a_line_that_is_cut_resumes_without_gap_or_repeat(clients: Installed, demo: Serving, transport: str) -> None:
    org = demo.data("{ viewer { org { id } } }", persona="org_admin")["viewer"]["org"]["id"]
    cursor, places = _newest(demo, org), []
    for _ in range(3):
        names = [f"Renamed {uuid4()}" for _ in range(3)]
        for name in names:
            demo.data(CHANGE, persona="org_admin", org=org, name=name)
        with following(clients, demo, transport, org=org, after=cursor) as responses:
            for _ in names:
                event = next(responses)["data"]["auditRecordSealed"]
                places.append(int(event["record"]["leafIndex"]))
                cursor = event["cursor"]
    assert places == list(range(places[0], places[0] + 9))


@pytest.mark.parametrize("transport", ["ws", "sse"])
def test_what_cannot_be_followed_is_said_in_words(clients: Installed, demo: Serving, transport: str) -> None:
    with following(clients, demo, transport, org="nonsense") as responses:
        (error,) = next(responses)["errors"]
    assert error["extensions"]["code"] == "NOT_FOUND"


def _newest(serving: Serving, org: str) -> str:
    """The cursor of the newest sealed record."""
    page = serving.data(
        "query($org: ID!) { auditRecords(orgId: $org, orderBy: { field: LEAF_INDEX, direction: ASC }, last: 1) {"
        " pageInfo { endCursor } } }",
        persona="auditor",
        org=org,
    )
    cursor: str = page["auditRecords"]["pageInfo"]["endCursor"]
    return cursor
