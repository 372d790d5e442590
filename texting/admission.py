"""How much one caller may ask for at once: operations a second from an address and of a principal, and side by side.

And how many WebSockets it may leave open, whether it asks for something on them or not, and how many of them and of
event streams there may be in all.

A bucket a caller: a dictionary entry and one subtraction, which is all that a request can afford to pay for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from typing import Literal, Self

from core.principal import Principal
from texting import addresses
from texting.request_failure import FailureCode, RequestFailure

CALLERS_KEPT = 10_000
"""Callers whose rate is remembered; the one that was heard of longest ago goes first."""

BURST_S = 2.0
"""How many seconds' worth a caller that was quiet may ask at once."""

TURN_WAIT_S = 10.0
"""How long a query may wait for those of its caller before it: as long as for a connection."""

_Kind = Literal["operations", "subscriptions", "sockets", "arriving sockets", "all sockets", "all streams"]
"""What is counted side by side. A socket is an open WebSocket; it is arriving until it has said whose it is. A stream
is an answer over HTTP as server-sent events."""

_WAIT, _CLOSE, _CONNECT = "wait a second and send it again", "close one", "connect again later"
"""What to do about a limit."""


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

    def __init__(  # noqa: PLR0913 - a limit each, given by name
        self,
        *,
        of_principal: int = 0,
        of_address: int = 0,
        at_once: int = 0,
        followed: int = 0,
        turns: int = 0,
        sockets: int = 0,
        all_sockets: int = 0,
        all_streams: int = 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take how many a second of a principal and of an address, and how many of a principal at once.

        What is one address, `addresses.counted` says.

        `followed`: how many subscriptions, which last, and are counted apart from what ends. `turns`: how many queries
        are executed side by side; others of the same caller wait, so that it cannot take every connection. `sockets`:
        how many WebSockets are open of a principal, and of an address that has not said yet whose they are;
        `all_sockets`: how many are in all; `all_streams`: how many event streams are, over HTTP.
        """
        self._principals = Buckets(of_principal, clock)
        self._addresses = Buckets(of_address, clock)
        self._of_principal, self._of_address = of_principal, of_address
        arriving = "WebSockets of one address not signed in (TEXTING_SOCKETS_AT_ONCE)"
        self._most: dict[_Kind, tuple[int, str, str]] = {
            "operations": (at_once, "operations of one caller at once (TEXTING_OPERATIONS_AT_ONCE)", _WAIT),
            "subscriptions": (followed, "subscriptions of one caller at once (TEXTING_SUBSCRIPTIONS_AT_ONCE)", _WAIT),
            "sockets": (sockets, "WebSockets of one caller at once (TEXTING_SOCKETS_AT_ONCE)", _CLOSE),
            "arriving sockets": (sockets, arriving, _CONNECT),
            "all sockets": (all_sockets, "WebSockets at once (TEXTING_PROCESS_SOCKETS_AT_ONCE)", _CONNECT),
            "all streams": (all_streams, "event streams at once (TEXTING_PROCESS_STREAMS_AT_ONCE)", _CONNECT),
        }
        self._running: dict[tuple[Hashable, _Kind], int] = {}
        self._turns = turns
        self._queues: dict[Hashable, asyncio.Semaphore] = {}

    def arrive(self, address: str | None) -> None:
        """Let a request of an address in, before anything is known of it. Raises `RequestFailure`."""
        if not self._addresses.take(addresses.counted(address)):
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
        return _Running(self, principal.identity, "subscriptions" if follows else "operations")

    def socket(self, address: str | None) -> Socket:
        """Let a WebSocket of an address be open for as long as the block lasts. Raises `RequestFailure`."""
        return Socket(self, addresses.counted(address))

    def stream(self) -> AbstractContextManager[None]:
        """Let an event stream be open for as long as the block lasts. Raises `RequestFailure`."""
        return _Running(self, None, "all streams")

    def turn(self, principal: Principal) -> AbstractAsyncContextManager[None]:
        """Wait until a query may be executed, `TURN_WAIT_S` at most. Raises `RequestFailure`; inside `running`."""
        if not self._turns:
            return _AT_ONCE
        caller = principal.identity
        queue = self._queues.get(caller)
        if queue is None:
            queue = self._queues[caller] = asyncio.Semaphore(self._turns)
        return _Turn(queue, self._turns)

    def begin(self, caller: Hashable, kind: _Kind) -> None:
        """Count what begins. Raises `RequestFailure`."""
        most, what, remedy = self._most[kind]
        running = self._running.get((caller, kind), 0)
        if most and running >= most:
            raise _too_many(f"{most} {what}", remedy)
        self._running[caller, kind] = running + 1

    def end(self, caller: Hashable, kind: _Kind) -> None:
        """Forget it again, and the caller with its last one."""
        left = self._running[caller, kind] - 1
        if left:
            self._running[caller, kind] = left
            return
        del self._running[caller, kind]
        if kind == "operations":
            self._queues.pop(caller, None)


class _Running(AbstractContextManager[None]):
    """Something that runs. A class, like the next one: a generator would take three times as long."""

    __slots__ = ("_admission", "_caller", "_kind")

    def __init__(self, admission: Admission, caller: Hashable, kind: _Kind) -> None:
        self._admission, self._caller, self._kind = admission, caller, kind

    def __enter__(self) -> None:
        self._admission.begin(self._caller, self._kind)

    def __exit__(self, *_: object) -> None:
        self._admission.end(self._caller, self._kind)


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


class Socket(AbstractContextManager["Socket"]):
    """A socket that is open: its address's until it says whose it is, and that caller's from then on."""

    def __init__(self, admission: Admission, address: str | None) -> None:
        """Take no place yet."""
        self._admission = admission
        self._counted: tuple[Hashable, _Kind] = (address, "arriving sockets")

    def __enter__(self) -> Self:
        """Take a place among all, and among those of the address. Raises `RequestFailure`."""
        self._admission.begin(None, "all sockets")
        try:
            self._admission.begin(*self._counted)
        except RequestFailure:
            self._admission.end(None, "all sockets")
            raise
        return self

    def belongs_to(self, principal: Principal) -> None:
        """Count it among those of a caller, and no more among those of its address. Raises `RequestFailure`."""
        named: tuple[Hashable, _Kind] = (principal.identity, "sockets")
        self._admission.begin(*named)
        self._admission.end(*self._counted)
        self._counted = named

    def __exit__(self, *_: object) -> None:
        """Give both places back."""
        self._admission.end(*self._counted)
        self._admission.end(None, "all sockets")


_AT_ONCE = contextlib.nullcontext()
"""The turn of those who need not wait for one."""


def _too_many(what: str, remedy: str = _WAIT) -> RequestFailure:
    message = f"these are more than {what}: {remedy}"
    return RequestFailure(429, FailureCode.TOO_MANY_REQUESTS, message, {"Retry-After": "1"})
