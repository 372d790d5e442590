"""What SIGINT and SIGTERM do: they interrupt what cannot wait, and ask what can to come to its end."""

from __future__ import annotations

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

    The first one raises `Stopped`, or calls what `calling` names. Later ones only call again, so that cleaning up is
    not interrupted.
    """

    def __init__(self) -> None:
        """Handle nothing yet."""
        self.is_asked = False
        self._call: Callable[[], object] | None = None
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
        """Call `ask` instead of raising; at once if the signal has come already."""
        self._call, before = ask, self._call
        if self.is_asked:
            ask()
        try:
            yield
        finally:
            self._call = before

    def _asked(self, _number: int, _frame: FrameType | None) -> None:
        first, self.is_asked = not self.is_asked, True
        if self._call is not None:
            self._call()
        elif first:
            raise Stopped
