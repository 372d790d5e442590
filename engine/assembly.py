"""Generated code: one function for each selection set that builds the response objects of all sources of a level.

It takes the short way only, for selections of attributes, batched fields and `__typename`. Whatever it cannot do, such
as a value that is an error, is an exception before anything was put off; the objects are then built one by one, and
those that fail again the long way, from the start.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from engine.leaf import is_leaf, members, writer
from engine.place import Places

if TYPE_CHECKING:
    from engine.plan import Field, Selection
    from engine.run import Run

Assemble = Callable[["Run", Sequence[Any], Places], list[dict[str, Any]]]
Read = Callable[[Sequence[Any]], Sequence[Any]]
Nest = Callable[["Run", "Field", list[Any], list[dict[str, Any]], Places], None]
Apart = Callable[["Run", "Selection", Sequence[Any], Places], list[dict[str, Any]]]


def of_many(class_: type, attribute: str | None) -> Read | None:
    """What reads an attribute of many objects of a class at once, where its property has such a function."""
    return None if attribute is None else getattr(getattr(class_, attribute, None), "of_many", None)


def assembly(selection: Selection, many: Mapping[int, Read], nest: Nest, apart: Apart) -> Assemble | None:
    """Generate the function, or None where a field needs the long way.

    `many` reads leaves, by their index, of all sources at once.
    `nest` completes the values of a field that leads to objects, which were read already, into the objects made so far.
    `apart` builds the objects of sources of which one cannot be built the short way.
    """
    fields = selection.fields
    if not fields or not all(_is_short(field) for field in fields):
        return None
    names: dict[str, Any] = {"nest": nest, "apart": apart, "selection": selection}
    loop = {"source": "sources"} | {f"v{at}": f"r{at}(sources)" for at in many}
    before: list[str] = []
    reads: list[str] = []
    entries: list[str] = []
    after: list[str] = []
    for at, field in enumerate(fields):
        key = repr(field.key)
        names[f"f{at}"] = field
        if field.constant is not None:
            entries.append(f"{key}: {field.constant!r}")
        elif field.binding is not None:
            entries.append(f"{key}: None")
        elif is_leaf(field.shape):
            if at in many:
                names[f"r{at}"] = many[at]
            else:
                reads.append(f"v{at} = source.{field.attribute}")
            reads += _written(field, at, names)
            entries.append(f"{key}: v{at}")
        else:
            entries.append(f"{key}: None")
            before.append(f"n{at} = []")
            reads.append(f"n{at}.append(source.{field.attribute})")
            after.append(f"nest(run, f{at}, n{at}, made, places)")
    if selection.batched:
        after.insert(0, "run.join(selection, sources, made, places)")
    lines = [
        "def assemble(run, sources, places):",
        "made = []",
        *before,
        "try:",
        f"    for {', '.join(loop)} in zip({', '.join(loop.values())}, strict=True):"
        if many
        else "    for source in sources:",
        *(f"        {line}" for line in reads),
        f"        made.append({{{', '.join(entries)}}})",
        "except Exception:",
        "    return apart(run, selection, sources, places)",
        *after,
        "return made",
    ]
    # The code holds nothing from outside but names of attributes and response keys, both identifiers, and type names.
    exec(compile("\n    ".join(lines), "<selection>", "exec"), names)  # noqa: S102
    made: Assemble = names["assemble"]
    return made


def _is_short(field: Field) -> bool:
    if field.constant is not None or field.binding is not None:
        return True
    return field.attribute is not None and field.attribute.isidentifier()


def _written(field: Field, at: int, names: dict[str, Any]) -> list[str]:
    if (known := members(field.shape)) is not None:
        names[f"m{at}"] = known
        looked_up = f"v{at} = m{at}[v{at}]"
        return [looked_up if field.shape.nonnull else f"if v{at} is not None: {looked_up}"]
    names[f"w{at}"] = writer(field.shape)
    if field.plain is not None:
        return [f"if v{at}.__class__ is not {field.plain.__name__}: v{at} = w{at}(v{at})"]
    return [f"v{at} = w{at}(v{at})"]
