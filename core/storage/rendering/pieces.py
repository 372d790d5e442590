"""SQL of single values, each an expression of the JSON text that it writes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Boolean, DateTime, Integer, Text, Uuid

from core.ids import split
from core.storage.pages import Order, cursor_prefix
from core.storage.rendering.parts import Column
from core.storage.rendering.relations import TABLES
from core.storage.selecting import columns

_MOMENT = """'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'"""
_KINDS: Mapping[type, str] = {Text: "text", Integer: "number", Boolean: "flag", DateTime: "moment", Uuid: "id"}
_SCALARS: Mapping[str, str] = {
    "String": "text",
    "PhoneNumber": "text",
    "AppVersion": "text",
    "Int": "number",
    "Boolean": "flag",
    "DateTime": "moment",
}
"""How the values of a scalar are stored."""


def has_column(type_name: str, name: str, leaf: str, *, is_enum: bool, nonnull: bool) -> bool:
    """Say whether an attribute of a type is a column that can be written as that scalar or enum."""
    found = columns(TABLES[type_name]).get(name)
    if found is None or (nonnull and found.nullable):
        return False
    kind = _kind(found)
    wanted = "text" if is_enum else _SCALARS.get(leaf)
    return kind is not None and kind == wanted


def column(type_name: str, part: Column, alias: str) -> str:
    """Write a column's value."""
    found, value = columns(TABLES[type_name])[part.name], f"{alias}.{part.name}"
    written = {
        "text": f"'\"' || {value} || '\"'" if part.is_word else f"to_json({value})::text",
        "number": f"{value}::text",
        "flag": f"CASE WHEN {value} THEN 'true' ELSE 'false' END",
        "id": f"'\"' || {value}::text || '\"'",
        "moment": f"'\"' || to_char({value}, {_MOMENT}) || '\"'",
    }[_kind(found) or ""]
    return f"CASE WHEN {value} IS NULL THEN 'null' ELSE {written} END" if found.nullable else written


def cursor(order: Order, id: str) -> str:
    """Write the cursor of an id in an order by ids alone."""
    head, tail = split(cursor_prefix(order))
    return f"'\"{head}' || rtrim(encode(('{tail}' || {id} || '\"]')::bytea, 'base64'), '=') || '\"'"


def joined(entries: Sequence[tuple[str, str]]) -> str:
    """Write an object of response keys and expressions of their values."""
    if not entries:
        return literal("{}")
    pieces: list[str] = []
    for at, (key, value) in enumerate(entries):
        pieces += [literal(("{" if at == 0 else ",") + f'"{key}":'), value]
    return concatenated([*pieces, "'}'"])


def concatenated(pieces: Iterable[str]) -> str:
    """Write texts one after the other. Literals that meet are one: each concatenation copies what is there so far."""
    return " || ".join(pieces).replace("' || '", "")


def literal(json: str) -> str:
    """Write JSON that is known."""
    return "'" + json.replace("'", "''") + "'"


def _kind(found: Any) -> str | None:
    return next((kind for type_, kind in _KINDS.items() if type(found.type) is type_), None)
