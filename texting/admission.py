"""How much one caller may ask for at once: operations a second from an address and of a principal, and side by side.

A bucket a caller: a dictionary entry and one subtraction, which is all that a request can afford to pay for it.
"""

from __future__ import annotations

import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable

from core.principal import Principal
from texting.request_failure import FailureCode, RequestFailure

CALLERS_KEPT = 10_000
"""Callers whose rate is remembered; the one that was heard of longest ago goes first."""

BURST_S = 2.0
"""How many seconds' worth a caller that was quiet may ask at once."""


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
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take how many a second of a principal and of an address, and how many of a principal at once."""
        self._principals = Buckets(of_principal, clock)
        self._addresses = Buckets(of_address, clock)
        self._of_principal, self._of_address, self._at_once = of_principal, of_address, at_once
        self._running: Counter[str] = Counter()

    def arrive(self, address: str | None) -> None:
        """Let a request of an address in, before anything is known of it. Raises `RequestFailure`."""
        if not self._addresses.take(address):
            what = f"{self._of_address} operations a second from one address (TEXTING_ADDRESS_OPERATIONS_A_SECOND)"
            raise _too_many(what)

    def ask(self, principal: Principal) -> None:
        """Let an operation of a principal in. Raises `RequestFailure`."""
        if not self._principals.take(principal.subject):
            raise _too_many(f"{self._of_principal} operations a second of one caller (TEXTING_OPERATIONS_A_SECOND)")

    def begin(self, principal: Principal) -> None:
        """Let an operation run beside the caller's others. Raises `RequestFailure`; else `end` must follow."""
        if self._at_once and self._running[principal.subject] >= self._at_once:
            raise _too_many(f"{self._at_once} operations of one caller at once (TEXTING_OPERATIONS_AT_ONCE)")
        self._running[principal.subject] += 1

    def end(self, principal: Principal) -> None:
        """Say that an operation does not run any more."""
        self._running[principal.subject] -= 1
        if self._running[principal.subject] <= 0:
            del self._running[principal.subject]


def _too_many(what: str) -> RequestFailure:
    message = f"these are more than {what}: wait a second and send it again"
    return RequestFailure(429, FailureCode.TOO_MANY_REQUESTS, message, {"Retry-After": "1"})
