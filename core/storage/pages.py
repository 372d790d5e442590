"""Pages of a list by keyset: where one starts and ends, its cursors, and what it holds.

A cursor names a place in one order of one list: base64url of the order's name and the values it sorts by.
"""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import UUID

import orjson

from core.ids import split
from core.storage.of_many import OfMany

PAGE_SIZE_MAX = 100
"""At most so many objects a page: the cost of a request is bounded before it runs."""
PAGE_SIZE = 50
"""How many when neither `first` nor `last` is given."""

_CURSOR_LENGTH_MAX = 2_000
"""A sort name has at most 256 characters; a cursor holds one with room to spare."""

T = TypeVar("T")
Key = tuple[UUID | str | int, ...]


class PageError(ValueError):
    """arguments that choose no page; the message names the argument"""


class Order(NamedTuple):
    """One order of a list: `keys` are the names of the columns it sorts by, the last of them unique.

    `types` are the keys' types: `UUID`, `str` or `int`. `name` is bound into every cursor.
    """

    name: str
    keys: tuple[str, ...]
    types: tuple[type, ...] = (UUID,)
    descending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRequest:
    """A checked choice of one page. `backward`: counted from the end; `after` and `before` are sort keys, exclusive."""

    order: Order
    size: int
    backward: bool = False
    after: Key | None = None
    before: Key | None = None


class Edge(Generic[T]):
    """One object at its place; `write` writes the places of its list's order."""

    __slots__ = ("node", "write")

    def __init__(self, node: T, write: Callable[[Any], str]) -> None:
        """Take both."""
        self.node = node
        self.write = write

    @OfMany
    def cursor(edges: "Sequence[Edge[T]]") -> list[str]:  # noqa: N805 - of many
        """The places, opaque."""
        return [edge.write(edge.node) for edge in edges]


# Pages are made by the dozen in a request: what is frozen would take twice as long.
@dataclass(slots=True)
class PageInfo:
    """Where a page stands in its list: one object more was asked for than it holds, a bound tells what is beyond it."""

    page: "Page[Any]"

    @property
    def has_next_page(self) -> bool:
        """Whether more follows."""
        page = self.page
        return page.request.before is not None if page.request.backward else page.has_more

    @property
    def has_previous_page(self) -> bool:
        """Whether something comes before."""
        page = self.page
        return page.has_more if page.request.backward else page.request.after is not None

    @property
    def start_cursor(self) -> str | None:
        """The first object's place."""
        return cursor(self.page.request.order, self.page.nodes[0]) if self.page.nodes else None

    @property
    def end_cursor(self) -> str | None:
        """The last object's place."""
        return cursor(self.page.request.order, self.page.nodes[-1]) if self.page.nodes else None


@dataclass(slots=True, kw_only=True)
class Page(Generic[T]):
    """One page, in the list's order. `total_count` `None` = not counted."""

    request: PageRequest
    nodes: Sequence[T]
    has_more: bool = False
    total_count: int | None = None

    @property
    def edges(self) -> list[Edge[T]]:
        """The objects at their places."""
        write = cursor_writer(self.request.order)
        return [Edge(node, write) for node in self.nodes]

    @property
    def page_info(self) -> PageInfo:
        """Where the page stands."""
        return PageInfo(self)


def page_request(
    order: Order, *, first: int | None, after: str | None, last: int | None, before: str | None
) -> PageRequest:
    """Check what a client chose; raises `PageError`."""
    if first is not None and last is not None:
        raise PageError("`first` and `last` are given together: give one of them")
    for name, size in (("first", first), ("last", last)):
        if size is not None and not 1 <= size <= PAGE_SIZE_MAX:
            raise PageError(f"`{name}` is `{size}`: give 1 to {PAGE_SIZE_MAX}")
    return PageRequest(
        order=order,
        size=first or last or PAGE_SIZE,
        backward=last is not None,
        after=place_of(order, "after", after),
        before=place_of(order, "before", before),
    )


def take(request: PageRequest, rows: Sequence[T], total_count: int | None = None) -> Page[T]:
    """Make a page of what was fetched: at most one row more than its size, the farthest last."""
    nodes = list(rows[: request.size])
    if request.backward:
        nodes.reverse()
    return Page(request=request, nodes=nodes, has_more=len(rows) > request.size, total_count=total_count)


def empty(request: PageRequest) -> Page[Any]:
    """Make the page of a list that has nothing for the reader."""
    return Page(request=request, nodes=(), total_count=0)


def cursor(order: Order, row: Any) -> str:
    """Write the place of a row."""
    return cursor_writer(order)(row)


@lru_cache(maxsize=256)
def cursor_writer(order: Order) -> Callable[[Any], str]:
    """Give what writes the places of rows in an order."""
    name, keys = _bound_name(order), order.keys
    start, rest = split(cursor_prefix(order))

    def of_texts(row: Any) -> str:
        content = orjson.dumps([name, *(str(row[key]) for key in keys)])
        return base64.urlsafe_b64encode(content).rstrip(b"=").decode()

    def of_id(row: Any) -> str:
        # No character of these gives a `+` or a `/`, so base64 is base64url.
        text = f'{rest}{row[key]!s}"]'
        return start + binascii.b2a_base64(text.encode(), newline=False).rstrip(b"=").decode()

    key = keys[0]
    return of_id if order.types == (UUID,) else of_texts


def cursor_prefix(order: Order) -> str:
    """Give what stands before the id in a cursor of an order by ids alone; `"]` stands behind it."""
    return f'["{_bound_name(order)}","'


def place_of(
    order: Order, argument: str, text: str | None, *, whence: str = "`endCursor` or `startCursor` of a page"
) -> Key | None:
    """Read a place that a client has from `whence`; raises `PageError`."""
    if text is None:
        return None
    content = _content(text)
    if content is None:
        raise PageError(f"`{argument}` is no cursor: give the {whence}")
    name, *values = content
    if name != _bound_name(order) or len(values) != len(order.types):
        raise PageError(f"`{argument}` is a cursor of another list or order: start again without it")
    try:
        return tuple(_READ[kind](value) for kind, value in zip(order.types, values, strict=True))
    except ValueError as error:
        raise PageError(f"`{argument}` is no cursor: give the {whence}") from error


def _content(text: str) -> list[str] | None:
    if not 0 < len(text) <= _CURSOR_LENGTH_MAX:
        return None
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        content = orjson.loads(raw)
    except (binascii.Error, ValueError):
        return None
    if not isinstance(content, list) or not content or not all(_is_text(each) for each in content):
        return None
    return content


def _is_text(value: Any) -> bool:
    """Say whether a forged cursor's value can be given to PostgreSQL, whose texts have no NUL."""
    return isinstance(value, str) and "\x00" not in value


def _integer(text: str) -> int:
    """Read an integer that PostgreSQL can hold."""
    value = int(text)
    if not -(2**63) <= value < 2**63:
        raise ValueError(f"`{text}` has more than 64 bits")
    return value


_READ: Mapping[type, Callable[[str], UUID | str | int]] = {UUID: UUID, str: str, int: _integer}


def _bound_name(order: Order) -> str:
    return f"{order.name}{'-' if order.descending else '+'}"
