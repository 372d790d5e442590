"""Inputs that choose: from the API's filters and orders to the conditions of a listing.

An id in a filter that names nothing the caller may see there leaves nothing to be found.
"""

from collections.abc import Callable
from typing import Any

from core.rules.registry import RULES_BY_ID
from core.rules.signatures import SignatureOutcome
from core.storage import audit_records as stored_audit
from core.storage import messages as stored_messages
from core.storage import numbers as stored_numbers
from core.storage import users as stored_users
from core.storage.groups import decided_groups, in_groups
from core.storage.listing import EVERYTHING, NOTHING, Where
from core.storage.pages import Order
from resolvers import visibility
from resolvers.context import RequestContext
from resolvers.errors import BadInput
from resolvers.global_ids import given, parse, wanted_id
from schema.audit import AuditFilter, AuditOrder
from schema.enums import AuditOrderField, OrderDirection, UserOrderField
from schema.message import MessageFilter
from schema.number import PhoneNumberFilter
from schema.user import UserFilter, UserOrder

_USER_ORDERS = {
    # An id carries the time it was made at.
    UserOrderField.CREATED_AT: stored_users.BY_ID,
    UserOrderField.DISPLAY_NAME: stored_users.BY_NAME,
}
_AUDIT_ORDERS = {
    AuditOrderField.OCCURRED_AT: stored_audit.OLDEST_FIRST,
    AuditOrderField.LEAF_INDEX: stored_audit.IN_TREE,
}


async def users(context: RequestContext, filter: UserFilter | None) -> Where:
    """Say which users are wanted; what was decided for them is asked of the stored statuses of their rules."""
    if filter is None:
        return EVERYTHING
    location_id, within = wanted_id(context, filter.location_id, "Location")
    wanted = within & stored_users.where(
        location_id=location_id,
        search=_value(filter.search),
        texting=_value(filter.texting),
        status=_value(filter.status),
        override_is_redundant=_value(filter.override_is_redundant),
    )
    conditions = decided(filter)
    if not conditions:
        return wanted
    found = await decided_groups(context.db.fetch, context.org_id, context.policy, wanted)
    return wanted & in_groups(each.group for each in found if all(holds(each.decided) for holds in conditions))


def decided(filter: UserFilter) -> list[Callable[[SignatureOutcome], bool]]:
    """Give the conditions on what was decided. Raises `BadInput` for a rule that there is not."""
    conditions: list[Callable[[SignatureOutcome], bool]] = []
    if (prerequisites := _value(filter.prerequisites)) is not None:
        conditions.append(lambda decided: decided.prerequisites in prerequisites)
    if (enabled := _value(filter.enabled)) is not None:
        conditions.append(lambda decided: decided.enabled is enabled)
    if (outcome := _value(filter.outcome)) is not None:
        conditions.append(lambda decided: decided.outcome in outcome)
    if (rules := _value(filter.failing_rule)) is not None:
        if unknown := [rule for rule in rules if rule not in RULES_BY_ID]:
            raise BadInput(f"`failingRule` names `{unknown[0][:60]}`, which is no rule: `eligibilityRules` lists them")
        conditions.append(lambda decided: not set(rules).isdisjoint(decided.failing))
    return conditions


def user_order(order: UserOrder | None) -> Order:
    """Give the order of users: the oldest first when nothing is said."""
    if order is None:
        return stored_users.BY_ID
    return _USER_ORDERS[order.field]._replace(descending=order.direction is OrderDirection.DESC)


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


def audit(context: RequestContext, filter: AuditFilter | None) -> Where:
    """Say which audit records are wanted."""
    if filter is None:
        return EVERYTHING
    conditions = audit_conditions(context, filter)
    return NOTHING if conditions is None else stored_audit.where(**conditions)


def audit_conditions(context: RequestContext, filter: AuditFilter) -> dict[str, Any] | None:
    """Give the conditions by the names that `stored_audit.where` has for them; `None`: an id names nothing there."""
    location_id, there = wanted_id(context, filter.location_id, "Location")
    involves, involved = wanted_id(context, filter.involves, "User")
    target = parse(context, str(filter.target_id)) if given(filter.target_id) else None
    if there.nothing or involved.nothing or (given(filter.target_id) and target is None):
        return None
    return {
        "actor": _value(filter.actor),
        "action": _value(filter.action),
        "actions": _value(filter.actions),
        "kinds": _value(filter.kinds),
        "outcome": _value(filter.outcome),
        "target_id": target.id if target is not None else None,
        "target_type": _value(filter.target_type),
        "location_id": location_id,
        "rule": _value(filter.rule),
        "request_id": _value(filter.request_id),
        "correlation_id": _value(filter.correlation_id),
        "involves": involves,
        "occurred_from": _value(filter.occurred_from),
        "occurred_to": _value(filter.occurred_to),
    }


def audit_order(order: AuditOrder | None) -> Order:
    """Give the order of audit records: the newest first when nothing is said."""
    if order is None:
        return stored_audit.NEWEST_FIRST
    return _AUDIT_ORDERS[order.field]._replace(descending=order.direction is OrderDirection.DESC)


def _value(value: Any) -> Any:
    """Give what an input field says; null counts as not given."""
    return value if given(value) else None
