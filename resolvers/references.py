"""From an id to its object: one statement for each type on a level, none where the id is all that is wanted."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from core.ids import encode
from core.storage.audit_records import RECORDS
from core.storage.consent import CONSENT
from core.storage.conversations import CONVERSATIONS
from core.storage.exports import EXPORTS
from core.storage.listing import Listing, fetch_ids
from core.storage.locations import LOCATIONS
from core.storage.messages import MESSAGES
from core.storage.numbers import NUMBERS
from core.storage.orgs import ORGS
from core.storage.registration import BRANDS, CAMPAIGNS
from core.storage.users import USERS
from engine import Info
from resolvers import visibility
from resolvers.audit_views import views
from resolvers.context import RequestContext

STORED: Mapping[str, tuple[Listing[Any], visibility.Rule]] = {
    "Org": (ORGS, visibility.org),
    "Location": (LOCATIONS, visibility.people),
    "User": (USERS, visibility.people),
    "UserPhoneNumber": (NUMBERS, visibility.people),
    "Brand": (BRANDS, visibility.registration),
    "Campaign": (CAMPAIGNS, visibility.registration),
    "Conversation": (CONVERSATIONS, visibility.correspondence),
    "Message": (MESSAGES, visibility.correspondence),
    "ConsentEvent": (CONSENT, visibility.correspondence),
    "AuditRecord": (RECORDS, visibility.audit),
    "Export": (EXPORTS, visibility.exports),
}
"""The types that are rows of their own: where they are read, and who may see which."""


@dataclass(frozen=True, slots=True)
class Ref:
    """A reference to an object of the organization entered."""

    type: str
    id: UUID


@dataclass(frozen=True, slots=True)
class Identity:
    """An object of which nothing but its id is wanted. It exists and is visible: the object that names it is."""

    graphql_type: ClassVar[str]

    org_id: UUID
    id: UUID

    @property
    def global_id(self) -> str:
        """Write the global id."""
        return encode(self.graphql_type, self.org_id, self.id)


_IDENTITIES: Mapping[str, type[Identity]] = {
    name: type(f"{name}Identity", (Identity,), {"graphql_type": name, "__slots__": ()}) for name in STORED
}
_WITHOUT_A_ROW = frozenset({"id", "__typename"})


async def load(
    context: RequestContext, type_name: str, ids: Iterable[UUID | None], read: frozenset[str] | None = None
) -> dict[UUID, Any]:
    """Read the visible objects of one type, by id, in one statement; audit records in one or two more.

    `read`: the only attributes that will be read of them; `None`: any.
    """
    listing, rule = STORED[type_name]
    where = rule(context)
    found: dict[UUID, Any] = await fetch_ids(context.db.fetch, listing, ids, org=context.org_id, where=where, read=read)
    if listing is RECORDS:
        found = {each.id: each for each in await views(context, list(found.values()))}
    return found


async def resolve(info: Info, type_name: str, ids: Sequence[UUID | None]) -> list[Any]:
    """Give the visible objects of one type, `None` for those that are not."""
    found = await load(info.context, type_name, ids, _read(info, type_name))
    return [None if id is None else found.get(id) for id in ids]


async def resolve_held(info: Info, type_name: str, ids: Sequence[UUID | None]) -> list[Any]:
    """Give objects that whoever sees the parent sees too: where only ids are wanted, no statement is run."""
    if wants_only_ids(info):
        return [None if id is None else identity(type_name, info.context.org_id, id) for id in ids]
    return await resolve(info, type_name, ids)


async def resolve_held_any(info: Info, refs: Sequence[Ref | None]) -> list[Any]:
    """Give objects of any types that whoever sees the parent sees too, like `resolve_held`."""
    if wants_only_ids(info):
        return [None if ref is None else identity(ref.type, info.context.org_id, ref.id) for ref in refs]
    return await resolve_any(info, refs)


def wants_only_ids(info: Info) -> bool:
    """Whether nothing is selected that needs the objects themselves."""
    return info.selected() <= _WITHOUT_A_ROW


def identity(type_name: str, org_id: UUID, id: UUID) -> Identity:
    """Stand for an object by its id alone."""
    return _IDENTITIES[type_name](org_id, id)


async def resolve_any(info: Info, refs: Sequence[Ref | None]) -> list[Any]:
    """Give the visible objects of any types, one statement for each type; `None` for those that are not."""
    by_type: dict[str, list[UUID]] = {}
    for ref in refs:
        if ref is not None and ref.type in STORED:
            by_type.setdefault(ref.type, []).append(ref.id)
    found = {name: await load(info.context, name, ids, _read(info, name)) for name, ids in by_type.items()}
    return [None if ref is None else found.get(ref.type, {}).get(ref.id) for ref in refs]


def _read(info: Info, type_name: str) -> frozenset[str] | None:
    """Name the attributes that will be read of the objects of the batch; `None`: any, or they are used otherwise."""
    return info.reads(type_name) if STORED[type_name][0].leaves_out else None
