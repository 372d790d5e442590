"""What front-end teams, administrators and auditors were promised is there, name for name and type for type."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import (
    DirectiveDefinitionNode,
    EnumTypeDefinitionNode,
    FieldDefinitionNode,
    InputObjectTypeDefinitionNode,
    InputValueDefinitionNode,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    TypeDefinitionNode,
    UnionTypeDefinitionNode,
    parse,
    print_ast,
)

from schema.printing import PRINTED

CONTRACT = Path(__file__).parents[2].parent / "shared" / "reference" / "api.graphql"

LATER = {
    "delivery": [
        "Mutation.cancelMessage", "CancelMessageInput", "CancelMessageResult", "MessageCanceled",
        "Org.usage", "User.usage", "Campaign.usage", "UsageWindow", "UsageUnit",
        "Org.trafficBlocks", "TrafficBlock", "TrafficBlockConnection", "TrafficBlockEdge", "TrafficBlockKind",
        "TrafficBlockReason", "BlockAuthority", "Mutation.recordTrafficBlock", "RecordTrafficBlockInput",
        "TrafficBlockResult", "TrafficBlockRecorded",
        "Org.spamReports", "SpamReport", "SpamReportConnection", "SpamReportEdge", "Mutation.reportSpam",
        "ReportSpamInput", "SpamReportResult", "SpamReported",
    ],
    "compliance": [
        "Org.holds", "Message.holds", "MessageFilter.holdId", "Hold", "HoldConnection", "HoldEdge",
        "Mutation.createHold", "Mutation.releaseHold", "CreateHoldInput", "ReleaseHoldInput", "HoldResult", "HoldSet",
        "ExportKind.MESSAGES", "ExportFormat.JSONL", "ExportFormat.EML", "ExportFormat.RSMF",
        "CreateExportInput.messages",
    ],
}  # fmt: skip
"""Parts of the contract that come later, and are absent until they work."""

BEYOND: list[str] = []
"""What we have and the contract does not."""


def coordinates(text: str) -> dict[str, str]:
    """Everything a schema says, by coordinate: what it is and of which type."""
    definitions = [
        each for each in parse(text).definitions if isinstance(each, TypeDefinitionNode | DirectiveDefinitionNode)
    ]
    return {name: said for definition in definitions for name, said in _definition(definition)}


def _definition(definition: TypeDefinitionNode | DirectiveDefinitionNode) -> Iterator[tuple[str, str]]:
    name = definition.name.value
    if isinstance(definition, DirectiveDefinitionNode):
        yield f"@{name}", " | ".join(sorted(location.value for location in definition.locations))
        return
    interfaces = sorted(each.name.value for each in getattr(definition, "interfaces", None) or ())
    yield name, " ".join([definition.kind, *interfaces])
    if isinstance(definition, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode):
        for field in definition.fields or ():
            yield from _field(name, field)
    elif isinstance(definition, InputObjectTypeDefinitionNode):
        yield from ((f"{name}.{field.name.value}", _value(field)) for field in definition.fields or ())
    elif isinstance(definition, EnumTypeDefinitionNode):
        yield from ((f"{name}.{value.name.value}", "value") for value in definition.values or ())
    elif isinstance(definition, UnionTypeDefinitionNode):
        yield from ((f"{name}|{member.name.value}", "member") for member in definition.types or ())


def _field(name: str, field: FieldDefinitionNode) -> Iterator[tuple[str, str]]:
    coordinate = f"{name}.{field.name.value}"
    yield coordinate, print_ast(field.type)
    for directive in field.directives or ():
        yield f"{coordinate}@{directive.name.value}", "directive"
    for argument in field.arguments or ():
        yield f"{coordinate}({argument.name.value}:)", _value(argument)


def _value(value: InputValueDefinitionNode) -> str:
    default = f" = {print_ast(value.default_value)}" if value.default_value else ""
    return print_ast(value.type) + default


def within(coordinate: str, parts: list[str]) -> bool:
    """Whether a coordinate is one of the parts or inside one."""
    return any(coordinate == part or coordinate.startswith(tuple(part + mark for mark in ".(|@")) for part in parts)


@pytest.fixture(scope="module")
def promised() -> dict[str, str]:
    if not CONTRACT.exists():
        pytest.skip("the contract is not beside this checkout")
    return coordinates(CONTRACT.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def ours() -> dict[str, str]:
    return coordinates(PRINTED.read_text(encoding="utf-8"))


LATER_PARTS = [part for parts in LATER.values() for part in parts]


def test_what_is_promised_is_there_with_the_same_types(promised: dict[str, str], ours: dict[str, str]) -> None:
    due = {name: said for name, said in promised.items() if not within(name, LATER_PARTS)}
    assert {name: (said, ours.get(name)) for name, said in due.items() if ours.get(name) != said} == {}


def test_what_is_beyond_the_contract_is_listed(promised: dict[str, str], ours: dict[str, str]) -> None:
    assert sorted(name for name in ours if name not in promised) == sorted(BEYOND)


@pytest.mark.parametrize("part", LATER_PARTS)
def test_what_comes_later_is_promised_and_absent(part: str, promised: dict[str, str], ours: dict[str, str]) -> None:
    assert part in promised
    assert part not in ours


def test_a_difference_of_any_sort_is_seen() -> None:
    left = coordinates(
        "interface N { id: ID! } type T implements N { id: ID! f(a: Int = 1): [Int!] } enum E { A } union U = T"
    )
    right = coordinates("interface N { id: ID! } type T { id: ID f(a: Int): [Int] } enum E { B } union U = V")
    assert {name for name in left | right if left.get(name) != right.get(name)} == {
        "T", "T.id", "T.f", "T.f(a:)", "E.A", "E.B", "U|T", "U|V",
    }  # fmt: skip
