"""How far an import is, for whoever shows it."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")

BATCH = 1_000
"""Things written together: often enough for a progress bar, seldom enough for speed."""

Progress = Callable[[int, int], None]
"""Told how many of how many changes are done; starts over when a rival change makes the import start over."""


class Steps:
    """Counts what is done, and tells."""

    def __init__(self, total: int, progress: Progress) -> None:
        """Begin with none done."""
        self._done, self._total, self._progress = 0, total, progress
        progress(0, total)

    def add(self, count: int) -> None:
        """Note more changes as done."""
        self._done += count
        self._progress(self._done, self._total)

    def batches(self, things: Sequence[T]) -> Iterator[Sequence[T]]:
        """Hand out things in batches; each counts as done when the next one is asked for."""
        for start in range(0, len(things), BATCH):
            batch = things[start : start + BATCH]
            yield batch
            self.add(len(batch))


def silent(done: int, total: int) -> None:
    """Show nothing."""
