"""Manifests of known operations, as clients' compilers write them."""

import json

import pytest
from graphql import build_schema

from texting.documents import KEPT, Documents
from texting.manifest import read_manifest
from texting.startup_error import StartupError

SCHEMA = build_schema("type Query { a(text: String, id: ID): Query, b: Int } type Mutation { c: Int }")
RELAY = {"1f": "query One { b }", "2f": "query Two { a { b } }"}
APOLLO = {
    "format": "apollo-persisted-query-manifest",
    "version": 1,
    "operations": [{"id": id, "name": "X", "type": "query", "body": body} for id, body in RELAY.items()],
}


@pytest.mark.parametrize("content", [RELAY, APOLLO])
def test_both_compilers_files_are_read(tmp_path, content):
    path = tmp_path / "operations.json"
    path.write_text(json.dumps(content))
    assert read_manifest(path) == RELAY


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "no JSON"),
        ("[]", "neither"),
        ('{"1f": 1}', "neither"),
        ('{"format": "apollo-persisted-query-manifest", "operations": [1]}', "neither"),
        ('{"format": "apollo-persisted-query-manifest", "operations": [{"id": "1f"}]}', "neither"),
    ],
)
def test_another_file_stops_the_start(tmp_path, content, said):
    path = tmp_path / "operations.json"
    path.write_text(content)
    with pytest.raises(StartupError, match=said) as stopped:
        read_manifest(path)
    assert "operations.json" in str(stopped.value)


def test_a_missing_file_stops_the_start(tmp_path):
    with pytest.raises(StartupError, match="No such file"):
        read_manifest(tmp_path / "operations.json")


def test_known_operations_are_read_at_once_and_never_displaced():
    documents = Documents(SCHEMA, token_limit=500)
    documents.know(RELAY)
    first = documents.read(RELAY["1f"])
    assert list(first.chosen) == [None]
    for number in range(KEPT + 1):
        documents.read(f"{{ x{number}: b }}")
    assert documents.read(RELAY["1f"]) is first


def test_an_operation_that_the_schema_refuses_stops_the_start_with_its_id():
    documents = Documents(SCHEMA, token_limit=500)
    with pytest.raises(StartupError, match=r"`2f`.*Cannot query field 'gone'"):
        documents.know({"1f": "{ b }", "2f": "{ gone }"})
