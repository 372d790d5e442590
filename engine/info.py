"""What a batched function may know about the request and about what was selected below its field."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import EllipsisType
from typing import TYPE_CHECKING, Any

from graphql import FieldNode, FragmentDefinitionNode, GraphQLField, GraphQLSchema, OperationType

from engine.reading import Reading
from engine.selection import children
from engine.subtree import subtree_of

if TYPE_CHECKING:
    from graphql.execution.executor import Executor

    from engine.arguments import Arguments
    from engine.subtree import Subtree, Wanted


class Execution:
    """What all batches of one execution have in common.

    executor, arguments: those of the compiled executor; None under graphql-core's.
    """

    __slots__ = ("arguments", "context", "executor", "fragments", "operation", "root_value", "schema", "variables")

    def __init__(
        self,
        schema: GraphQLSchema,
        context: Any,
        root_value: Any,
        variables: Mapping[str, Any],
        operation: OperationType,
        fragments: Mapping[str, FragmentDefinitionNode],
        executor: Executor[Any] | None = None,
        arguments: Arguments | None = None,
    ) -> None:
        self.schema = schema
        self.context = context
        self.root_value = root_value
        self.variables = variables
        self.operation = operation
        self.fragments = fragments
        self.executor = executor
        self.arguments = arguments


class Site:
    """A batched field's place in an operation, and what was found out about the selections below it.

    Kept with a plan, whose every execution decides `@skip` and `@include` alike: each question is answered once.
    """

    __slots__ = ("definition", "field", "metadata", "nodes", "parent_type", "path", "reads", "selected", "subtree")

    def __init__(
        self,
        definition: GraphQLField,
        parent_type: str,
        path: tuple[str, ...],
        metadata: Mapping[Any, Any],
        nodes: Sequence[FieldNode],
    ) -> None:
        self.definition = definition
        self.field: Any = None
        self.parent_type = parent_type
        self.path = path
        self.metadata = metadata
        self.nodes = nodes
        self.selected: dict[tuple[str, ...], frozenset[str]] = {}
        self.reads: dict[tuple[str, ...], frozenset[str] | None] = {}
        self.subtree: Subtree | EllipsisType | None = ...


class Info:
    """One batch of one field: the same for all its parents.

    context: the value given as `context_value` to the schema's execution.
    root_value: the value given as `root_value`.
    variables: the operation's coerced variables.
    operation: query or mutation.
    """

    __slots__ = ("_execution", "_site", "context")

    def __init__(self, site: Site, execution: Execution) -> None:
        self._site = site
        self._execution = execution
        self.context = execution.context

    @property
    def root_value(self) -> Any:
        return self._execution.root_value

    @property
    def variables(self) -> Mapping[str, Any]:
        return self._execution.variables

    @property
    def operation(self) -> OperationType:
        return self._execution.operation

    @property
    def field_name(self) -> str:
        """The field's GraphQL name."""
        return self._site.nodes[0].name.value

    @property
    def parent_type(self) -> str:
        """The GraphQL name of the parents' object type."""
        return self._site.parent_type

    @property
    def path(self) -> tuple[str, ...]:
        """Response names from the operation's root to this field, without list indices."""
        return self._site.path

    @property
    def metadata(self) -> Mapping[Any, Any]:
        """The declaration's `metadata`."""
        return self._site.metadata

    @property
    def is_alone(self) -> bool:
        """Whether the field is all that a query asks for, so that nothing is read but for it and for what is below."""
        field = self._site.field
        if field is None or field.parent.field is not None or self.operation is not OperationType.QUERY:
            return False
        return all(each is field or each.constant is not None for each in field.parent.fields)

    def selected(self, *path: str) -> frozenset[str]:
        """GraphQL names of the direct children selected anywhere in the batch; with a path, of that descendant.

        Fragments are followed, aliases undone and `@skip` and `@include` decided; children of every possible runtime
        type count. `info.selected("edges", "node")` names the fields wanted of a connection's nodes.
        """
        known = self._site.selected
        found = known.get(path)
        if found is None:
            found = known[path] = self._find(path)
        return found

    def selects(self, path: str) -> bool:
        """Whether a child, or a descendant with a dotted path such as `edges.node.name`, is selected in the batch."""
        *parents, name = path.split(".")
        return name in self.selected(*parents)

    def reads(self, type_name: str, *path: str) -> frozenset[str] | None:
        """Which attributes will be read of the objects of a type; with a path, of those at that descendant.

        None where that cannot be told: something is selected that does not say what it reads (`Registry.bind`), or no
        object of that type can stand there. Whoever loads the objects for this batch alone need load nothing else.
        """
        known, key = self._site.reads, (type_name, *path)
        if key not in known:
            execution, site = self._execution, self._site
            reading = Reading(execution.schema, execution.fragments, execution.variables)
            known[key] = reading.of(site.definition.type, site.nodes, path, type_name)
        return known[key]

    def subtree(self) -> Subtree | None:
        """Everything selected below the field, for a function that gives a `Rendered` value.

        None where that cannot be told once for all executions of the plan; the function then answers as usual.
        """
        found = self._site.subtree
        if found is ...:
            executor = self._execution.executor
            found = self._site.subtree = None if executor is None else subtree_of(executor, self._site.field)
        return found

    def arguments(self, wanted: Wanted) -> dict[str, Any]:
        """The keywords that the function of a field below this one would be called with. Raises what is wrong."""
        assert self._execution.arguments is not None
        return self._execution.arguments.keywords(wanted.field)

    def _find(self, path: tuple[str, ...]) -> frozenset[str]:
        execution = self._execution
        nodes: Sequence[FieldNode] = self._site.nodes
        for name in path:
            nodes = children(nodes, execution.fragments, execution.variables).get(name, ())
        return frozenset(children(nodes, execution.fragments, execution.variables))


Guard = Callable[[Info], Exception | None]
