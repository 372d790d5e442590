"""What one operation selects: its fields by runtime type, collected once and kept for every execution.

A selection is collected when the first value of its type arrives, so fragments that multiply when written out cost only
what the data makes of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import GeneratorType, NoneType
from typing import TYPE_CHECKING, Any

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    TypeNameMetaFieldDef,
    VariableNode,
    is_abstract_type,
)
from graphql.execution.collect_fields import FieldDetailsList, GroupedFieldSet, collect_fields, collect_subfields
from graphql.execution.executor import Executor
from graphql.pyutils.undefined import UndefinedType

from engine.assembly import Assemble, Read, of_many
from engine.batch import Binding
from engine.directive import holds_variable
from engine.info import Site
from engine.leaf import is_leaf, plain_class, writer
from engine.place import Place, only
from engine.reading import BINDING, attribute_of
from engine.runtime_type import is_taught
from engine.shape import Form, Shape, shape_of
from engine.subtree import Rendered

if TYPE_CHECKING:
    from engine.run import Run

_NO_OBJECTS = (Exception, NoneType, UndefinedType, GeneratorType, Rendered)
"""Classes whose values are failures, nothing, perhaps to be awaited, or written already."""

Many = tuple[tuple[int, Read], ...]
"""Which leaves of a selection, by index, are read of many sources at once."""


class Field:
    """One response key of a selection.

    attribute: the Python attribute that is the field's value, where nothing but reading it is asked for.
    path: the response keys from the operation's root down to this one.
    constant: the value of `__typename`.
    is_constant: no argument of it has a variable.
    binding: the batched function that answers the field.
    by_class: builds the response objects of values of a class that says itself which type it is; None for others.
    write: completes a value the short way, where it is a leaf or a list of leaves.
    plain: the class of values that are written as they are.
    arguments: those that are the same in every execution, once they were coerced.
    variables: the arguments that are variables, with their names; None where one stands inside a value.
    others: the other arguments, once they were coerced, where all that were given are such variables or constants.
    site: what a batched function is told of the field.
    """

    __slots__ = (
        "_chain",
        "arguments",
        "attribute",
        "binding",
        "by_class",
        "constant",
        "definition",
        "details",
        "is_constant",
        "key",
        "name",
        "nodes",
        "others",
        "parent",
        "path",
        "plain",
        "selections",
        "shape",
        "site",
        "takes_arguments",
        "variables",
        "write",
    )

    def __init__(self, parent: Selection, key: str, details: FieldDetailsList, definition: GraphQLField) -> None:
        self.parent = parent
        self.key = key
        self.path: tuple[str, ...] = (key,) if parent.field is None else (*parent.field.path, key)
        self.details = details
        self.definition = definition
        self.nodes: list[FieldNode] = [detail.node for detail in details]
        self.name = self.nodes[0].name.value
        self.shape: Shape = shape_of(definition.type)
        self.is_constant = not any(holds_variable(argument.value) for argument in self.nodes[0].arguments or ())
        self.variables = _variables(definition, self.nodes[0])
        self.others: dict[str, Any] | None = None
        self.takes_arguments = bool(definition.args or self.nodes[0].arguments)
        self.constant = parent.type.name if definition is TypeNameMetaFieldDef else None
        self.binding: Binding | None = definition.extensions.get(BINDING)
        self.site = (
            None
            if self.binding is None
            else Site(definition, parent.type.name, self.path, self.binding.metadata, self.nodes)
        )
        if self.site is not None:
            self.site.field = self
        self.attribute = attribute_of(definition)
        self.selections: dict[GraphQLObjectType, Selection] = {}
        self.by_class: dict[type, Assemble | None] = {}
        self.write = writer(self.shape) if is_leaf(self.shape) else None
        self.plain = plain_class(self.shape)
        self.arguments: dict[str, Any] | None = None
        self._chain: tuple[Field, ...] | None = None

    def selection(self, executor: Executor[Any], runtime_type: GraphQLObjectType) -> Selection:
        """The fields selected below this one on a runtime type."""
        found = self.selections.get(runtime_type)
        if found is None:
            collected = collect_subfields(
                executor.schema,
                executor.fragments,
                executor.variable_values,
                executor.operation,
                runtime_type,
                self.details,
                executor.hide_suggestions,
            )
            found = Selection(executor.schema, runtime_type, collected.grouped_field_set, self, self.parent.plan)
            self.selections[runtime_type] = found
        return found

    def known(self, executor: Executor[Any], class_: type) -> Assemble | None:
        """What builds the objects of values of a class of which nothing else has to be asked; None for all others.

        Those are classes that name their type, where the schema was taught to believe them, and any classes where an
        object type takes whatever it is given.
        """
        try:
            return self.by_class[class_]
        except KeyError:
            type_ = declared_type(executor.schema, self.shape, class_) if self.parent.plan.believes else None
            found = None if type_ is None else self.selection(executor, type_).assembly(class_)
            self.by_class[class_] = found
            return found

    def chain(self) -> tuple[Field, ...]:
        """The fields from the operation's root down to this one."""
        if self._chain is None:
            above = self.parent.field
            self._chain = (self,) if above is None else (*above.chain(), self)
        return self._chain


def _variables(definition: GraphQLField, node: FieldNode) -> tuple[tuple[str, str], ...] | None:
    found: list[tuple[str, str]] = []
    for argument in node.arguments or ():
        name, value = argument.name.value, argument.value
        declared = definition.args.get(name)
        if declared is not None and isinstance(value, VariableNode):
            found.append((declared.out_name or name, value.name.value))
        elif declared is None or holds_variable(value):
            return None
    return tuple(found)


class Selection:
    """The fields selected of one object type at one place of an operation; `field` is what it stands below.

    batched: those of the fields that are asked for all sources of a level at once.
    """

    __slots__ = ("_assemblies", "batched", "field", "fields", "plan", "type")

    def __init__(
        self, schema: GraphQLSchema, type_: GraphQLObjectType, grouped: GroupedFieldSet, field: Field | None, plan: Plan
    ) -> None:
        self.type = type_
        self.field = field
        self.plan = plan
        fields: list[Field] = []
        for key, details in grouped.items():
            definition = schema.get_field(type_, details[0].node.name.value)
            if definition is not None:
                fields.append(Field(self, key, details, definition))
        self.fields: Sequence[Field] = tuple(fields)
        self.batched: Sequence[Field] = tuple(each for each in fields if each.binding is not None and plan.is_short)
        self._assemblies: dict[Many, Assemble] = {}
        plan.grow(len(fields))

    def assembly(self, class_: type) -> Assemble:
        """What builds the response objects of sources of a class at their places; it never raises."""
        return self._assembly(
            tuple(
                (at, read)
                for at, field in enumerate(self.fields)
                if field.write is not None and (read := of_many(class_, field.attribute)) is not None
            )
        )

    def one(self, run: Run, source: Any, place: Place | None) -> dict[str, Any]:
        """The response object of one source, of whatever class."""
        return self._assembly(())(run, [source], only(place))[0]

    def _assembly(self, many: Many) -> Assemble:
        found = self._assemblies.get(many)
        if found is None:
            found = self._assemblies[many] = self.plan.assembly(self, dict(many))
        return found


class Weight:
    """How many response keys the plans of a cache have, all together: they grow while they are executed."""

    __slots__ = ("fields",)

    def __init__(self) -> None:
        self.fields = 0


class Plan:
    """Everything collected of one operation, for one decision of its conditions; `fields` counts the response keys.

    assembly: makes the function that builds a selection's response objects.
    directives: the names of those that the operation and the fragments of its document use.
    believes: whether a class tells what its values are and that they need not be awaited.
    is_short: whether fields are read and batched functions called with nothing in between, such as middleware.
    """

    __slots__ = ("_weight", "assembly", "believes", "directives", "fields", "is_short", "root")

    def __init__(
        self,
        assembly: Callable[[Selection, Mapping[int, Read]], Assemble],
        directives: frozenset[str],
        weight: Weight | None = None,
        *,
        believes: bool = True,
        is_short: bool = True,
    ) -> None:
        self.assembly = assembly
        self.directives = directives
        self.believes = believes
        self.is_short = is_short
        self._weight = weight
        self.fields = 0
        self.root: Selection | None = None

    def grow(self, fields: int) -> None:
        """Count what was collected."""
        self.fields += fields
        if self._weight is not None:
            self._weight.fields += fields

    def leave(self) -> None:
        """Count no longer among those that are kept; an execution may still use it."""
        if self._weight is not None:
            self._weight.fields -= self.fields
            self._weight = None


def root_selection(executor: Executor[Any], root_type: GraphQLObjectType, plan: Plan) -> Selection:
    """The fields selected at the operation's root, collected unless the plan has them."""
    if plan.root is not None:
        return plan.root
    collected = collect_fields(
        executor.schema,
        executor.fragments,
        executor.variable_values,
        root_type,
        executor.operation,
        executor.hide_suggestions,
    )
    plan.root = Selection(executor.schema, root_type, collected.grouped_field_set, None, plan)
    return plan.root


def declared_type(schema: GraphQLSchema, shape: Shape, class_: type) -> GraphQLObjectType | None:
    """The object type that values of a class have in a place of that shape, if the class alone tells."""
    if issubclass(class_, _NO_OBJECTS) or hasattr(class_, "__await__"):
        return None
    name, named = getattr(class_, "graphql_type", None), shape.named
    if not isinstance(name, str):
        return named if isinstance(named, GraphQLObjectType) and named.is_type_of is None else None
    type_ = schema.get_type(name)
    if not isinstance(type_, GraphQLObjectType) or not (type_.is_type_of is None or is_taught(type_)):
        return None
    if named is type_:
        return type_
    is_member = is_abstract_type(named) and is_taught(named) and schema.is_sub_type(named, type_)
    return type_ if is_member else None


__all__ = ["Field", "Form", "Selection", "root_selection"]
