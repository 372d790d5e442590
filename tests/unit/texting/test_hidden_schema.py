"""Where the schema is not shown it is neither told nor suggested."""

import pytest
from graphql import build_schema

from texting.documents import Documents

SCHEMA = build_schema("""
type Query { user(name: String, order: Order): User, all: [Thing] }
type User implements Thing { name: String, thing: Thing }
interface Thing { name: String }
enum Order { FIRST, LAST }
""")
SHOWN, HIDDEN = Documents(SCHEMA, token_limit=500), Documents(SCHEMA, token_limit=500, shows_schema=False)


@pytest.mark.parametrize(
    "text",
    [
        "{ __schema { types { name } } }",
        '{ a: __type(name: "User") { fields { name } } }',
        "{ ...F } fragment F on Query { ... { __schema { queryType { name } } } }",
        "{ __schema { types { name } } again: __schema { directives { name } } }",
    ],
)
def test_who_asks_for_the_schema_is_told_once_that_it_is_not_told(text):
    assert SHOWN.read(text).errors == ()
    [error] = HIDDEN.read(text).errors
    assert "TEXTING_INTROSPECTION" in error.message


def test_which_type_an_object_has_is_told_all_the_same():
    assert HIDDEN.read("{ __typename all { __typename } }").errors == ()


@pytest.mark.parametrize(
    "text",
    [
        "{ usr { name } }",
        "{ user { nam } }",
        '{ user(nam: "x") { name } }',
        "{ user(order: FIRS) { name } }",
        "{ all { ... on Usr { name } } }",
        "{ all { thing { name } } }",
        "query ($o: Ordr) { user(order: $o) { name } }",
        "{ user @includ(if: true) { name } }",
        "{ __schema { directive } }",
    ],
)
def test_nothing_is_suggested_for_a_wrong_name(text):
    assert HIDDEN.read(text).errors
    assert not any("Did you mean" in error.message for error in HIDDEN.read(text).errors)
