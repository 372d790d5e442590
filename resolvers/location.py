"""Locations: one by id, and what a location has."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Unpack

from core.storage import users
from core.storage.rows import LocationRow
from engine import Info, Registry
from resolvers import filters, visibility
from resolvers.global_ids import id_of
from resolvers.lists import PageArguments, Paging, of_each
from resolvers.references import resolve_held
from resolvers.rendering import find
from schema.user import UserFilter, UserOrder

registry = Registry()


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a location is. `country`: ISO 3166-1 alpha-2."""

    graphql_type: ClassVar[str] = "Address"

    country: str
    region: str | None
    city: str | None
    line1: str | None
    postal_code: str | None


@registry.bind("Query.location")
async def location(parents: Sequence[None], info: Info, *, id: str) -> list[Any]:
    """Find a location by its global id."""
    return [await find(info, "Location", id_of(info.context, id, "Location"))] * len(parents)


@registry.bind("Location.org", reads=())
async def location_org(parents: Sequence[LocationRow], info: Info) -> list[Any]:
    """Find the organization."""
    return await resolve_held(info, "Org", [each.org_id for each in parents])


@registry.bind("Location.address", reads=("country", "region", "city", "line1", "postal_code"))
def address(parents: Sequence[LocationRow], info: Info) -> list[Address]:
    """Give what the row holds."""
    return [
        Address(
            country=each.country,
            region=each.region,
            city=each.city,
            line1=each.line1,
            postal_code=each.postal_code,
        )
        for each in parents
    ]


@registry.bind("Location.users", reads=())
async def location_users(
    parents: Sequence[LocationRow],
    info: Info,
    *,
    filter: UserFilter | None,
    order_by: UserOrder | None,
    **asked: Unpack[PageArguments],
) -> list[Any]:
    """Give a page of each location's users, in the order asked for."""
    paging = Paging(**asked)
    where = visibility.people(info.context) & await filters.users(info.context, filter)
    ids = [each.id for each in parents]
    order = filters.user_order(order_by)
    return await of_each(
        info, users.USERS, order, paging, where, by="location_id", parents=ids, relation="Location.users"
    )
