"""A cursor is a place in a list, and nothing else: another organization's leads to nothing of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import zip_longest
from typing import Any

import asyncpg

from core.principal import Role
from tests.acceptance.access.scene import Scene, callers_of
from tests.acceptance.access.tokens import Kind
from tests.acceptance.access.ways import beside, ids_in, ways
from tests.acceptance.access.written import moment, written_since
from tests.acceptance.schema_places import cursor_places, together

NESTED = {
    "EffectiveSetting.history",
    "Conversation.messages",
    "Message.auditRecords",
    "UsersTextingSet.auditRecords",
}
"""Pages two levels down, whose cursors are of the list that they stand in: `test_histories` and `test_messages`."""
FILLED = {"users", "locations", "phoneNumbers", "numbers", "campaigns", "auditRecords", "messages", "consentEvents"}
"""Lists that are not empty in any organization of the scene."""
CURSORS = [place for place in cursor_places() if f"{place.type}.{place.field}" not in NESTED]
PLACES = [place for place in CURSORS if place.type != "Subscription"]
RUBBISH = ("rubbish", "", "AA", "é" * 9)


async def theirs(scene: Scene) -> list[list[str]]:
    """For each place, the cursors that the other organization's own officer is given in its list."""
    other = replace(scene, stage=scene.elsewhere)
    first = [replace(place, path=("first",)) if "first" in place.declared.args else place for place in PLACES]
    text, values = together(first, ways(scene.elsewhere), beside(other), {}, [2] * len(first))
    role = Role.COMPLIANCE_OFFICER
    officers = await callers_of(scene.issuers, {role: scene.elsewhere.person(role)})
    answer = await scene.answer(officers[role, Kind.LOCAL], text, **values)
    return [list(cursors_in(answer["data"][f"p{at}"])) for at in range(len(first))]


async def test_another_organizations_leads_to_nothing_of_it(scene: Scene, admin: asyncpg.Connection) -> None:
    given = await theirs(scene)
    empty = [str(place) for found, place in zip(given, PLACES, strict=True) if not found and place.field in FILLED]
    assert not empty
    members = [role for role in Role if role is not Role.PROVIDER_ADMIN]
    for role in members:
        before = await moment(admin)
        for cursors in [*zip_longest(*given, fillvalue="rubbish"), *([each] * len(PLACES) for each in RUBBISH)]:
            text, values = together(PLACES, ways(scene.stage), beside(scene), {}, cursors)
            answer = await scene.answer(scene.callers[role, Kind.LOCAL], text, **values)
            codes = {error["path"][0]: error["extensions"]["code"] for error in answer.get("errors", ())}
            assert set(codes.values()) <= {"BAD_USER_INPUT", "FORBIDDEN"}
            assert all(found is not None and found.org_id == scene.stage.org_id for found in ids_in(answer["data"]))
        assert (await written_since(admin, before)).tables == set()


def cursors_in(value: Any) -> Iterator[str]:
    """Every cursor in an answer."""
    if isinstance(value, list):
        for each in value:
            yield from cursors_in(each)
    elif isinstance(value, dict):
        if isinstance(value.get("cursor"), str):
            yield value["cursor"]
        for each in value.values():
            yield from cursors_in(each)
