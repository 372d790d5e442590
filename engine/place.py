"""Where in the response a value goes: as a tuple, because few are ever made into what graphql-core calls a path."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from typing import Any

from graphql.pyutils import Path

Place = tuple[Any, str | int, str | None]
"""The place above (None at the root), the response key or list index, and the type a key belongs to."""

Places = Callable[[int], Place | None]
"""Where each of many values goes, by its index among them: asked for where something wants to know it."""


def path_of(place: Place) -> Path:
    """The place as graphql-core tells it to resolvers."""
    steps: list[Place] = []
    above: Place | None = place
    while above is not None:
        steps.append(above)
        above = above[0]
    path: Path | None = None
    for _, key, type_name in reversed(steps):
        path = Path(path, key, type_name)
    assert path is not None
    return path


def only(place: Place | None) -> Places:
    """Where one value goes."""
    return lambda _: place


def below(places: Places, key: str, type_name: str) -> Callable[[int], Place]:
    """Where the values of one field go, of objects at these places."""
    return lambda at: (places(at), key, type_name)


def picked(places: Places, kept: Sequence[int]) -> Places:
    """Where those go that are left of many."""
    return lambda at: places(kept[at])


def items(places: Places, lengths: Iterable[int]) -> Places:
    """Where the items go of lists at these places, counted through all of them."""
    ends = list(accumulate(lengths))

    def place(at: int) -> Place:
        which = bisect_right(ends, at)
        return (places(which), at - (ends[which - 1] if which else 0), None)

    return place
