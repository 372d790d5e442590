"""How much of each limit's window is used (L5, L6b): counted from the messages, by key range, in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Select, false, func, select
from sqlalchemy.dialects.postgresql import distinct_on

from core.ids import uuid7_floor, uuid7_time
from core.rules.enums import Direction, Level, LimitKind, MessageStatus, UsageUnit
from core.rules.policy import Limit, Policy
from core.rules.usage import Usage, excesses
from core.storage.fetching import Fetch
from core.storage.selecting import columns, inlined, integer, org_id, text, uuid
from core.storage.statements import Statement, compiled
from core.storage.tables import Messages

LAST_ID = UUID(int=2**128 - 1)
"""Behind every message there can be."""

_messages = columns(Messages)
_NOT_SENT = (MessageStatus.BLOCKED, MessageStatus.CANCELED, MessageStatus.EXPIRED)
"""What was never handed to a carrier used nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """Whose messages count. `before`: only those with lower ids, so that a message is not counted against itself."""

    org_id: UUID
    user_id: UUID
    sender: str | None
    campaign_id: UUID | None
    recipient: str
    before: UUID = LAST_ID


async def load_usage(
    fetch: Fetch, traffic: Traffic, policy: Policy, *, segments: int, now: datetime
) -> tuple[Usage, ...]:
    """Count the window of every limit the policy sets; a window that is full also says when it frees."""
    limits = tuple(limit for limit in policy.limits.value if limit.level in _COUNTED)
    if not limits:
        return ()
    floors = {f"floor_{index}": uuid7_floor(window_start(limit, now)) for index, limit in enumerate(limits)}
    row = (await fetch(_counting(limits), **_values(traffic), **floors))[0]
    usage = tuple(
        Usage(
            name=limit.name,
            used=row[f"used_{index}"],
            frees_at=window_end(limit, now),
            known_recipient=bool(row[f"known_{index}"]),
        )
        for index, limit in enumerate(limits)
    )
    over = [excess for kind in LimitKind for excess in excesses(usage, policy, kind, segments=segments)]
    freeing = {
        excess.limit.name: await _frees_at(fetch, traffic, excess.limit, excess.used + excess.cost, now)
        for excess in over
        if excess.limit.resets_daily_in is None
    }
    return tuple(replace(each, frees_at=freeing.get(each.name, each.frees_at)) for each in usage)


def window_start(limit: Limit, now: datetime) -> datetime:
    """Give since when messages count: the last midnight where the limit resets daily, else the window's length ago."""
    if limit.resets_daily_in is None:
        return now - timedelta(seconds=limit.window_s)
    return _midnight(limit.resets_daily_in, now, days=0)


def window_end(limit: Limit, now: datetime) -> datetime | None:
    """Give when a window that resets daily empties; `None` for one that slides."""
    return None if limit.resets_daily_in is None else _midnight(limit.resets_daily_in, now, days=1)


def _midnight(zone: str, now: datetime, *, days: int) -> datetime:
    day = now.astimezone(ZoneInfo(zone)).date() + timedelta(days=days)
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(now.tzinfo)


async def _frees_at(fetch: Fetch, traffic: Traffic, limit: Limit, wanted: int, now: datetime) -> datetime | None:
    """Find the message whose leaving makes room for this one."""
    floor = uuid7_floor(window_start(limit, now))
    rows = await fetch(_freeing(limit), **_values(traffic), floor_0=floor, surplus=wanted - limit.count)
    return uuid7_time(rows[0]["id"]) + timedelta(seconds=limit.window_s) if rows else None


def _values(traffic: Traffic) -> dict[str, Any]:
    names = ("org_id", "user_id", "sender", "campaign_id", "recipient", "before")
    return {name: getattr(traffic, name) for name in names}


@lru_cache(maxsize=64)
def _counting(limits: Sequence[Limit]) -> Statement:
    counted: list[Any] = []
    for index, limit in enumerate(limits):
        known = func.coalesce(func.bool_or(_messages.to_number == text("recipient")), false())
        window = select(_used(limit.unit).label("used"), known.label("known")).where(*_window(limit, index))
        each = window.subquery(f"window_{index}")
        counted += [each.c.used.label(f"used_{index}"), each.c.known.label(f"known_{index}")]
    return compiled(select(*counted))


@lru_cache(maxsize=64)
def _freeing(limit: Limit) -> Statement:
    """Select the oldest message whose leaving, with those before it, frees enough."""
    counted = _leaving(limit.unit).where(*_window(limit, 0)).subquery("counted")
    freed = func.sum(counted.c.cost).over(order_by=counted.c.id)
    leaving = select(counted.c.id, freed.label("freed")).subquery("leaving")
    enough = leaving.c.freed >= integer("surplus")
    return compiled(select(leaving.c.id).where(enough).order_by(leaving.c.id).limit(inlined(1)))


_COUNTED = (Level.ORG, Level.USER, Level.NUMBER, Level.CAMPAIGN)
"""The levels whose messages can be told apart."""


def _window(limit: Limit, index: int) -> list[Any]:
    where = [
        _messages.org_id == org_id(),
        _messages.id >= uuid(f"floor_{index}"),
        _messages.id < uuid("before"),
        _messages.direction == inlined(Direction.OUTBOUND),
        _messages.status.not_in([inlined(status) for status in _NOT_SENT]),
    ]
    match limit.level:
        case Level.USER:
            where.append(_messages.user_id == uuid("user_id"))
        case Level.NUMBER:
            where.append(_messages.from_number == text("sender"))
        case Level.CAMPAIGN:
            where.append(_messages.campaign_id == uuid("campaign_id"))
    return where


def _used(unit: UsageUnit) -> Any:
    match unit:
        case UsageUnit.MESSAGES:
            return func.count()
        case UsageUnit.SEGMENTS:
            return func.coalesce(func.sum(_messages.segments), inlined(0))
        case UsageUnit.RECIPIENTS:
            return func.count(_messages.to_number.distinct())


def _leaving(unit: UsageUnit) -> Select[Any]:
    """Select what each message gives back when it leaves; of several to one recipient only the last one does."""
    match unit:
        case UsageUnit.MESSAGES:
            return select(_messages.id, inlined(1).label("cost"))
        case UsageUnit.SEGMENTS:
            return select(_messages.id, _messages.segments.label("cost"))
        case UsageUnit.RECIPIENTS:
            newest = select(_messages.id, inlined(1).label("cost")).ext(distinct_on(_messages.to_number))
            return newest.order_by(_messages.to_number, _messages.id.desc())
