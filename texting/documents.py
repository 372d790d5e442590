"""Documents that were parsed and validated: each text once, since clients send the same few again and again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    Node,
    OperationDefinitionNode,
    StringValueNode,
    Visitor,
    parse,
    specified_rules,
    validate,
    visit,
)

from texting.answer_size import VALUES_MAX, check_size
from texting.document_limits import DocumentLimits, check_depth, check_written
from texting.hidden_schema import NoIntrospection
from texting.request_failure import FailureCode
from texting.schema_answers import is_about_schema
from texting.startup_error import StartupError
from texting.tenancy import IdSites, id_sites

KEPT = 512
"""How many documents are kept; the least recently used goes first."""

KEPT_CHARACTERS = 20_000
"""Longest text that is kept: clients' own documents are shorter."""

KEPT_CHARACTERS_IN_ALL = 500_000
"""Length of all texts that are kept: a character's syntax tree takes some 100 bytes, so all take some 50 MB."""

CHECKED_KEPT = 64
"""Combinations of numbers an operation is known to be small enough with."""

_ERRORS_SHOWN = 20
_TOO_DEEP = "the document is nested too deeply: ask in several operations"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """The operation of a document that a request asks for. `checked`: numbers in variables with which it is bounded.

    `is_about_schema`: see `schema_answers`.
    """

    node: OperationDefinitionNode
    sites: IdSites
    fragments: Mapping[str, FragmentDefinitionNode]
    is_about_schema: bool
    checked: set[tuple[tuple[str, float | None], ...]] = field(default_factory=set)

    def check_size(self, variables: Mapping[str, Any], limit: int = VALUES_MAX) -> None:
        """Check how large the answer may become; once for the same numbers. Raises `AnswerTooLarge`."""
        numbers = tuple(
            (name, value) for name, value in variables.items() if value is None or isinstance(value, int | float)
        )
        if numbers in self.checked:
            return
        check_size(self.node, self.fragments, variables, limit)
        if len(self.checked) < CHECKED_KEPT:
            self.checked.add(numbers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A text that was read: its syntax tree, or the errors that keep it from being executed."""

    tree: DocumentNode | None
    errors: tuple[GraphQLError, ...] = ()
    code: FailureCode = FailureCode.GRAPHQL_VALIDATION_FAILED
    chosen: dict[str | None, Operation] = field(default_factory=dict)


class Documents:
    """Reads documents of one schema; at most `token_limit` lexical tokens each.

    Without `shows_schema` none may ask for the schema, and nothing is suggested for names that it does not have.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        *,
        token_limit: int,
        limits: DocumentLimits = DocumentLimits(),  # noqa: B008 - frozen
        shows_schema: bool = True,
    ) -> None:
        self._shows_schema = shows_schema
        self._rules = specified_rules if shows_schema else (*specified_rules, NoIntrospection)
        self._schema = schema
        self._token_limit = token_limit
        self._limits = limits
        self._known: dict[str, Document] = {}
        self._kept: OrderedDict[str, Document] = OrderedDict()
        self._characters = 0

    def know(self, texts: Mapping[str, str]) -> None:
        """Read documents by id and keep them for good, so that no stream of others displaces them.

        Raises:
            StartupError: naming the first one that the schema refuses.
        """
        for id, text in texts.items():
            document = self._read(text)
            if document.errors:
                raise StartupError(
                    f"operation `{id}` of the manifest does not fit the schema: {document.errors[0].message}"
                )
            self.operation(document, None)
            self._known[text] = document

    def knows(self, text: str) -> bool:
        """Say whether it is a text that is kept for good."""
        return text in self._known

    def read(self, text: str) -> Document:
        """Parse and validate a text."""
        document = self._known.get(text) or self._kept.get(text)
        if document is None:
            document = self._read(text)
            if len(text) <= KEPT_CHARACTERS:
                self._keep(text, document)
        elif text in self._kept:
            self._kept.move_to_end(text)
        return document

    def _keep(self, text: str, document: Document) -> None:
        self._kept[text] = document
        self._characters += len(text)
        while len(self._kept) > KEPT or self._characters > KEPT_CHARACTERS_IN_ALL:
            self._characters -= len(self._kept.popitem(last=False)[0])

    def operation(self, document: Document, name: str | None) -> Operation | None:
        """Choose the operation of that name, or the only one; `None` when there is no such choice."""
        if name not in document.chosen:
            assert document.tree is not None
            operations = [node for node in document.tree.definitions if isinstance(node, OperationDefinitionNode)]
            named = [node for node in operations if name is None or (node.name and node.name.value == name)]
            if len(named) != 1:
                return None
            sites = id_sites(self._schema, document.tree, named[0])
            fragments = {
                node.name.value: node for node in document.tree.definitions if isinstance(node, FragmentDefinitionNode)
            }
            document.chosen[name] = Operation(
                node=named[0],
                sites=sites,
                fragments=fragments,
                is_about_schema=is_about_schema(named[0], fragments),
            )
        return document.chosen[name]

    def _read(self, text: str) -> Document:
        try:
            tree = parse(text, max_tokens=self._token_limit)
        except GraphQLError as error:
            return Document(tree=None, errors=(error,), code=FailureCode.GRAPHQL_PARSE_FAILED)
        except RecursionError:
            return Document(tree=None, errors=(GraphQLError(_TOO_DEEP),), code=FailureCode.GRAPHQL_PARSE_FAILED)
        if exceeded := check_written(tree, self._limits):
            return Document(tree=tree, errors=tuple(exceeded), code=FailureCode.LIMIT_EXCEEDED)
        try:
            errors = self._errors(tree) or _nul(tree)
        except RecursionError:
            errors = [GraphQLError(_TOO_DEEP)]
        if errors:
            return Document(tree=tree, errors=tuple(errors))
        return Document(tree=tree, errors=tuple(check_depth(tree, self._limits)), code=FailureCode.LIMIT_EXCEEDED)

    def _errors(self, tree: DocumentNode) -> list[GraphQLError]:
        """Validate; what is wrong in several places is said once, with all of them."""
        places: dict[str, list[Node]] = {}
        for error in validate(self._schema, tree, self._rules, _ERRORS_SHOWN, hide_suggestions=not self._shows_schema):
            places.setdefault(error.message, []).extend(error.nodes or ())
        return [GraphQLError(message, nodes or None) for message, nodes in places.items()]


def _nul(tree: DocumentNode) -> list[GraphQLError]:
    """Find NUL in texts of the document: no text of ours may have it, and PostgreSQL cannot store it."""
    found: list[GraphQLError] = []

    class Texts(Visitor):
        def enter_string_value(self, node: StringValueNode, *_: Any) -> None:
            if "\x00" in node.value:
                found.append(GraphQLError("a text contains the character NUL: leave it out", node))

    visit(tree, Texts())
    return found
