"""Every operation that we hand out is one that the committed schema takes."""

from __future__ import annotations

from pathlib import Path

import pytest
from graphql import GraphQLSchema, OperationDefinitionNode, build_schema, parse, validate

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*(ROOT / "texting/pages/operations").glob("*.graphql"), *(ROOT / "docs").rglob("*.graphql")])


@pytest.fixture(scope="module")
def committed() -> GraphQLSchema:
    return build_schema((ROOT / "schema/schema.graphql").read_text())


def test_there_are_ready_made_operations_and_those_of_the_walk_through() -> None:
    assert len([path for path in DOCUMENTS if path.parent.name == "operations"]) == 9
    assert len([path for path in DOCUMENTS if path.parent.name == "walkthrough"]) >= 15


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_a_document_is_valid_and_has_one_operation_with_a_name(committed: GraphQLSchema, path: Path) -> None:
    document = parse(path.read_text())
    assert validate(committed, document) == []
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    assert len(operations) == 1
    assert operations[0].name is not None
