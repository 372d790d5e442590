"""Completing a field of many objects at once, the short way; where that cannot be, each value by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import chain, islice
from types import NoneType
from typing import TYPE_CHECKING, Any

from engine.assembly import Assemble, Read, assembly
from engine.completion import complete, complete_or_later, execute_fields
from engine.place import Place, Places, below, items, only, picked
from engine.plan import Field, Selection

if TYPE_CHECKING:
    from engine.run import Run


def assembled(selection: Selection, many: Mapping[int, Read]) -> Assemble:
    """What builds a selection's response objects: generated code where it will do."""
    if selection.plan.is_short and (made := assembly(selection, many, nest, _apart)) is not None:
        return made
    return partial(_the_long_way, selection)


def _the_long_way(selection: Selection, run: Run, sources: Sequence[Any], places: Places) -> list[dict[str, Any]]:
    return [execute_fields(run, selection, source, places(at)) for at, source in enumerate(sources)]


def _apart(run: Run, selection: Selection, sources: Sequence[Any], places: Places) -> list[dict[str, Any]]:
    """The response objects of sources of which one needs the long way."""
    if len(sources) == 1:
        return [execute_fields(run, selection, sources[0], places(0))]
    return [selection.one(run, source, places(at)) for at, source in enumerate(sources)]


def nest(run: Run, field: Field, values: list[Any], boxes: list[dict[str, Any]], places: Places) -> None:
    """Complete the values of a field that leads to objects, of objects at these places; failures are marks."""
    fill(run, field, values, boxes, below(places, field.key, field.parent.type.name), complete_or_later)


def put(run: Run, field: Field, values: Sequence[Any], boxes: Sequence[dict[str, Any]], places: Places) -> None:
    """Complete the values of a batched field likewise."""
    fill(run, field, values, boxes, below(places, field.key, field.parent.type.name), _complete)


def _complete(run: Run, field: Field, value: Any, data: dict[str, Any], path: Place) -> Any:
    return complete(run, field, field.shape, value, data, field.key, path)


def fill(
    run: Run,
    field: Field,
    values: Sequence[Any],
    boxes: Sequence[dict[str, Any]],
    places: Callable[[int], Place],
    one: Callable[[Run, Field, Any, dict[str, Any], Place], Any],
) -> None:
    """Put the completed values of a field into their boxes: all at once or, where that cannot be, each by itself.

    `one` completes any value.
    """
    key = field.key
    made = together(run, field, values, places)
    if made is not None:
        for box, completed in zip(boxes, made, strict=True):
            box[key] = completed
        return
    for at, (box, value) in enumerate(zip(boxes, values, strict=True)):
        if len(values) > 1 and (alone := together(run, field, [value], only(places(at)))) is not None:
            box[key] = alone[0]
            continue
        try:
            box[key] = one(run, field, value, box, places(at))
        except Exception as error:  # noqa: BLE001 - the field's error
            box[key] = run.fail(field, error)


def together(run: Run, field: Field, values: Sequence[Any], places: Places) -> Sequence[Any] | None:
    """The completed values, the short way; None where one of them needs the long one, which tells whose it was."""
    shape = field.shape
    if field.write is not None:
        return written(field, values)
    if shape.inner is None:
        return objects(run, field, values, places, nonnull=shape.nonnull)
    if shape.inner.inner is not None or any(value.__class__ is not list for value in values):
        return None
    lengths = [len(value) for value in values]
    flat = values[0] if len(values) == 1 else list(chain.from_iterable(values))
    made = objects(run, field, flat, items(places, lengths), nonnull=shape.inner.nonnull)
    if made is None or len(values) == 1:
        return None if made is None else [made]
    rest = iter(made)
    return [list(islice(rest, length)) for length in lengths]


def written(field: Field, values: Sequence[Any]) -> Sequence[Any] | None:
    """The completed values of a leaf, or of lists of them."""
    plain, write = field.plain, field.write
    assert write is not None
    if plain is not None and all(value.__class__ is plain for value in values):
        return values
    try:
        return [write(value) for value in values]
    except Exception:  # noqa: BLE001 - whatever it is, the long way meets it again
        return None


def objects(run: Run, field: Field, values: Sequence[Any], places: Places, *, nonnull: bool) -> list[Any] | None:
    """The response objects of values whose classes say which type they are; nulls stay."""
    classes = {value.__class__ for value in values}
    known: dict[type, Assemble] = {}
    for class_ in classes:
        if class_ is not NoneType or nonnull:
            try:
                assemble = field.known(run.executor, class_)
            except Exception:  # noqa: BLE001 - what is selected cannot be collected: every value's error
                return None
            if assemble is None:
                return None
            known[class_] = assemble
    if len(known) == len(classes) == 1:
        return known[classes.pop()](run, values, places)
    groups: dict[Assemble, list[int]] = {}
    for at, value in enumerate(values):
        if value is not None:
            groups.setdefault(known[value.__class__], []).append(at)
    made: list[Any] = [None] * len(values)
    for assemble, kept in groups.items():
        some = assemble(run, [values[at] for at in kept], picked(places, kept))
        for at, one in zip(kept, some, strict=True):
            made[at] = one
    return made
