"""What an execution tells whoever wants to know how it went: its levels, and what was asked on each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol


class Asked(NamedTuple):
    """One batch: the field as `Type.name`, and how many parents it was asked for."""

    field: str
    parents: int


class Watch(Protocol):
    """Given to `graphql.execute` as `watch`; told nothing of an operation that was handed to graphql-core."""

    def begin(self, asked: Sequence[Asked]) -> None:
        """A level begins: its batches are about to be called; none where only values are awaited."""

    def rendered(self, field: str) -> None:
        """A value of the level, of the field as `Type.name`, was written elsewhere."""

    def end(self) -> None:
        """The level's answers are in their places."""
