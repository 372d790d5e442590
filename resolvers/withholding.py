"""Facts that a decision was made on and that the caller may not see: what is said of a rule that read them.

Of such a rule the caller learns its status and which rules imply it, which the outcome shows anyway, and nothing else:
two facts that give the same status look the same.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from core.principal import Role
from core.rules.results import Message, RuleResult
from core.rules.rule_ids import RuleId
from resolvers.context import RequestContext
from schema.access import readers_of
from schema.campaign import Campaign
from schema.number import UserPhoneNumber
from schema.org import Org

_SHOWN_AS: Mapping[str, tuple[tuple[type, str | None], ...]] = {
    RuleId.ORG_CALLING_PLAN_US_CA: ((Org, "calling_plan"),),
    RuleId.ORG_CUSTOMER_TYPE_ENTERPRISE: ((Org, "customer_type"),),
    RuleId.ORG_ADDON_LICENSED: ((Org, "texting_add_on"),),
    RuleId.ORG_BRAND_REGISTERED: ((Org, "brand"),),
    RuleId.ORG_CAMPAIGN_ACTIVE: ((Campaign, None),),
    RuleId.ORG_NOT_HIPAA: ((Org, "handles_phi"), (Org, "healthcare")),
    RuleId.NUMBER_CAMPAIGN_ASSIGNED: ((UserPhoneNumber, "campaign_assignment"), (Campaign, None)),
}
"""Where the API shows what a rule reads: whoever may not read it there may not read it here. Of rules that are not
listed, whoever sees the decision sees the facts: they are the user's, the location's or the message's own."""


def hidden_from(context: RequestContext) -> frozenset[str]:
    """Name the rules whose facts the caller may not see."""
    return _hidden_from(context.roles)


def told(result: RuleResult, hidden: frozenset[str]) -> Message:
    """Give what may be said of what a rule found."""
    if result.rule_id in hidden:
        return Message(id=f"{result.rule_id}.summary")
    return shown(result.message, hidden)


def shown(message: Message, hidden: frozenset[str]) -> Message:
    """Give what may be said: of a rule whose facts are hidden what it asks for, also inside another message."""
    if not hidden:
        return message
    rule_id = message.id.partition(".")[0]
    if rule_id in hidden:
        return Message(id=f"{rule_id}.summary")
    if not any(isinstance(value, Message) for _, value in message.params):
        return message
    params = tuple(
        (name, shown(value, hidden) if isinstance(value, Message) else value) for name, value in message.params
    )
    return replace(message, params=params)


@lru_cache(maxsize=64)
def _hidden_from(roles: frozenset[Role]) -> frozenset[str]:
    return frozenset(
        str(rule_id)
        for rule_id, places in _SHOWN_AS.items()
        if not all(roles & readers_of(cls, field) for cls, field in places)
    )
