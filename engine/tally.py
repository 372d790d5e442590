"""What became of the operations: how many were compiled, and why the others were handed to graphql-core."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Tally:
    """Counts since the start of the process, for a metric. `rendered`: values that were written elsewhere."""

    compiled: int = 0
    rendered: int = 0
    handed_over: Counter[str] = field(default_factory=Counter)
