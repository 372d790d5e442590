"""The inventory of numbers: adding to it, and what a number's source and state are (P3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from audit.actions import Action
from audit.record import Erasable, Record, Target
from core.commands import inventory
from core.commands.absent import ABSENT, Given, given
from core.commands.differences import shown
from core.commands.edits import Edit, Made
from core.commands.fact_versions import append_first, first_facts
from core.commands.inventory import Entering, row_of
from core.commands.number_changes import NumberEdit, change_numbers, lock_inventory
from core.commands.problems import Problems, place
from core.commands.refusals import invalid
from core.commands.transaction import Answer, Transaction
from core.commands.writes import insert
from core.rules.enums import NumberSource, NumberState
from core.rules.numbers import PhoneNumber, parse
from core.storage.tables import PhoneNumbers

NUMBERS_MAX = 100
"""Numbers in one call: one record names them all, and it has to fit into one entry of the log."""

_TOLD = ("phone_number", "assigned_by", "region", "valid")


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberChange:
    """Changes of a number. `effective_from`: since when, UTC; `None` = from now."""

    id: UUID
    state: Given[NumberState | None] = ABSENT
    assigned_by: Given[NumberSource | None] = ABSENT
    effective_from: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnheldNumber:
    """A number that enters without a holder, read already."""

    number: PhoneNumber
    assigned_by: NumberSource


async def add_numbers(tx: Transaction, phone_numbers: Sequence[str], assigned_by: NumberSource) -> Answer:
    """Add numbers to the inventory, at most `NUMBERS_MAX`, with one record; nobody holds them yet."""
    if not 0 < len(phone_numbers) <= NUMBERS_MAX:
        message = f"`phoneNumbers` names {len(phone_numbers)} numbers: give 1 to {NUMBERS_MAX}"
        raise invalid("phoneNumbers", "COUNT", message)
    problems = Problems()
    paths = [("phoneNumbers", str(at)) for at in range(len(phone_numbers))]
    read = [inventory.noted(problems, path, parse(text)) for path, text in zip(paths, phone_numbers, strict=True)]
    problems.refuse()
    ids = tx.new_ids(len(read))
    entering = [
        Entering(path=path, id=id, number=number, assigned_by=assigned_by, audit_id=tx.audit_id)
        for path, id, number in zip(paths, ids, read, strict=True)
        if number is not None
    ]
    rows = await _enter(tx, problems, entering)
    told = [{"id": tx.global_id("UserPhoneNumber", row["id"]), **_told(tx, row)} for row in rows]
    await tx.record(
        action=Action.NUMBER_ADD,
        target=Target(type="Org", id=tx.org_id),
        before=None,
        after={"phoneNumbers": told},
        involves=tuple(ids),
    )
    return Answer(
        type="PhoneNumbersAdded",
        refs={"number_refs": [str(id) for id in ids], "record_ref": str(tx.audit_id)},
    )


async def add_each(tx: Transaction, wanted: Sequence[UnheldNumber]) -> list[Made]:
    """Add any number of numbers to the inventory, each with its own record, in order."""
    problems = Problems()
    entering = [
        Entering(path=(str(at),), id=id, number=each.number, assigned_by=each.assigned_by, audit_id=audit_id)
        for at, (each, id, audit_id) in enumerate(
            zip(wanted, tx.new_ids(len(wanted)), tx.new_ids(len(wanted)), strict=True)
        )
    ]
    rows = await _enter(tx, problems, entering)
    await tx.append([_addition(tx, row) for row in rows])
    return [Made(id=each.id, audit_id=each.audit_id) for each in entering]


async def update_number(tx: Transaction, wanted: NumberChange) -> Answer:
    """Record that a number's state or source changed: suspended, ported away."""
    (audit_id,) = await update_numbers(tx, [wanted])
    return Answer(type="PhoneNumberUpdated", refs={"number_ref": str(wanted.id), "record_ref": str(audit_id)})


async def update_numbers(tx: Transaction, wanted: Sequence[NumberChange]) -> list[UUID]:
    """Change numbers that are named once each; give the ids of their records, in order."""
    problems = Problems()
    edits = []
    for at, each in enumerate(wanted):
        path = place(at, len(wanted))
        for name, value in (("state", each.state), ("assignedBy", each.assigned_by)):
            problems.not_null((*path, name), value)
        problems.not_future((*path, "effectiveFrom"), each.effective_from, tx.now)
        columns = given(state=each.state, assigned_by=each.assigned_by)
        edits.append(Edit(id=each.id, columns=columns, effective_from=each.effective_from))
    problems.refuse()
    held = await lock_inventory(tx, edits)
    return await change_numbers(tx, [NumberEdit(edit=edit, action=Action.NUMBER_UPDATE) for edit in edits], held)


async def _enter(tx: Transaction, problems: Problems, entering: Sequence[Entering]) -> list[dict[str, Any]]:
    await inventory.claim(tx, problems, entering)
    problems.refuse()
    rows = [row_of(tx, each) for each in entering]
    await insert(tx.connection, PhoneNumbers, rows)
    await append_first(tx, [first_facts(tx, "UserPhoneNumber", row) for row in rows])
    return rows


def _addition(tx: Transaction, row: Mapping[str, Any]) -> Record:
    number = row["phone_number"]
    return tx.describe(
        action=Action.NUMBER_ADD,
        audit_id=row["last_audit_id"],
        target=Target(type="UserPhoneNumber", id=row["id"], name=Erasable(number, tx.pseudonym(number))),
        before=None,
        after=_told(tx, row),
    )


def _told(tx: Transaction, row: Mapping[str, Any]) -> dict[str, Any]:
    columns = {name: row[name] for name in _TOLD if row[name] is not None}
    return shown(tx, columns, tx.pseudonym(row["phone_number"]))
