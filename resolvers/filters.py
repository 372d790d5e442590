"""Inputs that choose: from the API's filters and orders to the conditions of a listing.

An id in a filter that names nothing the caller may see there leaves nothing to be found.
"""

from dataclasses import replace
from typing import Any

from core.storage import messages as stored_messages
from core.storage import numbers as stored_numbers
from core.storage import users as stored_users
from core.storage.listing import EVERYTHING, Where
from core.storage.pages import Order
from resolvers import visibility
from resolvers.context import RequestContext
from resolvers.global_ids import given, wanted_id
from schema.enums import OrderDirection, UserOrderField
from schema.message import MessageFilter
from schema.number import PhoneNumberFilter
from schema.user import UserFilter, UserOrder

_USER_ORDERS = {
    # An id carries the time it was made at.
    UserOrderField.CREATED_AT: stored_users.BY_ID,
    UserOrderField.DISPLAY_NAME: stored_users.BY_NAME,
}


def users(context: RequestContext, filter: UserFilter | None) -> Where:
    """Say which users are wanted."""
    if filter is None:
        return EVERYTHING
    location_id, within = wanted_id(context, filter.location_id, "Location")
    return within & stored_users.where(
        location_id=location_id,
        search=_value(filter.search),
        texting=_value(filter.texting),
        status=_value(filter.status),
        override_is_redundant=_value(filter.override_is_redundant),
    )


def user_order(order: UserOrder | None) -> Order:
    """Give the order of users: the oldest first when nothing is said."""
    if order is None:
        return stored_users.BY_ID
    return replace(_USER_ORDERS[order.field], descending=order.direction is OrderDirection.DESC)


def numbers(context: RequestContext, filter: PhoneNumberFilter | None) -> Where:
    """Say which numbers are wanted. Who may not read campaigns finds nothing by one."""
    if filter is None:
        return EVERYTHING
    owner_id, held = wanted_id(context, filter.owner_id, "User")
    campaign_id, assigned = wanted_id(context, filter.campaign_id, "Campaign")
    if campaign_id is not None:
        assigned &= visibility.registration(context)
    return (
        held
        & assigned
        & stored_numbers.where(
            owner_id=owner_id,
            unassigned=_value(filter.unassigned),
            state=_value(filter.state),
            assigned_by=_value(filter.assigned_by),
            campaign_id=campaign_id,
        )
    )


def messages(context: RequestContext, filter: MessageFilter | None) -> Where:
    """Say which messages are wanted."""
    if filter is None:
        return EVERYTHING
    user_id, of_user = wanted_id(context, filter.user_id, "User")
    return of_user & stored_messages.where(
        user_id=user_id,
        peer=_value(filter.peer),
        direction=_value(filter.direction),
        statuses=_value(filter.status),
        failure_layer=_value(filter.failure_layer),
        created_from=_value(filter.created_from),
        created_to=_value(filter.created_to),
    )


def _value(value: Any) -> Any:
    """Give what an input field says; null counts as not given."""
    return value if given(value) else None
