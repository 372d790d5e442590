"""How the objects of a scene are reached whose fields take ids or cursors, and what is found there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from uuid import uuid4

import orjson

from core.ids import GlobalId, decode, encode
from tests.acceptance.access.scene import PEER, Scene
from tests.acceptance.mutating import Stage

NAMED = {
    "userId": "User",
    "userIds": "User",
    "ownerId": "User",
    "locationId": "Location",
    "campaignId": "Campaign",
    "orgId": "Org",
    "entityId": "User",
    "targetId": "User",
    "involves": "User",
}
"""What an argument names; `id` what its root field is called, elsewhere anything."""
ROOTS = {"org": "Org", "location": "Location", "message": "Message", "auditRecord": "AuditRecord"}


def type_named(field: str, argument: str) -> str:
    """The type that an id in an argument of a field names, or below it."""
    return NAMED.get(argument) or ROOTS.get(field, "User")


def given(scene: Scene) -> Mapping[str, Callable[[str], str]]:
    """Ids by what they are, for the type that is named."""
    own, theirs = ({each.type: each.id for each in reversed(things)} for things in (scene.things, scene.others))

    def nobodys(type_name: str) -> str:
        nowhere = uuid4()
        return encode(type_name, nowhere, nowhere if type_name == "Org" else uuid4())

    return {
        "own": own.__getitem__,
        "unknown": nobodys,
        "another organization's": theirs.__getitem__,
        "malformed": lambda _: "rubbish",
        "empty": lambda _: "",
        "of no type": lambda _: encode("Nothing", uuid4(), uuid4()),
    }


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


def without(said: Any, ids: Iterable[str]) -> bytes:
    """What was said, but for the ids that were the caller's own words, or their beginnings."""
    text = orjson.dumps(said).decode()
    for id in filter(None, ids):
        text = re.sub(f"{id[:20]}[\\w-]*…?", "(the id)", text)
    return text.encode()
