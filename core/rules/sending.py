"""May this message go: every send rule evaluated, and when it may if not now."""

from dataclasses import dataclass
from datetime import datetime

from core.rules.eligibility import Decision
from core.rules.enums import Encoding, LimitKind, Outcome, PolicyAction, RuleStatus, TrafficBlockKind
from core.rules.hours import next_allowed
from core.rules.policy import Policy
from core.rules.results import UNMET, RuleResult, deciding, outcome_of_statuses
from core.rules.rule_ids import SendRuleId
from core.rules.segments import measure
from core.rules.send_rules import SEND_RULES, SendFacts, TrafficBlock, active_blocks
from core.rules.usage import Usage, excesses

__all__ = ["SEND_RULES", "SendDecision", "SendFacts", "TrafficBlock", "Usage", "decide_send"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SendDecision:
    """The answer. `decided_by`: the first rule, in order, that made the outcome; `None` only when ALLOWED.

    `next_allowed_at` (UTC): when everything that fails now would pass by waiting, else `None`.
    """

    outcome: Outcome
    decided_by: RuleResult | None
    rules: tuple[RuleResult, ...]
    segments: int
    encoding: Encoding
    next_allowed_at: datetime | None
    policy_version: str
    policy_digest: str
    eligibility: Decision

    @property
    def denials(self) -> tuple[RuleResult, ...]:
        """The rules that fail, in order."""
        return tuple(result for result in self.rules if result.status is RuleStatus.FAIL)


def decide_send(facts: SendFacts, policy: Policy) -> SendDecision:
    """Evaluate every send rule for one message."""
    rules = tuple(rule.evaluate(facts, policy) for rule in SEND_RULES)
    outcome = outcome_of_statuses(result.status for result in rules)
    size = measure(facts.body)
    return SendDecision(
        outcome=outcome,
        decided_by=deciding(rules, outcome),
        rules=rules,
        segments=size.segments,
        encoding=size.encoding,
        next_allowed_at=_next_allowed_at(facts, policy, rules) if outcome is Outcome.DENIED else None,
        policy_version=policy.version,
        policy_digest=policy.digest,
        eligibility=facts.eligibility,
    )


_PASSES_WITH_TIME = frozenset(
    {SendRuleId.NOT_BLOCKED, SendRuleId.WITHIN_LIMITS, SendRuleId.NO_BURST, SendRuleId.WITHIN_HOURS}
)


def _next_allowed_at(facts: SendFacts, policy: Policy, rules: tuple[RuleResult, ...]) -> datetime | None:
    """The latest of what is waited for, moved on to where the hours allow it."""
    if any(result.status in UNMET and not _passes_with_time(result) for result in rules):
        return None
    waits = [*_block_ends(facts), *_limit_ends(facts, policy)]
    if any(wait is None for wait in waits):
        return None
    moment = max((wait for wait in waits if wait is not None), default=facts.now)
    hours = policy.hours.value
    if not hours.enabled or (facts.conversational and not hours.conversational):
        return moment
    return next_allowed(moment, facts.recipient_zones, hours)


def _passes_with_time(result: RuleResult) -> bool:
    """Say whether waiting helps: what is not known now, such as the recipient's zone, will not be known later."""
    return result.status is RuleStatus.FAIL and result.rule_id in _PASSES_WITH_TIME


def _block_ends(facts: SendFacts) -> list[datetime | None]:
    return [block.ended_at for block in active_blocks(facts) if block.kind == TrafficBlockKind.BLOCK]


def _limit_ends(facts: SendFacts, policy: Policy) -> list[datetime | None]:
    segments = measure(facts.body).segments
    return [
        excess.frees_at
        for kind in LimitKind
        for excess in excesses(facts.usage, policy, kind, segments=segments)
        if excess.limit.action == PolicyAction.BLOCK
    ]
