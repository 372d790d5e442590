"""What a locations file changes, decided before anything is written."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any
from uuid import UUID

from core.commands.differences import Columns
from texting.importing.locations_file import NAME, LocationLine
from texting.importing.table import Fault

# What the file tells of a location, by the name both sides use.
_TOLD = tuple(field.name for field in fields(LocationLine) if field.name not in ("line", "name"))
_OPTIONAL = {"region", "city", "line1", "postal_code"}


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationUpdate:
    """A location whose row differs from what is `stored`: only what differs is in `changes`."""

    row: LocationLine
    id: UUID
    stored: Columns
    changes: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationPlan:
    """What will be written, and the rows that will not."""

    creations: tuple[LocationLine, ...]
    updates: tuple[LocationUpdate, ...]
    unchanged: int
    faults: tuple[Fault, ...] = ()


def plan_locations(
    rows: Iterable[LocationLine], stored: Mapping[str, Columns], twins: Container[str] = ()
) -> LocationPlan:
    """Compare the file with the stored locations, by folded name; an empty optional cell leaves what is stored.

    `twins`: folded names that several stored locations have; a row cannot say which of them it means.
    """
    creations: list[LocationLine] = []
    updates: list[LocationUpdate] = []
    faults: list[Fault] = []
    unchanged = 0
    for row in rows:
        if row.name.casefold() in twins:
            reason = f"`{row.name}` is the name of several locations here: rename all but one"
            faults.append(Fault(line=row.line, column=NAME, reason=reason))
            continue
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
            updates.append(LocationUpdate(row=row, id=known["id"], stored=known, changes=changes))
        else:
            unchanged += 1
    return LocationPlan(creations=tuple(creations), updates=tuple(updates), unchanged=unchanged, faults=tuple(faults))
