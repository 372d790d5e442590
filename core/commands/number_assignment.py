"""Whose a number is, and which campaign it is of (P3, P6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from audit.actions import Action
from core.commands import evidence, user_fields
from core.commands.absent import ABSENT, Absent, Given, given
from core.commands.campaign_room import Joining, refuse_without_room
from core.commands.campaigns import refuse_unknown
from core.commands.edits import Edit
from core.commands.number_changes import Inventory, NumberEdit, change_numbers, lock_inventory, primaries_after
from core.commands.problems import Path, Problems, place
from core.commands.refusals import Refused, WrongState, invalid, not_found
from core.commands.transaction import Answer, Transaction
from core.rules.enums import AssignmentStatus, PhoneNumberType
from core.rules.states import ASSIGNMENT, may_become, may_begin_assignment, why_not
from core.storage.rows import PhoneNumberRow


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberAssignment:
    """Who holds a number from `effective_from` on (UTC; `None` = from now), and what it is to the holder."""

    id: UUID
    user_id: Given[UUID | None] = ABSENT
    type: Given[PhoneNumberType | None] = ABSENT
    effective_from: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignChoice:
    """The campaign that a number shall be of; `None` = of none any more."""

    number_id: UUID
    campaign_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentStatusChange:
    """What the registry answered about a number and a campaign. `effective_from`: UTC; `None` = from now."""

    number_id: UUID
    campaign_id: UUID
    status: AssignmentStatus
    evidence: Given[Any] = ABSENT
    effective_from: datetime | None = None


async def assign_number(tx: Transaction, wanted: NumberAssignment) -> Answer:
    """Give one number to a user, or take it back."""
    (audit_id,) = await assign_numbers(tx, [wanted])
    return _answer(wanted.id, audit_id)


async def assign_campaign(tx: Transaction, number_id: UUID, campaign_id: Given[UUID | None]) -> Answer:
    """Ask for one number to be assigned to a campaign, or for the end of that."""
    if isinstance(campaign_id, Absent):
        raise invalid("campaignId", "MISSING", "`campaignId` is left out: give a campaign, or null for none any more")
    (audit_id,) = await assign_campaigns(tx, [CampaignChoice(number_id=number_id, campaign_id=campaign_id)])
    return _answer(number_id, audit_id)


async def record_assignment(tx: Transaction, wanted: AssignmentStatusChange) -> Answer:
    """Record what the registry answered about one number."""
    (audit_id,) = await record_assignments(tx, [wanted])
    return _answer(wanted.number_id, audit_id)


async def assign_numbers(tx: Transaction, wanted: Sequence[NumberAssignment]) -> list[UUID]:
    """Give numbers that are named once each to users, or take them back; give the ids of their records, in order.

    What recipients said to the former holder (NUMBER_PAIR) ends by itself: the ledger names whom it was said to.
    """
    problems = Problems()
    edits = []
    for at, each in enumerate(wanted):
        path = place(at, len(wanted))
        problems.not_null((*path, "type"), each.type)
        problems.not_future((*path, "effectiveFrom"), each.effective_from, tx.now)
        columns = given(owner_id=each.user_id, type=each.type)
        edits.append(Edit(id=each.id, columns=columns, effective_from=each.effective_from))
    problems.refuse()
    gaining = {edit.columns["owner_id"] for edit in edits if edit.columns.get("owner_id") is not None}
    held = await lock_inventory(tx, edits, gaining)
    _refuse_holders(tx, problems, edits, held)
    problems.refuse()
    actions = [Action.NUMBER_UNASSIGN if each.user_id is None else Action.NUMBER_ASSIGN for each in wanted]
    changes = [NumberEdit(edit=edit, action=action) for edit, action in zip(edits, actions, strict=True)]
    return await change_numbers(tx, changes, held)


async def assign_campaigns(tx: Transaction, wanted: Sequence[CampaignChoice]) -> list[UUID]:
    """Ask for numbers that are named once each to be of campaigns; give the ids of their records, in order.

    An assignment begins PENDING_ASSIGNMENT, its end PENDING_UNASSIGNMENT: the registry answers later.
    """
    audit_ids = tx.new_ids(len(wanted))
    edits = []
    for each, audit_id in zip(wanted, audit_ids, strict=True):
        ended = each.campaign_id is None
        status = AssignmentStatus.PENDING_UNASSIGNMENT if ended else AssignmentStatus.PENDING_ASSIGNMENT
        columns = _standing(status, tx.now, audit_id) | ({} if ended else {"campaign_id": each.campaign_id})
        edits.append(Edit(id=each.number_id, columns=columns, audit_id=audit_id))
    held = await lock_inventory(tx, edits)
    for each in wanted:
        _refuse_choice(held.numbers[each.number_id], each)
    problems = Problems()
    joining = [
        Joining(path=(*place(at, len(wanted)), "campaignId"), campaign_id=each.campaign_id)
        for at, each in enumerate(wanted)
        if each.campaign_id is not None
    ]
    await refuse_without_room(tx, problems, joining)
    problems.refuse()
    actions = [
        Action.NUMBER_CAMPAIGN_UNASSIGN if each.campaign_id is None else Action.NUMBER_CAMPAIGN_ASSIGN
        for each in wanted
    ]
    changes = [NumberEdit(edit=edit, action=action) for edit, action in zip(edits, actions, strict=True)]
    return await change_numbers(tx, changes, held)


async def record_assignments(tx: Transaction, wanted: Sequence[AssignmentStatusChange]) -> list[UUID]:
    """Record the registry's answers about numbers that are named once each; give the ids of their records, in order."""
    problems = Problems()
    changes = []
    for at, (each, audit_id) in enumerate(zip(wanted, tx.new_ids(len(wanted)), strict=True)):
        path = place(at, len(wanted))
        problems.not_future((*path, "effectiveFrom"), each.effective_from, tx.now)
        answered = evidence.read(problems, (*path, "evidence"), each.evidence)
        edit = Edit(
            id=each.number_id,
            columns=_standing(each.status, each.effective_from or tx.now, audit_id),
            effective_from=each.effective_from,
            audit_id=audit_id,
        )
        told = {} if answered is None else {"evidence": answered}
        changes.append(NumberEdit(edit=edit, action=Action.NUMBER_CAMPAIGN_RECORD, told=told))
    problems.refuse()
    held = await lock_inventory(tx, [change.edit for change in changes])
    for at, each in enumerate(wanted):
        row = held.numbers[each.number_id]
        if row.campaign_id != each.campaign_id:
            await refuse_unknown(tx, each.campaign_id)
        _refuse_answer(row, each, place(at, len(wanted)))
    return await change_numbers(tx, changes, held)


def _refuse_holders(tx: Transaction, problems: Problems, edits: Sequence[Edit], held: Inventory) -> None:
    """Refuse holders who are not there, or no more; note whoever would have two primary numbers."""
    primaries = primaries_after(edits, held)
    for at, edit in enumerate(edits):
        path, row = place(at, len(edits)), held.numbers[edit.id]
        holder = edit.columns.get("owner_id", row.owner_id)
        if holder is None:
            continue
        if holder not in held.people:
            raise not_found("userId", tx.global_id("User", holder))
        if holder != row.owner_id:
            user_fields.refuse_departed(problems, [((*path, "userId"), held.people[holder])])
        if edit.id in primaries[holder] and len(primaries[holder]) > 1:
            message = (
                f"`{row.phone_number}` would be a second number of type `{PhoneNumberType.PRIMARY}`: "
                "take the user's present one back first, or give it another type"
            )
            problems.add((*path, "type"), "SECOND_PRIMARY", message)


def _refuse_choice(row: PhoneNumberRow, choice: CampaignChoice) -> None:
    status = None if row.assignment_status is None else AssignmentStatus(row.assignment_status)
    if choice.campaign_id is None:
        if status is None or not may_become(ASSIGNMENT, status, AssignmentStatus.PENDING_UNASSIGNMENT):
            raise _wrong_state(row, "only an assignment that stands can end")
    elif not may_begin_assignment(status):
        raise _wrong_state(row, "end that assignment first")


def _refuse_answer(row: PhoneNumberRow, answer: AssignmentStatusChange, path: Path) -> None:
    if row.campaign_id != answer.campaign_id or row.assignment_status is None:
        message = f"`{row.phone_number}` was not asked to be of that campaign: check both ids"
        raise invalid((*path, "campaignId"), "OTHER_CAMPAIGN", message)
    stands = AssignmentStatus(row.assignment_status)
    if not may_become(ASSIGNMENT, stands, answer.status):
        raise _wrong_state(row, why_not(ASSIGNMENT, stands, answer.status))


def _wrong_state(row: PhoneNumberRow, what: str) -> Refused:
    state = row.assignment_status or AssignmentStatus.UNASSIGNED
    return Refused(WrongState(message=f"the assignment of `{row.phone_number}` is `{state}`: {what}", state=state))


def _standing(status: AssignmentStatus, since: datetime, audit_id: UUID) -> dict[str, Any]:
    return {"assignment_status": status, "assignment_since": since, "assignment_audit_id": audit_id}


def _answer(number_id: UUID, audit_id: UUID) -> Answer:
    return Answer(type="PhoneNumberUpdated", refs={"number_ref": str(number_id), "record_ref": str(audit_id)})
