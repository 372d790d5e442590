"""Documents that were parsed and validated: each text once, since clients send the same few again and again."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    StringValueNode,
    Visitor,
    parse,
    validate,
    visit,
)

from texting.request_failure import FailureCode
from texting.tenancy import IdSites, id_sites

KEPT = 512
"""How many documents are kept; the least recently used goes first."""

KEPT_CHARACTERS = 20_000
"""Longest text that is kept: clients' own documents are shorter, and longer ones would fill the memory."""

_ERRORS_SHOWN = 20
_TOO_DEEP = "the document is nested too deeply: ask in several operations"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """The operation of a document that a request asks for."""

    node: OperationDefinitionNode
    sites: IdSites


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A text that was read: its syntax tree, or the errors that keep it from being executed."""

    tree: DocumentNode | None
    errors: tuple[GraphQLError, ...] = ()
    code: FailureCode = FailureCode.GRAPHQL_VALIDATION_FAILED
    chosen: dict[str | None, Operation] = field(default_factory=dict)


class Documents:
    """Reads documents of one schema; at most `token_limit` lexical tokens each."""

    def __init__(self, schema: GraphQLSchema, *, token_limit: int) -> None:
        self._schema = schema
        self._token_limit = token_limit
        self._kept = lru_cache(KEPT)(self._read)

    def read(self, text: str) -> Document:
        """Parse and validate a text."""
        return self._kept(text) if len(text) <= KEPT_CHARACTERS else self._read(text)

    def operation(self, document: Document, name: str | None) -> Operation | None:
        """Choose the operation of that name, or the only one; `None` when there is no such choice."""
        if name not in document.chosen:
            assert document.tree is not None
            operations = [node for node in document.tree.definitions if isinstance(node, OperationDefinitionNode)]
            named = [node for node in operations if name is None or (node.name and node.name.value == name)]
            if len(named) != 1:
                return None
            sites = id_sites(self._schema, document.tree, named[0])
            document.chosen[name] = Operation(node=named[0], sites=sites)
        return document.chosen[name]

    def _read(self, text: str) -> Document:
        try:
            tree = parse(text, max_tokens=self._token_limit)
        except GraphQLError as error:
            return Document(tree=None, errors=(error,), code=FailureCode.GRAPHQL_PARSE_FAILED)
        except RecursionError:
            return Document(tree=None, errors=(GraphQLError(_TOO_DEEP),), code=FailureCode.GRAPHQL_PARSE_FAILED)
        try:
            errors = validate(self._schema, tree, max_errors=_ERRORS_SHOWN) or _nul(tree)
        except RecursionError:
            errors = [GraphQLError(_TOO_DEEP)]
        return Document(tree=tree, errors=tuple(errors))


def _nul(tree: DocumentNode) -> list[GraphQLError]:
    """Find NUL in texts of the document: no text of ours may have it, and PostgreSQL cannot store it."""
    found: list[GraphQLError] = []

    class Texts(Visitor):
        def enter_string_value(self, node: StringValueNode, *_: Any) -> None:
            if "\x00" in node.value:
                found.append(GraphQLError("a text contains the character NUL: leave it out", node))

    visit(tree, Texts())
    return found
