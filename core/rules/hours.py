"""Quiet hours at the recipient's place (47 CFR 64.1200(c)(1)); U2a says "at any time", so they are off by default."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_SEARCH_DAYS = 3
"""A day of every zone, and one on each side for the international date line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursPolicy:
    """Texts may arrive from `opens` until `closes`, local time, half-open; `conversational`: replies too."""

    enabled: bool = False
    conversational: bool = False
    opens: time = time(8)
    closes: time = time(21)


def unknown_zones(zones: frozenset[str]) -> frozenset[str]:
    """Give the names that are no IANA zone here."""
    return frozenset(zone for zone in zones if _zone(zone) is None)


def inside(moment: datetime, zones: frozenset[str], policy: HoursPolicy) -> bool:
    """Say whether the moment is inside the window in every one of the zones; names that are no zone are passed over."""
    return all(policy.opens <= moment.astimezone(zone).time() < policy.closes for zone in _zones(zones))


def next_allowed(moment: datetime, zones: frozenset[str], policy: HoursPolicy) -> datetime | None:
    """Give the first moment (UTC), now or later, inside the window everywhere; `None` when the zones never agree.

    Only an opening can be where the windows begin to agree, so it is enough to try each zone's next openings.
    """
    if inside(moment, zones, policy):
        return moment.astimezone(UTC)
    openings = sorted(opening for zone in _zones(zones) for opening in _openings(moment, zone, policy))
    return next((opening for opening in openings if opening > moment and inside(opening, zones, policy)), None)


def _openings(moment: datetime, zone: ZoneInfo, policy: HoursPolicy) -> list[datetime]:
    today = moment.astimezone(zone).date()
    days = [today + timedelta(days=offset) for offset in range(-1, _SEARCH_DAYS)]
    # Where clocks go back over the opening, it comes twice: `fold` tells the two apart.
    return [
        _first_instant(datetime.combine(day, policy.opens, zone).replace(fold=fold)) for day in days for fold in (0, 1)
    ]


def _first_instant(wall: datetime) -> datetime:
    """The UTC instant of a wall time; inside a gap of daylight saving, the instant the gap ends."""
    instant = wall.astimezone(UTC)
    if instant.astimezone(wall.tzinfo).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return instant
    return _end_of_gap(wall)


def _end_of_gap(wall: datetime) -> datetime:
    """Bisect for the jump: before it local time is under the wall time, after it over."""
    low, high = (wall.replace(tzinfo=UTC) + timedelta(hours=shift) for shift in (-26, 26))
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(wall.tzinfo).replace(tzinfo=None) < wall.replace(tzinfo=None):
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)


def _zones(names: frozenset[str]) -> list[ZoneInfo]:
    return [zone for name in sorted(names) if (zone := _zone(name)) is not None]


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
