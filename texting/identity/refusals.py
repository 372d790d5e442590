"""Who was not let in, in the audit log: counted by address, reason and minute, and written later.

Whoever guesses at tokens writes one record a minute, and not one a guess.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime

import structlog

from audit.actions import Action
from audit.record import Actor, ActorType, AuditKind, AuditOutcome, Record, Request, Target
from core.commands.transaction import Store
from core.ids import SYSTEM_ORG_ID, uuid7
from core.storage.database import writing
from texting.auth import Refused

EVERY_S = 60.0
"""How long refusals are counted before they are written."""

ADDRESSES_MAX = 200
"""Addresses that one minute's records name; those of more are counted together."""

_log = structlog.get_logger()

_Key = tuple[str | None, Refused]


class Refusals:
    """Counts refusals; `run` writes them into the provider's log. Nothing here waits for the database."""

    def __init__(self) -> None:
        """Count nothing yet. `totals`: how many for each reason since the program started, written or not."""
        self.totals: Counter[Refused] = Counter()
        self._counts: Counter[_Key] = Counter()
        self._since = datetime.now(UTC)

    def count(self, address: str | None, kind: Refused) -> None:
        """Count one, from an address as the server saw it."""
        key = (address, kind)
        if key not in self._counts and len(self._counts) >= ADDRESSES_MAX:
            key = (None, kind)
        self._counts[key] += 1
        self.totals[kind] += 1

    async def run(self, store: Store) -> None:
        """Write what was counted, every minute and when it is cancelled."""
        try:
            while True:
                await asyncio.sleep(EVERY_S)
                await self.write(store, datetime.now(UTC))
        finally:
            await self.write(store, datetime.now(UTC))

    async def write(self, store: Store, now: datetime) -> int:
        """Write what was counted since the last time; give how many records that were. What fails is counted on."""
        counts, self._counts = self._counts, Counter()
        since, self._since = self._since, now
        if not counts:
            return 0
        try:
            async with writing(store.pool, SYSTEM_ORG_ID) as connection:
                for (address, kind), count in counts.items():
                    await store.audit.append(connection, _record(address, kind, count, since, now))
        except BaseException:
            self._counts.update(counts)
            self._since = since
            raise
        _log.warning("callers refused", count=counts.total(), records=len(counts))
        return len(counts)


def _record(address: str | None, kind: Refused, count: int, since: datetime, now: datetime) -> Record:
    return Record(
        org_id=SYSTEM_ORG_ID,
        action=Action.SESSION_REFUSE,
        kind=AuditKind.DENIAL,
        outcome=AuditOutcome.DENIED,
        actor=Actor(subject="anonymous", type=ActorType.SERVICE),
        target=Target(type="Org", id=SYSTEM_ORG_ID),
        occurred_at=now,
        before={},
        after={"count": count, "since": since.isoformat()},
        request=Request(id=f"session:{uuid7()}", operation="sign-in", ip=address),
        status_code=f"UNAUTHENTICATED_{kind}",
    )
