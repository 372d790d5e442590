"""What is wrong with a stored log."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong. `place`: the table and the key of the row, as a person would look it up."""

    org_id: UUID
    place: str
    problem: str

    def __str__(self) -> str:
        """Say it in one line."""
        return f"organization {self.org_id}: {self.place}: {self.problem}"
