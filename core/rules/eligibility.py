"""May this user text: every rule evaluated on the facts of its level, and what follows from all of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from uuid import UUID

from core.rules.enums import CampaignStatus, Level, Outcome, RuleStatus
from core.rules.facts import CampaignFacts, LocationFacts, NumberFacts, OrgFacts, SwitchFacts, UserFacts
from core.rules.location_rules import LOCATION_RULES
from core.rules.number_rules import NUMBER_RULES, NumberScope
from core.rules.org_rules import ORG_RULES, OrgScope
from core.rules.policy import Policy
from core.rules.registry import RULES, RULES_BY_ID
from core.rules.results import RuleResult, deciding, outcome_of_statuses
from core.rules.user_rules import SETTING, USER_RULES, UserScope

__all__ = [
    "RULES",
    "RULES_BY_ID",
    "Decision",
    "Subject",
    "decide",
    "decide_many",
    "location_results",
    "number_results",
    "org_results",
    "scope_results",
    "switch_result",
    "user_results",
    "without_record",
]

Results = tuple[RuleResult, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Everything a decision reads. `number`: the user's primary number, or another one when there is no primary."""

    org: OrgFacts
    campaigns: tuple[CampaignFacts, ...]
    location: LocationFacts
    user: UserFacts
    number: NumberFacts | None
    switch: SwitchFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The answer. `prerequisites`: all rules but the setting; `enabled`: the setting alone. Only ALLOWED may send.

    `decided_by`: the first rule, in document order, that made the outcome; `None` only when ALLOWED.
    `denials`: the FAILs. `root_causes`: the FAILs that no other FAIL implies.
    """

    outcome: Outcome
    prerequisites: Outcome
    enabled: bool
    decided_by: RuleResult | None
    rules: Results
    denials: Results
    root_causes: Results
    policy_version: str
    policy_digest: str

    @property
    def eligible(self) -> bool:
        """Whether the user may send."""
        return self.outcome is Outcome.ALLOWED

    def rule(self, rule_id: str) -> RuleResult:
        """Give one rule's result; KeyError when there is no such rule."""
        found = next((result for result in self.rules if result.rule_id == rule_id), None)
        if found is None:
            raise KeyError(rule_id)
        return found


def decide(subject: Subject, policy: Policy) -> Decision:
    """Evaluate every rule for one user."""
    return decide_many((subject,), policy)[0]


def decide_many(subjects: Sequence[Subject], policy: Policy) -> list[Decision]:
    """Decide for many users, in order; equal facts share one decision, and an organization is evaluated once.

    Quickest when subjects share their `org` and `campaigns` objects.
    """
    orgs: dict[tuple[int, int], _Org] = {}
    memo: dict[object, Decision] = {}
    decisions: list[Decision] = []
    for subject in subjects:
        org_key = (id(subject.org), id(subject.campaigns))
        org = orgs.get(org_key)
        if org is None:
            org = orgs[org_key] = _Org.of(subject.org, subject.campaigns, policy)
        key = (org_key, subject.location, subject.user, subject.number, subject.switch)
        decision = memo.get(key)
        if decision is None:
            decision = memo[key] = _decide(org, subject, policy)
        decisions.append(decision)
    return decisions


def org_results(org: OrgFacts, campaigns: Iterable[CampaignFacts], policy: Policy) -> Results:
    """Evaluate the rules of an organization, in document order."""
    return explained(scope_results(OrgScope(org=org, campaign_statuses=frozenset(c.status for c in campaigns)), policy))


@lru_cache(maxsize=1_024)
def scope_results(scope: OrgScope, policy: Policy) -> Results:
    """Evaluate the rules of an organization, in document order; which implies which is not said yet."""
    return tuple(rule.evaluate(scope, policy) for rule in ORG_RULES)


@lru_cache(maxsize=4_096)
def location_results(location: LocationFacts, policy: Policy) -> Results:
    """Evaluate the rules of a location, in document order."""
    return tuple(rule.evaluate(location, policy) for rule in LOCATION_RULES)


@lru_cache(maxsize=16_384)
def user_results(user: UserFacts, number: NumberFacts | None, policy: Policy) -> Results:
    """Evaluate the rules of a user, in document order; of the number only its type and state are read."""
    scope = UserScope(user=user, number=number)
    return tuple(rule.evaluate(scope, policy) for rule in USER_RULES)


@lru_cache(maxsize=16_384)
def number_results(number: NumberFacts | None, campaign_status: CampaignStatus | None, policy: Policy) -> Results:
    """Evaluate the rules of a number whose campaign has that status; NOT_APPLICABLE without a primary number."""
    scope = NumberScope(number=number, campaign_status=campaign_status)
    return tuple(rule.evaluate(scope, policy) for rule in NUMBER_RULES)


@lru_cache(maxsize=64)
def switch_result(switch: SwitchFacts, policy: Policy) -> RuleResult:
    """Evaluate the setting."""
    return SETTING.evaluate(switch, policy)


def without_record(decision: Decision, levels: Iterable[Level]) -> Decision:
    """Say UNKNOWN of every rule about a level of which nothing was recorded; nothing else is known to have held."""
    of_levels = frozenset(levels)
    if not of_levels:
        return decision
    rules = tuple(_unrecorded(result) if _LEVELS[result.rule_id] in of_levels else result for result in decision.rules)
    return _decision(explained(rules), decision.policy_version, decision.policy_digest)


UNRECORDED = "HISTORY.unrecorded"
"""What a rule says of a subject that was not there yet."""


def explained(results: Results) -> Results:
    """Say of each FAIL that another FAIL among them implies: `blocked_by` that one."""
    failing = {result.rule_id for result in results if result.status is RuleStatus.FAIL}
    if not failing.intersection(_IMPLIED):
        return results
    return tuple(_blocked(result, implying(result.rule_id, failing)) for result in results)


def implying(rule_id: str, failing: set[str]) -> tuple[str, ...]:
    """Give which of the failing rules imply that this one fails; none when it does not fail itself."""
    if rule_id not in failing or rule_id not in _IMPLIED:
        return ()
    return tuple(other for other in _IMPLIED[rule_id] if other in failing)


_IMPLIED = {rule.rule_id: rule.implied_by for rule in RULES if rule.implied_by}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Org:
    results: Results
    status_of: dict[UUID, CampaignStatus]

    @classmethod
    def of(cls, org: OrgFacts, campaigns: Iterable[CampaignFacts], policy: Policy) -> "_Org":
        status_of = {campaign.id: campaign.status for campaign in campaigns}
        scope = OrgScope(org=org, campaign_statuses=frozenset(status_of.values()))
        return cls(results=scope_results(scope, policy), status_of=status_of)


def _decide(org: _Org, subject: Subject, policy: Policy) -> Decision:
    number = subject.number
    campaign_id = number.campaign_id if number is not None else None
    return _combined(
        org.results,
        location_results(subject.location, policy),
        user_results(subject.user, number, policy),
        number_results(number, org.status_of.get(campaign_id) if campaign_id is not None else None, policy),
        switch_result(subject.switch, policy),
        policy,
    )


def _combined(
    org: Results, location: Results, user: Results, number: Results, switch: RuleResult, policy: Policy
) -> Decision:
    by_id = {result.rule_id: result for results in (org, location, user, number, (switch,)) for result in results}
    return _decision(explained(tuple(by_id[rule.rule_id] for rule in RULES)), policy.version, policy.digest)


def _decision(rules: Results, policy_version: str, policy_digest: str) -> Decision:
    outcome = outcome_of_statuses(result.status for result in rules)
    denials = tuple(result for result in rules if result.status is RuleStatus.FAIL)
    return Decision(
        outcome=outcome,
        prerequisites=outcome_of_statuses(result.status for result in rules[:-1]),
        enabled=rules[-1].status is RuleStatus.PASS,
        decided_by=deciding(rules, outcome),
        rules=rules,
        denials=denials,
        root_causes=tuple(result for result in denials if not result.blocked_by),
        policy_version=policy_version,
        policy_digest=policy_digest,
    )


@lru_cache(maxsize=256)
def _unrecorded(result: RuleResult) -> RuleResult:
    return replace(
        result,
        status=RuleStatus.UNKNOWN,
        observed=None,
        message_id=UNRECORDED,
        params=(),
        blocked_by=(),
        level=_LEVELS[result.rule_id],
    )


_LEVELS = {rule.rule_id: rule.level for rule in RULES}


@lru_cache(maxsize=4_096)
def _blocked(result: RuleResult, by: tuple[str, ...]) -> RuleResult:
    return replace(result, blocked_by=by) if by else result
