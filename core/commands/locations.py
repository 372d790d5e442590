"""Locations: where users work, and how each reaches the telephone network (P3, P5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from audit.actions import Action
from audit.record import Record, Target
from core.commands import places
from core.commands.absent import ABSENT, Given
from core.commands.differences import shown
from core.commands.edits import Edit, Made, locked, write
from core.commands.fact_versions import append_first, first_facts
from core.commands.orgs import NAME_LENGTH_MAX
from core.commands.problems import Path, Problems, place
from core.commands.signing import sign_locations
from core.commands.transaction import Answer, Transaction
from core.commands.writes import insert
from core.rules.enums import PstnConnectionType, TextingMode
from core.rules.facts import LocationFacts
from core.rules.signatures import location_signature
from core.storage.rows import LocationRow
from core.storage.tables import Locations

ADDRESS_LINE_LENGTH_MAX = 256
"""The longest region, city, street or postal code."""
_SWITCH = {"texting": TextingMode.INHERIT, "texting_locked": False}
"""The switch of a new location, which its row has by default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a location is. `country`: ISO 3166-1 alpha-2."""

    country: str
    region: str | None = None
    city: str | None = None
    line1: str | None = None
    postal_code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLocation:
    """A new location. `time_zone`: IANA."""

    name: str
    address: Address
    time_zone: str
    pstn_connection_type: PstnConnectionType


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationChange:
    """Changes of a location. `effective_from`: since when, UTC; `None` = from now."""

    id: UUID
    name: Given[str | None] = ABSENT
    address: Given[Address | None] = ABSENT
    time_zone: Given[str | None] = ABSENT
    pstn_connection_type: Given[PstnConnectionType | None] = ABSENT
    expected_version: int | None = None
    effective_from: datetime | None = None


async def create_location(tx: Transaction, wanted: NewLocation) -> Answer:
    """Create one location."""
    (made,) = await create_locations(tx, [wanted])
    return _answer("LocationCreated", made.id, made.audit_id)


async def update_location(tx: Transaction, wanted: LocationChange) -> Answer:
    """Change one location."""
    (audit_id,) = await update_locations(tx, [wanted])
    return _answer("LocationUpdated", wanted.id, audit_id)


async def create_locations(tx: Transaction, wanted: Sequence[NewLocation]) -> list[Made]:
    """Create locations, each with its record, in order."""
    problems = Problems()
    checked = [_checked(problems, place(at, len(wanted)), each) for at, each in enumerate(wanted)]
    problems.refuse()
    rows = [
        {
            "org_id": tx.org_id,
            "id": id,
            **columns,
            "signature": _signature(tx, columns),
            "created_at": tx.now,
            "last_audit_id": audit_id,
        }
        for id, audit_id, columns in zip(tx.new_ids(len(wanted)), tx.new_ids(len(wanted)), checked, strict=True)
    ]
    await insert(tx.connection, Locations, rows)
    await append_first(tx, [first_facts(tx, "Location", row | _SWITCH) for row in rows])
    await tx.append([_creation(tx, row, columns) for row, columns in zip(rows, checked, strict=True)])
    return [Made(id=row["id"], audit_id=row["last_audit_id"]) for row in rows]


async def update_locations(tx: Transaction, wanted: Sequence[LocationChange]) -> list[UUID]:
    """Change locations; give the ids of their records, in order. Nothing different is recorded as nothing."""
    problems = Problems()
    edits = [_edit(problems, place(at, len(wanted)), each, tx.now) for at, each in enumerate(wanted)]
    problems.refuse()
    rows = await locked(tx, Locations, edits, LocationRow, argument="locationId")
    edited = await write(tx, Locations, edits, rows)
    await sign_locations(tx, [each.edit.id for each in edited if each.changed])
    await tx.append(
        [
            tx.describe(
                action=Action.LOCATION_UPDATE,
                audit_id=each.audit_id,
                target=Target(type="Location", id=each.edit.id, name=each.row.name, version=each.row.version),
                before=each.before(tx),
                after=each.after(tx),
                location_id=each.edit.id,
            )
            for each in edited
        ]
    )
    return [each.audit_id for each in edited]


def _creation(tx: Transaction, row: Mapping[str, Any], columns: Mapping[str, Any]) -> Record:
    return tx.describe(
        action=Action.LOCATION_CREATE,
        audit_id=row["last_audit_id"],
        target=Target(type="Location", id=row["id"], name=row["name"]),
        before=None,
        after=shown(tx, {name: value for name, value in columns.items() if value is not None}),
        location_id=row["id"],
    )


def _checked(problems: Problems, at: Path, wanted: NewLocation) -> dict[str, Any]:
    return {
        "name": problems.text((*at, "name"), wanted.name, longest=NAME_LENGTH_MAX),
        **_address(problems, (*at, "address"), wanted.address),
        "time_zone": places.time_zone(problems, (*at, "timeZone"), wanted.time_zone),
        "pstn_connection_type": wanted.pstn_connection_type,
    }


def _edit(problems: Problems, at: Path, wanted: LocationChange, now: datetime) -> Edit:
    asked: dict[str, Any] = {}
    if wanted.name is not ABSENT:
        asked["name"] = problems.required_text((*at, "name"), wanted.name, longest=NAME_LENGTH_MAX)
    if wanted.address is not ABSENT:
        problems.not_null((*at, "address"), wanted.address)
        asked |= _address(problems, (*at, "address"), wanted.address) if wanted.address else {}
    if wanted.time_zone is not ABSENT:
        problems.not_null((*at, "timeZone"), wanted.time_zone)
        if wanted.time_zone is not None:
            asked["time_zone"] = places.time_zone(problems, (*at, "timeZone"), wanted.time_zone)
    if wanted.pstn_connection_type is not ABSENT:
        problems.not_null((*at, "pstnConnectionType"), wanted.pstn_connection_type)
        asked["pstn_connection_type"] = wanted.pstn_connection_type
    problems.not_future((*at, "effectiveFrom"), wanted.effective_from, now)
    return Edit(
        id=wanted.id,
        columns=asked,
        expected_version=wanted.expected_version,
        effective_from=wanted.effective_from,
    )


def _address(problems: Problems, at: Path, address: Address) -> dict[str, Any]:
    def line(name: str, value: str | None) -> str | None:
        return problems.optional_text((*at, name), value, longest=ADDRESS_LINE_LENGTH_MAX)

    return {
        "country": places.country(problems, (*at, "country"), address.country),
        "region": line("region", address.region),
        "city": line("city", address.city),
        "line1": line("line1", address.line1),
        "postal_code": line("postalCode", address.postal_code),
    }


def _signature(tx: Transaction, columns: Mapping[str, Any]) -> str:
    facts = LocationFacts(country=columns["country"], pstn_connection_type=columns["pstn_connection_type"])
    return location_signature(facts, tx.policy)


def _answer(type: str, location_id: UUID, audit_id: UUID) -> Answer:
    return Answer(type=type, refs={"location_ref": str(location_id), "record_ref": str(audit_id)})
