"""The unions merge: one operation can select every member of a mutation's answer with all its fields."""

import pytest
from graphql import (
    GraphQLUnionType,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    build_schema,
    get_named_type,
    parse,
    validate,
    visit,
)
from graphql.language import FieldNode

from schema.printing import PRINTED
from tests.unit.schema.operations import operation

SCHEMA = build_schema(PRINTED.read_text(encoding="utf-8"))
assert SCHEMA.mutation_type is not None
assert SCHEMA.query_type is not None
MUTATIONS = sorted(SCHEMA.mutation_type.fields)
QUERIES = sorted(SCHEMA.query_type.fields)


class Selected(Visitor):
    """Collects which fields of which types an operation selects."""

    def __init__(self, info: TypeInfo) -> None:
        super().__init__()
        self.info = info
        self.fields: set[tuple[str, str]] = set()

    def enter_field(self, node: FieldNode, *_: object) -> None:
        parent = self.info.get_parent_type()
        assert parent is not None
        self.fields.add((parent.name, node.name.value))


@pytest.mark.parametrize("name", MUTATIONS)
def test_every_member_of_a_mutation_s_answer_can_be_selected_with_all_its_fields(name: str) -> None:
    assert SCHEMA.mutation_type is not None
    document = parse(operation(SCHEMA, "mutation", name))
    assert validate(SCHEMA, document) == []

    info = TypeInfo(SCHEMA)
    selected = Selected(info)
    visit(document, TypeInfoVisitor(info, selected))
    union = get_named_type(SCHEMA.mutation_type.fields[name].type)
    assert isinstance(union, GraphQLUnionType)
    assert len(union.types) > 1
    missing = {(member.name, field) for member in union.types for field in member.fields} - selected.fields
    assert missing == set()


@pytest.mark.parametrize("name", QUERIES)
def test_everything_a_query_answers_can_be_selected_with_all_its_arguments(name: str) -> None:
    assert validate(SCHEMA, parse(operation(SCHEMA, "query", name))) == []


def test_every_member_but_one_of_a_mutation_s_answer_is_a_refusal() -> None:
    assert SCHEMA.mutation_type is not None
    refusal = SCHEMA.type_map["Refusal"]
    for name, field in SCHEMA.mutation_type.fields.items():
        union = get_named_type(field.type)
        assert isinstance(union, GraphQLUnionType)
        successes = [member.name for member in union.types if refusal not in member.interfaces]
        assert len(successes) == 1, name


def test_no_success_has_a_refusal_s_field() -> None:
    refusal = SCHEMA.type_map["Refusal"]
    for union in SCHEMA.type_map.values():
        if isinstance(union, GraphQLUnionType):
            for member in union.types:
                if refusal not in member.interfaces:
                    assert not {"code", "message", "trackingId"} & set(member.fields), member.name
