"""The statement that writes an answer, and its parameters."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from core.ids import beginning
from core.storage.rendering.deciding import ORG
from core.storage.rendering.parts import Connection, Object
from core.storage.rendering.relations import table
from core.storage.rendering.writing import Writing

if TYPE_CHECKING:
    from core.storage.database import Reader
    from core.storage.pages import PageRequest


class Written(NamedTuple):
    """What was written for one row. `org`: the facts of the organization, where rules decide on them."""

    json: str | None
    org: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """SQL that writes JSON. `$1`: the organization; `$2`: an id or ids; then the texts, the values, the pages'.

    `texts`: parts of global ids, by type. `values`: names of the conditions' parameters. `pages`: how many are
    requested.
    """

    sql: str
    texts: tuple[tuple[str, str], ...]
    values: tuple[str, ...]
    pages: int

    @property
    def names(self) -> tuple[str, ...]:
        """Name the parameters, in order."""
        texts = (f"{part} of {type_name} ids" for part, type_name in self.texts)
        pages = (f"{part}_{at}" for at in range(self.pages) for part in ("size", "after"))
        return ("org_id", "id", *texts, *self.values, *pages)

    def arguments(self, org: UUID, ids: Any, pages: Sequence[PageRequest], given: Mapping[str, Any]) -> list[Any]:
        """Give the parameters' values; `given`: those of conditions, by name."""
        values: list[Any] = [org, ids, *_texts_of(org, self.texts)]
        values += [given[name] for name in self.values]
        for page in pages:
            values += [page.size, None if page.after is None else page.after[0]]
        return values


def object_statement(wanted: Object, conditions: Iterable[str] = ()) -> Statement:
    """Write the object of a row by id, if the conditions hold of it."""
    writing = Writing()
    alias = writing.alias()
    written = writing.object(wanted, alias)
    key = "org_id" if wanted.type == "Org" else "id"
    held = [f"{alias}.org_id = $1", f"{alias}.{key} = $2", *writing.conditions(wanted.type, conditions, alias)]
    return _numbered(writing, written, f"FROM {table(wanted.type)} {alias} WHERE {' AND '.join(held)}")


def page_statement(wanted: Connection) -> Statement:
    """Write a page of what the organization has."""
    writing = Writing()
    return _numbered(writing, writing.connection(wanted, None), "WHERE $2::uuid IS NULL")


def pages_statement(wanted: Connection) -> Statement:
    """Write a page for each of many rows, by their ids, in that order."""
    writing = Writing()
    alias = writing.alias()
    return _numbered(
        writing,
        writing.connection(wanted, alias),
        f"FROM unnest($2::uuid[]) WITH ORDINALITY {alias} (id, at) ORDER BY {alias}.at",
    )


async def render(
    reader: Reader,
    statement: Statement,
    org: UUID,
    ids: Any,
    pages: Sequence[PageRequest],
    given: Mapping[str, Any],
    *,
    alone: bool = False,
) -> list[Written]:
    """Run a statement; give what it wrote, row by row. `alone`: it is all that the request reads."""
    fetch = reader.fetch_alone if alone else reader.fetch_sql
    rows = await fetch(statement.sql, *statement.arguments(org, ids, pages, given))
    return [Written(*row) for row in rows]


def _numbered(writing: Writing, written: str, source: str) -> Statement:
    """Number the parameters that are marked: first the texts, then the values, then two for each page."""
    sql = f"SELECT {written}, {ORG} {source}" if writing.has_rules else f"SELECT {written} {source}"
    for at, (part, type_name) in enumerate(writing.texts):
        sql = sql.replace(f"«{part} {type_name}»", f"${at + 3}::text")
    first = 3 + len(writing.texts)
    for at, name in enumerate(writing.values):
        sql = sql.replace(f"«value {name}»", f"${first + at}")
    first += len(writing.values)
    for at in range(writing.pages):
        size, after = first + 2 * at, first + 2 * at + 1
        sql = sql.replace(f"«size {at}»", f"${size}::int").replace(f"«after {at}»", f"${after}::uuid")
    return Statement(sql=sql, texts=tuple(writing.texts), values=tuple(writing.values), pages=writing.pages)


@lru_cache(maxsize=1_024)
def _texts_of(org: UUID, texts: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    return tuple(_text_of(org, *each) for each in texts)


def _text_of(org: UUID, part: str, type_name: str) -> str:
    if part == "whole":
        return b64encode(f"Org:{org}".encode()).rstrip(b"=").decode()
    head, tail = beginning(type_name, org)
    return head if part == "head" else tail
