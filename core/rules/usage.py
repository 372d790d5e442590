"""Limits (L5) and bursts (L6b): how much of a window is used, and when it frees."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from core.rules.enums import LimitKind, PolicyAction, UsageUnit
from core.rules.policy import Limit, Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What was counted in one window of the policy's limit `name`, this message apart.

    `frees_at`: when the window empties, or enough of it slides out for one more; `None` = not known.
    `known_recipient`: the recipient is already among those counted, for limits that count RECIPIENTS.
    """

    name: str
    used: int
    frees_at: datetime | None = None
    known_recipient: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Excess:
    """A limit that this message would go over."""

    limit: Limit
    used: int
    cost: int
    frees_at: datetime | None


def excesses(usage: Iterable[Usage], policy: Policy, kind: LimitKind, *, segments: int) -> tuple[Excess, ...]:
    """Give the limits of that kind that the message would exceed: blocking ones first, then the one that frees last.

    A limit without a counted window has nothing used. A message that is by itself over the limit never fits: its
    `frees_at` is `None`.
    """
    counted = {window.name: window for window in usage}
    found = [
        excess
        for limit in policy.limits.value
        if limit.kind == kind and (excess := _excess(limit, counted.get(limit.name), segments)) is not None
    ]
    return tuple(sorted(found, key=_worst_first))


def _excess(limit: Limit, window: Usage | None, segments: int) -> Excess | None:
    window = window if window is not None else Usage(name=limit.name, used=0)
    cost = _cost(limit.unit, window, segments)
    if cost == 0 or window.used + cost <= limit.count:
        return None
    frees_at = window.frees_at if cost <= limit.count else None
    return Excess(limit=limit, used=window.used, cost=cost, frees_at=frees_at)


def _cost(unit: UsageUnit, window: Usage, segments: int) -> int:
    match unit:
        case UsageUnit.SEGMENTS:
            return segments
        case UsageUnit.MESSAGES:
            return 1
        case UsageUnit.RECIPIENTS:
            return 0 if window.known_recipient else 1


def _worst_first(excess: Excess) -> tuple[bool, bool, float]:
    frees = excess.frees_at
    return (
        excess.limit.action != PolicyAction.BLOCK,
        frees is not None,
        -frees.timestamp() if frees is not None else 0.0,
    )
