"""How long a message is kept (L1): 400 days unless something that comes before it says otherwise."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from core.rules.enums import Level
from core.rules.policy import Policy
from core.rules.settings import LevelValue


class RetentionSource(StrEnum):
    """What decided, the first that has something to say."""

    LEGAL_HOLD = "LEGAL_HOLD"
    REGULATORY_MINIMUM = "REGULATORY_MINIMUM"
    ORG_POLICY = "ORG_POLICY"
    DEFAULT = "DEFAULT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """Kept from its creation until `expires_at` (UTC), half-open; `held`: kept beyond it by a legal hold."""

    days: int
    expires_at: datetime
    held: bool
    source: RetentionSource

    def is_due(self, now: datetime) -> bool:
        """Say whether the message may be purged now."""
        return not self.held and now >= self.expires_at


def retain(created_at: datetime, policy: Policy, *, org_days: int | None = None, held: bool = False) -> Retention:
    """Decide how long a message is kept: hold, then regulatory minimum, then the organization's days, then the default.

    The regulatory value is a minimum: an organization that keeps longer keeps longer.
    """
    days, source = _days(policy, org_days)
    if held:
        source = RetentionSource.LEGAL_HOLD
    return Retention(days=days, expires_at=expires_at(created_at, days), held=held, source=source)


def retention_levels(policy: Policy, asked: Level) -> tuple[LevelValue[int], ...]:
    """Give MESSAGE_RETENTION_DAYS' levels down to the one asked about: none but SYSTEM has a value yet (L2)."""
    days, _ = _days(policy, None)
    below = (Level.ORG, Level.LOCATION, Level.USER)
    values: list[LevelValue[int]] = [LevelValue(level=Level.SYSTEM, value=days)]
    values += [LevelValue(level=level, value=None) for level in below[: below.index(asked) + 1]]
    return tuple(values)


def _days(policy: Policy, org_days: int | None) -> tuple[int, RetentionSource]:
    days = org_days if org_days is not None else policy.retention_days.value
    minimum = policy.regulatory_retention_days.value
    if minimum is not None and minimum > days:
        return minimum, RetentionSource.REGULATORY_MINIMUM
    return days, RetentionSource.DEFAULT if org_days is None else RetentionSource.ORG_POLICY


def expires_at(created_at: datetime, days: int) -> datetime:
    """Give `created_at` + `days` times 24 hours: elapsed time, whatever clocks did meanwhile."""
    return created_at + timedelta(hours=24 * days)
