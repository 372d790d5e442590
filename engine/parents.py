"""Whom a level's batched fields are asked for, and where in the response the answers go."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

from engine.place import Place, Places, picked
from engine.plan import Field


class Parents:
    """The sources of one selection on one level, with their places in the response; its batched fields share them."""

    __slots__ = ("_places", "_starts", "boxes", "sources")

    def __init__(self) -> None:
        self.sources: list[Any] = []
        self.boxes: list[dict[str, Any]] = []
        self._starts: list[int] = []
        self._places: list[Places] = []

    def add(self, sources: Sequence[Any], boxes: Sequence[dict[str, Any]], places: Places) -> None:
        """Some more."""
        self._starts.append(len(self.sources))
        self._places.append(places)
        self.sources += sources
        self.boxes += boxes

    def place(self, at: int) -> Place | None:
        """Where one of them is."""
        which = bisect_right(self._starts, at) - 1
        return self._places[which](at - self._starts[which])

    def left(self, kept: Sequence[int]) -> Parents:
        """Those at the given indices."""
        left = Parents()
        left.add([self.sources[at] for at in kept], [self.boxes[at] for at in kept], picked(self.place, kept))
        return left


class Batch:
    """One batched field of a level and its parents.

    count: how many parents it is asked for.
    kept: which of them are left, where some were forgotten since.
    """

    __slots__ = ("count", "field", "kept", "parents")

    def __init__(self, field: Field, parents: Parents) -> None:
        self.field = field
        self.parents = parents
        self.count = len(parents.sources)
        self.kept: list[int] | None = None

    def keep(self, held: set[int]) -> bool:
        """Forget parents whose place in the response is gone; whether any is left."""
        kept = held_ones(self.parents, held)
        self.parents = self.parents.left(kept)
        self.kept = kept if self.kept is None else [self.kept[index] for index in kept]
        return bool(kept)

    def left(self, answers: Sequence[Any]) -> Sequence[Any]:
        """The answers to the parents that are left, of those to all that were asked for."""
        return answers if self.kept is None else [answers[index] for index in self.kept]


def held_ones(parents: Parents, held: set[int]) -> list[int]:
    """The indices of those whose place is still in the response."""
    return [index for index, box in enumerate(parents.boxes) if id(box) in held]
