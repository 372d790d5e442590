"""What a document's id means, and what is executed where only known documents are."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from graphql import build_schema

from texting.documents import Document, Documents
from texting.known_operations import KnownOperations
from texting.request_body import checked
from texting.request_failure import RequestFailure
from texting.startup_error import StartupError

TEXT = "query B { b }"
HASH = hashlib.sha256(TEXT.encode()).hexdigest()
MANIFEST = {"relay-1": "query A { a }", HASH: TEXT}


def known(**options: Any) -> KnownOperations:
    documents = Documents(build_schema("type Query { a: Int, b: Int }"), token_limit=500)
    return KnownOperations(documents, **({"texts": MANIFEST} | options))


def asked(body: dict[str, Any], **options: Any) -> Document:
    return known(**options).document(checked(body))


def persisted(hash: str) -> dict[str, Any]:
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": hash}}}


@pytest.mark.parametrize("alone", [False, True])
@pytest.mark.parametrize(
    "body",
    [
        {"documentId": HASH},
        {"documentId": f"sha256:{HASH}"},
        {"doc_id": HASH},
        {"id": HASH},
        persisted(HASH),
        {"query": TEXT},
        {"query": TEXT, "documentId": HASH},
        {"query": TEXT} | persisted(HASH),
        {"query": TEXT, "documentId": "another client's"},
    ],
)
def test_an_operation_of_the_manifest_is_executed_by_any_form_of_its_id_and_as_text(body: Any, alone: bool) -> None:
    document = asked(body, alone=alone)
    assert document.errors == ()
    assert document.tree is not None
    assert document.tree.definitions[0].to_dict()["name"]["value"] == "B"


@pytest.mark.parametrize("alone", [False, True])
@pytest.mark.parametrize("body", [{"documentId": "zz"}, {"doc_id": "zz"}, {"id": "sha256:relay-1"}, persisted("zz")])
def test_an_unknown_id_is_told_so_and_apollo_s_clients_in_their_words(body: Any, alone: bool) -> None:
    document = asked(body, alone=alone)
    assert document.code == "PERSISTED_QUERY_NOT_FOUND"
    told = document.errors[0].message
    assert told == "PersistedQueryNotFound" if "extensions" in body else "no operation of the manifest" in told
    assert ("send its text" in told) is (not alone and "extensions" not in body)


@pytest.mark.parametrize("more", [{}, {"documentId": "zz"}, persisted("zz")])
def test_another_text_is_executed_only_where_the_known_are_not_alone(more: Any) -> None:
    body = {"query": "{ a }"} | more
    assert asked(body).errors == ()
    refused = asked(body, alone=True)
    assert refused.code == "DOCUMENT_NOT_TRUSTED"
    assert "TEXTING_TRUSTED_DOCUMENTS" in refused.errors[0].message


def test_what_is_not_trusted_is_not_read_so_that_nothing_of_the_schema_is_told() -> None:
    assert asked({"query": "{ aa }"}).errors[0].message.endswith("Did you mean 'a'?")
    (error,) = asked({"query": "{ aa }"}, alone=True).errors
    assert "Did you mean" not in error.message


def test_an_id_and_another_text_are_a_contradiction() -> None:
    with pytest.raises(RequestFailure, match="another document"):
        asked({"query": "{ a }", "documentId": HASH})


@pytest.mark.parametrize("body", [{"documentId": 1}, {"query": "", "documentId": HASH}, {"id": None}, persisted(1)])
def test_an_id_that_is_no_text_is_none(body: Any) -> None:
    with pytest.raises(RequestFailure, match="`query` is missing"):
        asked(body)


@pytest.mark.parametrize("texts", [None, {}])
def test_nothing_to_trust_keeps_the_server_from_starting(texts: Any) -> None:
    with pytest.raises(StartupError, match="TEXTING_OPERATIONS_MANIFEST"):
        known(texts=texts, alone=True)
