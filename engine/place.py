"""Where in the response a value goes: as a tuple, because one is made for every object and few are ever read."""

from __future__ import annotations

from typing import Any

from graphql.pyutils import Path

Place = tuple[Any, str | int, str | None]
"""The place above (None at the root), the response key or list index, and the type a key belongs to."""


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
