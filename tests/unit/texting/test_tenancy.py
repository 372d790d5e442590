from __future__ import annotations

from uuid import UUID

import pytest
from graphql import OperationDefinitionNode, build_schema, parse

from core.ids import SYSTEM_ORG_ID, encode, uuid7
from core.principal import Grant, Principal, Role
from texting.tenancy import SeveralOrganizations, entered, id_sites

OWN, OTHER, FOREIGN = uuid7(), uuid7(), uuid7()
SCHEMA = build_schema("""
    type Query {
      node(id: ID!): Query
      nodes(ids: [ID!]!): [Query]!
      find(text: String, filter: Filter, after: String): Query
    }
    input Filter { ownerId: ID, memberIds: [ID!], nested: [Filter!], name: String }
""")


def person(*orgs: UUID | None) -> Principal:
    grants = tuple(Grant(role=Role.ORG_ADMIN, org_id=org) for org in orgs)
    return Principal(subject="s", name=None, org_id=orgs[0] or SYSTEM_ORG_ID, grants=grants)


def user(org: UUID) -> str:
    return encode("User", org, uuid7())


def enter(query: str, principal: Principal, **variables: object) -> UUID:
    document = parse(query)
    operation = next(node for node in document.definitions if isinstance(node, OperationDefinitionNode))
    return entered(id_sites(SCHEMA, document, operation), variables, principal)


def test_an_operation_without_ids_enters_the_callers_own_organization():
    assert enter("{ find { __typename } }", person(OWN, OTHER)) == OWN


def test_an_id_written_in_the_document_is_entered():
    assert enter(f'{{ node(id: "{user(OTHER)}") {{ __typename }} }}', person(OWN, OTHER)) == OTHER


def test_the_global_id_of_an_organization_is_entered():
    assert enter(f'{{ node(id: "{encode("Org", OTHER, OTHER)}") {{ __typename }} }}', person(OWN, OTHER)) == OTHER


@pytest.mark.parametrize(
    ("declared", "argument", "value"),
    [
        ("ID!", "node(id: $v)", user(OTHER)),
        ("[ID!]!", "nodes(ids: $v)", [user(OTHER), "nonsense"]),
        ("[ID!]!", "nodes(ids: $v)", user(OTHER)),
        ("Filter", "find(filter: $v)", {"ownerId": user(OTHER)}),
        ("Filter", "find(filter: $v)", {"nested": [{"nested": [{"memberIds": [user(OTHER)]}]}]}),
        ("ID", "find(filter: { ownerId: $v })", user(OTHER)),
        ("[Filter!]", "find(filter: { nested: $v })", {"ownerId": user(OTHER)}),
    ],
)
def test_an_id_anywhere_in_the_variables_is_entered(declared: str, argument: str, value: object):
    assert enter(f"query Q($v: {declared}) {{ {argument} {{ __typename }} }}", person(OWN, OTHER), v=value) == OTHER


def test_an_id_in_a_fragment_or_a_default_is_entered():
    fragment = (
        f'{{ ...F }} fragment F on Query {{ ...G }} fragment G on Query {{ node(id: "{user(OTHER)}") {{ ...F }} }}'
    )
    assert enter(fragment, person(OWN, OTHER)) == OTHER
    default = f'query Q($v: ID! = "{user(OTHER)}") {{ node(id: $v) {{ __typename }} }}'
    assert enter(default, person(OWN, OTHER)) == OTHER


def test_ids_in_strings_that_are_not_ids_do_not_count():
    filter = f'{{ name: "{user(OTHER)}" }}'
    query = f'{{ find(text: "{user(OTHER)}", after: "{user(OTHER)}", filter: {filter}) {{ __typename }} }}'
    assert enter(query, person(OWN, OTHER)) == OWN


def test_another_operation_of_the_document_does_not_count():
    query = f'query A {{ find {{ __typename }} }} query B {{ node(id: "{user(OTHER)}") {{ __typename }} }}'
    assert enter(query, person(OWN, OTHER)) == OWN


def test_an_organization_without_a_grant_is_ignored():
    query = f'{{ a: node(id: "{user(FOREIGN)}") {{ __typename }} b: node(id: "{user(OTHER)}") {{ __typename }} }}'
    assert enter(query, person(OWN, OTHER)) == OTHER
    assert enter(f'{{ node(id: "{user(FOREIGN)}") {{ __typename }} }}', person(OWN, OTHER)) == OWN


def test_two_organizations_with_grants_are_refused():
    query = "query Q($a: ID!, $b: ID!) { a: node(id: $a) { __typename } b: node(id: $b) { __typename } }"
    with pytest.raises(SeveralOrganizations, match="2 organizations"):
        enter(query, person(OWN, OTHER), a=user(OWN), b=user(OTHER))


def test_the_provider_may_enter_any_one_organization():
    assert enter(f'{{ node(id: "{user(FOREIGN)}") {{ __typename }} }}', person(None)) == FOREIGN
    assert enter("{ find { __typename } }", person(None)) == SYSTEM_ORG_ID


@pytest.mark.parametrize("value", ["", "x", "8J+Yig", 7, None, True, {"a": 1}, [[user(OTHER)]]])
def test_values_that_are_no_ids_are_left_alone(value: object):
    assert enter("query Q($v: ID) { find(filter: { ownerId: $v }) { __typename } }", person(OWN, OTHER), v=value) == OWN


def test_a_recursive_input_type_without_ids_is_not_walked():
    schema = build_schema("type Query { find(tree: Tree): Int } input Tree { branches: [Tree!], name: String }")
    document = parse("query Q($v: Tree) { find(tree: $v) }")
    assert id_sites(schema, document, document.definitions[0]).variables == ()
