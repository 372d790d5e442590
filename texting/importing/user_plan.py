"""What a users file changes, decided before anything is written: creations, updates, departures, refused rows."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from core.rules.enums import NumberSource, PhoneNumberType, UserStatus
from core.rules.names import email_key
from texting.importing.stored import Stored, StoredUser
from texting.importing.table import Fault
from texting.importing.user_faults import Rows, asked_campaign, find_faults
from texting.importing.users_file import UserLine


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
    """A number that becomes a user's primary one. `None` = the user is new; the number is new to the inventory.

    `source` and `campaign_id`: where they change. `releases`: the number that user held until now, which goes back to
    the inventory unless another row takes it.
    """

    row: UserLine
    user_id: UUID | None
    number_id: UUID | None
    source: NumberSource | None
    campaign_id: UUID | None
    releases: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StayingNumber:
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
    changes: tuple[StayingNumber, ...]
    departures: tuple[StoredUser, ...]
    unchanged: int
    faults: tuple[Fault, ...]


def plan_users(
    rows: Iterable[UserLine], stored: Stored, *, deactivate_missing: bool, named: Collection[str] = ()
) -> UserPlan:
    """Compare the file with what is stored. A refused row changes nothing, the numbers it names included.

    `named`: the e-mail keys of further rows, which were refused or skipped when they were read: not missing either.
    """
    by_key = {email_key(row.email): row for row in rows}
    missing = [
        user
        for key, user in stored.users.items()
        if deactivate_missing and key not in by_key and key not in named and user.status is UserStatus.ACTIVE
    ]
    faults = find_faults(Rows(by_key=by_key, missing=frozenset(user.id for user in missing)), stored)
    creations: list[Creation] = []
    updates: list[Update] = []
    moves: list[NumberMove] = []
    changes: list[StayingNumber] = []
    leaving: list[StoredUser] = []
    unchanged = 0
    for key, row in by_key.items():
        if key in faults:
            continue
        user = stored.users.get(key)
        if not row.active:
            leaves = user is not None and user.status is UserStatus.ACTIVE
            leaving.extend([user] if user is not None and leaves else [])
            unchanged += not leaves
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
            case StayingNumber():
                changes.append(number)
        unchanged += person is None and number is None
    return UserPlan(
        creations=tuple(creations),
        updates=tuple(updates),
        moves=tuple(moves),
        changes=tuple(changes),
        departures=(*leaving, *missing),
        unchanged=unchanged,
        faults=tuple(sorted((fault for found in faults.values() for fault in found), key=lambda fault: fault.line)),
    )


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


def _number(row: UserLine, user: StoredUser | None, stored: Stored) -> NumberMove | StayingNumber | None:
    if row.phone is None:
        return None
    number = stored.numbers.get(row.phone.e164)
    asked = asked_campaign(row, number, stored)
    source = row.number_source if number is None or row.number_source != number.assigned_by else None
    if number is None or user is None or number.owner_id != user.id or number.type is not PhoneNumberType.PRIMARY:
        return NumberMove(
            row=row,
            user_id=None if user is None else user.id,
            number_id=None if number is None else number.id,
            source=source,
            campaign_id=asked,
            releases=None if user is None else user.primary_number_id,
        )
    if source is None and asked is None:
        return None
    return StayingNumber(row=row, number_id=number.id, source=source, campaign_id=asked)
