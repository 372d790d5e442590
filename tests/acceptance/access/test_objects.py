"""Every object by its id, as everybody: those that the words of its type's declaration show, and null for the rest."""

from __future__ import annotations

import asyncpg
import pytest

from core.principal import Role
from tests.acceptance.access.declared import shown_to
from tests.acceptance.access.scene import Caller, Scene, Thing
from tests.acceptance.access.tokens import Kind
from tests.acceptance.access.written import moment, written_since

NODES = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"
CALLERS = [(role, kind, is_narrow) for role in Role for kind in Kind for is_narrow in (False, True)]
CALLERS = [each for each in CALLERS if not each[2] or each[0] in {Role.LOCATION_ADMIN, Role.USER}]


def caller_of(scene: Scene, role: Role, kind: Kind, *, is_narrow: bool) -> Caller:
    """Whose grant is of the first location and user, or of the others."""
    return (scene.narrow if is_narrow else scene.callers)[role, kind]


async def found(scene: Scene, caller: Caller, things: tuple[Thing, ...]) -> set[str]:
    """The ids of those things that somebody is shown."""
    ids = [thing.id for thing in things]
    answer = await scene.answer(caller, NODES, ids=ids)
    assert "errors" not in answer
    return {each["id"] for each in answer["data"]["nodes"] if each is not None}


def test_every_type_of_object_is_there_for_somebody_and_hidden_from_somebody(scene: Scene) -> None:
    types = {thing.type for thing in scene.things}
    assert types == {thing.type for thing in scene.others}
    assert {type for role in Role for type, _ in shown_to(role, "Query")} > types
    for type in types - {"Org", "Brand", "Campaign"}:
        seen = [
            {thing.id for thing in scene.things if thing.type == type and thing.is_seen_by(caller.principal)}
            for caller in (*scene.callers.values(), *scene.narrow.values())
        ]
        assert len({frozenset(each) for each in seen}) > 1, type


@pytest.mark.parametrize(("role", "kind", "is_narrow"), CALLERS)
async def test_by_its_id_somebody_is_shown_what_is_declared(
    scene: Scene, admin: asyncpg.Connection, role: Role, kind: Kind, *, is_narrow: bool
) -> None:
    caller, before = caller_of(scene, role, kind, is_narrow=is_narrow), await moment(admin)
    seen = {thing.id for thing in scene.things if thing.is_seen_by(caller.principal)}
    assert await found(scene, caller, scene.things) == seen
    theirs = {thing.id for thing in scene.others if role is Role.PROVIDER_ADMIN and thing.is_seen_by(caller.principal)}
    assert await found(scene, caller, scene.others) == theirs
    assert (await written_since(admin, before)).tables == set()
