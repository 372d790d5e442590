"""New users as they are stored and recorded, their numbers with them, in as many statements for one as for many."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from audit.actions import Action
from audit.record import Erasable, Record, Target
from core.commands.differences import shown
from core.commands.fact_versions import append_first, first_facts
from core.commands.inventory import Entering, row_of
from core.commands.switch_writes import stamp
from core.commands.transaction import Transaction
from core.commands.writes import insert
from core.rules.enums import PhoneNumberType, TextingMode, UserStatus
from core.rules.facts import UserFacts
from core.rules.signatures import user_signature
from core.storage.facts import number_facts
from core.storage.tables import PhoneNumbers, Users

_NEVER_SWITCHED = dict.fromkeys(("texting_set_at", "texting_set_by", "texting_audit_id"))
_TOLD = ("location_id", "display_name", "email", "app_version", "texting")
_TOLD_OF_NUMBERS = ("type", "assigned_by", "region", "valid", "campaign_id", "assignment_status")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A user who shall be created. `columns`: what was told, checked; `numbers`: claimed, and held by this user."""

    id: UUID
    audit_id: UUID
    columns: Mapping[str, Any]
    numbers: Sequence[Entering]


async def add_users(tx: Transaction, drafts: Sequence[Draft]) -> None:
    """Store users and their numbers with the first versions of their facts, and a record each."""
    numbers = {draft.id: [row_of(tx, entering) for entering in draft.numbers] for draft in drafts}
    rows = [_row(tx, draft, numbers[draft.id]) for draft in drafts]
    held = [row for owned in numbers.values() for row in owned]
    await insert(tx.connection, Users, rows)
    await insert(tx.connection, PhoneNumbers, held)
    first = [first_facts(tx, "User", row) for row in rows]
    first += [first_facts(tx, "UserPhoneNumber", row) for row in held]
    await append_first(tx, first)
    await tx.append([_creation(tx, row, numbers[row["id"]]) for row in rows])


def _row(tx: Transaction, draft: Draft, numbers: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    # As `core.storage.facts` picks the number that decides: the primary one, else the oldest.
    deciding = min(numbers, key=lambda row: (row["type"] != PhoneNumberType.PRIMARY, row["id"]), default=None)
    user = UserFacts(status=UserStatus.ACTIVE, app_version=draft.columns["app_version"])
    switched = draft.columns["texting"] != TextingMode.INHERIT
    is_primary = deciding is not None and deciding["type"] == PhoneNumberType.PRIMARY
    return {
        "org_id": tx.org_id,
        "id": draft.id,
        **draft.columns,
        "status": UserStatus.ACTIVE,
        **(stamp(tx, draft.audit_id) if switched else _NEVER_SWITCHED),
        "primary_number_id": deciding["id"] if deciding is not None and is_primary else None,
        "signature": user_signature(user, None if deciding is None else number_facts(deciding), tx.policy),
        "created_at": tx.now,
        "last_audit_id": draft.audit_id,
    }


def _creation(tx: Transaction, row: Mapping[str, Any], numbers: Sequence[Mapping[str, Any]]) -> Record:
    id = row["id"]
    told = shown(tx, {name: row[name] for name in _TOLD if row[name] is not None}, id)
    if numbers:
        told["phoneNumbers"] = [_number(tx, each, id) for each in numbers]
    campaigns = {each["campaign_id"] for each in numbers} - {None}
    return tx.describe(
        action=Action.USER_CREATE,
        audit_id=row["last_audit_id"],
        target=Target(type="User", id=id, name=Erasable(row["display_name"], id)),
        before=None,
        after=told,
        location_id=row["location_id"],
        involves=(*(each["id"] for each in numbers), *campaigns),
    )


def _number(tx: Transaction, row: Mapping[str, Any], owner: UUID) -> dict[str, Any]:
    columns = {name: row[name] for name in ("phone_number", *_TOLD_OF_NUMBERS) if row[name] is not None}
    return {"id": tx.global_id("UserPhoneNumber", row["id"]), **shown(tx, columns, owner)}
