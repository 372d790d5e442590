"""Lists of one kind of row, read with named conditions: one statement for each combination, compiled at its first use.

A combination (`Shape`) is what the text of a statement depends on; how many rows or parents there are does not change
it. The compiled statements are kept, the least used are forgotten.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from operator import itemgetter
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import Select, column, func, lateral, select, true, tuple_
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.types import Text, Uuid

from core.storage.fetching import Fetch
from core.storage.pages import Order, Page, PageRequest, take
from core.storage.rows import Row
from core.storage.selecting import any_id, big_integer, id_list, integer, org_id, text, text_list, uuid
from core.storage.statements import Statement, compiled

R = TypeVar("R", bound=Row)

_PARAMETERS: Mapping[type, Any] = {UUID: uuid, str: text, int: big_integer}
"""How a place in an order is given to a statement, by the type of each of its keys."""

STATEMENTS_MAX = 1_024
"""Compiled statements kept: every combination of filters and orders that clients really use, some kilobytes each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Named conditions of a listing, and the values of their parameters. `nothing`: no row can satisfy them."""

    names: frozenset[str] = frozenset()
    values: Mapping[str, Any] = field(default_factory=dict)
    nothing: bool = False

    def __and__(self, other: "Where") -> "Where":
        """Both must hold."""
        if self is EVERYTHING or other is EVERYTHING:
            return other if self is EVERYTHING else self
        return Where(
            names=self.names | other.names,
            values={**self.values, **other.values},
            nothing=self.nothing or other.nothing,
        )


EVERYTHING = Where()
NOTHING = Where(nothing=True)


def condition(name: str, **values: Any) -> Where:
    """Name one condition, with its parameters."""
    return Where(names=frozenset({name}), values=values)


def conditions(named: Mapping[str, Any]) -> Where:
    """Name those conditions whose one parameter, of the same name, is not `None`."""
    given = {name: value for name, value in named.items() if value is not None}
    return Where(names=frozenset(given), values=given)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Listing(Generic[R]):
    """One kind of row: its table, the columns that are read, and what can be asked of it.

    `conditions`: expressions by name. Every statement names `org_id`, unless the list spans organizations.
    `leaves_out`: statements may leave out what nobody will read, ids apart, where rows are for fields alone.
    `led_by`: where a condition joins another table, that table's columns for those that the list is sorted by.
    """

    row: type[R]
    table: Any
    columns: tuple[str, ...]
    conditions: Mapping[str, ColumnElement[bool]] = field(default_factory=dict)
    leaves_out: bool = False
    id: str = "id"
    spans_orgs: bool = False
    led_by: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Let the rows' attributes be read without a detour."""
        for name in self.columns:
            if name not in vars(self.row):
                setattr(self.row, name, property(itemgetter(name)))

    def sorted_by(self, order: Order, names: frozenset[str]) -> list[Any]:
        """Give the columns of an order, under conditions of these names."""
        leading = {key: column for name in names for key, column in self.led_by.get(name, {}).items()}
        return [leading.get(key, self.table[key]) for key in order.keys]

    @lru_cache(maxsize=STATEMENTS_MAX)  # noqa: B019 - listings are made once, for good
    def without(self, read: frozenset[str], order: Order | None = None) -> tuple[str, ...]:
        """Give the columns that are read, sorted by, or ids; all where none may be left out."""
        kept = {"org_id", self.id, *read, *(order.keys if order is not None else ())}
        return tuple(name for name in self.columns if name in kept or not self.leaves_out)

    @lru_cache(maxsize=STATEMENTS_MAX)  # noqa: B019 - as above
    def is_named_by_text(self, column: str) -> bool:
        """Say whether a column that names parents holds their ids as text."""
        return isinstance(self.table[column].type, Text)


class Shape(NamedTuple):
    """What the text of a statement depends on. `columns` `None` = all.

    `is_of_one`: for one parent or value of `by` alone. For lists PostgreSQL keeps a plan for ten, and as one for a
    single item looks cheaper it would make that anew each time.
    """

    names: frozenset[str]
    by: str | None = None
    is_of_one: bool = False
    columns: tuple[str, ...] | None = None
    order: Order | None = None
    backward: bool = False
    after: bool = False
    before: bool = False


async def fetch_page(
    fetch: Fetch,
    listing: Listing[R],
    request: PageRequest,
    *,
    org: UUID,
    where: Where,
    counted: bool,
    read: frozenset[str] | None = None,
) -> Page[R]:
    """Read one page of the whole organization's list; `counted`: its total is wanted too, by a second statement.

    `read`, here and below: the only columns that will be read, beside those that no statement leaves out.
    """
    if where.nothing:
        return take(request, (), 0)
    shape = _shape(listing, request, where, read)
    return await _page(fetch, listing, request, shape, {"org_id": org, **where.values}, counted=counted)


async def fetch_pages(  # noqa: PLR0913 - as above
    fetch: Fetch,
    listing: Listing[R],
    request: PageRequest,
    *,
    org: UUID,
    by: str,
    parents: Sequence[UUID],
    where: Where,
    counted: bool,
    read: frozenset[str] | None = None,
) -> list[Page[R]]:
    """Read one page for each parent, in their order, in one statement; the totals in a second one.

    `by` is the column that names the parent, by its id or by the text of it.
    """
    if where.nothing or not parents:
        return [take(request, (), 0) for _ in parents]
    named: Sequence[UUID | str] = parents
    if listing.is_named_by_text(by):
        named = [str(parent) for parent in parents]
    wanted = list(dict.fromkeys(named))
    shape = _shape(listing, request, where, read, by)
    if len(wanted) == 1:
        values = {"org_id": org, "parent": wanted[0], **where.values}
        page = await _page(fetch, listing, request, shape._replace(is_of_one=True), values, counted=counted)
        return [page] * len(parents)
    values = {"org_id": org, "parents": wanted, **where.values}
    found: list[list[R]] = [[] for _ in wanted]
    for row in await fetch(page_statement(listing, shape), row=listing.row, **values, **_bounds(request)):
        found[row["parent"] - 1].append(row)
    totals: dict[int, int] = {}
    if counted:
        counts = await fetch(count_statement(listing, Shape(names=where.names, by=by)), **values)
        totals = {row["parent"]: row["total"] for row in counts}
    pages = {
        parent: take(request, rows, totals.get(at))
        for at, (parent, rows) in enumerate(zip(wanted, found, strict=True), start=1)
    }
    return [pages[parent] for parent in named]


async def _page(
    fetch: Fetch,
    listing: Listing[R],
    request: PageRequest,
    shape: Shape,
    values: Mapping[str, Any],
    *,
    counted: bool,
) -> Page[R]:
    """Read the one page of a shape."""
    rows = await fetch(page_statement(listing, shape), row=listing.row, **values, **_bounds(request))
    if not counted:
        return take(request, rows)
    totals = await fetch(count_statement(listing, Shape(shape.names, shape.by, shape.is_of_one)), **values)
    return take(request, rows, totals[0]["total"])


async def fetch_by(
    fetch: Fetch,
    listing: Listing[R],
    key: str,
    values: Iterable[UUID],
    *,
    org: UUID,
    where: Where,
    read: frozenset[str] | None = None,
) -> list[R]:
    """Read the rows whose column `key` is one of the ids, in one statement; none when no id is given."""
    wanted = list(dict.fromkeys(values))
    if where.nothing or not wanted:
        return []
    columns = listing.without(read) if read is not None else None
    is_of_one = len(wanted) == 1
    statement = lookup_statement(listing, Shape(where.names, key, is_of_one, columns))
    given = {"key": wanted[0]} if is_of_one else {"keys": wanted}
    return await fetch(statement, row=listing.row, org_id=org, **given, **where.values)


async def fetch_ids(
    fetch: Fetch,
    listing: Listing[R],
    ids: Iterable[UUID | None],
    *,
    org: UUID,
    where: Where,
    read: frozenset[str] | None = None,
) -> dict[UUID, R]:
    """Read rows by id, in one statement; unknown ids and those that do not satisfy `where` are missing."""
    wanted = [id for id in ids if id is not None]
    rows = await fetch_by(fetch, listing, listing.id, wanted, org=org, where=where, read=read)
    return {row[listing.id]: row for row in rows}


async def fetch_where(fetch: Fetch, listing: Listing[R], *, org: UUID, where: Where) -> list[R]:
    """Read all rows that satisfy conditions which only few can."""
    if where.nothing:
        return []
    statement = lookup_statement(listing, Shape(names=where.names))
    return await fetch(statement, row=listing.row, org_id=org, **where.values)


@lru_cache(maxsize=STATEMENTS_MAX)
def page_statement(listing: Listing[Any], shape: Shape) -> Statement:
    """Compile the reading of a page, of one list or of one for each parent."""
    order = shape.order
    assert order is not None
    keys = listing.sorted_by(order, shape.names)
    rows = _rows(listing, shape)
    if shape.after:
        rows = rows.where(_beyond(keys, order, "after", ascending=not order.descending))
    if shape.before:
        rows = rows.where(_beyond(keys, order, "before", ascending=order.descending))
    falling = order.descending != shape.backward
    rows = rows.order_by(*(key.desc() if falling else key.asc() for key in keys)).limit(integer("page_size"))
    return compiled(_for_each_parent(listing, rows, shape) if shape.by and not shape.is_of_one else rows)


@lru_cache(maxsize=STATEMENTS_MAX)
def count_statement(listing: Listing[Any], shape: Shape) -> Statement:
    """Compile the count of a list, or of one for each parent."""
    rows = _rows(listing, shape).with_only_columns(func.count().label("total"), maintain_column_froms=True)
    if not shape.by or shape.is_of_one:
        return compiled(rows)
    parent, counted = _parents(text=listing.is_named_by_text(shape.by)), lateral(rows, "counted")
    return compiled(select(parent.c.at.label("parent"), counted.c.total).select_from(parent.join(counted, true())))


@lru_cache(maxsize=STATEMENTS_MAX)
def lookup_statement(listing: Listing[Any], shape: Shape) -> Statement:
    """Compile the reading of rows by a column's values, or of all that satisfy the conditions."""
    rows = _rows(listing, Shape(shape.names, columns=shape.columns))
    if not shape.by:
        return compiled(rows)
    return compiled(rows.where(listing.table[shape.by] == (uuid("key") if shape.is_of_one else any_id("keys"))))


def _rows(listing: Listing[Any], shape: Shape) -> Select[Any]:
    rows = select(*(listing.table[name] for name in shape.columns or listing.columns))
    if not listing.spans_orgs:
        rows = rows.where(listing.table["org_id"] == org_id())
    if shape.by:
        is_text = listing.is_named_by_text(shape.by)
        one = text("parent") if is_text else uuid("parent")
        rows = rows.where(listing.table[shape.by] == (one if shape.is_of_one else _parents(text=is_text).c.id))
    return rows.where(*(listing.conditions[name] for name in sorted(shape.names)))


def _for_each_parent(listing: Listing[Any], rows: Select[Any], shape: Shape) -> Select[Any]:
    assert shape.by is not None
    parent, page = _parents(text=listing.is_named_by_text(shape.by)), lateral(rows, "page")
    columns = (page.c[name] for name in shape.columns or listing.columns)
    return select(parent.c.at.label("parent"), *columns).select_from(parent.join(page, true()))


@lru_cache(maxsize=2)
def _parents(*, text: bool) -> Any:
    # Texts as texts: a cast of the parent's id would keep row security from using the index. Rows name their parent by
    # its place in the list, which is found again sooner than an id.
    listed, kind = (text_list("parents"), Text()) if text else (id_list("parents"), Uuid())
    return func.unnest(listed).table_valued(column("id", kind), with_ordinality="at", name="parent").render_derived()


def _beyond(keys: Sequence[Any], order: Order, side: str, *, ascending: bool) -> ColumnElement[bool]:
    places = [_PARAMETERS[kind](f"{side}_{at}") for at, kind in enumerate(order.types)]
    row, place = (keys[0], places[0]) if len(keys) == 1 else (tuple_(*keys), tuple_(*places))
    return row > place if ascending else row < place


def _shape(
    listing: Listing[Any], request: PageRequest, where: Where, read: frozenset[str] | None, by: str | None = None
) -> Shape:
    return Shape(
        names=where.names,
        by=by,
        columns=listing.without(read, request.order) if read is not None else None,
        order=request.order,
        backward=request.backward,
        after=request.after is not None,
        before=request.before is not None,
    )


def _bounds(request: PageRequest) -> dict[str, Any]:
    """Give the values of a page's bounds; one row more than wanted tells whether there is another page."""
    values: dict[str, Any] = {"page_size": request.size + 1}
    for side, key in (("after", request.after), ("before", request.before)):
        if key is not None:
            values |= {f"{side}_{at}": value for at, value in enumerate(key)}
    return values
