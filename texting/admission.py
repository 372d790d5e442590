"""How much one caller may ask for at once: operations a second from an address and of a principal, and side by side.

A bucket a caller: a dictionary entry and one subtraction, which is all that a request can afford to pay for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from contextlib import AbstractAsyncContextManager, AbstractContextManager

from core.principal import Principal
from texting.request_failure import FailureCode, RequestFailure

CALLERS_KEPT = 10_000
"""Callers whose rate is remembered; the one that was heard of longest ago goes first."""

BURST_S = 2.0
"""How many seconds' worth a caller that was quiet may ask at once."""

TURN_WAIT_S = 10.0
"""How long a query may wait for those of its caller before it: as long as for a connection."""


class Buckets:
    """Token buckets by caller, each filling at `rate` a second; no limit where that is 0."""

    def __init__(self, rate: int, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin with full buckets. `clock`: seconds."""
        self._rate = rate
        self._full = rate * BURST_S
        self._clock = clock
        self._left: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def take(self, caller: Hashable) -> bool:
        """Take one; say whether there was one."""
        if not self._rate:
            return True
        now = self._clock()
        left, since = self._left.get(caller, (self._full, now))
        left = min(self._full, left + (now - since) * self._rate)
        is_one = left >= 1
        self._left[caller] = (left - 1 if is_one else left, now)
        self._left.move_to_end(caller)
        if len(self._left) > CALLERS_KEPT:
            self._left.popitem(last=False)
        return is_one


class Admission:
    """Lets requests in, or refuses them with 429. A limit of 0 is none."""

    def __init__(
        self,
        *,
        of_principal: int = 0,
        of_address: int = 0,
        at_once: int = 0,
        followed: int = 0,
        turns: int = 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take how many a second of a principal and of an address, and how many of a principal at once.

        `followed`: how many subscriptions, which last, and are counted apart from what ends. `turns`: how many queries
        are executed side by side; others of the same caller wait, so that it cannot take every connection.
        """
        self._principals = Buckets(of_principal, clock)
        self._addresses = Buckets(of_address, clock)
        self._of_principal, self._of_address = of_principal, of_address
        self._most = {
            False: (at_once, "operations of one caller at once (TEXTING_OPERATIONS_AT_ONCE)"),
            True: (followed, "subscriptions of one caller at once (TEXTING_SUBSCRIPTIONS_AT_ONCE)"),
        }
        self._running: dict[Hashable, int] = {}
        self._turns = turns
        self._queues: dict[Hashable, asyncio.Semaphore] = {}

    def arrive(self, address: str | None) -> None:
        """Let a request of an address in, before anything is known of it. Raises `RequestFailure`."""
        if not self._addresses.take(address):
            what = f"{self._of_address} operations a second from one address (TEXTING_ADDRESS_OPERATIONS_A_SECOND)"
            raise _too_many(what)

    def ask(self, principal: Principal) -> None:
        """Let an operation of a principal in. Raises `RequestFailure`."""
        if not self._principals.take(principal.identity):
            raise _too_many(f"{self._of_principal} operations a second of one caller (TEXTING_OPERATIONS_A_SECOND)")

    def running(self, principal: Principal, *, follows: bool = False) -> AbstractContextManager[None]:
        """Let an operation run beside the caller's others for as long as the block does. Raises `RequestFailure`.

        `follows`: it is a subscription.
        """
        return _Running(self, principal.identity, follows=follows)

    def turn(self, principal: Principal) -> AbstractAsyncContextManager[None]:
        """Wait until a query may be executed, `TURN_WAIT_S` at most. Raises `RequestFailure`; inside `running`."""
        if not self._turns:
            return _AT_ONCE
        caller = principal.identity
        queue = self._queues.get(caller)
        if queue is None:
            queue = self._queues[caller] = asyncio.Semaphore(self._turns)
        return _Turn(queue, self._turns)

    def begin(self, caller: Hashable, *, follows: bool) -> None:
        """Count an operation that begins. Raises `RequestFailure`."""
        most, what = self._most[follows]
        running = self._running.get((caller, follows), 0)
        if most and running >= most:
            raise _too_many(f"{most} {what}")
        self._running[caller, follows] = running + 1

    def end(self, caller: Hashable, *, follows: bool) -> None:
        """Forget it again, and the caller with its last one."""
        left = self._running[caller, follows] - 1
        if left:
            self._running[caller, follows] = left
            return
        del self._running[caller, follows]
        if not follows:
            self._queues.pop(caller, None)


class _Running(AbstractContextManager[None]):
    """An operation that runs. A class, like the next one: a generator would take three times as long."""

    __slots__ = ("_admission", "_caller", "_follows")

    def __init__(self, admission: Admission, caller: Hashable, *, follows: bool) -> None:
        self._admission, self._caller, self._follows = admission, caller, follows

    def __enter__(self) -> None:
        self._admission.begin(self._caller, follows=self._follows)

    def __exit__(self, *_: object) -> None:
        self._admission.end(self._caller, follows=self._follows)


class _Turn(AbstractAsyncContextManager[None]):
    """A query's turn among its caller's."""

    __slots__ = ("_queue", "_turns")

    def __init__(self, queue: asyncio.Semaphore, turns: int) -> None:
        self._queue, self._turns = queue, turns

    async def __aenter__(self) -> None:
        if not self._queue.locked():
            await self._queue.acquire()
            return
        try:
            async with asyncio.timeout(TURN_WAIT_S):
                await self._queue.acquire()
        except TimeoutError:
            message = f"{self._turns} queries of one caller side by side, and the others took long"
            raise _too_many(message) from None

    async def __aexit__(self, *_: object) -> None:
        self._queue.release()


_AT_ONCE = contextlib.nullcontext()
"""The turn of those who need not wait for one."""


def _too_many(what: str) -> RequestFailure:
    message = f"these are more than {what}: wait a second and send it again"
    return RequestFailure(429, FailureCode.TOO_MANY_REQUESTS, message, {"Retry-After": "1"})
