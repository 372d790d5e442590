"""Switches and locks written: the row, its fact versions, and the records that tell of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel import SQLModel

from audit.actions import Action
from audit.record import Erasable, Record, Target
from core.commands.fact_versions import FactChange, append
from core.commands.transaction import Transaction
from core.commands.writes import update
from core.rules.enums import TextingMode
from core.storage.rows import LocationRow, OrgRow, UserRow
from core.storage.tables import Orgs, Users

USER_ACTIONS: Mapping[TextingMode, Action] = {
    TextingMode.ON: Action.USER_TEXTING_ENABLE,
    TextingMode.OFF: Action.USER_TEXTING_DISABLE,
    TextingMode.INHERIT: Action.USER_TEXTING_INHERIT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Switched:
    """What an organization or location is set to: the `column` of its value, and its lock."""

    table: type[SQLModel]
    row: OrgRow | LocationRow
    column: str
    value: Any
    is_news: bool
    action: Action
    locked: bool
    lock_action: Action

    @property
    def locks(self) -> bool:
        """Whether the lock changes."""
        return bool(self.row.texting_locked != self.locked)


async def write_switch(tx: Transaction, wanted: Switched) -> None:
    """Set a locked row's switch and lock. A lock that changes alone is recorded alone, with the value by itself."""
    row, found = wanted.row, []
    changes: dict[str, Any] = {}
    tells_value = wanted.is_news or not wanted.locks
    lock_id = tx.new_id() if tells_value else tx.audit_id
    if wanted.is_news:
        changes |= {wanted.column: wanted.value, **stamp(tx, tx.audit_id)}
        found.append(_fact(tx, row.graphql_type, row.id, {wanted.column: wanted.value}, tx.audit_id))
    if wanted.locks:
        by = {"texting_locked_at": tx.now, "texting_locked_by": tx.attempt.principal.subject}
        lock = {"texting_locked": wanted.locked}
        changes |= {**lock, **by, "texting_lock_audit_id": lock_id, "last_audit_id": lock_id}
        found.append(_fact(tx, row.graphql_type, row.id, lock, lock_id))
    if changes:
        await update(tx.connection, wanted.table, tx.org_id, {row.id: changes}, raise_version=True)
    await append(tx, found)
    if tells_value and wanted.locks:
        tx.correlation_id = str(tx.audit_id)
    if tells_value:
        before, name = getattr(row, wanted.column), "textingEnabled" if wanted.table is Orgs else wanted.column
        await _record(tx, row, wanted.action, tx.audit_id, {name: before}, {name: wanted.value})
    if wanted.locks:
        await _record(tx, row, wanted.lock_action, lock_id, {"locked": row.texting_locked}, {"locked": wanted.locked})


async def _record(
    tx: Transaction,
    row: OrgRow | LocationRow,
    action: Action,
    audit_id: UUID,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
) -> None:
    await tx.record(
        audit_id=audit_id,
        action=action,
        target=Target(type=row.graphql_type, id=row.id, name=row.name, version=row.version),
        before=before,
        after=after,
        location_id=row.id if isinstance(row, LocationRow) else None,
        **_policy(tx),
    )


async def write_users(
    tx: Transaction,
    rows: Sequence[UserRow],
    audit_ids: Sequence[UUID],
    mode: TextingMode,
    decisions: Mapping[UUID, str],
) -> None:
    """Set the switch of locked users, a record each, in as many statements for one as for many.

    `decisions`: by user, the ids of those that allowed it.
    """
    of_row = dict(zip((row.id for row in rows), audit_ids, strict=True))
    changed = [row for row in rows if row.texting != mode]
    changes = {row.id: {"texting": mode, **stamp(tx, of_row[row.id])} for row in changed}
    await update(tx.connection, Users, tx.org_id, changes, raise_version=True)
    await append(tx, [_fact(tx, "User", row.id, {"texting": mode}, of_row[row.id]) for row in changed])
    await tx.append([_user_record(tx, row, of_row[row.id], mode, decisions.get(row.id)) for row in rows])


def stamp(tx: Transaction, audit_id: UUID) -> dict[str, Any]:
    """Give the columns that say when, by whom and by which record a switch was set."""
    return {
        "texting_set_at": tx.now,
        "texting_set_by": tx.attempt.principal.subject,
        "texting_audit_id": audit_id,
        "last_audit_id": audit_id,
    }


def _user_record(tx: Transaction, row: UserRow, audit_id: UUID, mode: TextingMode, decision_id: str | None) -> Record:
    return tx.describe(
        audit_id=audit_id,
        action=USER_ACTIONS[mode],
        target=Target(type="User", id=row.id, name=Erasable(row.display_name, row.id), version=row.version),
        before={"texting": row.texting},
        after={"texting": mode},
        location_id=row.location_id,
        decision_id=decision_id,
        **_policy(tx),
    )


def _policy(tx: Transaction) -> dict[str, Any]:
    return {"policy": tx.policy.version, "policy_digest": tx.policy.digest}


def _fact(tx: Transaction, type: str, id: UUID, columns: Mapping[str, Any], audit_id: UUID) -> FactChange:
    return FactChange(type=type, id=id, facts=columns, valid_from=tx.now, audit_id=audit_id)
