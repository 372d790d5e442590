"""What a written answer is made of: plain data, as the selection says."""

from __future__ import annotations

from dataclasses import dataclass

from core.storage.pages import Order


@dataclass(frozen=True, slots=True)
class Known:
    """JSON that does not depend on the row."""

    json: str


@dataclass(frozen=True, slots=True)
class GlobalId:
    """The row's global id."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the row. `is_word`: its texts have no character that JSON escapes."""

    name: str
    is_word: bool = False


@dataclass(frozen=True, slots=True)
class Object:
    """A row's object: response keys with their values."""

    type: str
    entries: tuple[tuple[str, Part], ...]


@dataclass(frozen=True, slots=True)
class One:
    """The object of a row that the row names: a name in `RELATIONS`."""

    relation: str
    object: Object


@dataclass(frozen=True, slots=True)
class Many:
    """The objects of all rows that name the row."""

    relation: str
    object: Object


@dataclass(frozen=True, slots=True)
class Edges:
    """A connection's edges. `entries`: `cursor`, `node` or what is known, by response keys."""

    entries: tuple[tuple[str, Object | Known | None], ...]


@dataclass(frozen=True, slots=True)
class Info:
    """A connection's page info. `entries`: the names of its fields, or what is known, by response keys."""

    entries: tuple[tuple[str, str | Known], ...]


@dataclass(frozen=True, slots=True)
class Total:
    """A connection's total count."""


@dataclass(frozen=True, slots=True)
class Connection:
    """A page of the rows that name the row. `request`: which of the requested pages it is, from 0.

    `conditions`: what else must hold of the rows, by the names that their listing has for it.
    """

    relation: str
    order: Order
    request: int
    entries: tuple[tuple[str, Edges | Info | Total | Known], ...]
    conditions: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Ruled:
    """What rules say about a user: what they decide on stands in its place, marked. See `deciding`.

    `field`: which of the fields with rules it is, from 0. `facts`: a name in `deciding.FACTS`.
    """

    field: int
    facts: str


Part = Known | GlobalId | Column | One | Many | Connection | Ruled
