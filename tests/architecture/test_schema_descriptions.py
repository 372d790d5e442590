"""Everything a person sees in GraphiQL is described."""

from collections.abc import Iterator
from typing import Protocol

from graphql import EnumTypeDefinitionNode, InputObjectTypeDefinitionNode, StringValueNode, TypeDefinitionNode, parse
from graphql.language import (
    DirectiveDefinitionNode,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
)

from schema.printing import PRINTED

SHORTEST = 4

Definition = TypeDefinitionNode | DirectiveDefinitionNode


class Described(Protocol):
    """A piece of a schema that may have a description."""

    @property
    def description(self) -> StringValueNode | None: ...


def described(definition: Definition) -> Iterator[tuple[str, Described]]:
    """The definition and everything in it that has a description of its own, by coordinate."""
    name = definition.name.value
    yield name, definition
    if isinstance(definition, EnumTypeDefinitionNode):
        yield from ((f"{name}.{value.name.value}", value) for value in definition.values or ())
    elif isinstance(definition, InputObjectTypeDefinitionNode):
        yield from ((f"{name}.{field.name.value}", field) for field in definition.fields or ())
    elif isinstance(definition, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode):
        for field in definition.fields or ():
            yield f"{name}.{field.name.value}", field
            for argument in field.arguments or ():
                yield f"{name}.{field.name.value}({argument.name.value}:)", argument
    elif isinstance(definition, DirectiveDefinitionNode):
        yield from ((f"@{name}({argument.name.value}:)", argument) for argument in definition.arguments or ())


def everything(text: str) -> dict[str, str | None]:
    """Descriptions by coordinate; None where there is none."""
    definitions = [each for each in parse(text).definitions if isinstance(each, Definition)]
    found = [pair for definition in definitions for pair in described(definition)]
    return {name: node.description.value if node.description else None for name, node in found}


def test_every_type_field_argument_and_value_has_a_description() -> None:
    descriptions = everything(PRINTED.read_text(encoding="utf-8"))
    assert len(descriptions) > 500
    assert [name for name, text in descriptions.items() if not text] == []


def test_every_description_is_a_sentence() -> None:
    descriptions = everything(PRINTED.read_text(encoding="utf-8"))
    assert [
        name for name, text in descriptions.items() if not text or len(text) < SHORTEST or not text.endswith(".")
    ] == []


def test_a_missing_description_is_found_wherever_it_is_missing() -> None:
    bare = (
        "type T { f(a: Int): Int } enum E { V } input I { x: Int } scalar S union U = T directive @d(a: Int) on FIELD"
    )
    assert {name for name, text in everything(bare).items() if text is None} == {
        "T", "T.f", "T.f(a:)", "E", "E.V", "I", "I.x", "S", "U", "d", "@d(a:)",
    }  # fmt: skip
