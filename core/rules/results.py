"""What evaluating a rule gives: the same shape for eligibility and for sending."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from core.rules.enums import (
    Comparator,
    Level,
    Outcome,
    RemediationKind,
    RuleStatus,
    TrafficBlockReason,
    UsageUnit,
)

UNMET = frozenset({RuleStatus.FAIL, RuleStatus.PENDING, RuleStatus.UNKNOWN})
"""The statuses of a rule that stands in the way."""

Observed = str | int | bool | tuple[str, ...] | None
"""A JSON value that is hashable: tuples are JSON arrays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A text of the catalogue with its parameters, not yet in any language."""

    id: str
    params: "Params" = ()


Params = tuple[tuple[str, str | Message], ...]
"""Named parameters of a message, as pairs so that results stay hashable; a message may stand in a message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """Where a rule comes from: the id of a sentence of the source document, and the sentence itself."""

    source_id: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleResult:
    """One rule, evaluated. Shared between decisions wherever the facts were equal, so it names no entity.

    `level` says whose facts were read: the subject is that entity of the user asked about. `blocked_by`: ids of the
    rules that explain a NOT_APPLICABLE, or that fail and so imply this FAIL. `message_id` and `params` are rendered
    by `catalogue.render`.
    """

    rule_id: str
    level: Level
    status: RuleStatus
    observed: Observed
    required: Observed
    comparator: Comparator
    message_id: str
    params: Params = ()
    blocked_by: tuple[str, ...] = ()

    @property
    def message(self) -> Message:
        """What the result says, for `catalogue.render`."""
        return Message(id=self.message_id, params=self.params)


@dataclass(frozen=True, slots=True, kw_only=True)
class Remediation:
    """What would make a rule pass, and who does it. `owner` is a role's name, `None` when it is nobody of ours.

    `mutation` and `variables` are set when an ADMIN_ACTION's arguments are known.
    """

    rule_id: str
    kind: RemediationKind
    owner: str | None
    message_id: str
    params: Params = ()
    mutation: str | None = None
    variables: Mapping[str, Any] | None = None


NOTHING = Message(id="VALUE.nothing")
NO_REGION = Message(id="VALUE.no_region")


def named(value: Level | UsageUnit | TrafficBlockReason) -> Message:
    """Give the word for a level, a unit or a reason, to stand in a message."""
    kind = "LEVEL" if isinstance(value, Level) else "UNIT" if isinstance(value, UsageUnit) else "REASON"
    return Message(id=f"{kind}.{value}")


def params(**values: object) -> Params:
    """Turn named values into message parameters; lists become comma-separated, what is not there `nothing`."""
    return tuple((name, _text(value)) for name, value in values.items())


def _text(value: object) -> str | Message:
    if isinstance(value, Message):
        return value
    if value is None:
        return NOTHING
    if isinstance(value, tuple | list):
        return ", ".join(str(item) for item in value) or NOTHING
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def outcome_of_statuses(statuses: Iterable[RuleStatus]) -> Outcome:
    """DENIED if any FAIL, else PENDING if any PENDING, else INDETERMINATE if any UNKNOWN, else ALLOWED."""
    found = set(statuses)
    for status, outcome in _WORST_FIRST:
        if status in found:
            return outcome
    return Outcome.ALLOWED


_WORST_FIRST = (
    (RuleStatus.FAIL, Outcome.DENIED),
    (RuleStatus.PENDING, Outcome.PENDING),
    (RuleStatus.UNKNOWN, Outcome.INDETERMINATE),
)


def deciding(results: Iterable[RuleResult], outcome: Outcome) -> RuleResult | None:
    """Give the first result, in document order, whose status makes the outcome; `None` when ALLOWED."""
    wanted = next((status for status, made in _WORST_FIRST if made is outcome), None)
    return next((result for result in results if result.status is wanted), None)
