"""Users: one by id or e-mail, the organization's, and what the directory knows of a user."""

from collections.abc import Sequence
from operator import itemgetter
from typing import Any, Unpack
from uuid import UUID

from core.rules.enums import PhoneNumberType
from core.storage import numbers, users
from core.storage.listing import NOTHING, Where, fetch_by, fetch_where
from core.storage.rows import PhoneNumberRow, UserRow
from engine import Info, Registry
from resolvers import filters, visibility
from resolvers.context import RequestContext
from resolvers.errors import BadInput
from resolvers.global_ids import enters, id_of
from resolvers.lists import PageArguments, Paging, whole
from resolvers.references import resolve_held
from resolvers.rendering import find
from schema.user import UserFilter, UserOrder

registry = Registry()


@registry.bind("Query.user")
async def user(
    parents: Sequence[None], info: Info, *, id: str | None, email: str | None, org_id: str | None
) -> list[Any]:
    """Find a user by exactly one of id and e-mail."""
    if (id is None) == (email is None):
        raise BadInput("give exactly one of `id` and `email`")
    context: RequestContext = info.context
    if not enters(context, org_id):
        found = None
    elif id is not None:
        found = await find(info, "User", id_of(context, id, "User"))
    else:
        found = await _by_email(context, str(email))
    return [found] * len(parents)


@registry.bind("Query.users")
async def query_users(
    parents: Sequence[None],
    info: Info,
    *,
    org_id: str | None,
    filter: UserFilter | None,
    order_by: UserOrder | None,
    **asked: Unpack[PageArguments],
) -> list[Any]:
    """Give a page of the users of the organization entered; of another one there are none."""
    context: RequestContext = info.context
    paging = Paging(**asked)
    where = visibility.people(context) & await filters.users(context, filter)
    if not enters(context, org_id):
        where = NOTHING
    return [await whole(info, users.USERS, filters.user_order(order_by), paging, where, relation="Org.users")] * len(
        parents
    )


@registry.bind("User.org", reads=())
async def user_org(parents: Sequence[UserRow], info: Info) -> list[Any]:
    """Find the organization."""
    return await resolve_held(info, "Org", [each.org_id for each in parents])


@registry.bind("User.location", reads=("location_id",))
async def user_location(parents: Sequence[UserRow], info: Info) -> list[Any]:
    """Find the location: whoever sees a user sees where the user is."""
    return await resolve_held(info, "Location", [each.location_id for each in parents])


@registry.bind("User.phone_numbers", reads=())
async def phone_numbers(parents: Sequence[UserRow], info: Info) -> list[list[PhoneNumberRow]]:
    """Give each user's numbers, the primary one first, then the oldest."""
    held: dict[UUID, list[PhoneNumberRow]] = {each.id: [] for each in parents}
    for row in sorted(await _held(info, parents, Where()), key=_BY_ID):
        held[row.owner_id].append(row)
    return [sorted(held[each.id], key=lambda row: row.type != PhoneNumberType.PRIMARY) for each in parents]


@registry.bind("User.primary_number", reads=())
async def primary_number(parents: Sequence[UserRow], info: Info) -> list[PhoneNumberRow | None]:
    """Give the number in service that each user texts with (P3)."""
    held = await _held(info, parents, numbers.IN_SERVICE)
    oldest = {row.owner_id: row for row in held}
    if len(oldest) < len(held):
        oldest = {row.owner_id: row for row in sorted(held, key=_BY_ID, reverse=True)}
    return [oldest.get(each.id) for each in parents]


async def _by_email(context: RequestContext, email: str) -> UserRow | None:
    where = visibility.people(context) & users.has_email(email)
    rows = await fetch_where(context.db.fetch, users.USERS, org=context.org_id, where=where)
    return rows[0] if rows else None


async def _held(info: Info, holders: Sequence[UserRow], where: Where) -> list[PhoneNumberRow]:
    """Read the numbers of users, in any order, in one statement."""
    context: RequestContext = info.context
    ids = [each.id for each in holders]
    visible = visibility.people(context) & where
    read = info.reads("UserPhoneNumber")
    return await fetch_by(
        context.db.fetch,
        numbers.NUMBERS,
        "owner_id",
        ids,
        org=context.org_id,
        where=visible,
        read=read | _SORTED_BY if read is not None else None,
    )


_BY_ID = itemgetter("id")
_SORTED_BY = frozenset({"owner_id", "type"})
"""What is read of numbers here, whatever is selected."""
