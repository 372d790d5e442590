"""Enums of decisions: rules, outcomes, remediations and settings."""

from core.rules.enums import (
    Level,
    Outcome,
    RemediationKind,
    RuleStatus,
    SettingKey,
    SettingState,
)
from schema.enums.described import describe

__all__ = [
    "Level",
    "Outcome",
    "RemediationKind",
    "RuleStatus",
    "SettingKey",
    "SettingState",
]

describe(
    Level,
    "What a rule or a setting is about.",
    SYSTEM="The provider's default.",
    ORG="The organization.",
    LOCATION="The location.",
    USER="The user.",
    NUMBER="The user's number.",
    CAMPAIGN="The campaign.",
    RECIPIENT="The person texted.",
    MESSAGE="The message itself.",
)
describe(
    RuleStatus,
    "The result of one rule.",
    PASS="Holds.",  # noqa: S106 - a status, no password
    FAIL="Does not hold: denies.",
    WARN="Holds, with something to look at.",
    UNKNOWN="Cannot be told: the fact was never recorded. Nothing is sent on an unknown.",
    PENDING="Waits for somebody, such as a registry.",
    NOT_APPLICABLE="Its subject does not exist; `blockedBy` names the rule that says why.",
)
describe(
    Outcome,
    "The result of a decision. Only ALLOWED may send.",
    ALLOWED="Nothing fails, waits or is unknown.",
    DENIED="At least one rule fails.",
    PENDING="Nothing fails, and at least one rule waits for somebody.",
    INDETERMINATE="Nothing fails or waits, and at least one fact is unknown.",
)
describe(
    RemediationKind,
    "Who can do something about a rule that does not pass, and how.",
    ADMIN_ACTION="An administrator, with a mutation.",
    PARTNER_ORDER="The provider or partner, with an order.",
    CARRIER_WAIT="A registry or carrier: wait for its answer.",
    USER_ACTION="The user, for example by updating the app.",
    NOT_FIXABLE="Nobody: it is not offered.",
)
describe(
    SettingKey,
    "A setting with levels.",
    BUSINESS_TEXTING="Whether business texting is on (O1 to O4, U3).",
    MESSAGE_RETENTION_DAYS="How many days messages are kept (L1).",
)
describe(
    SettingState,
    "How an effective value came about.",
    DEFAULT="Nobody set it: the provider's default.",
    INHERITED="Set at a level above.",
    OVERRIDDEN="Set at this very level.",
    LOCKED="Set at a level above that does not let lower levels override.",
)
