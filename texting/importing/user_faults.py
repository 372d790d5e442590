"""Why rows of a users file cannot be carried out: each fault names its line, its column and what to do."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from core.rules.enums import AssignmentStatus, UserStatus
from core.rules.states import may_begin_assignment
from texting.importing.stored import Stored, StoredNumber, StoredUser
from texting.importing.table import Fault
from texting.importing.users_file import CAMPAIGN, EMAIL, LOCATION, PHONE, UserLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The file's rows by e-mail key, and who leaves by not being in it."""

    by_key: Mapping[str, UserLine]
    missing: frozenset[UUID]


def find_faults(rows: Rows, stored: Stored) -> dict[str, list[Fault]]:
    """Find the rows to refuse, by e-mail key.

    A refused row releases no number, so whoever counted on that is refused too, until nobody more is.
    """
    people = {user.id: user for user in stored.users.values()}
    faults = {key: found for key, row in rows.by_key.items() if (found := _own_faults(key, row, stored))}
    while more := _held(rows, stored, people, faults):
        faults |= more
    for key, fault in _without_room(rows, stored, faults).items():
        faults[key] = [fault]
    while more := _held(rows, stored, people, faults):
        faults |= more
    return faults


def asked_campaign(row: UserLine, number: StoredNumber | None, stored: Stored) -> UUID | None:
    """Give the campaign that a row asks its number to be of, unless it is or was asked for already."""
    if row.campaign is None:
        return None
    campaign_id = stored.campaigns[row.campaign]
    stands = number is not None and number.assignment not in (None, AssignmentStatus.UNASSIGNED)
    return None if stands and number is not None and number.campaign_id == campaign_id else campaign_id


def _own_faults(key: str, row: UserLine, stored: Stored) -> list[Fault]:
    """Find what is wrong with a row whatever the others say; of who left nothing but the e-mail is asked."""
    faults: list[Fault] = []
    if not row.active:
        return faults

    def fault(column: str, reason: str) -> None:
        faults.append(Fault(line=row.line, column=column, reason=reason))

    user = stored.users.get(key)
    if row.location.casefold() in stored.twins:
        fault(LOCATION, f"`{row.location}` is the name of several locations here: rename all but one")
    elif row.location.casefold() not in stored.locations:
        fault(LOCATION, f"`{row.location}` is no location here: import it first")
    if user is not None and user.status is not UserStatus.ACTIVE:
        fault(EMAIL, f"`{row.email}` was deactivated here, which is final: use a new user")
    if row.phone is not None and row.phone.e164 in stored.elsewhere:
        fault(PHONE, f"`{row.phone.e164}` belongs to another organization: give another number")
    if row.campaign is not None and (why := _campaign_fault(row, stored)) is not None:
        fault(CAMPAIGN, why)
    return faults


def _campaign_fault(row: UserLine, stored: Stored) -> str | None:
    name = row.campaign or ""
    if row.phone is None:
        return "needs a phone number to be assigned to it"
    if name in stored.twins:
        return f"`{name}` is the use case of several campaigns here: give the campaign's id"
    if name not in stored.campaigns:
        return f"`{name}` is no campaign here: give its use case or id"
    number = stored.numbers.get(row.phone.e164)
    if number is None or asked_campaign(row, number, stored) is None or may_begin_assignment(number.assignment):
        return None
    return f"`{number.phone_number}` is `{number.assignment}` in another campaign: end that first"


def _held(
    rows: Rows, stored: Stored, people: Mapping[UUID, StoredUser], refused: Mapping[str, object]
) -> dict[str, list[Fault]]:
    """Refuse numbers that somebody else keeps: who stays, and is not given another one by the same file."""
    found: dict[str, list[Fault]] = {}
    for key, row in rows.by_key.items():
        number = stored.numbers.get(row.phone.e164) if row.phone is not None and row.active else None
        holder = people.get(number.owner_id) if number is not None and number.owner_id is not None else None
        if number is None or holder is None or key in refused or holder.email_key == key:
            continue
        if not _releases(holder, number, rows, refused):
            reason = f"`{number.phone_number}` is another user's: release it there first"
            found[key] = [Fault(line=row.line, column=PHONE, reason=reason)]
    return found


def _releases(holder: StoredUser, number: StoredNumber, rows: Rows, refused: Mapping[str, object]) -> bool:
    if holder.status is not UserStatus.ACTIVE or holder.id in rows.missing:
        return True
    theirs = rows.by_key.get(holder.email_key)
    if theirs is None or holder.email_key in refused:
        return False
    return not theirs.active or (theirs.phone is not None and theirs.phone.e164 != number.phone_number)


def _without_room(rows: Rows, stored: Stored, refused: Mapping[str, object]) -> dict[str, Fault]:
    """Refuse the rows, in the file's order, that their campaign takes no more numbers for."""
    wanted: Counter[UUID] = Counter()
    found: dict[str, Fault] = {}
    for key, row in rows.by_key.items():
        if key in refused or row.phone is None or not row.active:
            continue
        campaign_id = asked_campaign(row, stored.numbers.get(row.phone.e164), stored)
        if campaign_id is None or campaign_id not in stored.room:
            continue
        wanted[campaign_id] += 1
        if wanted[campaign_id] > (room := max(stored.room[campaign_id], 0)):
            reason = f"`{row.campaign}` takes {room} more numbers: end assignments, or name another campaign"
            found[key] = Fault(line=row.line, column=CAMPAIGN, reason=reason)
    return found
