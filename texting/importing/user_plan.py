"""What a users file changes, decided before anything is written: creations, updates, departures, refused rows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from core.rules.enums import NumberSource, UserStatus
from core.rules.names import email_key
from texting.importing.table import Fault
from texting.importing.users_file import CAMPAIGN, EMAIL, LOCATION, PHONE, UserLine


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredUser:
    """A user the organization has."""

    id: UUID
    email_key: str
    display_name: str
    location_id: UUID
    status: UserStatus
    app_version: str | None
    primary_number_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredNumber:
    """A number of the organization's inventory."""

    id: UUID
    phone_number: str
    owner_id: UUID | None
    assigned_by: NumberSource
    campaign_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What the organization has. Locations by folded name, campaigns by use case and by global id, both as written."""

    users: Mapping[str, StoredUser]
    numbers: Mapping[str, StoredNumber]
    locations: Mapping[str, UUID]
    campaigns: Mapping[str, UUID]


@dataclass(frozen=True, slots=True, kw_only=True)
class Creation:
    """A user that is new."""

    row: UserLine
    location_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """A user whose file row differs from what is stored; `None` = that stays."""

    row: UserLine
    user: StoredUser
    display_name: str | None
    location_id: UUID | None
    app_version: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberMove:
    """A number that becomes an e-mail's primary one. `number_id` `None` = it is new to the inventory.

    `releases`: the number that user held until now, which goes back to the inventory.
    """

    row: UserLine
    number_id: UUID | None
    source: NumberSource | None
    campaign_id: UUID | None
    releases: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberChange:
    """A number that stays with its user while its source or campaign changes."""

    row: UserLine
    number_id: UUID
    source: NumberSource | None
    campaign_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserPlan:
    """What will be written, and the rows that will not."""

    creations: tuple[Creation, ...]
    updates: tuple[Update, ...]
    moves: tuple[NumberMove, ...]
    changes: tuple[NumberChange, ...]
    departures: tuple[StoredUser, ...]
    unchanged: int
    faults: tuple[Fault, ...]


def plan_users(rows: Iterable[UserLine], stored: Stored, *, deactivate_missing: bool) -> UserPlan:
    """Compare the file with what is stored. A refused row changes nothing, the numbers it names included."""
    creations: list[Creation] = []
    updates: list[Update] = []
    moves: list[NumberMove] = []
    changes: list[NumberChange] = []
    departures: list[StoredUser] = []
    faults: list[Fault] = []
    unchanged = 0
    listed = list(rows)
    by_key = {email_key(row.email): row for row in listed}
    for key, row in by_key.items():
        user = stored.users.get(key)
        found = _faults(row, user, stored, by_key)
        if found:
            faults.extend(found)
            continue
        if not row.active:
            departures.extend([user] if user is not None and user.status is UserStatus.ACTIVE else [])
            unchanged += user is None or user.status is not UserStatus.ACTIVE
            continue
        person = _person(row, user, stored)
        number = _number(row, user, stored)
        match person:
            case Creation():
                creations.append(person)
            case Update():
                updates.append(person)
        match number:
            case NumberMove():
                moves.append(number)
            case NumberChange():
                changes.append(number)
        unchanged += person is None and number is None
    if deactivate_missing:
        departures.extend(
            user for key, user in stored.users.items() if key not in by_key and user.status is UserStatus.ACTIVE
        )
    return UserPlan(
        creations=tuple(creations),
        updates=tuple(updates),
        moves=tuple(moves),
        changes=tuple(changes),
        departures=tuple(departures),
        unchanged=unchanged,
        faults=tuple(sorted(faults, key=lambda fault: fault.line)),
    )


def _faults(row: UserLine, user: StoredUser | None, stored: Stored, by_key: Mapping[str, UserLine]) -> list[Fault]:
    faults: list[Fault] = []
    if row.location.casefold() not in stored.locations:
        faults.append(
            Fault(line=row.line, column=LOCATION, reason=f"`{row.location}` is no location here: import it first")
        )
    if row.campaign is not None and row.campaign not in stored.campaigns:
        faults.append(
            Fault(
                line=row.line, column=CAMPAIGN, reason=f"`{row.campaign}` is no campaign here: give its use case or id"
            )
        )
    if row.campaign is not None and row.phone is None:
        faults.append(Fault(line=row.line, column=CAMPAIGN, reason="needs a phone number to be assigned to it"))
    if user is not None and user.status is UserStatus.DEACTIVATED and row.active:
        faults.append(
            Fault(
                line=row.line,
                column=EMAIL,
                reason=f"`{row.email}` was deactivated here, which is final: use a new user",
            )
        )
    number = stored.numbers.get(row.phone.e164) if row.phone is not None and row.active else None
    if number is not None and number.owner_id is not None and (user is None or number.owner_id != user.id):
        faults.extend(_held(row, number, stored, by_key))
    return faults


def _held(row: UserLine, number: StoredNumber, stored: Stored, by_key: Mapping[str, UserLine]) -> list[Fault]:
    """Refuse a number that somebody else holds, unless the same file gives the holder another one."""
    holder = next((user for user in stored.users.values() if user.id == number.owner_id), None)
    theirs = by_key.get(holder.email_key) if holder is not None else None
    if theirs is not None and theirs.phone is not None and theirs.phone.e164 != number.phone_number:
        return []
    return [
        Fault(line=row.line, column=PHONE, reason=f"`{number.phone_number}` is another user's: release it there first")
    ]


def _person(row: UserLine, user: StoredUser | None, stored: Stored) -> Creation | Update | None:
    location_id = stored.locations[row.location.casefold()]
    if user is None:
        return Creation(row=row, location_id=location_id)
    name = row.display_name if row.display_name not in (user.display_name, row.email) else None
    moved = location_id if location_id != user.location_id else None
    version = row.app_version if row.app_version != user.app_version else None
    if name is None and moved is None and version is None:
        return None
    return Update(row=row, user=user, display_name=name, location_id=moved, app_version=version)


def _number(row: UserLine, user: StoredUser | None, stored: Stored) -> NumberMove | NumberChange | None:
    if row.phone is None:
        return None
    number = stored.numbers.get(row.phone.e164)
    campaign_id = stored.campaigns[row.campaign] if row.campaign is not None else None
    if number is not None and user is not None and number.owner_id == user.id:
        source = row.number_source if row.number_source not in (None, number.assigned_by) else None
        asked = campaign_id if campaign_id != number.campaign_id else None
        if source is None and asked is None:
            return None
        return NumberChange(row=row, number_id=number.id, source=source, campaign_id=asked)
    return NumberMove(
        row=row,
        number_id=number.id if number is not None else None,
        source=row.number_source,
        campaign_id=campaign_id,
        releases=user.primary_number_id if user is not None else None,
    )
