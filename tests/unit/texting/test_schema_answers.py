"""Answers about the schema alone are written once, and nothing else is."""

import orjson
import pytest
from graphql import build_schema

from texting.documents import Documents
from texting.schema_answers import SchemaAnswers

SCHEMA = build_schema("type Query { me: User } type Mutation { rename: User } type User { name: String }")


def asked(text):
    reader = Documents(SCHEMA, token_limit=500)
    document = reader.read(text)
    assert document.errors == ()
    return reader.operation(document, None)


@pytest.mark.parametrize(
    "text",
    [
        "{ __schema { types { name } } }",
        "{ __typename }",
        '{ ... { a: __type(name: "User") { name } } ...F } fragment F on Query { ... on Query { __typename } }',
    ],
)
def test_what_is_asked_about_the_schema_alone_is_kept(text):
    answers, operation = SchemaAnswers(), asked(text)
    assert answers.get(operation) is None
    answers.keep(operation, {"told": "é"})
    assert orjson.dumps({"data": answers.get(operation)}) == '{"data":{"told":"é"}}'.encode()


@pytest.mark.parametrize(
    "text",
    [
        "{ __schema { types { name } } me { name } }",
        "{ me { __typename } }",
        "{ __typename ...F } fragment F on Query { ... { me { name } } }",
        "query ($shown: Boolean!) { __typename @include(if: $shown) }",
        "query ($name: String!) { __type(name: $name) { name } }",
        "mutation { __typename }",
    ],
)
def test_whatever_else_is_asked_is_not(text):
    answers, operation = SchemaAnswers(), asked(text)
    answers.keep(operation, {})
    assert answers.get(operation) is None


def test_only_so_many_bytes_are_kept_and_the_least_recently_used_go_first():
    answers = SchemaAnswers(bytes_kept=100)
    first, second, third = (asked(f"{{ {name}: __typename }}") for name in "abc")
    for operation in (first, second):
        answers.keep(operation, "x" * 40)
    answers.get(first)
    answers.keep(third, "x" * 40)
    assert [answers.get(each) is None for each in (first, second, third)] == [False, True, False]
    answers.keep(second, "x" * 100)
    assert all(answers.get(each) is None for each in (first, second, third))
