"""Writing the SQL of objects, relations and pages."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from uuid import UUID

from core.storage.pages import Order
from core.storage.rendering import parts
from core.storage.rendering.conditions import condition
from core.storage.rendering.deciding import marked
from core.storage.rendering.parts import (
    Column,
    Connection,
    Edges,
    GlobalId,
    Info,
    Known,
    Many,
    Object,
    One,
    Ruled,
    Total,
)
from core.storage.rendering.pieces import column, cursor, joined, literal
from core.storage.rendering.relations import RELATIONS, Relation, table

_UUID_LENGTH = 36
_LEAST = UUID(int=0)
_VALUE = re.compile("«value ([a-z_]+)»")
# By the id, which the rows come in the order of: PostgreSQL need not sort what it knows to be sorted.
_EDGES = (
    "'[' || coalesce(string_agg({page}.{edge}, ',' ORDER BY {page}.id) FILTER (WHERE {page}.at <= {size}), '') || ']'"
)


@dataclass(slots=True)
class Writing:
    """A statement that is being written. Parameters stand in it as marks.

    `texts`: the parts of global ids that were marked, by type. `values`: the parameters of conditions that were.
    `pages`: how many pages were. `has_rules`: what rules decide on was written.
    """

    texts: list[tuple[str, str]] = field(default_factory=list)
    values: list[str] = field(default_factory=list)
    pages: int = 0
    has_rules: bool = False
    _places: dict[str, str] = field(default_factory=dict)
    _aliases: Any = field(default_factory=count)

    def alias(self) -> str:
        """Name a table."""
        return f"t{next(self._aliases)}"

    def object(self, wanted: Object, alias: str) -> str:
        """Write a row's object."""
        return joined([(key, self._part(wanted.type, part, alias)) for key, part in wanted.entries])

    def connection(self, wanted: Connection, parent: str | None) -> str:
        """Write a page of the rows that a row names, or of all."""
        relation = RELATIONS[wanted.relation]
        size, after = f"«size {wanted.request}»", f"«after {wanted.request}»"
        self.pages = max(self.pages, wanted.request + 1)
        row, page = self.alias(), self.alias()
        if wanted.relation == "Location.users":
            self._places[row] = f"{parent}.id"
        matches = self._matches(wanted, relation, row, parent)
        edges: list[str] = []
        entries: list[tuple[str, str]] = []
        for key, part in wanted.entries:
            match part:
                case Edges():
                    edges.append(f"{self._edge(part, wanted.order, row)} AS edge{len(edges)}")
                    entries.append((key, _EDGES.format(page=page, edge=f"edge{len(edges) - 1}", size=size)))
                case Info():
                    entries.append((key, joined(_page_info(part, wanted.order, page, size, after))))
                case Total():
                    counted = self.alias()
                    found = f"{table(relation.type)} {counted} WHERE {counted}.org_id = $1 AND "
                    held = self._matches(wanted, relation, counted, parent)
                    entries.append((key, f"(SELECT count(*)::text FROM {found}{held})"))
                case Known():
                    entries.append((key, literal(part.json)))
        selected = ", ".join([f"row_number() OVER (ORDER BY {row}.id) AS at", f"{row}.id", *edges])
        return (
            f"(SELECT {joined(entries)} FROM (SELECT {selected} FROM {table(relation.type)} {row} "
            f"WHERE {row}.org_id = $1 AND {matches} AND {row}.id > coalesce({after}, '{_LEAST}'::uuid) "
            # One row also where nothing is aggregated.
            f"ORDER BY {row}.id LIMIT {size} + 1) {page} HAVING true)"
        )

    def conditions(self, type_name: str, names: Iterable[str], alias: str) -> list[str]:
        """Write conditions of a type's listing."""
        written = [condition(type_name, name).replace("{0}", alias) for name in sorted(names)]
        for name in _VALUE.findall("".join(written)):
            if name not in self.values:
                self.values.append(name)
        return written

    def _matches(self, wanted: Connection, relation: Relation, row: str, parent: str | None) -> str:
        conditions = self.conditions(relation.type, wanted.conditions, row)
        return " AND ".join([relation.matches.format(row, parent), *conditions])

    def _part(self, type_name: str, part: parts.Part, alias: str) -> str:
        match part:
            case Known():
                return literal(part.json)
            case GlobalId():
                return self._global_id(type_name, alias)
            case Column():
                return column(type_name, part, alias)
            case One() | Many():
                return self._related(part, alias)
            case Connection():
                return self.connection(part, alias)
            case Ruled():
                self.has_rules = True
                place = self._places.get(alias, f"{alias}.location_id")
                return marked(part, alias, place, self.alias(), self.alias())

    def _related(self, part: One | Many, parent: str) -> str:
        relation, alias = RELATIONS[part.relation], self.alias()
        matches = relation.matches.format(alias, parent)
        found = f"FROM {table(relation.type)} {alias} WHERE {alias}.org_id = $1 AND {matches}"
        written = self.object(part.object, alias)
        if isinstance(part, Many):
            order = relation.order.format(alias)
            return f"(SELECT '[' || coalesce(string_agg({written}, ',' ORDER BY {order}), '') || ']' {found})"
        # The oldest, where there may be several; of what a key finds there is one.
        picked = f" ORDER BY {alias}.id LIMIT 1" if relation.is_first_of_many else ""
        one = f"(SELECT {written} {found}{picked})"
        return f"coalesce({one}, 'null')" if relation.nullable else one

    def _edge(self, edges: Edges, order: Order, alias: str) -> str:
        entries = []
        for key, part in edges.entries:
            if part is None:
                entries.append((key, cursor(order, f"{alias}.id::text")))
            elif isinstance(part, Known):
                entries.append((key, literal(part.json)))
            else:
                entries.append((key, self.object(part, alias)))
        return joined(entries)

    def _global_id(self, type_name: str, alias: str) -> str:
        """Write `Type:<org>:<id>` in base64url: the part that all ids of the type share is encoded once, elsewhere."""
        if type_name == "Org":
            return f"'\"' || {self._text('whole', 'Org')} || '\"'"
        shared = len(f"{type_name}:") + _UUID_LENGTH + 1
        head = self._text("head", type_name)
        if shared % 3 == 0:
            return f"'\"' || {head} || encode({alias}.id::text::bytea, 'base64') || '\"'"
        tail = self._text("tail", type_name)
        return f"'\"' || {head} || rtrim(encode(({tail} || {alias}.id::text)::bytea, 'base64'), '=') || '\"'"

    def _text(self, part: str, type_name: str) -> str:
        if (part, type_name) not in self.texts:
            self.texts.append((part, type_name))
        return f"«{part} {type_name}»"


def _page_info(info: Info, order: Order, page: str, size: str, after: str) -> list[tuple[str, str]]:
    seen = f"FILTER (WHERE {page}.at <= {size})"
    last, first = (f'{which}({page}.id::text COLLATE "C") {seen}' for which in ("max", "min"))
    written = {
        "has_next_page": f"CASE WHEN count(*) > {size} THEN 'true' ELSE 'false' END",
        "has_previous_page": f"CASE WHEN {after} IS NULL THEN 'false' ELSE 'true' END",
        "start_cursor": f"coalesce({cursor(order, first)}, 'null')",
        "end_cursor": f"coalesce({cursor(order, last)}, 'null')",
    }
    return [(key, literal(what.json) if isinstance(what, Known) else written[what]) for key, what in info.entries]
