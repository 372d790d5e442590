"""The dispatcher at work: what is due in the outbox, and what has come from the carrier, for as long as it runs."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

import structlog

from core.commands.transaction import Store
from core.delivery import outbox
from core.delivery.carriers.carrier import Carrier, CarrierEvent, Receipt
from core.delivery.dispatcher import Clock, dispatch
from core.delivery.inbound import receive
from core.delivery.receipts import record_receipt
from core.delivery.slots import Slots

CONCURRENCY = 8
"""Texts and events in hand at once: each holds at most one connection to the database."""
CONCURRENCY_EACH = 4
"""Texts in hand of one organization after which the others come first."""
EVENTS_MAX = 100
"""Receipts and replies taken from the carrier at once."""
POLL_S = 0.1
"""How long to wait when nothing was due; doubled while nothing is, up to `POLL_MAX_S`."""
POLL_MAX_S = 0.8
FAILED_REST_S = 5.0
"""How long to wait when the database or the carrier cannot be asked."""
DRAIN_S = 5.0
"""How long texts in hand may take to come to their end when the program stops."""

_log = structlog.get_logger()


class Dispatcher:
    """Sends what is queued and records what comes back. Any number may run, here and elsewhere, each with a name.

    `store.pool` is the worker's: it finds work across organizations.
    """

    def __init__(
        self,
        store: Store,
        carrier: Carrier,
        *,
        name: str = "dispatcher",
        concurrency: int = CONCURRENCY,
        concurrency_each: int = CONCURRENCY_EACH,
    ) -> None:
        """Take what it works with; nothing runs yet."""
        self._store = store
        self._carrier = carrier
        self._name = name
        self._concurrency = concurrency
        self._each = concurrency_each

    async def run_once(self, now: datetime) -> int:
        """Work off everything that is due at `now` (UTC), and what becomes due by it; give how much that was."""
        done = 0
        while True:
            slots = self._slots()
            worked = await self._send(slots, lambda: now)
            await slots.drain()
            worked += await self._listen(now)
            if not worked:
                return done
            done += worked

    async def run(self) -> None:
        """Work until cancelled; what fails is logged and tried again."""
        slots = self._slots()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(_forever("outbox", lambda: self._send(slots, _clock), slots.rest))
                group.create_task(_forever("carrier", lambda: self._listen(_clock()), asyncio.sleep))
        finally:
            await slots.drain(timeout_s=DRAIN_S)

    def _slots(self) -> Slots:
        return Slots(total=self._concurrency, each=self._each)

    async def _send(self, slots: Slots, clock: Clock) -> int:
        """Claim as many texts as there are free slots, and begin with them."""
        await slots.one_free()
        claims = await outbox.claim(
            self._store.pool,
            name=self._name,
            now=clock(),
            limit=slots.free,
            limit_each=self._each,
            passing_over=slots.busy,
        )
        for claimed in claims:
            slots.start(claimed.org_id, dispatch(self._store, self._carrier, claimed, clock))
        return len(claims)

    async def _listen(self, now: datetime) -> int:
        """Record what has come: in order for one of our numbers, beside each other for several."""
        events = await self._carrier.take(now=now, limit=EVENTS_MAX)
        of_number: dict[str, list[CarrierEvent]] = defaultdict(list)
        for event in events:
            of_number[event.sender if isinstance(event, Receipt) else event.recipient].append(event)
        turn = asyncio.Semaphore(self._concurrency)
        await asyncio.gather(*(self._record(each, turn, now) for each in of_number.values()))
        return len(events)

    async def _record(self, events: Sequence[CarrierEvent], turn: asyncio.Semaphore, now: datetime) -> None:
        async with turn:
            for event in events:
                try:
                    if isinstance(event, Receipt):
                        await record_receipt(self._store, self._carrier, event, now=now)
                    else:
                        await receive(self._store, self._carrier, event, now=now)
                except Exception:  # noqa: BLE001 - the carrier gives it again; the others must not wait for it
                    _log.exception("an event was not recorded", carrier=self._carrier.name, key=event.key)


def _clock() -> datetime:
    return datetime.now(UTC)


async def _forever(what: str, once: Callable[[], Awaitable[int]], rest: Callable[[float], Awaitable[None]]) -> None:
    rest_s = POLL_S
    while True:
        try:
            done = await once()
        except Exception:  # noqa: BLE001 - whatever it is, it is tried again
            _log.exception("the dispatcher could not look for work", where=what, next_try_s=FAILED_REST_S)
            await asyncio.sleep(FAILED_REST_S)
            continue
        rest_s = POLL_S if done else min(rest_s * 2, POLL_MAX_S)
        await (asyncio.sleep(0) if done else rest(rest_s))
