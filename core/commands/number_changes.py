"""Changes of numbers, by the set: their rows, whose primary number each is, the signatures over both, a record each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from audit.actions import Action
from audit.record import Erasable, Record, Target
from core.commands.edits import Edit, Edited, locked, write
from core.commands.fact_versions import FactChange, append
from core.commands.signing import sign_numbers, sign_users
from core.commands.transaction import Transaction
from core.commands.writes import lock, update
from core.rules.enums import PhoneNumberType
from core.storage.rows import PhoneNumberRow, UserRow
from core.storage.tables import PhoneNumbers, Users


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """Numbers that are about to change, and everybody who holds or will hold one of them; all of it is locked."""

    numbers: Mapping[UUID, PhoneNumberRow]
    people: Mapping[UUID, UserRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberEdit:
    """An edit of one number and the verb of its record. `told`: what the record says beside what changes, erasable."""

    edit: Edit
    action: Action
    told: Mapping[str, Any] = field(default_factory=dict)


async def lock_inventory(tx: Transaction, edits: Sequence[Edit], people: Iterable[UUID] = ()) -> Inventory:
    """Lock the numbers of edits, their holders, and `people` who will hold them; unknown people are left out.

    Holders are locked because their signatures cover their numbers: whoever comes second signs what both wrote.
    """
    numbers = await locked(tx, PhoneNumbers, edits, PhoneNumberRow, argument="phoneNumberId")
    holders = {row.owner_id for row in numbers.values()} | set(people)
    found = await lock(tx.connection, Users, tx.org_id, holders - {None}, UserRow)
    return Inventory(numbers=numbers, people=found)


async def change_numbers(tx: Transaction, wanted: Sequence[NumberEdit], held: Inventory) -> list[UUID]:
    """Write numbers that are named once each; give the ids of their records, in order.

    The caller has seen to it that nobody ends up with two primary numbers.
    """
    edits = [each.edit for each in wanted]
    await _free(tx, edits, held)
    edited = await write(tx, PhoneNumbers, edits, held.numbers)
    await _point(tx, edited, held)
    changed = [each for each in edited if each.changed]
    await sign_numbers(tx, [each.edit.id for each in changed])
    await sign_users(tx, {id for each in changed for id in _holders(each) if id is not None})
    await tx.append([_record(tx, each, of, held) for each, of in zip(edited, wanted, strict=True)])
    return [each.audit_id for each in edited]


def primaries_after(edits: Iterable[Edit], held: Inventory) -> dict[UUID, list[UUID]]:
    """Give, by user, the numbers that would be primary after edits; more than one cannot be."""
    changing = {edit.id: edit for edit in edits}
    found: dict[UUID, list[UUID]] = {
        id: [] if row.primary_number_id is None or row.primary_number_id in changing else [row.primary_number_id]
        for id, row in held.people.items()
    }
    for id, edit in changing.items():
        owner = _primary_of(held.numbers[id], edit.columns)
        if owner is not None:
            found.setdefault(owner, []).append(id)
    return found


async def _free(tx: Transaction, edits: Sequence[Edit], held: Inventory) -> None:
    """Take primary numbers from their holders first: two users may swap theirs, and each may have one at any moment."""
    leaving = {
        edit.id: {"owner_id": None}
        for edit in edits
        if (owner := _primary_of(held.numbers[edit.id], {})) is not None
        and owner != _primary_of(held.numbers[edit.id], edit.columns)
    }
    if len(edits) > 1:
        await update(tx.connection, PhoneNumbers, tx.org_id, leaving)


async def _point(tx: Transaction, edited: Sequence[Edited[PhoneNumberRow]], held: Inventory) -> None:
    """Let users name the primary numbers that they have now."""
    by_id: dict[UUID | None, Edited[PhoneNumberRow]] = {each.edit.id: each for each in edited}
    changes: dict[UUID, dict[str, Any]] = {}
    facts: list[FactChange] = []
    for user_id, numbers in primaries_after((each.edit for each in edited), held).items():
        stored, now = held.people[user_id].primary_number_id, next(iter(numbers), None)
        cause = by_id.get(now) or by_id.get(stored)
        if cause is None or not (stored != now or _says_since_when(cause.edit)):
            continue
        pointer = {"primary_number_id": now}
        if stored != now:
            changes[user_id] = {**pointer, "last_audit_id": cause.audit_id}
        since = cause.edit.effective_from or tx.now
        facts.append(FactChange(type="User", id=user_id, facts=pointer, valid_from=since, audit_id=cause.audit_id))
    await update(tx.connection, Users, tx.org_id, changes)
    await append(tx, facts)


def _says_since_when(edit: Edit) -> bool:
    """Say whether an edit tells since when the number is whose, which is news even if it changes nothing."""
    return edit.effective_from is not None and not {"owner_id", "type"}.isdisjoint(edit.columns)


def _record(tx: Transaction, edited: Edited[PhoneNumberRow], wanted: NumberEdit, held: Inventory) -> Record:
    row, changed = edited.row, edited.changed
    before, after = _holders(edited)
    holder = after or before
    subject = holder or tx.pseudonym(row.phone_number)
    campaigns = (row.campaign_id, changed.get("campaign_id"))
    told = {name: Erasable(value, subject) for name, value in wanted.told.items()}
    return tx.describe(
        action=wanted.action,
        audit_id=edited.audit_id,
        target=Target(type="UserPhoneNumber", id=row.id, name=Erasable(row.phone_number, subject), version=row.version),
        before=edited.before(tx, subject),
        after={**edited.after(tx, subject), **told},
        location_id=None if holder is None else held.people[holder].location_id,
        involves=tuple({before, after, *campaigns} - {None}),
    )


def _holders(edited: Edited[PhoneNumberRow]) -> tuple[UUID | None, UUID | None]:
    """Give who held a number before and who holds it now."""
    return edited.row.owner_id, edited.changed.get("owner_id", edited.row.owner_id)


def _primary_of(row: PhoneNumberRow, columns: Mapping[str, Any]) -> UUID | None:
    """Give whose primary number a number is once it has these columns."""
    type = columns.get("type", row.type)
    owner: UUID | None = columns.get("owner_id", row.owner_id)
    return owner if type == PhoneNumberType.PRIMARY else None
