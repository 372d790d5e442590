"""What storage keeps of a level's rules: one letter a rule, written and read by the functions that decide.

Org and location: the statuses in document order (`PPPPPP`, `PP`). Number: its source, its country, then its campaign:
a letter, or `A:` and the campaign's id while it is ASSIGNED, so that a campaign's change rewrites nobody. User: the
user's statuses, `|`, and the primary number's signature. A new policy needs new signatures
(`core.commands.signing_anew`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from core.rules.eligibility import implying, location_results, number_results, org_results, user_results
from core.rules.enums import AssignmentStatus, CampaignStatus, Outcome, RuleStatus
from core.rules.facts import CampaignFacts, LocationFacts, NumberFacts, OrgFacts, UserFacts
from core.rules.location_rules import LOCATION_RULES
from core.rules.number_rules import (
    CAMPAIGN_ASSIGNED,
    FROM_CALLING_PLAN,
    IN_TERRITORY,
    NO_NUMBER,
    counts,
    judge_assigned,
)
from core.rules.org_rules import ORG_RULES
from core.rules.policy import Policy
from core.rules.registry import RULES
from core.rules.results import outcome_of_statuses
from core.rules.rule_ids import RuleId
from core.rules.user_rules import USER_RULES

_LETTER = {
    RuleStatus.PASS: "P",
    RuleStatus.FAIL: "F",
    RuleStatus.WARN: "W",
    RuleStatus.UNKNOWN: "U",
    RuleStatus.PENDING: "Q",
    RuleStatus.NOT_APPLICABLE: "N",
}
_STATUS = {letter: status for status, letter in _LETTER.items()}
_ASSIGNED = "A:"
_NUMBER_RULES = (FROM_CALLING_PLAN, IN_TERRITORY)
NO_NUMBER_SIGNATURE = _LETTER[NO_NUMBER.status] * (len(_NUMBER_RULES) + 1)
"""The number part where there is no primary number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureOutcome:
    """What `decide` would say. `failing` and `root_causes`: rule ids in document order; `statuses`: all rules' so."""

    prerequisites: Outcome
    outcome: Outcome
    failing: tuple[str, ...]
    root_causes: tuple[str, ...]
    statuses: tuple[tuple[str, RuleStatus], ...]

    @property
    def enabled(self) -> bool:
        """What the setting alone says."""
        return self.statuses[-1] == (RuleId.EFFECTIVE_SETTING_ENABLED, RuleStatus.PASS)


def org_signature(org: OrgFacts, campaigns: Iterable[CampaignFacts], policy: Policy) -> str:
    """Sign an organization; changes when it, its brand or any campaign does."""
    return "".join(_LETTER[result.status] for result in org_results(org, campaigns, policy))


def location_signature(location: LocationFacts, policy: Policy) -> str:
    """Sign a location."""
    return "".join(_LETTER[result.status] for result in location_results(location, policy))


def user_signature(user: UserFacts, primary_number: NumberFacts | None, policy: Policy) -> str:
    """Sign a user together with the primary number: changes when either does, never with the campaign."""
    own = "".join(_LETTER[result.status] for result in user_results(user, primary_number, policy))
    return f"{own}|{number_signature(primary_number, policy)}"


def number_signature(number: NumberFacts | None, policy: Policy) -> str:
    """Sign a number; any other than a primary one is signed as there being none."""
    if number is None or not counts(number):
        return NO_NUMBER_SIGNATURE
    letters = {result.rule_id: _LETTER[result.status] for result in number_results(number, None, policy)}
    own = "".join(letters[rule.rule_id] for rule in _NUMBER_RULES)
    if number.assignment_status == AssignmentStatus.ASSIGNED:
        return f"{own}{_ASSIGNED}{number.campaign_id or ''}"
    return own + letters[CAMPAIGN_ASSIGNED.rule_id]


def outcome_of(
    *,
    org_signature: str,
    location_signature: str,
    user_signature: str,
    enabled: bool,
    campaigns: Mapping[UUID, CampaignStatus],
    number_signature: str | None = None,
) -> SignatureOutcome:
    """Decide from stored signatures alone. `number_signature`: the primary number's, by default the user's copy of it.

    ValueError when a text is no signature.
    """
    own, _, copied = user_signature.partition("|")
    number = copied if number_signature is None else number_signature
    campaign_id = _campaign_of(number)
    status = campaigns.get(campaign_id) if campaign_id is not None else None
    return _outcome(org_signature, location_signature, own, number, status, enabled=enabled)


@lru_cache(maxsize=65_536)
def _outcome(
    org: str, location: str, user: str, number: str, campaign: CampaignStatus | None, *, enabled: bool
) -> SignatureOutcome:
    switch = RuleStatus.PASS if enabled else RuleStatus.FAIL
    by_id = {
        **_read(org, tuple(rule.rule_id for rule in ORG_RULES)),
        **_read(location, tuple(rule.rule_id for rule in LOCATION_RULES)),
        **_read(user, tuple(rule.rule_id for rule in USER_RULES)),
        **_read_number(number, campaign),
        RuleId.EFFECTIVE_SETTING_ENABLED: switch,
    }
    statuses = tuple((rule.rule_id, by_id[rule.rule_id]) for rule in RULES)
    failing = {rule_id for rule_id, status in statuses if status is RuleStatus.FAIL}
    return SignatureOutcome(
        prerequisites=outcome_of_statuses(status for _, status in statuses[:-1]),
        outcome=outcome_of_statuses(status for _, status in statuses),
        failing=tuple(rule_id for rule_id, _ in statuses if rule_id in failing),
        root_causes=tuple(rule_id for rule_id, _ in statuses if rule_id in failing and not implying(rule_id, failing)),
        statuses=statuses,
    )


def _read(text: str, rule_ids: tuple[str, ...]) -> dict[str, RuleStatus]:
    if len(text) != len(rule_ids) or not _STATUS.keys() >= set(text):
        raise ValueError(f"`{text}` is no signature of {len(rule_ids)} rules; compute it again")
    return {rule_id: _STATUS[letter] for rule_id, letter in zip(rule_ids, text, strict=True)}


def _read_number(text: str, campaign: CampaignStatus | None) -> dict[str, RuleStatus]:
    head = len(_NUMBER_RULES)
    found = _read(text[:head], tuple(rule.rule_id for rule in _NUMBER_RULES))
    if text[head:].startswith(_ASSIGNED):
        return {**found, CAMPAIGN_ASSIGNED.rule_id: judge_assigned(campaign).status}
    return {**found, **_read(text[head:], (CAMPAIGN_ASSIGNED.rule_id,))}


def _campaign_of(number: str) -> UUID | None:
    _, assigned, campaign_id = number.partition(_ASSIGNED)
    return UUID(campaign_id) if assigned and campaign_id else None
