"""Wherever a query takes an id, as everybody: one's own is answered as declared, another organization's as nobody's.

The places come from the schema: one that is new is walked by itself, or fails here until `BESIDE` and `WAYS` say how
it is asked. Ids in the inputs of mutations are walked in `test_mutations`, those of subscriptions in `test_streams`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import asyncpg
import pytest

from core.principal import Role
from tests.acceptance.access.declared import readers
from tests.acceptance.access.scene import MEMBERS, Scene
from tests.acceptance.access.tokens import Kind
from tests.acceptance.access.ways import beside, given, ids_in, type_named, ways, without
from tests.acceptance.access.written import moment, written_since
from tests.acceptance.schema_places import id_places, together

PLACES = [place for place in id_places() if place.type != "Subscription"]


ALSO = {"Query.user(orgId)": {"email": "nobody@example.com"}}
"""What has to be said although the schema does not require it."""


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
        ids = [id_of(type_named(place.field, place.path[-1])) for place in PLACES]
        text, values = together(PLACES, ways(scene.stage), beside(scene), ALSO, ids)
        statements()
        answer = await scene.answer(caller, text, **values)
        run[what] = of_reading(statements())
        said[what] = without([answer["data"], errors_of(answer)], ids)
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


def errors_of(answer: dict[str, Any]) -> list[Any]:
    """What errors say, but for the id of the request."""
    return [(each["path"], each["message"], each["extensions"]["code"]) for each in answer.get("errors", ())]


def of_reading(statements: list[str]) -> list[str]:
    """The statements of an answer, without what depends on the time: looking a token up, ending what was before."""
    read = [each.removeprefix("COMMIT; ") for each in statements if "tokens" not in each]
    return [each for each in read if each != "COMMIT"]
