"""Documents are parsed and validated once a text."""

import pytest
from graphql import build_schema

from texting.documents import KEPT, KEPT_CHARACTERS, KEPT_CHARACTERS_IN_ALL, Documents
from texting.request_failure import FailureCode

SCHEMA = build_schema("type Query { a(text: String, id: ID): Query, b: Int } type Mutation { c: Int }")


def documents(token_limit=500):
    return Documents(SCHEMA, token_limit=token_limit)


def test_a_text_is_read_once():
    reader = documents()
    first = reader.read("{ b }")
    assert first.errors == ()
    assert reader.read("{ b }") is first
    assert reader.read("{ b } ") is not first


def test_a_long_text_is_not_kept():
    reader = documents()
    text = "{ b }" + " " * KEPT_CHARACTERS
    assert reader.read(text) is not reader.read(text)


def test_only_so_many_are_kept():
    reader = documents()
    first = reader.read("{ x: b }")
    for number in range(KEPT):
        reader.read(f"{{ x{number}: b }}")
    assert reader.read("{ x: b }") is not first


def test_only_so_many_characters_are_kept():
    reader = documents()
    padding = " " * (KEPT_CHARACTERS - 20)
    first, last = reader.read("{ x: b }"), reader.read("{ y: b }")
    for number in range(KEPT_CHARACTERS_IN_ALL // KEPT_CHARACTERS + 1):
        reader.read("{ y: b }")
        reader.read(f"{{ x{number}: b }}{padding}")
    assert reader.read("{ y: b }") is last
    assert reader.read("{ x: b }") is not first


@pytest.mark.parametrize("text", ["", "{", "{ a(", "query", "{ b } }", "\N{GRINNING FACE}", '{ a(text: "x) }'])
def test_what_is_no_document_is_refused(text):
    document = documents().read(text)
    assert document.tree is None
    assert document.code is FailureCode.GRAPHQL_PARSE_FAILED
    assert document.errors


@pytest.mark.parametrize(
    "text", ["{ nothing }", "{ a }", "{ b { b } }", "{ ...F }", "query ($x: Int) { b }", "{ a(x: 1) { b } }"]
)
def test_what_the_schema_does_not_know_is_refused(text):
    document = documents().read(text)
    assert document.code is FailureCode.GRAPHQL_VALIDATION_FAILED
    assert document.errors


def test_a_document_has_a_largest_number_of_tokens():
    assert not documents(token_limit=10).read("{ b b b }").errors
    refused = documents(token_limit=10).read("{ " + "b " * 20 + "}")
    assert refused.code is FailureCode.GRAPHQL_PARSE_FAILED
    assert "10 tokens" in refused.errors[0].message


def test_a_document_that_is_nested_too_deeply_is_refused():
    refused = documents(token_limit=100_000).read("{ a " * 5_000 + "{ b }" + " }" * 5_000)
    assert "nested too deeply" in refused.errors[0].message


def test_of_many_errors_only_some_are_shown():
    assert len(documents().read("{ " + " ".join(f"x{number}" for number in range(100)) + " }").errors) <= 21


@pytest.mark.parametrize(
    "text", ['{ a(text: "a\\u0000b") { b } }', 'query ($x: String = "\\u0000") { a(text: $x) { b } }']
)
def test_a_text_with_nul_is_refused(text):
    [error] = documents().read(text).errors
    assert "NUL" in error.message


def test_the_only_operation_needs_no_name():
    reader = documents()
    document = reader.read("{ b }")
    operation = reader.operation(document, None)
    assert operation is not None
    assert reader.operation(document, None) is operation
    assert reader.operation(document, "A") is None


def test_of_several_operations_one_is_chosen_by_its_name():
    reader = documents()
    document = reader.read('query A { b } query B { a(id: "x") { b } }')
    assert reader.operation(document, None) is None
    chosen = reader.operation(document, "B")
    assert chosen is not None
    assert (chosen.node.name.value, chosen.sites.literals) == ("B", ("x",))
    assert reader.operation(document, "C") is None
    assert reader.operation(document, "b") is None


def test_names_repeated_too_often_are_refused_before_validation_compares_them():
    document = documents(token_limit=10_000).read("{ unknown " + "b " * 250 + "}")
    assert document.code is FailureCode.LIMIT_EXCEEDED
    (error,) = document.errors
    assert "31125 pairs" in error.message


def test_directives_are_counted_before_validation_looks_each_up():
    document = documents(token_limit=10_000).read("{ b " + "@unknown " * 51 + "}")
    assert document.code is FailureCode.LIMIT_EXCEEDED
    (error,) = document.errors
    assert "51 directives" in error.message


def test_what_is_wrong_in_several_places_is_said_once_with_all_of_them():
    (first, second) = documents().read("{ b @x @x c @x\n c }").errors
    assert {len(first.locations), len(second.locations)} == {3, 2}
    assert len({first.message, second.message}) == 2
