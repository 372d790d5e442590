"""Connections: one page of the organization's list, or one for each parent, always in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypedDict
from uuid import UUID

from core.storage.listing import Listing, Where, fetch_page, fetch_pages
from core.storage.pages import Order, PageError, PageRequest, page_request
from engine import Info
from resolvers import rendering
from resolvers.context import RequestContext
from resolvers.errors import BadInput, OtherOrganization


class PageArguments(TypedDict):
    """A connection's arguments, as resolvers take them last: `**asked: Unpack[PageArguments]`."""

    first: int | None
    after: str | None
    last: int | None
    before: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging:
    """The arguments that choose a page."""

    first: int | None
    after: str | None
    last: int | None
    before: str | None

    def of(self, order: Order) -> PageRequest:
        """Check them for one order; raises `BadInput`."""
        try:
            return page_request(order, first=self.first, after=self.after, last=self.last, before=self.before)
        except PageError as error:
            raise BadInput(str(error)) from error


async def whole(
    info: Info,
    listing: Listing[Any],
    order: Order,
    paging: Paging,
    where: Where,
    *,
    relation: str | None = None,
) -> Any:
    """Give a page of what the organization entered has; `relation`: as what the database may write it."""
    context: RequestContext = info.context
    request = paging.of(order)
    if relation is not None:
        rendered = await rendering.pages(info, relation, request, None, where)
        if rendered is not None:
            return rendered[0]
    return await fetch_page(
        context.db.fetch,
        listing,
        request,
        org=context.org_id,
        where=where,
        counted=info.selects("totalCount"),
        read=read_of_each(info, listing),
    )


def read_of_each(info: Info, listing: Listing[Any]) -> frozenset[str] | None:
    """Name the columns that will be read of the rows of a page; `None`: any."""
    return info.reads(listing.row.graphql_type, "edges", "node") if listing.leaves_out else None


async def of_org(
    orgs: Sequence[Any],
    info: Info,
    listing: Listing[Any],
    order: Order,
    paging: Paging,
    where: Where,
    *,
    relation: str | None = None,
) -> list[Any]:
    """Give each organization its page: there is one for the organization entered, the others' lists are not read."""
    page: Any = None
    if any(org.org_id == info.context.org_id for org in orgs):
        page = await whole(info, listing, order, paging, where, relation=relation)
    other = OtherOrganization(
        "only the organization that the operation enters has lists: ask for the others one by one"
    )
    return [page if org.org_id == info.context.org_id else other for org in orgs]


async def of_each(
    info: Info,
    listing: Listing[Any],
    order: Order,
    paging: Paging,
    where: Where,
    *,
    by: str,
    parents: Sequence[UUID],
    relation: str | None = None,
) -> list[Any]:
    """Give a page for each parent; `by` names the column that holds the parent; `relation`: as in `whole`."""
    context: RequestContext = info.context
    request = paging.of(order)
    if relation is not None:
        rendered = await rendering.pages(info, relation, request, parents, where)
        if rendered is not None:
            return rendered
    return await fetch_pages(
        context.db.fetch,
        listing,
        request,
        org=context.org_id,
        by=by,
        parents=parents,
        where=where,
        counted=info.selects("totalCount"),
        read=read_of_each(info, listing),
    )
