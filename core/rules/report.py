"""How many users may text, and what stands in the way of the others: a sum over decisions, alike ones at once."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from core.rules.eligibility import Decision
from core.rules.enums import Outcome, RuleStatus
from core.rules.registry import RULES
from core.rules.signatures import SignatureOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """`count` users of one location for whom the same was decided."""

    location_id: UUID
    decided: SignatureOutcome
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeCount:
    """How many users have this outcome. Eligible but off: `prerequisites` ALLOWED and not `enabled`."""

    prerequisites: Outcome
    enabled: bool
    outcome: Outcome
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleCount:
    """For how many users a rule has this status, and for how many of those nothing else implies it."""

    rule_id: str
    status: RuleStatus
    count: int
    as_root_cause: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationCount:
    """How many users of a location have this outcome."""

    location_id: UUID
    outcome: Outcome
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The sums. Only what occurs is listed: outcomes and rules in document order, locations by id."""

    total: int
    by_outcome: tuple[OutcomeCount, ...]
    by_rule: tuple[RuleCount, ...]
    by_location: tuple[LocationCount, ...]


def report(counted: Iterable[Counted]) -> Report:
    """Add up how many users have which outcome, by what each rule says and where."""
    outcomes = Counter[tuple[Outcome, bool, Outcome]]()
    rules = Counter[tuple[str, RuleStatus]]()
    roots = Counter[str]()
    places = Counter[tuple[UUID, Outcome]]()
    for decided, count in _alike(counted, places):
        outcomes[decided.prerequisites, decided.enabled, decided.outcome] += count
        for rule_id, status in decided.statuses:
            rules[rule_id, status] += count
        for rule_id in decided.root_causes:
            roots[rule_id] += count
    return Report(
        total=sum(outcomes.values()),
        by_outcome=tuple(
            OutcomeCount(prerequisites=key[0], enabled=key[1], outcome=key[2], count=outcomes[key])
            for key in sorted(outcomes, key=lambda key: (_rank(key[2]), _rank(key[0]), not key[1]))
        ),
        by_rule=tuple(
            RuleCount(
                rule_id=rule.rule_id,
                status=status,
                count=rules[rule.rule_id, status],
                as_root_cause=roots[rule.rule_id] if status is RuleStatus.FAIL else 0,
            )
            for rule in RULES
            for status in RuleStatus
            if rules[rule.rule_id, status]
        ),
        by_location=tuple(
            LocationCount(location_id=id, outcome=outcome, count=places[id, outcome])
            for id, outcome in sorted(places, key=lambda key: (key[0], _rank(key[1])))
        ),
    )


def summary(decision: Decision) -> SignatureOutcome:
    """Give of a decision what is counted."""
    return SignatureOutcome(
        prerequisites=decision.prerequisites,
        outcome=decision.outcome,
        failing=tuple(result.rule_id for result in decision.denials),
        root_causes=tuple(result.rule_id for result in decision.root_causes),
        statuses=tuple((result.rule_id, result.status) for result in decision.rules),
    )


def _alike(counted: Iterable[Counted], places: Counter[tuple[UUID, Outcome]]) -> Iterable[tuple[SignatureOutcome, int]]:
    """Join what was decided alike in different places, having counted the places."""
    joined = Counter[SignatureOutcome]()
    for each in counted:
        places[each.location_id, each.decided.outcome] += each.count
        joined[each.decided] += each.count
    return joined.items()


def _rank(outcome: Outcome) -> int:
    return list(Outcome).index(outcome)
