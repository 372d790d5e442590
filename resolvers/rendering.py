"""What is selected below a field, where all of it is stored: the database writes its JSON, nothing is completed here.

Whether that can be done is decided once for a plan and the caller's roles, from the selection alone: attributes that
are columns, relations and pages by id, how rules end (`ruled.py`), no field that this caller may not read. What the
caller may see is a condition of the statement. Whatever else is selected, the fields answer as usual.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from core.principal import Role
from core.storage import locations, users
from core.storage.listing import Where
from core.storage.pages import Order, PageRequest, page_request
from core.storage.rendering.parts import (
    Column,
    Connection,
    Edges,
    GlobalId,
    Known,
    Many,
    Object,
    One,
    Part,
    Ruled,
    Total,
)
from core.storage.rendering.parts import Info as PageInfo
from core.storage.rendering.pieces import has_column
from core.storage.rendering.relations import RELATIONS
from core.storage.rendering.statement import (
    Statement,
    object_statement,
    page_statement,
    pages_statement,
    render,
)
from engine import Info, Rendered, Subtree, Wanted
from resolvers import ruled, visibility
from resolvers.context import RequestContext
from resolvers.references import STORED, resolve
from schema.access import READERS

_PAGES: dict[str, Order] = {
    "Location.users": users.BY_ID,
    "Org.users": users.BY_ID,
    "Org.locations": locations.BY_ID,
}
"""The connections whose pages can be written, with the order they have when none is asked for."""

PLANS_MAX = 32
"""Ways to write one selection that are kept: one for each combination of roles and conditions."""

_WORDS = frozenset({"PhoneNumber"})
_PAGE_INFO = frozenset({"has_next_page", "has_previous_page", "start_cursor", "end_cursor"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How an answer is written.

    `pages`: the connections in it, in the order of their requests. `ruled`: the fields with rules, so too.
    """

    statement: Statement
    pages: tuple[Wanted, ...]
    ruled: tuple[tuple[Wanted, ruled.Selected], ...]


async def find(info: Info, type_name: str, id: UUID | None) -> Any:
    """Find a visible object of one type; None where there is none."""
    context: RequestContext = info.context
    where = STORED[type_name][1](context)
    plan = plan_of(info, type_name, where) if id is not None else None
    requests = None if plan is None else _requests(info, plan.pages)
    asked = None if plan is None else ruled.asked(info, plan.ruled)
    if plan is not None and requests is not None and asked is not None:
        values = _values(context, where)
        found = await render(context.db, plan.statement, context.org_id, id, requests, values, alone=info.is_alone)
        if not found:
            return None
        if found[0].json is not None:
            return Rendered(ruled.filled(context, found[0], asked))
    return (await resolve(info, type_name, [id]))[0]


async def pages(
    info: Info, relation: str, request: PageRequest, parents: Sequence[UUID] | None, where: Where
) -> list[Any] | None:
    """Give a page for each parent, or one of the whole organization; None where that cannot be."""
    plan = plan_of(info, relation, where)
    below = None if plan is None else _requests(info, plan.pages)
    asked = None if plan is None else ruled.asked(info, plan.ruled)
    if plan is None or below is None or asked is None or not _is_plain(request, relation):
        return None
    context: RequestContext = info.context
    ids = None if parents is None else list(dict.fromkeys(parents))
    values = _values(context, where)
    found = await render(
        context.db, plan.statement, context.org_id, ids, [request, *below], values, alone=info.is_alone
    )
    if any(each.json is None for each in found):
        return None
    rendered = [Rendered(ruled.filled(context, each, asked)) for each in found]
    if parents is None or ids is None:
        return rendered
    by_id = dict(zip(ids, rendered, strict=True))
    return [by_id[id] for id in parents]


def plan_of(info: Info, what: str, where: Where) -> Plan | None:
    """Decide how the selection of a type, or of a connection of a relation, is written; None: it is not."""
    context: RequestContext = info.context
    seen = visibility.people(context)
    if not context.renders or where.nothing or seen.nothing:
        return None
    subtree = info.subtree()
    if subtree is None:
        return None
    key = (what, context.roles, where.names, seen.names)
    if key not in subtree.kept:
        if len(subtree.kept) >= PLANS_MAX:
            subtree.kept.clear()
        subtree.kept[key] = _Planning(context.roles, where.names, seen.names).plan(what, subtree)
    plan: Plan | None = subtree.kept[key]
    return plan


def _values(context: RequestContext, where: Where) -> Mapping[str, Any]:
    return {**visibility.people(context).values, **where.values}


def _requests(info: Info, pages: Sequence[Wanted]) -> list[PageRequest] | None:
    """Read the arguments of connections; None where one asks for more than a page by ids from the start."""
    requests = []
    for page in pages:
        try:
            given = info.arguments(page)
            if any(given.pop(name, None) is not None for name in ("filter", "order_by")):
                return None
            request = page_request(_PAGES[_relation(page)], **given)
        except Exception:  # noqa: BLE001 - whatever it is, the field itself says it in its place
            return None
        if not _is_plain(request, _relation(page)):
            return None
        requests.append(request)
    return requests


def _is_plain(request: PageRequest, relation: str) -> bool:
    return not request.backward and request.before is None and request.order == _PAGES[relation]


def _relation(wanted: Wanted) -> str:
    return f"{wanted.field.parent.type.name}.{wanted.name}"


class _CannotBeWritten(Exception):
    """something selected is not stored, or not for this caller"""


class _Planning:
    """Translates a selection into what the storage writes.

    `wanted`: the conditions of what is planned; `seen`: those of every page below. What a visible row leads to by
    itself, such as a user's location, is visible too.
    """

    def __init__(self, roles: frozenset[Role], wanted: frozenset[str], seen: frozenset[str]) -> None:
        self._roles = roles
        self._wanted = wanted
        self._seen = seen
        self._is_listed = False
        self._is_met_again = False
        self._pages: list[Wanted] = []
        self._ruled: list[tuple[Wanted, ruled.Selected]] = []
        self._first = 0

    def plan(self, what: str, subtree: Subtree) -> Plan | None:
        try:
            if what in _PAGES:
                self._first = 1
                connection = self._connection(what, subtree, 0, self._wanted)
                write = page_statement if what.startswith("Org.") else pages_statement
                statement = write(connection)
            else:
                statement = object_statement(self._object(subtree), self._wanted)
        except _CannotBeWritten:
            return None
        return Plan(statement=statement, pages=tuple(self._pages), ruled=tuple(self._ruled))

    def _object(self, subtree: Subtree) -> Object:
        entries = tuple((wanted.key, self._part(subtree.type, wanted)) for wanted in subtree.fields)
        return Object(subtree.type, entries)

    def _part(self, type_name: str, wanted: Wanted) -> Part:
        if wanted.name == "__typename":
            return Known(f'"{type_name}"')
        readers = wanted.metadata.get(READERS)
        if readers is not None and not readers & self._roles:
            raise _CannotBeWritten
        if wanted.below is None:
            return self._leaf(type_name, wanted)
        relation = f"{type_name}.{wanted.name}"
        if relation in _PAGES:
            self._pages.append(wanted)
            return self._connection(relation, wanted.below, self._first + len(self._pages) - 1, self._seen)
        if relation in ruled.FACTS and (selected := ruled.selected(wanted.below)) is not None:
            if len(self._ruled) == ruled.FIELDS_MAX:
                raise _CannotBeWritten
            self._ruled.append((wanted, selected))
            return Ruled(len(self._ruled) - 1, ruled.FACTS[relation])
        if relation not in RELATIONS:
            raise _CannotBeWritten
        if wanted.is_list:
            return Many(relation, self._listed(wanted.below))
        was = self._is_met_again
        # Many users have one location: what is counted there would be counted for each of them.
        self._is_met_again = self._is_met_again or self._is_listed
        one = One(relation, self._object(wanted.below))
        self._is_met_again = was
        return one

    def _listed(self, subtree: Subtree) -> Object:
        was, self._is_listed = self._is_listed, True
        item = self._object(subtree)
        self._is_listed = was
        return item

    def _leaf(self, type_name: str, wanted: Wanted) -> Part:
        if wanted.attribute == "global_id":
            return GlobalId()
        name, leaf = wanted.attribute, wanted.leaf
        if name is None or leaf is None or wanted.is_list:
            raise _CannotBeWritten
        if not has_column(type_name, name, leaf, is_enum=wanted.is_enum, nonnull=wanted.nonnull):
            raise _CannotBeWritten
        return Column(name, is_word=wanted.is_enum or leaf in _WORDS)

    def _connection(self, relation: str, subtree: Subtree, request: int, conditions: frozenset[str]) -> Connection:
        entries: list[tuple[str, Edges | PageInfo | Total | Known]] = []
        for wanted in subtree.fields:
            match wanted.name:
                case "__typename":
                    entries.append((wanted.key, Known(f'"{subtree.type}"')))
                case "edges" if wanted.below is not None:
                    entries.append((wanted.key, self._edges(wanted.below)))
                case "page_info" if wanted.below is not None:
                    entries.append((wanted.key, _page_info(wanted.below)))
                case "total_count" if not self._is_met_again:
                    entries.append((wanted.key, Total()))
                case _:
                    raise _CannotBeWritten
        return Connection(relation, _PAGES[relation], request, tuple(entries), conditions)

    def _edges(self, subtree: Subtree) -> Edges:
        entries: list[tuple[str, Object | Known | None]] = []
        for wanted in subtree.fields:
            match wanted.name:
                case "__typename":
                    entries.append((wanted.key, Known(f'"{subtree.type}"')))
                case "cursor":
                    entries.append((wanted.key, None))
                case "node" if wanted.below is not None:
                    entries.append((wanted.key, self._listed(wanted.below)))
                case _:
                    raise _CannotBeWritten
        return Edges(tuple(entries))


def _page_info(subtree: Subtree) -> PageInfo:
    entries: list[tuple[str, str | Known]] = []
    for wanted in subtree.fields:
        if wanted.name == "__typename":
            entries.append((wanted.key, Known(f'"{subtree.type}"')))
        elif wanted.name in _PAGE_INFO:
            entries.append((wanted.key, wanted.name))
        else:
            raise _CannotBeWritten
    return PageInfo(tuple(entries))
