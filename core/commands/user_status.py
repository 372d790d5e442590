"""What becomes of a user: the app versions that are reported (P4), and the end (U1).

A deactivated user stays as a tombstone that keeps its e-mail, its history and its numbers. The numbers are held until
somebody unassigns them: texts that still come in belong to the conversations that this user had, what recipients said
to this user goes on counting (NUMBER_PAIR), and whose number it is next is a decision with a record of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from audit.actions import Action
from audit.record import Erasable, Record, Target
from core.commands import user_fields
from core.commands.edits import Edit, Edited, locked, write
from core.commands.fact_versions import FactChange, append_late
from core.commands.problems import Problems
from core.commands.reach import check_reach
from core.commands.signing import sign_users
from core.commands.transaction import Answer, Transaction
from core.rules.enums import UserStatus
from core.storage.rows import UserRow
from core.storage.tables import Users

_GONE = {"status": UserStatus.DEACTIVATED}


async def report_app_version(
    tx: Transaction, user_id: UUID, *, app_version: str, seen_at: datetime | None = None
) -> Answer:
    """Keep what a user's app says of itself; the user's version stays. `seen_at`: UTC, `None` = now.

    A report that comes after a newer one is recorded, and holds until the newer one does.
    """
    row = (await locked(tx, Users, [Edit(id=user_id, columns={})], UserRow, argument="userId"))[user_id]
    check_reach(tx, location_ids=(), user_id=user_id)
    problems = Problems()
    text = problems.text(("appVersion",), app_version, longest=user_fields.APP_VERSION_LENGTH_MAX)
    problems.not_future(("seenAt",), seen_at, tx.now)
    user_fields.refuse_departed(problems, [(("userId",), row)])
    problems.refuse()
    seen = seen_at or tx.now
    if row.app_version_seen_at is not None and seen < row.app_version_seen_at:
        return await _report_late(tx, row, text, seen)
    edit = Edit(
        id=user_id,
        columns={"app_version": text, "app_version_seen_at": seen},
        # Only news is a new version of the fact: an app reports the same one for months.
        effective_from=seen_at if text != row.app_version else None,
    )
    (edited,) = await write(tx, Users, [edit], {user_id: row}, raise_version=False)
    if "app_version" in edited.changed:
        await sign_users(tx, [user_id])
    await tx.append([_reported(tx, row, edited.audit_id, edited.before(tx, user_id), edited.after(tx, user_id))])
    return _answer(user_id, edited.audit_id)


async def deactivate_user(tx: Transaction, user_id: UUID, *, expected_version: int | None = None) -> Answer:
    """Deactivate one user, for good."""
    (audit_id,) = await _deactivate(tx, [Edit(id=user_id, columns=_GONE, expected_version=expected_version)])
    return _answer(user_id, audit_id)


async def deactivate_users(tx: Transaction, user_ids: Sequence[UUID]) -> list[UUID]:
    """Deactivate users; give the ids of their records, in order. Who is deactivated or erased already stays so."""
    return await _deactivate(tx, [Edit(id=id, columns=_GONE) for id in user_ids])


async def _report_late(tx: Transaction, row: UserRow, text: str, seen: datetime) -> Answer:
    # The newer one is said again: its own version of the fact may be from before `seen`.
    reports = ((text, seen), (row.app_version, row.app_version_seen_at))
    await append_late(
        tx,
        [
            FactChange(type="User", id=row.id, facts={"app_version": said}, valid_from=moment, audit_id=tx.audit_id)
            for said, moment in reports
        ],
    )
    told = {"appVersion": text, "appVersionSeenAt": seen}
    await tx.append([_reported(tx, row, tx.audit_id, {}, told)])
    return _answer(row.id, tx.audit_id)


def _reported(
    tx: Transaction, row: UserRow, audit_id: UUID, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Record:
    return tx.describe(
        action=Action.USER_APP_VERSION_REPORT,
        audit_id=audit_id,
        target=_target(row),
        before=before,
        after=after,
        location_id=row.location_id,
    )


async def _deactivate(tx: Transaction, edits: Sequence[Edit]) -> list[UUID]:
    rows = await locked(tx, Users, edits, UserRow, argument="userId")
    check_reach(tx, location_ids={row.location_id for row in rows.values()})
    edits = [edit if rows[edit.id].status == UserStatus.ACTIVE else replace(edit, columns={}) for edit in edits]
    edited = await write(tx, Users, edits, rows)
    await sign_users(tx, [each.edit.id for each in edited if each.changed])
    await tx.append([_deactivated(tx, each) for each in edited])
    return [each.audit_id for each in edited]


def _deactivated(tx: Transaction, edited: Edited[UserRow]) -> Record:
    return tx.describe(
        action=Action.USER_DEACTIVATE,
        audit_id=edited.audit_id,
        target=_target(edited.row),
        before=edited.before(tx),
        after=edited.after(tx),
        location_id=edited.row.location_id,
    )


def _target(row: UserRow) -> Target:
    return Target(type="User", id=row.id, name=Erasable(row.display_name, row.id), version=row.version)


def _answer(user_id: UUID, audit_id: UUID) -> Answer:
    return Answer(type="UserUpdated", refs={"user_ref": str(user_id), "record_ref": str(audit_id)})
