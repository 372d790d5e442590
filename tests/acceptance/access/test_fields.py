"""Every field that can be read, as everybody: what is declared for a role is answered, all else refused in place."""

from __future__ import annotations

import pytest

from core.principal import Role
from tests.acceptance.access.declared import CORE, QUERIES, compared, shown_to
from tests.acceptance.access.scene import Scene
from tests.acceptance.access.tokens import Kind
from tests.unit.schema.operations import objects, operation


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("role", Role)
async def test_every_field_answers_as_it_is_declared(scene: Scene, role: Role, kind: Kind) -> None:
    caller, found = scene.callers[role, kind], set()
    for field in QUERIES:
        text = operation(CORE, "query", field)
        found |= compared(await scene.answer(caller, text, **scene.values(text)), "Query", role)
    ids: dict[str, list[str]] = {}
    for thing in scene.things:
        ids.setdefault(thing.type, []).append(thing.id)
    text = objects(CORE, ids, depth=3)
    answer = await scene.answer(caller, text, **scene.values(text, {**scene.given, **ids}))
    missing = shown_to(role, "Query") - (found | compared(answer, "Query", role))
    assert not missing, sorted(missing)
