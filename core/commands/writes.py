"""Rows written by the set: one statement for any number of them, its SQL made once from the table's declaration."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
import orjson
from sqlalchemy import Table
from sqlalchemy.dialects import postgresql
from sqlmodel import SQLModel

from core.storage.rows import Row

R = TypeVar("R", bound=Row)
_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]


async def insert(connection: asyncpg.Connection, table: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> None:
    """Add rows that all name the same columns; the others take the database's defaults."""
    if rows:
        await connection.execute(_insert(table, tuple(rows[0])), _json(rows))


async def update(
    connection: asyncpg.Connection,
    table: type[SQLModel],
    org_id: UUID,
    changes: Mapping[UUID, Mapping[str, Any]],
    *,
    raise_version: bool = False,
) -> None:
    """Set columns of rows by id, one statement for each set of columns; an id that is not there is a `RuntimeError`."""
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for id, change in changes.items():
        alike[tuple(sorted(change))].append({"id": id, **change})
    for names, rows in alike.items():
        if not names:
            continue
        tag = await connection.execute(_update(table, names, raise_version=raise_version), org_id, _json(rows))
        if tag != f"UPDATE {len(rows)}":
            raise RuntimeError(f"`{tag}` where {len(rows)} rows of `{table.__name__}` should change")


async def lock(
    connection: asyncpg.Connection, table: type[SQLModel], org_id: UUID, ids: Iterable[UUID], row: type[R]
) -> dict[UUID, R]:
    """Read rows by id and keep others from changing them until the end; ids that are not there are left out.

    Rows are locked in the order of their ids, so that two changes of the same rows wait instead of deadlocking.
    """
    found = await connection.fetch(_lock(table), org_id, sorted(set(ids)), record_class=row)
    return {each.id: each for each in found}


def _json(rows: Sequence[Mapping[str, Any]]) -> str:
    return orjson.dumps(rows, default=_uuid_text).decode()


def _uuid_text(value: object) -> str:
    """Write the ids that asyncpg reads: a subclass of UUID, which orjson does not know."""
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"`{type(value).__name__}` is no JSON value: turn it into one before it is written")


def _declared(table: type[SQLModel]) -> Table:
    declared: Table = table.__table__  # type: ignore[attr-defined]
    return declared


def _key(table: Table) -> str:
    return "id" if "id" in table.c else "org_id"


def _typed(table: Table, names: Iterable[str]) -> str:
    return ", ".join(f"{name} {table.c[name].type.compile(_DIALECT)}" for name in names)


@cache
def _insert(table: type[SQLModel], names: tuple[str, ...]) -> str:
    declared, listed = _declared(table), ", ".join(names)
    return (
        f"INSERT INTO {declared.fullname} ({listed}) "
        f"SELECT {listed} FROM jsonb_to_recordset($1::text::jsonb) AS given ({_typed(declared, names)})"
    )


@cache
def _update(table: type[SQLModel], names: tuple[str, ...], *, raise_version: bool) -> str:
    declared = _declared(table)
    setting = [f"{name} = given.{name}" for name in names]
    if raise_version:
        setting.append("version = stored.version + 1")
    return (
        f"UPDATE {declared.fullname} AS stored SET {', '.join(setting)} "
        f"FROM jsonb_to_recordset($2::text::jsonb) AS given (id uuid, {_typed(declared, names)}) "
        f"WHERE stored.org_id = $1 AND stored.{_key(declared)} = given.id"
    )


@cache
def _lock(table: type[SQLModel]) -> str:
    declared = _declared(table)
    listed, key = ", ".join(column.name for column in declared.c), _key(declared)
    return (
        f"SELECT {listed} FROM {declared.fullname} WHERE org_id = $1 AND {key} = ANY ($2::uuid[]) "
        f"ORDER BY {key} FOR NO KEY UPDATE"
    )
