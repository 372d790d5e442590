"""Completing one value after the other, as the specification's "Value Completion" says; anything may be met here."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from graphql import GraphQLError, GraphQLObjectType, GraphQLResolveInfo, Undefined
from graphql.error import located_error
from graphql.execution.executor import collect_iterator_awaitables, invalid_return_type_error
from graphql.pyutils import is_iterable
from orjson import Fragment

from engine.assembly import Assemble
from engine.failure import Failed, null_forbidden
from engine.place import Place, only, path_of
from engine.plan import Field, Selection
from engine.shape import Form, Shape
from engine.subtree import Rendered

if TYPE_CHECKING:
    from engine.run import Run


def execute_fields(run: Run, selection: Selection, source: Any, path: Place | None) -> dict[str, Any]:
    """The response object of one source, field by field."""
    data: dict[str, Any] = {}
    batched = selection.batched
    for field in selection.fields:
        key = field.key
        data[key] = None
        if field in batched:
            continue
        try:
            data[key] = execute_field(run, field, source, data, path)
        except Exception as error:  # noqa: BLE001 - the field's error
            data[key] = run.fail(field, error)
    if batched:
        run.join(selection, [source], [data], only(path))
    return data


def execute_field(run: Run, field: Field, source: Any, data: dict[str, Any], path: Place | None) -> Any:
    """The completed value of one field that is not batched; None where it is put off."""
    key = field.key
    if field.constant is not None and run.middleware is None:
        return field.constant
    field_path = (path, key, field.parent.type.name)
    if field.attribute is not None and run.middleware is None:
        value = getattr(source, field.attribute)
    else:
        value = resolve(run, field, source, field_path)
    return complete_or_later(run, field, value, data, field_path)


def complete_or_later(run: Run, field: Field, value: Any, data: dict[str, Any], path: Place) -> Any:
    """The completed value of a field that was read; None where it must be awaited."""
    key = field.key
    if run.is_awaitable(value):
        run.later(value, field, data, key, lambda awaited: complete(run, field, field.shape, awaited, data, key, path))
        return None
    return complete(run, field, field.shape, value, data, key, path)


def resolve(run: Run, field: Field, source: Any, path: Place) -> Any:
    """What the field's resolver returns."""
    executor = run.executor
    function = field.definition.resolve or executor.field_resolver
    if run.middleware is not None:
        function = run.middleware.get_field_resolver(function)
    info = info_at(run, field, path)
    arguments = run.arguments.of(field) if field.takes_arguments else {}
    return function(source, info, **arguments)


def info_at(run: Run, field: Field, path: Place) -> GraphQLResolveInfo[Any]:
    """What graphql-core tells resolvers."""
    return run.executor.build_resolve_info(field.definition, field.nodes, field.parent.type, path_of(path))


def complete(  # noqa: PLR0911 - one for each kind of value
    run: Run, field: Field, shape: Shape, value: Any, box: Any, key: str | int, path: Place
) -> Any:
    """A value in the form its type wants; raises what went wrong with it."""
    if isinstance(value, Exception):
        raise value
    if value is None or value is Undefined:
        if shape.nonnull:
            raise null_forbidden(field)
        return None
    if value.__class__ is Rendered:
        return spliced(run, field, value)
    if shape.inner is None and (assemble := known_assembly(run, field, value)) is not None:
        return assemble(run, [value], only(path))[0]
    match shape.form:
        case Form.LEAF:
            return run.executor.complete_leaf_value(shape.leaf, value)
        case Form.LIST:
            return complete_list(run, field, shape, value, box, key, path)
        case Form.ABSTRACT:
            return complete_abstract(run, field, shape, value, box, key, path)
        case Form.OBJECT:
            return complete_object(run, field, shape.object, value, box, key, path, None)


def spliced(run: Run, field: Field, value: Rendered) -> Fragment:
    """What was written elsewhere, as it is."""
    run.tally.rendered += 1
    if run.watch is not None:
        run.watch.rendered(f"{field.parent.type.name}.{field.name}")
    return Fragment(value.json)


def known_assembly(run: Run, field: Field, value: Any) -> Assemble | None:
    """What builds the object of a value whose class says which type it is."""
    class_ = value.__class__
    found = field.by_class.get(class_)
    if found is None and class_ not in field.by_class and field.write is None:
        return field.known(run.executor, class_)
    return found


def complete_list(run: Run, field: Field, shape: Shape, value: Any, box: Any, key: str | int, path: Place) -> Any:
    """The completed items."""
    inner = shape.inner
    assert inner is not None
    if value.__class__ is not list:
        if run.is_async_iterable(value):
            iterator = run.executor.cancellable_iterable(value).__aiter__()
            run.collect(complete_async_items(run, field, inner, iterator, path), field, box, key)
            return None
        if not is_iterable(value):
            raise GraphQLError(f"Expected Iterable, but did not find one for field '{field.parent.type}.{field.name}'.")
    completed: list[Any] = []
    known = field.by_class if inner.inner is None else {}
    iterator = iter(value)
    try:
        for index, item in enumerate(iterator):
            assemble = known.get(item.__class__)
            if assemble is not None:
                completed += assemble(run, [item], only((path, index, None)))
            elif complete_item(run, field, inner, item, completed, index, path):
                _drain(run, iterator)
                break
    except Exception:
        _drain(run, iterator)
        run.lost = True
        raise
    return completed


def _drain(run: Run, iterator: Iterator[Any]) -> None:
    """Let what an abandoned iterator still holds come to its end in the background."""
    run.executor.track_async_work(collect_iterator_awaitables(iterator, run.is_awaitable))


def complete_item(
    run: Run, field: Field, inner: Shape, item: Any, completed: list[Any], index: int, path: Place
) -> bool:
    """Append an item to its list; whether it failed so that the list will be null and no other item matters."""
    item_path = (path, index, None)
    completed.append(None)
    if run.is_awaitable(item):
        run.later(
            item, field, completed, index, lambda got: complete(run, field, inner, got, completed, index, item_path)
        )
        return False
    try:
        completed[index] = complete(run, field, inner, item, completed, index, item_path)
    except Exception as error:  # noqa: BLE001 - the item's error
        completed[index] = run.fail(field, error)
    return inner.nonnull and completed[index].__class__ is Failed and run.executor.error_propagation


async def complete_async_items(
    run: Run, field: Field, inner: Shape, iterator: AsyncIterator[Any], path: Place
) -> list[Any]:
    """The completed items of an asynchronous iterable."""
    completed: list[Any] = []
    try:
        while True:
            try:
                item = await anext(iterator)
            except StopAsyncIteration:
                return completed
            except Exception as error:
                raise located_error(error, field.nodes, path_of(path).as_list()) from error
            if complete_item(run, field, inner, item, completed, len(completed), path):
                await _close(iterator)
                return completed
    except Exception:
        await _close(iterator)
        raise


async def _close(iterator: AsyncIterator[Any]) -> None:
    close = getattr(iterator, "aclose", None)
    if close is not None:
        with suppress(Exception):
            await close()


def complete_abstract(run: Run, field: Field, shape: Shape, value: Any, box: Any, key: str | int, path: Place) -> Any:
    """An object of the type that the interface or union makes of the value."""
    executor = run.executor
    abstract = shape.abstract
    info = info_at(run, field, path)

    def of_type(name: Any) -> Any:
        runtime_type = executor.ensure_valid_runtime_type(or_raise(name), abstract, field.details, info, value)
        return complete_object(run, field, runtime_type, value, box, key, path, info)

    name = (abstract.resolve_type or executor.type_resolver)(value, info, abstract)
    if run.is_awaitable(name):
        run.later(name, field, box, key, of_type)
        return None
    return of_type(name)


def complete_object(
    run: Run,
    field: Field,
    type_: GraphQLObjectType,
    value: Any,
    box: Any,
    key: str | int,
    path: Place,
    info: GraphQLResolveInfo[Any] | None,
) -> Any:
    """The response object of a value, once its type has agreed that it is one of its own."""
    if type_.is_type_of is None:
        return field.selection(run.executor, type_).one(run, value, path)

    def agreed(is_type: Any) -> Any:
        if not or_raise(is_type):
            raise invalid_return_type_error(type_, value, field.details)
        return field.selection(run.executor, type_).one(run, value, path)

    is_type = type_.is_type_of(value, info_at(run, field, path) if info is None else info)
    if run.is_awaitable(is_type):
        run.later(is_type, field, box, key, agreed)
        return None
    return agreed(is_type)


def or_raise(value: Any) -> Any:
    """The value, unless it is what went wrong."""
    if isinstance(value, Exception):
        raise value
    return value
