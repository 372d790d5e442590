"""The executor that Strawberry and graphql-core are given in place of their own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from inspect import isawaitable
from typing import Any, Self

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLResolveInfoHelpers,
    GraphQLSchema,
    OperationType,
    default_field_resolver,
    default_type_resolver,
)
from graphql.execution.execute import assume_not_awaitable
from graphql.execution.executor import SELECTIONS_NESTED_TOO_DEEPLY, CollectedErrors, Executor
from graphql.pyutils import RefMap
from graphql.pyutils import is_async_iterable as default_is_async_iterable
from graphql.pyutils import is_awaitable as default_is_awaitable
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from engine.cache import Operation, PlanCache
from engine.directive import directives_used
from engine.plan import Field, Plan, Selection, root_selection
from engine.run import Run
from engine.tally import Tally
from engine.together import assembled
from engine.watch import Watch

_USUAL = (default_is_awaitable, assume_not_awaitable)
"""What decides whether a value is awaited, unless the caller brings a function of its own."""

MAX_COERCION_ERRORS = 50
"""How many faults of variables are told, as many as graphql-core tells unless asked otherwise."""

_SEVERAL_PAYLOADS = "Executing this GraphQL operation would unexpectedly produce multiple payloads"
INCREMENTAL = frozenset({"defer", "stream"})

_MADE_WHEN_ASKED: Mapping[str, Callable[[], Any]] = {
    "groups": list,
    "tasks": list,
    "streams": list,
    "_relevant_sub_fields": dict,
    "_stream_usages": RefMap,
    "_initial_execution_plans": RefMap,
    "_deferred_execution_plans": RefMap,
}
"""What only operations that are handed over collect."""


class CompiledExecution(Executor[Any]):
    """Execution of compiled operations; whatever is not compiled is graphql-core's, and counted."""

    tally = Tally()
    plans = PlanCache()

    def __init__(
        self,
        *args: Any,
        watch: Watch | None = None,
        in_turn: bool = False,
        **kwargs: Any,
    ) -> None:
        """Take graphql-core's arguments and ours.

        watch: is told of every level.
        in_turn: the batches of a level are awaited one after the other; where they share a connection nothing is lost,
            and the tasks that would await them together are saved.
        """
        super().__init__(*args, **kwargs)
        self.watch = watch
        self.in_turn = in_turn
        self.known: Operation | None = None

    @property
    def async_helpers(self) -> GraphQLResolveInfoHelpers:
        """What resolvers of asynchronous work are given; made when one asks.

        graphql-core keeps it from the start: an executor that holds its own methods is garbage that waits for the
        collector, together with the whole response.
        """
        return GraphQLResolveInfoHelpers(gather=self.gather_async_work, track=self.track_async_work)

    @async_helpers.setter
    def async_helpers(self, _: GraphQLResolveInfoHelpers) -> None: ...

    @classmethod
    def build(  # type: ignore[override] # noqa: PLR0913, PLR0917 - graphql-core's signature, less exact
        cls,
        schema: GraphQLSchema,
        document: DocumentNode,
        root_value: Any = None,
        context_value: Any = None,
        raw_variable_values: dict[str, Any] | None = None,
        operation_name: str | None = None,
        field_resolver: Any = None,
        type_resolver: Any = None,
        subscribe_field_resolver: Any = None,
        max_coercion_errors: int = MAX_COERCION_ERRORS,
        enable_early_execution: bool = False,  # noqa: FBT001, FBT002 - as above
        middleware: Any = None,
        is_awaitable: Any = None,
        is_async_iterable: Any = None,
        hide_suggestions: bool = False,  # noqa: FBT001, FBT002 - as above
        **options: Any,
    ) -> list[GraphQLError] | Executor[Any]:
        """An executor, or why there is none. What is known of an operation is not looked for again."""
        known = cls.plans.operation(schema, document, operation_name) if middleware is None else None
        if known is None:
            built = super().build(
                schema,
                document,
                root_value,
                context_value,
                raw_variable_values,
                operation_name,
                field_resolver,
                type_resolver,
                subscribe_field_resolver,
                max_coercion_errors,
                enable_early_execution,
                middleware,
                is_awaitable,
                is_async_iterable,
                hide_suggestions=hide_suggestions,
                **options,
            )
            if isinstance(built, CompiledExecution) and middleware is None:
                built.known = cls.plans.keep(schema, document, operation_name, built)
            return built
        values = known.variables(raw_variable_values or {}, max_coercion_errors, hide_suggestions=hide_suggestions)
        if isinstance(values, list):
            return values
        executor = cls(
            schema,
            known.fragment_definitions,
            known.fragments,
            root_value,
            context_value,
            known.node,
            values,
            field_resolver or default_field_resolver,
            type_resolver or default_type_resolver,
            subscribe_field_resolver or default_field_resolver,
            enable_early_execution,
            None,
            is_awaitable,
            is_async_iterable,
            hide_suggestions=hide_suggestions,
            **options,
        )
        executor.known = known
        return executor

    @classmethod
    def again(
        cls,
        known: Operation,
        variables: Mapping[str, Any],
        *,
        root_value: Any = None,
        context: Any = None,
        watch: Watch | None = None,
        in_turn: bool = False,
        hide_suggestions: bool = False,
    ) -> list[GraphQLError] | Self:
        """An executor for one more execution of a known operation, with graphql-core's defaults; or why there is none.

        What graphql-core's and Strawberry's constructors would set, at once: one after the other they took as long as
        all the rest that an execution of a small operation prepares.
        """
        values = known.variables(variables, MAX_COERCION_ERRORS, hide_suggestions=hide_suggestions)
        if isinstance(values, list):
            return values
        executor = cls.__new__(cls)
        executor.__dict__ = {
            "schema": known.schema,
            "fragment_definitions": known.fragment_definitions,
            "fragments": known.fragments,
            "root_value": root_value,
            "context_value": context,
            "operation": known.node,
            "variable_values": values,
            "field_resolver": default_field_resolver,
            "type_resolver": default_type_resolver,
            "subscribe_field_resolver": default_field_resolver,
            "enable_early_execution": False,
            "hide_suggestions": hide_suggestions,
            "abort_signal": None,
            "hooks": None,
            "middleware_manager": None,
            "error_propagation": known.propagates_errors,
            "is_awaitable": default_is_awaitable,
            "is_async_iterable": default_is_async_iterable,
            "collected_errors": CollectedErrors(),
            "pending_incremental_futures": set(),
            "background_futures": set(),
            "async_work_finished_hook_task": None,
            "defer_usage_set": None,
            "operation_extensions": None,
            "watch": watch,
            "in_turn": in_turn,
            "known": known,
        }
        return executor

    def __getattr__(self, name: str) -> Any:
        """What `again` left out."""
        make = _MADE_WHEN_ASKED.get(name)
        if make is None:
            raise AttributeError(f"`{type(self).__name__}` has no `{name}`")
        made = self.__dict__[name] = make()
        return made

    def execute_operation(self, serially: bool | None = None) -> Any:  # noqa: FBT001 - graphql-core's signature
        """The operation's result, or an awaitable of it."""
        if self.abort_signal is not None and self.abort_signal.aborted:
            self.run_async_work_finished_hook()
            raise self.abort_error()
        selection = self._compiled()
        if selection is None:
            return super().execute_operation(serially)
        self.tally.compiled += 1
        run = Run(self, self.watch, in_turn=self.in_turn)
        if serially is None:
            serially = self.operation.operation is OperationType.MUTATION
        if serially:
            steps = iter(selection.fields)
            waiting = self._step(run, steps)
        else:
            steps = iter(())
            run.begin_all(selection, self.root_value)
            waiting = run.drive()
        if waiting is None:
            return self.finish(self._response(run.data))
        later = self._later(waiting, run, steps)
        return later if self.abort_signal is None else self.with_aborted_execution_error(later)

    def _step(self, run: Run, steps: Iterator[Field]) -> Awaitable[None] | None:
        """Execute root fields in turn until one must be awaited, null has reached the root, or all are done."""
        for field in steps:
            if self.abort_signal is not None and self.abort_signal.aborted:
                raise self.abort_error()
            run.begin(field, self.root_value)
            waiting = run.drive()
            if waiting is not None:
                return waiting
            if run.data is None:
                break
        return None

    async def _later(self, waiting: Awaitable[None] | None, run: Run, steps: Iterator[Field]) -> Any:
        try:
            while waiting is not None:
                await waiting
                waiting = None if run.data is None else self._step(run, steps)
        except Exception:
            self.run_async_work_finished_hook()
            raise
        return self._response(run.data)

    def _response(self, data: dict[str, Any] | None) -> ExecutionResult:
        """`build_response`, of what is not delivered in parts."""
        if self.hooks is not None:
            self.run_async_work_finished_hook()
        return ExecutionResult(data, self.collected_errors.errors or None)

    def _compiled(self) -> Selection | None:
        """The operation's root selection, or None with the reason counted."""
        plan = self._plan()
        if plan.root is not None:
            return plan.root
        root_type = self.schema.get_root_type(self.operation.operation)
        reason = "incremental delivery" if plan.directives & INCREMENTAL else None
        if reason is None and root_type is not None:
            try:
                return root_selection(self, root_type, plan)
            except (GraphQLError, RecursionError):
                reason = "selection cannot be collected"
        self.tally.handed_over[reason or "no root type"] += 1
        return None

    def _plan(self) -> Plan:
        """The operation's plan; one for this execution alone where it is not like others."""
        manager = self.middleware_manager
        is_short = manager is None or not manager.middlewares
        believes = self.is_awaitable in _USUAL
        if self.known is not None and is_short and believes:
            return self.plans.find(self.known, self.variable_values.coerced)
        used = directives_used(self.operation, *self.fragment_definitions.values())
        return Plan(assembled, frozenset(used), believes=believes, is_short=is_short)


class CompiledExecutor(CompiledExecution, StrawberryGraphQLCoreExecutionContext):
    """For `strawberry.Schema(execution_context_class=CompiledExecutor)`."""


async def execute(  # noqa: PLR0913 - as graphql-core's
    schema: GraphQLSchema,
    document: DocumentNode,
    *,
    context: Any = None,
    root_value: Any = None,
    variables: Mapping[str, Any] | None = None,
    operation_name: str | None = None,
    watch: Watch | None = None,
    in_turn: bool = False,
    hide_suggestions: bool = False,
) -> ExecutionResult:
    """The result of a query or mutation of a validated document: `graphql.execute` without what it does for others.

    `watch`, `in_turn` and `hide_suggestions` as for the executor.
    """
    options: dict[str, Any] = {"watch": watch, "in_turn": in_turn, "hide_suggestions": hide_suggestions}
    known = CompiledExecutor.plans.operation(schema, document, operation_name)
    executor: list[GraphQLError] | Executor[Any]
    if known is not None:
        executor = CompiledExecutor.again(known, variables or {}, root_value=root_value, context=context, **options)
    else:
        given = dict(variables or {})
        executor = CompiledExecutor.build(schema, document, root_value, context, given, operation_name, **options)
    if isinstance(executor, list):
        return ExecutionResult(None, executor)
    result = executor.execute_operation()
    if isawaitable(result):
        result = await result
    if not isinstance(result, ExecutionResult):
        raise GraphQLError(_SEVERAL_PAYLOADS)
    return result


__all__ = ["SELECTIONS_NESTED_TOO_DEEPLY", "CompiledExecution", "CompiledExecutor", "execute"]
