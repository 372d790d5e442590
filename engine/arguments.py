"""The coerced arguments of one execution's fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphql.execution.values import get_argument_values

if TYPE_CHECKING:
    from graphql.execution.executor import Executor

    from engine.plan import Field


class Arguments:
    """Coerces a field's arguments when they are first asked for."""

    __slots__ = ("_executor", "_kept")

    def __init__(self, executor: Executor[Any]) -> None:
        self._executor = executor
        self._kept: dict[Field, dict[str, Any]] = {}

    def of(self, field: Field) -> dict[str, Any]:
        """The field's coerced arguments; once an execution unless they hold something that a resolver might change.

        Those without variables are coerced once for all executions, and variables were coerced as such.
        """
        known = self._kept.get(field) if field.arguments is None else field.arguments
        if known is None:
            known = self._filled(field)
        if known is not None:
            return known
        executor = self._executor
        detail = field.details[0]
        values = get_argument_values(
            field.definition,
            detail.node,
            executor.variable_values,
            detail.fragment_variable_values,
            executor.hide_suggestions,
        )
        if not any(isinstance(value, list | dict) for value in values.values()):
            self._kept[field] = values
            if field.is_constant:
                field.arguments = values
            elif field.variables is not None and detail.fragment_variable_values is None:
                given = {name for name, _ in field.variables}
                field.others = {name: value for name, value in values.items() if name not in given}
        return values

    def _filled(self, field: Field) -> dict[str, Any] | None:
        """The arguments, where all of its variables have values that are neither null nor to be changed."""
        if field.others is None:
            return None
        assert field.variables is not None
        values, coerced = dict(field.others), self._executor.variable_values.coerced
        for name, variable in field.variables:
            value = coerced.get(variable)
            if value is None or isinstance(value, list | dict):
                return None
            values[name] = value
        self._kept[field] = values
        return values

    def keywords(self, field: Field) -> dict[str, Any]:
        """What the function of a batched field is called with."""
        assert field.binding is not None
        return field.binding.convert(self.of(field)) if field.takes_arguments else {}
