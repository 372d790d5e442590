"""What a locations file changes, decided before anything is written."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any
from uuid import UUID

from texting.importing.locations_file import LocationLine

# What the file tells of a location, by the name both sides use.
_TOLD = tuple(field.name for field in fields(LocationLine) if field.name not in ("line", "name"))
_OPTIONAL = {"region", "city", "line1", "postal_code"}


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationUpdate:
    """A location whose row differs: only what differs is in `changes`."""

    row: LocationLine
    id: UUID
    changes: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationPlan:
    """What will be written."""

    creations: tuple[LocationLine, ...]
    updates: tuple[LocationUpdate, ...]
    unchanged: int


def plan_locations(rows: Iterable[LocationLine], stored: Mapping[str, Mapping[str, Any]]) -> LocationPlan:
    """Compare the file with the stored locations, by folded name; an empty optional cell leaves what is stored."""
    creations: list[LocationLine] = []
    updates: list[LocationUpdate] = []
    unchanged = 0
    for row in rows:
        known = stored.get(row.name.casefold())
        if known is None:
            creations.append(row)
            continue
        told = {name: getattr(row, name) for name in _TOLD}
        changes = {
            name: value
            for name, value in told.items()
            if value != known[name] and not (value is None and name in _OPTIONAL)
        }
        if changes:
            updates.append(LocationUpdate(row=row, id=known["id"], changes=changes))
        else:
            unchanged += 1
    return LocationPlan(creations=tuple(creations), updates=tuple(updates), unchanged=unchanged)
