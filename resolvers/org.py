"""Organizations: the one entered, the directory of those one may enter, and what an organization has."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Unpack

from core.ids import encode
from core.storage import consent, locations, numbers, orgs, registration, users
from core.storage.listing import fetch_by
from core.storage.rows import OrgRow
from engine import Info, Registry
from resolvers import filters, visibility
from resolvers.errors import OtherOrganization
from resolvers.global_ids import id_of
from resolvers.lists import PageArguments, Paging, of_org
from resolvers.rendering import find
from schema.access import WHOLE_ORG, Forbidden, not_for
from schema.number import PhoneNumberFilter
from schema.user import UserFilter, UserOrder

registry = Registry()


@dataclass(frozen=True, slots=True, kw_only=True)
class CallingPlan:
    """The calling plan that an organization bought (P1)."""

    graphql_type: ClassVar[str] = "CallingPlan"

    provider: str
    countries: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class License:
    """An add-on that an organization bought (P6). `consumed_units` is 0 where nobody asks for it."""

    graphql_type: ClassVar[str] = "License"

    id: str
    name: str
    total_units: int
    consumed_units: int
    suspended: bool


@registry.bind("Query.org")
async def org(parents: Sequence[None], info: Info, *, id: str) -> list[Any]:
    """Find the organization entered; any other is not found."""
    return [await find(info, "Org", id_of(info.context, id, "Org"))] * len(parents)


@registry.bind("Org.calling_plan", reads=("calling_plan_provider", "calling_plan_countries"))
def calling_plan(parents: Sequence[OrgRow], info: Info) -> list[CallingPlan | Forbidden | None]:
    """Give what the row holds; where neither part is recorded, or that there is none, there is none."""
    return _to_readers(info, parents, _plan)


def _plan(org: OrgRow) -> CallingPlan | None:
    if org.calling_plan_provider is None and not org.calling_plan_countries:
        return None
    return CallingPlan(provider=org.calling_plan_provider or "", countries=org.calling_plan_countries or ())


@registry.bind("Org.texting_add_on", reads=("add_on_id", "add_on_name", "add_on_units", "add_on_suspended"))
async def texting_add_on(parents: Sequence[OrgRow], info: Info) -> list[Any]:
    """Give what the row holds; the units in use are counted when they are asked for."""
    context, used = info.context, 0
    counted = info.selects("consumedUnits")
    if counted and any(org.org_id == context.org_id for org in parents):
        used = await orgs.switched_on(context.db.fetch, context.org_id)
    other = OtherOrganization("only the organization that the operation enters is counted: ask for the others apart")
    return _to_readers(
        info, parents, lambda org: other if counted and org.org_id != context.org_id else _license(org, used)
    )


def _license(org: OrgRow, used: int) -> License | None:
    if org.add_on_units is None:
        return None
    return License(
        id=encode("License", org.org_id, org.add_on_id or org.org_id),
        name=org.add_on_name or "",
        total_units=org.add_on_units,
        consumed_units=used,
        suspended=org.add_on_suspended,
    )


@registry.bind("Org.handles_phi", reads=("handles_phi",))
def handles_phi(parents: Sequence[OrgRow], info: Info) -> list[bool | Forbidden | None]:
    """Give what the row holds."""
    return _to_readers(info, parents, lambda org: org.handles_phi)


@registry.bind("Org.healthcare", reads=("healthcare",))
def healthcare(parents: Sequence[OrgRow], info: Info) -> list[bool | Forbidden | None]:
    """Give what the row holds."""
    return _to_readers(info, parents, lambda org: org.healthcare)


def _to_readers(info: Info, orgs: Sequence[OrgRow], value: Callable[[OrgRow], Any]) -> list[Any]:
    """Give what is sold and declared to those who may read it there.

    The field's guard asks for the roles in the organization entered; of the directory's others it is asked here.
    """
    return [
        value(org) if visibility.reads_whole(info.context, org.org_id) else not_for(info, WHOLE_ORG) for org in orgs
    ]


@registry.bind("Org.brand", reads=())
async def brand(parents: Sequence[OrgRow], info: Info) -> list[Any]:
    """Find the one brand of the organization entered."""
    context = info.context
    entered = [org.org_id for org in parents if org.org_id == context.org_id]
    where = visibility.registration(context)
    found = await fetch_by(context.db.fetch, registration.BRANDS, "org_id", entered, org=context.org_id, where=where)
    other = OtherOrganization("only the brand of the organization that the operation enters can be read")
    return [(found[0] if found else None) if org.org_id == context.org_id else other for org in parents]


@registry.bind("Org.campaigns", reads=())
async def campaigns(parents: Sequence[OrgRow], info: Info, **asked: Unpack[PageArguments]) -> list[Any]:
    """Give a page of the campaigns, the oldest first."""
    paging = Paging(**asked)
    where = visibility.registration(info.context)
    return await of_org(parents, info, registration.CAMPAIGNS, registration.BY_ID, paging, where)


@registry.bind("Org.locations", reads=())
async def org_locations(parents: Sequence[OrgRow], info: Info, **asked: Unpack[PageArguments]) -> list[Any]:
    """Give a page of the locations, the oldest first."""
    paging = Paging(**asked)
    return await of_org(
        parents,
        info,
        locations.LOCATIONS,
        locations.BY_ID,
        paging,
        visibility.people(info.context),
        relation="Org.locations",
    )


@registry.bind("Org.users", reads=())
async def org_users(
    parents: Sequence[OrgRow],
    info: Info,
    *,
    filter: UserFilter | None,
    order_by: UserOrder | None,
    **asked: Unpack[PageArguments],
) -> list[Any]:
    """Give a page of the users, in the order asked for."""
    paging = Paging(**asked)
    where = visibility.people(info.context) & await filters.users(info.context, filter)
    return await of_org(parents, info, users.USERS, filters.user_order(order_by), paging, where, relation="Org.users")


@registry.bind("Org.phone_numbers", reads=())
async def org_numbers(
    parents: Sequence[OrgRow], info: Info, *, filter: PhoneNumberFilter | None, **asked: Unpack[PageArguments]
) -> list[Any]:
    """Give a page of the numbers, the oldest first."""
    paging = Paging(**asked)
    where = visibility.people(info.context) & filters.numbers(info.context, filter)
    return await of_org(parents, info, numbers.NUMBERS, numbers.BY_ID, paging, where)


@registry.bind("Org.consent_events", reads=())
async def consent_events(
    parents: Sequence[OrgRow], info: Info, *, recipient: str | None, **asked: Unpack[PageArguments]
) -> list[Any]:
    """Give a page of the consent ledger, the newest first."""
    paging = Paging(**asked)
    where = visibility.correspondence(info.context) & consent.by_recipient(recipient)
    return await of_org(parents, info, consent.CONSENT, consent.NEWEST_FIRST, paging, where)
