"""Generated code: one function for each selection set that builds the response object of a source.

It takes the short way only, for selections of attributes, batched fields and `__typename`. Whatever it cannot do, such
as a value that is an error, is an exception before anything was put off; the object is then built the long way, from
the start.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from engine.leaf import is_leaf, plain_class, writer

if TYPE_CHECKING:
    from graphql.pyutils import Path

    from engine.plan import Field
    from engine.run import Run

Assemble = Callable[["Run", Any, "Path | None"], dict[str, Any]]
Nested = Callable[["Run", "Field", Any, dict[str, Any], "Path | None"], Any]


def assembly(fields: Sequence[Field], nested: Nested) -> Assemble | None:
    """Generate the function, or None where a field needs the long way.

    `nested` completes a field whose value is an object or a list of them; it marks failures instead of raising them.
    """
    if not fields or not all(_is_short(field) for field in fields):
        return None
    names: dict[str, Any] = {"nested": nested}
    reads: list[str] = []
    places: list[str] = []
    after: list[str] = []
    for at, field in enumerate(fields):
        key, name = repr(field.key), f"f{at}"
        names[name] = field
        if field.constant is not None:
            places.append(f"{key}: {field.constant!r}")
        elif field.binding is not None:
            places.append(f"{key}: None")
            after.append(f"run.join({name}, source, data, path)")
        elif is_leaf(field.shape):
            reads += _read(field, at, names)
            places.append(f"{key}: v{at}")
        else:
            places.append(f"{key}: None")
            after.append(f"data[{key}] = nested(run, {name}, source, data, path)")
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
    names[f"w{at}"] = writer(field.shape)
    read = f"v{at} = source.{field.attribute}"
    if (plain := plain_class(field.shape)) is not None:
        return [read, f"if v{at}.__class__ is not {plain.__name__}: v{at} = w{at}(v{at})"]
    return [read, f"v{at} = w{at}(v{at})"]
