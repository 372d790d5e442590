"""What is counted on a request's way: a dictionary entry each, written out only when somebody asks."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

Kept = Literal["sockets", "streams"]
"""WebSockets, and event streams over HTTP."""

BOUNDS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of the classes that latencies fall into; beyond the last there is one more."""

NAMES_MAX = 100
"""Operation names that are told apart: clients choose them, and every one is a row somewhere for good."""

OTHER, UNNAMED = "(other)", "(unnamed)"


@dataclass(slots=True)
class Latencies:
    """How many took how long. `classes`: one for each bound, and one beyond."""

    classes: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS_S) + 1))
    seconds: float = 0.0


class Metrics:
    """Counts of one process since it started."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.latencies: dict[tuple[str, str], Latencies] = {}
        self.answers: Counter[int] = Counter()
        self.open: Counter[Kept] = Counter()
        self.closed_sockets: Counter[int] = Counter()

    def operation(self, kind: str, name: str | None, seconds: float) -> None:
        """Count an operation that was executed over HTTP."""
        key = (kind, name or UNNAMED)
        found = self.latencies.get(key)
        if found is None:
            if len(self.latencies) >= NAMES_MAX:
                key = (kind, OTHER)
            found = self.latencies.setdefault(key, Latencies())
        found.classes[bisect_left(BOUNDS_S, seconds)] += 1
        found.seconds += seconds

    def answer(self, status: int) -> None:
        """Count an answer by its HTTP status."""
        self.answers[status] += 1

    @contextmanager
    def opened(self, what: Kept) -> Iterator[None]:
        """Count one that stays open for as long as the block lasts."""
        self.open[what] += 1
        try:
            yield
        finally:
            self.open[what] -= 1

    def closed(self, code: int) -> None:
        """Count a WebSocket that we closed, by the code it was told."""
        self.closed_sockets[code] += 1
