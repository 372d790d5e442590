"""What SIGINT and SIGTERM do: they interrupt what cannot wait, and ask what can to come to its end."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Self

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stopped(BaseException):
    """The program was asked to stop. Not an `Exception`: nothing that handles errors may swallow it."""


class Stopping:
    """Answers the signals of the main thread for as long as the block runs.

    The first one raises `Stopped`, or asks what `calling` names. Later ones only ask again, so that cleaning up is not
    interrupted.
    """

    def __init__(self) -> None:
        """Handle nothing yet."""
        self.is_asked = False
        self._is_unheard = False
        self._call: Callable[[], object] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._before: dict[int, object] = {}

    def __enter__(self) -> Self:
        """Take over the signals."""
        for number in SIGNALS:
            self._before[number] = signal.signal(number, self._asked)
        return self

    def __exit__(self, *_: object) -> None:
        """Give the signals back."""
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type] # what `signal.signal` gave

    @contextlib.contextmanager
    def calling(self, ask: Callable[[], object]) -> Iterator[None]:
        """Call `ask` in the running event loop instead of raising; at once if the signal has come already."""
        before, self._call, self._loop = (self._call, self._loop), ask, asyncio.get_running_loop()
        if self.is_asked:
            self._is_unheard = True
            self._ask()
        try:
            yield
        finally:
            self._call, self._loop = before

    def _asked(self, _number: int, _frame: FrameType | None) -> None:
        first, self.is_asked, self._is_unheard = not self.is_asked, True, True
        if self._loop is not None:
            # Whom to ask is decided then: what runs now may have handed over to something that ends more gently.
            self._loop.call_soon_threadsafe(self._ask)
        elif first:
            raise Stopped

    def _ask(self) -> None:
        if self._call is not None and self._is_unheard:
            self._is_unheard = False
            self._call()
