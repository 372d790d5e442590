"""The stored switches of texting, from the organization down: of users, of locations, of itself, in one statement."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, select

from core.rules.enums import Level, TextingMode
from core.rules.settings import LevelValue, mode_value, texting_levels
from core.storage.fetching import Fetch
from core.storage.selecting import any_id, columns, org_id, uuid
from core.storage.statements import compiled
from core.storage.states import StoredSwitch, org_value
from core.storage.tables import Locations, Orgs, Users

_orgs, _locations, _users = columns(Orgs), columns(Locations), columns(Users)


@dataclass(frozen=True, slots=True, kw_only=True)
class Switches:
    """What each level stores, down to the one asked about; the levels below that are `None`."""

    org: StoredSwitch
    location: StoredSwitch | None = None
    user: StoredSwitch | None = None
    location_mode: TextingMode | None = None
    user_mode: TextingMode | None = None

    def levels(self) -> tuple[LevelValue[bool], ...]:
        """Give the levels of the texting setting, for `core.rules.settings.resolve`."""
        return texting_levels(
            org_enabled=self.org.enabled,
            location_mode=self.location_mode,
            user_mode=self.user_mode,
            org_locked=self.org.locked,
            location_locked=self.location is not None and self.location.locked,
        )

    def of_user(self, mode: TextingMode) -> "Switches":
        """Give a location's with what one of its users chose, of whose switch nothing else is known."""
        return replace(self, user_mode=mode)

    def at(self, level: Level) -> StoredSwitch | None:
        """Give what one level stores; SYSTEM stores nothing."""
        return {Level.ORG: self.org, Level.LOCATION: self.location, Level.USER: self.user}.get(level)


_SET = ("texting_set_at", "texting_set_by", "texting_audit_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredLock:
    """A lock, when and by which subject it was set, and the record of that."""

    level: Level
    entity_id: UUID
    set_at: datetime | None
    set_by: str | None
    audit_id: UUID | None


def _stored(table: Any, level: Level, switch: str) -> list[Any]:
    names = _SET if level is Level.USER else (*_SET, "texting_locked")
    prefix = level.lower()
    return [table[switch].label(f"{prefix}_switch"), *(table[name].label(f"{prefix}_{name}") for name in names)]


_OF_ORG = _stored(_orgs, Level.ORG, "texting_enabled")
_OF_LOCATION = [_locations.id.label("location_id"), *_stored(_locations, Level.LOCATION, "texting")]
_OF_USER = [_users.id.label("user_id"), *_stored(_users, Level.USER, "texting")]

ORG = compiled(select(*_OF_ORG).where(_orgs.org_id == org_id()))
LOCATIONS = compiled(
    select(*_OF_ORG, *_OF_LOCATION)
    .select_from(Locations)
    .join(Orgs, _orgs.org_id == _locations.org_id)
    .where(_locations.org_id == org_id(), _locations.id == any_id("ids"))
)
USERS = compiled(
    select(*_OF_ORG, *_OF_LOCATION, *_OF_USER)
    .select_from(Users)
    .join(Locations, and_(_locations.org_id == _users.org_id, _locations.id == _users.location_id))
    .join(Orgs, _orgs.org_id == _users.org_id)
    .where(_users.org_id == org_id(), _users.id == any_id("ids"))
)
_LOCK = ("texting_locked_at", "texting_locked_by", "texting_lock_audit_id")
LOCKS = {
    Level.ORG: compiled(select(*(_orgs[name] for name in _LOCK)).where(_orgs.org_id == org_id())),
    Level.LOCATION: compiled(
        select(*(_locations[name] for name in _LOCK)).where(_locations.org_id == org_id(), _locations.id == uuid("id"))
    ),
}
_STATEMENTS = {Level.LOCATION: LOCATIONS, Level.USER: USERS}


async def load(fetch: Fetch, org: UUID, level: Level, ids: Iterable[UUID]) -> dict[UUID, Switches]:
    """Read what decides for organizations, locations or users, by id; unknown ids are missing.

    `level` is ORG, LOCATION or USER. At level ORG the one id is the organization's own.
    """
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        return {}
    if level is Level.ORG:
        rows = await fetch(ORG, org_id=org)
        return {org: _switches(org, rows[0], level)} if rows else {}
    rows = await fetch(_STATEMENTS[level], org_id=org, ids=wanted)
    return {row[f"{level.lower()}_id"]: _switches(org, row, level) for row in rows}


async def load_lock(fetch: Fetch, org: UUID, level: Level, id: UUID) -> StoredLock:
    """Read who locked an organization or a location, and when."""
    values = {} if level is Level.ORG else {"id": id}
    (row,) = await fetch(LOCKS[level], org_id=org, **values)
    at, by, audit_id = (row[name] for name in _LOCK)
    return StoredLock(level=level, entity_id=id, set_at=at, set_by=by, audit_id=audit_id)


def _switches(org: UUID, row: Any, level: Level) -> Switches:
    enabled = org_value(enabled=row["org_switch"], set_at=row["org_texting_set_at"])
    of_org = _switch(row, Level.ORG, org, enabled=enabled)
    if level is Level.ORG:
        return Switches(org=of_org)
    location_mode = TextingMode(row["location_switch"])
    of_location = _switch(row, Level.LOCATION, row["location_id"], enabled=mode_value(location_mode))
    if level is Level.LOCATION:
        return Switches(org=of_org, location=of_location, location_mode=location_mode)
    user_mode = TextingMode(row["user_switch"])
    return Switches(
        org=of_org,
        location=of_location,
        user=_switch(row, Level.USER, row["user_id"], enabled=mode_value(user_mode)),
        location_mode=location_mode,
        user_mode=user_mode,
    )


def _switch(row: Any, level: Level, entity_id: UUID, *, enabled: bool | None) -> StoredSwitch:
    prefix = level.lower()
    return StoredSwitch(
        level=level,
        entity_id=entity_id,
        enabled=enabled,
        set_at=row[f"{prefix}_texting_set_at"],
        set_by=row[f"{prefix}_texting_set_by"],
        audit_id=row[f"{prefix}_texting_audit_id"],
        locked=level is not Level.USER and row[f"{prefix}_texting_locked"],
    )
