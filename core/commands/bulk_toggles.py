"""The switch of many users at once (O4): all of them or none."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

from core.commands import impacts
from core.commands.reach import check_reach
from core.commands.refusals import NotEligible, NotFound, Refused, SettingLocked, UserRefusal, UsersRefused, invalid
from core.commands.switch_writes import write_users
from core.commands.toggle_verdicts import decisions_of, judge_for, load_org, locked_by, unavailable
from core.commands.transaction import Answer, Transaction
from core.commands.writes import lock
from core.rules.enums import TextingMode
from core.rules.toggles import ToggleVerdict
from core.storage import facts
from core.storage.rows import UserRow
from core.storage.tables import Users

USERS_MAX = 1_000
"""Users in one call: they are locked together, and each leaves a record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenUser:
    """A user as the caller named one; `id` is `None` where that was no user's id of this organization."""

    given: str
    id: UUID | None


async def set_users_texting(tx: Transaction, users: Sequence[GivenUser], *, mode: TextingMode) -> Answer:
    """Switch users, in a fixed number of statements; whoever stands in the way is named, and nothing is changed.

    A user named twice is one user.
    """
    if not 0 < len(users) <= USERS_MAX:
        raise invalid("userIds", "COUNT", f"`userIds` names {len(users)} users: give 1 to {USERS_MAX}")
    ids = list(dict.fromkeys(user.id for user in users if user.id is not None))
    rows = await lock(tx.connection, Users, tx.org_id, ids, UserRow)
    if rows:
        check_reach(tx, location_ids={row.location_id for row in rows.values()})
    org = await load_org(tx)
    states = await facts.load_users(tx.fetch, tx.org_id, list(rows))
    refusals = []
    for user in users:
        if user.id is None or user.id not in rows:
            refusals.append(_not_found(user))
        elif refusal := _refusal(user, judge_for(tx, org, states[user.id].location, mode)):
            refusals.append(refusal)
    if refusals:
        message = f"{len(refusals)} of {len(users)} users stand in the way: nothing was changed"
        raise Refused(UsersRefused(message=message, refusals=tuple(refusals)))
    impact = impacts.of_users(org, [states[id] for id in ids], tx.policy, mode=mode)
    audit_ids = tx.new_ids(len(ids))
    if not tx.attempt.dry_run:
        decisions = await decisions_of(tx, org, states.values(), mode)
        await write_users(tx, [rows[id] for id in ids], audit_ids, mode, decisions)
    return Answer(
        type="UsersTextingSet",
        refs={
            "user_refs": [str(id) for id in ids],
            "record_refs": [] if tx.attempt.dry_run else [str(id) for id in audit_ids],
        },
        values={"impact": asdict(impact), "dry_run": tx.attempt.dry_run},
    )


def _refusal(user: GivenUser, verdict: ToggleVerdict) -> UserRefusal | None:
    if verdict.locked_by is not None:
        code, message = SettingLocked.code, locked_by(verdict.locked_by)
    elif verdict.blockers:
        code, message = NotEligible.code, unavailable(verdict.blockers)
    else:
        return None
    return UserRefusal(given=user.given, user_id=user.id, code=code, message=message)


def _not_found(user: GivenUser) -> UserRefusal:
    return UserRefusal(
        given=user.given,
        user_id=None,
        code=NotFound.code,
        message=f"no user is known by `{user.given[:100]}`: check the id",
    )
