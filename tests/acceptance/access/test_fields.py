"""Every field that can be read, as everybody: what is declared for a role is answered, all else refused in place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson
import pytest
from graphql import get_named_type, is_leaf_type

from core.principal import Role
from tests.acceptance.access.declared import CORE, NODES, QUERIES, Rows, compared, readers, rows, shown_to
from tests.acceptance.access.scene import EVERYBODY, Scene
from tests.acceptance.access.tokens import Kind
from tests.unit.schema.operations import objects, operation


@pytest.mark.parametrize(("role", "kind"), EVERYBODY)
async def test_every_field_answers_as_it_is_declared(scene: Scene, role: Role, kind: Kind) -> None:
    caller, found = scene.callers[role, kind], set()
    for field in QUERIES:
        text = operation(CORE, "query", field)
        found |= compared(await scene.answer(caller, text, **scene.values(text)), "Query", role)
    text, values = every_object(scene)
    answer = await scene.answer(caller, text, **values)
    missing = shown_to(role, "Query") - (found | compared(answer, "Query", role))
    assert not missing, sorted(missing)


async def test_whoever_may_read_a_field_reads_the_same_in_it(scene: Scene) -> None:
    text, values = every_object(scene)
    told: dict[tuple[str, str, str], dict[Any, list[str]]] = {}
    for caller in scene.callers.values():
        answer = await scene.answer(caller, text, **values)
        for objects_of_type in answer["data"].values():
            for each in filter(None, objects_of_type):
                for field, value in as_told(each, caller.role):
                    readers_of = told.setdefault((each["__typename"], each["id"], field), {})
                    readers_of.setdefault(orjson.dumps(value), []).append(f"{caller.role} by {caller.kind}")
    assert len(told) > 300
    different = {place: values for place, values in told.items() if len(values) > 1}
    assert not different


OF_THE_CALLER = {("Message", "bodyState"), ("Export", "url")}
"""Fields that say what their caller may do."""


def as_told(each: Mapping[str, Any], role: Role) -> Iterator[tuple[str, Any]]:
    """The fields of an object that a role may read: scalars, and whether there is an object where that does not depend
    on who asks."""
    type = each["__typename"]
    for field, value in each.items():
        if field.startswith("__") or role not in readers(type, field) or (type, field) in OF_THE_CALLER:
            continue
        named = get_named_type(CORE.type_map[type].fields[field].type)  # type: ignore[union-attr]
        if is_leaf_type(named):
            yield field, value
        elif named.name not in NODES or rows(named.name, role) is Rows.ALL:
            yield field, value is None


def every_object(scene: Scene) -> tuple[str, dict[str, Any]]:
    """An operation that reads all that is stored by its id, and its variables."""
    ids: dict[str, list[str]] = {}
    for thing in scene.things:
        ids.setdefault(thing.type, []).append(thing.id)
    text = objects(CORE, ids, depth=3)
    return text, scene.values(text, {**scene.given, **ids})
