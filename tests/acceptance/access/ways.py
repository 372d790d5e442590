"""How the objects of a scene are reached whose fields take ids or cursors, and what is found there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from core.ids import GlobalId, decode
from tests.acceptance.access.scene import PEER, Scene
from tests.acceptance.mutating import Stage


def ways(stage: Stage) -> dict[str, tuple[str, str] | None]:
    """How objects of a type are reached, and by which id."""
    return {
        "Query": None,
        "Org": ("org(id: $way)", stage["org"]),
        "User": ("user(id: $way)", stage["user"]),
        "Location": ("location(id: $way)", stage["location"]),
        "Campaign": ("node(id: $way) { ... on Campaign", stage["campaign"]),
    }


def beside(scene: Scene) -> dict[str, Any]:
    """What has to be said along with an id, by argument."""
    stage = scene.stage
    return {
        "userId": stage["user"],
        "orgId": stage["org"],
        "peer": PEER,
        "phoneNumber": stage.world.people[0].number,
        "recipient": PEER,
        "from": "2026-03-01T00:00:00Z",
        "to": "2026-03-02T00:00:00Z",
        "whatIf": [{"ruleId": "CLIENT_VERSION_MIN", "value": "42.12"}],
        "input": {"userId": stage["user"], "to": PEER, "body": "Hello"},
        "fromSize": scene.given["auditConsistency_fromSize"],
    }


def ids_in(value: Any) -> Iterator[GlobalId | None]:
    """Every global id in an answer."""
    if isinstance(value, list):
        for each in value:
            yield from ids_in(each)
    elif isinstance(value, dict):
        if isinstance(value.get("id"), str):
            yield decode(value["id"])
        for each in value.values():
            yield from ids_in(each)
