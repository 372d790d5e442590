"""What a rule is: its id, where it comes from, what it requires, how it judges. Evaluating is explaining."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from core.rules.citations import cite
from core.rules.enums import Comparator, Level, RuleStatus
from core.rules.policy import Policy
from core.rules.results import Citation, Observed, Params, RuleResult

F = TypeVar("F")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a rule saw. `variant` tells apart reasons of one status; `level` is set when it is not the rule's."""

    status: RuleStatus
    observed: Observed
    variant: str | None = None
    params: Params = ()
    blocked_by: tuple[str, ...] = ()
    level: Level | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Generic[F]):
    """One rule over the facts `F` of its level.

    `reads`: names of the facts' fields, to find which stored fact a result came from and how old it is.
    `implied_by`: ids of rules that, failing, make this one fail too: such a FAIL is no root cause.
    """

    rule_id: str
    level: Level
    source_id: str
    comparator: Comparator
    requires: Callable[[Policy], Observed]
    judge: Callable[[F, Policy], Finding]
    reads: tuple[str, ...]
    implied_by: tuple[str, ...] = ()

    @property
    def citation(self) -> Citation:
        """The sentence of the source document."""
        return cite(self.source_id)

    @property
    def summary_id(self) -> str:
        """The message id of what the rule asks for, in words."""
        return f"{self.rule_id}.summary"

    def evaluate(self, facts: F, policy: Policy) -> RuleResult:
        """Judge the facts; the result carries everything its explanation needs."""
        finding = self.judge(facts, policy)
        variant = f".{finding.variant}" if finding.variant else ""
        return RuleResult(
            rule_id=self.rule_id,
            level=finding.level or self.level,
            status=finding.status,
            observed=finding.observed,
            required=self.requires(policy),
            comparator=self.comparator,
            message_id=f"{self.rule_id}.{finding.status}{variant}",
            params=finding.params,
            blocked_by=finding.blocked_by,
        )
