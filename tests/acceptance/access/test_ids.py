"""Wherever a query takes an id, as everybody: one's own is answered as declared, another organization's as nobody's.

The places come from the schema: one that is new is walked by itself, or fails here until `BESIDE` and `WAYS` say how
it is asked. Ids in the inputs of mutations are walked in `test_mutations`, those of subscriptions in `test_streams`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

import asyncpg
import orjson
import pytest

from core.ids import encode
from core.principal import Role
from tests.acceptance.access.declared import readers
from tests.acceptance.access.scene import MEMBERS, Scene
from tests.acceptance.access.tokens import Kind
from tests.acceptance.access.ways import beside, ids_in, ways
from tests.acceptance.access.written import moment, written_since
from tests.acceptance.schema_places import Place, id_places, together

NAMED = {
    "userId": "User",
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
PLACES = [place for place in id_places() if place.type != "Subscription"]


def type_named(place: Place) -> str:
    """The type that an id at a place names."""
    return NAMED.get(place.path[-1]) or ROOTS.get(place.field, "User")


ALSO = {"Query.user(orgId)": {"email": "nobody@example.com"}}
"""What has to be said although the schema does not require it."""


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


def test_there_are_many_places() -> None:
    assert len(PLACES) > 30


@pytest.mark.parametrize(("role", "kind"), MEMBERS)
async def test_every_id_is_answered_as_declared_and_only_ones_own_is_found(
    scene: Scene, admin: asyncpg.Connection, statements: Callable[[], list[str]], role: Role, kind: Kind
) -> None:
    caller, before = scene.callers[role, kind], await moment(admin)
    said: dict[str, bytes] = {}
    run: dict[str, list[str]] = {}
    for what, id_of in given(scene).items():
        ids = [id_of(type_named(place)) for place in PLACES]
        text, values = together(PLACES, ways(scene.stage), beside(scene), ALSO, ids)
        statements()
        answer = await scene.answer(caller, text, **values)
        # Once a second, whoever asks, a token is looked up again.
        run[what] = [statement for statement in statements() if "tokens" not in statement]
        said[what] = without(answer, ids)
        codes = {error["path"][0]: error["extensions"]["code"] for error in answer.get("errors", ())}
        for at, place in enumerate(PLACES):
            is_reached = place.type == "Query" or answer["data"][f"p{at}"]
            due = "FORBIDDEN" if is_reached and role not in readers(place.type, place.field) else None
            code = codes.get(f"p{at}")
            is_no_fact = code == "BAD_USER_INPUT" and place.path == ("whatIf", "entityId") and what != "own"
            assert code == due or is_no_fact, (what, str(place), code)
        assert all(found.org_id == scene.stage.org_id for found in ids_in(answer["data"])), what
    assert said["another organization's"] == said["unknown"]
    assert run["another organization's"] == run["unknown"]
    assert (await written_since(admin, before)).tables == set()


def without(answer: dict[str, Any], ids: list[str]) -> bytes:
    """What was answered, but for the ids that were the caller's own words."""
    errors = [(each["path"], each["message"], each["extensions"]["code"]) for each in answer.get("errors", ())]
    text = orjson.dumps([answer["data"], errors]).decode()
    for id in filter(None, ids):
        text = re.sub(f"{id[:20]}[\\w-]*…?", "(the id)", text)
    return text.encode()
