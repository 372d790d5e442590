"""Generated code: one function for each selection set that builds the response object of a source.

It takes the short way only, for selections of attributes, batched fields and `__typename`. Whatever it cannot do, such
as a value that is an error, is an exception before anything was put off; the object is then built the long way, from
the start.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from engine.leaf import is_leaf, members, writer
from engine.place import Place

if TYPE_CHECKING:
    from engine.plan import Field, Selection
    from engine.run import Run

Assemble = Callable[["Run", Any, "Place | None"], dict[str, Any]]
Listed = Callable[["Run", "Field", Any, dict[str, Any], "Place"], Any]
Nested = Callable[["Run", "Field", Any, dict[str, Any], "Place | None"], Any]
LongWay = Callable[["Run", "Selection", Any, "Place | None"], dict[str, Any]]


def assembly(selection: Selection, nested: Nested, listed: Listed, long_way: LongWay) -> Assemble | None:
    """Generate the function, or None where a field needs the long way.

    `nested` completes a field whose value is an object or a list of them; it marks failures instead of raising them.
    `listed` does so for a list that was read already. `long_way` builds the object of any source.
    """
    fields = selection.fields
    if not fields or not all(_is_short(field) for field in fields):
        return None
    names: dict[str, Any] = {"nested": nested, "listed": listed, "long_way": long_way, "selection": selection}
    reads: list[str] = []
    places: list[str] = []
    after: list[str] = []
    for at, field in enumerate(fields):
        key = repr(field.key)
        names[f"f{at}"] = field
        if field.constant is not None:
            places.append(f"{key}: {field.constant!r}")
        elif field.binding is not None:
            places.append(f"{key}: None")
        elif is_leaf(field.shape):
            reads += _read(field, at, names)
            places.append(f"{key}: v{at}")
        else:
            places.append(f"{key}: None")
            after += _nest(field, at, names)
    if reads:
        reads = ["try:", *(f"    {line}" for line in reads)]
        reads += ["except Exception:", "    return long_way(run, selection, source, path)"]
    if selection.batched:
        after.insert(0, "run.join(selection, source, data, path)")
    lines = ["def assemble(run, source, path):", *reads, f"data = {{{', '.join(places)}}}", *after, "return data"]
    # The code holds nothing from outside but names of attributes and response keys, both identifiers, and type names.
    exec(compile("\n    ".join(lines), "<selection>", "exec"), names)  # noqa: S102
    made: Assemble = names["assemble"]
    return made


def _is_short(field: Field) -> bool:
    if field.constant is not None or field.binding is not None:
        return True
    return field.attribute is not None and field.attribute.isidentifier()


def _read(field: Field, at: int, names: dict[str, Any]) -> list[str]:
    read = f"v{at} = source.{field.attribute}"
    if (known := members(field.shape)) is not None:
        names[f"m{at}"] = known
        looked_up = f"v{at} = m{at}[v{at}]"
        return [read, looked_up if field.shape.nonnull else f"if v{at} is not None: {looked_up}"]
    names[f"w{at}"] = writer(field.shape)
    if field.plain is not None:
        return [read, f"if v{at}.__class__ is not {field.plain.__name__}: v{at} = w{at}(v{at})"]
    return [read, f"v{at} = w{at}(v{at})"]


def _nest(field: Field, at: int, names: dict[str, Any]) -> list[str]:
    key = repr(field.key)
    long_way = f"data[{key}] = nested(run, f{at}, source, data, path)"
    if field.shape.inner is not None:
        return [
            "try:",
            f"    v{at} = source.{field.attribute}",
            "except Exception:",
            f"    {long_way}",
            "else:",
            f"    data[{key}] = listed(run, f{at}, v{at}, data, (path, {key}, {field.parent.type.name!r}))",
        ]
    names[f"k{at}"] = field.by_class
    return [
        "try:",
        f"    v{at} = source.{field.attribute}",
        f"    s{at} = k{at}.get(v{at}.__class__)",
        "except Exception:",
        f"    s{at} = None",
        f"if s{at} is None: {long_way}",
        f"else: data[{key}] = s{at}.assemble(run, v{at}, (path, {key}, {field.parent.type.name!r}))",
    ]
