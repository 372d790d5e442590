"""Every type, field and mutation says who may read or call it, and nothing that must be there is ever withheld."""

from collections.abc import Iterator

import pytest
from graphql import (
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
    is_non_null_type,
)
from graphql.type import GraphQLField

from core.principal import Role
from engine import BatchedField
from schema.access import ALLOWED, READERS, AccessRow, access_table
from schema.api import build_schema

SCHEMA = build_schema()
CORE = SCHEMA._schema
TABLE = list(access_table(SCHEMA))
BY_NAME = {(row.type, row.field): row for row in TABLE}


def roles(row: AccessRow) -> frozenset[Role]:
    """The roles of a line that declares some."""
    assert row.roles is not None
    return row.roles


def fields() -> Iterator[tuple[GraphQLObjectType, str, GraphQLField]]:
    """Every field of every object type of ours."""
    for graphql_type in CORE.type_map.values():
        if isinstance(graphql_type, GraphQLObjectType) and not graphql_type.name.startswith("__"):
            for name, field in graphql_type.fields.items():
                yield graphql_type, name, field


def declaration(field: GraphQLField) -> BatchedField | None:
    """The batched declaration behind a field, or None for a plain attribute."""
    declared = field.extensions["strawberry-definition"]
    return declared if isinstance(declared, BatchedField) else None


def test_the_table_has_every_type_and_field() -> None:
    assert {(parent.name, name) for parent, name, _ in fields()} <= set(BY_NAME)


def test_every_type_and_field_says_who_may_read_it() -> None:
    assert [f"{row.type}.{row.field}" for row in TABLE if not row.roles] == []


def test_every_type_says_which_of_its_objects() -> None:
    assert [row.type for row in TABLE if row.field is None and not row.rows] == []


def test_every_query_field_says_it_itself() -> None:
    assert [row.field for row in TABLE if row.type == "Query" and row.field and not row.declared] == []


def test_every_mutation_says_who_may_call_it() -> None:
    assert CORE.mutation_type is not None
    for name, field in CORE.mutation_type.fields.items():
        declared = declaration(field)
        assert declared is not None, name
        assert declared.metadata.get(ALLOWED), name


def test_a_field_that_is_narrower_than_its_type_is_guarded_and_nullable() -> None:
    narrower = 0
    for parent, name, field in fields():
        row = BY_NAME[parent.name, name]
        # A change that is refused says so in its answer; a subscription that is refused is not opened.
        if parent in (CORE.mutation_type, CORE.subscription_type) or roles(row) >= roles(BY_NAME[parent.name, None]):
            continue
        declared = declaration(field)
        assert declared is not None, f"{parent.name}.{name} is an attribute: a guard needs a batched field"
        assert declared.guard is not None, f"{parent.name}.{name}"
        assert declared.metadata[READERS] == row.roles, f"{parent.name}.{name}"
        assert not is_non_null_type(field.type), f"{parent.name}.{name}"
        narrower += 1
    assert narrower > 5


def test_whoever_reads_a_field_may_read_the_type_it_leads_to() -> None:
    for parent, name, field in fields():
        if parent is CORE.mutation_type or (parent.name.endswith("Edge") and name == "node"):
            continue  # answers of mutations are below; a connection is empty for those who may not read its nodes
        target = get_named_type(field.type)
        if isinstance(target, GraphQLObjectType):
            beyond = roles(BY_NAME[parent.name, name]) - roles(BY_NAME[target.name, None])
            assert not beyond, f"{parent.name}.{name} leads {sorted(beyond)} to {target.name}, which is not theirs"


def members(named: GraphQLNamedType) -> tuple[GraphQLObjectType, ...]:
    """What a mutation may answer."""
    assert isinstance(named, GraphQLUnionType)
    return tuple(named.types)


def test_an_answer_is_readable_by_those_who_may_call_a_mutation_that_gives_it() -> None:
    assert CORE.mutation_type is not None
    refusal = CORE.type_map["Refusal"]
    assert isinstance(refusal, GraphQLInterfaceType)
    callers: dict[str, frozenset[Role]] = {}
    for name, field in CORE.mutation_type.fields.items():
        for member in members(get_named_type(field.type)):
            if refusal in member.interfaces and member.name != "SendDenied":
                assert roles(BY_NAME[member.name, None]) == frozenset(Role), member.name
            else:
                callers[member.name] = callers.get(member.name, frozenset()) | roles(BY_NAME["Mutation", name])
    assert {name: BY_NAME[name, None].roles for name in callers} == callers


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("createOrg", {Role.PROVIDER_ADMIN}),
        ("setOrgEntitlements", {Role.PROVIDER_ADMIN}),
        ("addPhoneNumbers", {Role.PROVIDER_ADMIN}),
        ("recordBrandStatus", {Role.PROVIDER_ADMIN}),
        ("setOrgTexting", {Role.ORG_ADMIN}),
        ("setUserTexting", {Role.ORG_ADMIN, Role.LOCATION_ADMIN}),
        ("sendMessage", {Role.USER, Role.PROVIDER_ADMIN}),
        ("recordConsent", {Role.ORG_ADMIN, Role.COMPLIANCE_OFFICER}),
        ("reportAppVersion", {Role.USER}),
    ],
)
def test_a_mutation_is_for_the_roles_of_the_design(field: str, expected: set[Role]) -> None:
    assert roles(BY_NAME["Mutation", field]) == expected


def test_an_auditor_changes_nothing_and_may_ask_for_exports() -> None:
    assert [row.field for row in TABLE if row.type == "Mutation" and row.field and Role.AUDITOR in roles(row)] == [
        "createExport"
    ]


def test_bodies_are_for_users_and_compliance_officers_only() -> None:
    assert roles(BY_NAME["Message", "body"]) == {Role.USER, Role.COMPLIANCE_OFFICER}
