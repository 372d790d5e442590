"""The switch of texting: an organization's (O1, O2), a location's (our extension) and a user's (O3, O4, U1, U3)."""

from collections.abc import Mapping
from dataclasses import asdict
from uuid import UUID

from audit.actions import Action
from core.commands import impacts
from core.commands.differences import check_version
from core.commands.reach import check_reach
from core.commands.refusals import not_found
from core.commands.switch_writes import USER_ACTIONS, Switched, write_switch, write_users
from core.commands.toggle_verdicts import (
    decisions_of,
    judge_for,
    load_org,
    refuse_blocked,
    refuse_locked,
    refuse_locking,
    results_of_location,
    results_of_org,
)
from core.commands.transaction import Answer, Transaction
from core.commands.writes import lock
from core.rules.enums import TextingMode
from core.rules.impact import Impact
from core.rules.toggles import judge_location, judge_org
from core.storage import facts
from core.storage.groups import Place
from core.storage.rows import LocationRow, OrgRow, UserRow
from core.storage.tables import Locations, Orgs, Users

__all__ = [
    "LOCATION_ACTIONS",
    "LOCATION_LOCK_ACTIONS",
    "ORG_ACTIONS",
    "ORG_LOCK_ACTIONS",
    "USER_ACTIONS",
    "set_location_texting",
    "set_org_texting",
    "set_user_texting",
]

ORG_ACTIONS: Mapping[bool, Action] = {True: Action.ORG_TEXTING_ENABLE, False: Action.ORG_TEXTING_DISABLE}
LOCATION_ACTIONS: Mapping[TextingMode, Action] = {
    TextingMode.ON: Action.LOCATION_TEXTING_ENABLE,
    TextingMode.OFF: Action.LOCATION_TEXTING_DISABLE,
    TextingMode.INHERIT: Action.LOCATION_TEXTING_INHERIT,
}
ORG_LOCK_ACTIONS: Mapping[bool, Action] = {True: Action.ORG_TEXTING_LOCK, False: Action.ORG_TEXTING_UNLOCK}
LOCATION_LOCK_ACTIONS: Mapping[bool, Action] = {
    True: Action.LOCATION_TEXTING_LOCK,
    False: Action.LOCATION_TEXTING_UNLOCK,
}


async def set_org_texting(
    tx: Transaction, *, enabled: bool, locked: bool | None = None, expected_version: int | None = None
) -> Answer:
    """Switch an organization. Refused while one of its prerequisites fails (O1); off is always possible.

    `locked`: whether lower levels are kept from overriding; `None` leaves the lock as it is.
    """
    stored = (await lock(tx.connection, Orgs, tx.org_id, [tx.org_id], OrgRow))[tx.org_id]
    check_version(stored, expected_version)
    org = await load_org(tx)
    mode = TextingMode.ON if enabled else TextingMode.OFF
    refuse_blocked(tx, judge_org(mode, org=results_of_org(tx, org)).blockers)
    will_lock = stored.texting_locked if locked is None else locked
    impact = await impacts.of_org(tx.fetch, org, tx.policy, enabled=enabled, locked=will_lock)
    if not tx.attempt.dry_run:
        wanted = Switched(
            table=Orgs,
            row=stored,
            column="texting_enabled",
            value=enabled,
            # Switched off and never switched are stored alike but for the time.
            is_news=stored.texting_enabled != enabled or stored.texting_set_at is None,
            action=ORG_ACTIONS[enabled],
            locked=will_lock,
            lock_action=ORG_LOCK_ACTIONS[will_lock],
        )
        await write_switch(tx, wanted)
    return _answer(tx, impact, org_ref=tx.org_id)


async def set_location_texting(
    tx: Transaction,
    location_id: UUID,
    *,
    mode: TextingMode,
    locked: bool | None = None,
    expected_version: int | None = None,
) -> Answer:
    """Switch a location. On is refused while a prerequisite of the organization or of that location fails.

    `locked`: whether users are kept from overriding; `None` leaves the lock as it is.
    """
    stored = (await lock(tx.connection, Locations, tx.org_id, [location_id], LocationRow)).get(location_id)
    if stored is None:
        raise not_found("locationId", tx.global_id("Location", location_id))
    check_reach(tx, location_ids=[location_id])
    refuse_locking(tx, locked=locked)
    check_version(stored, expected_version)
    org = await load_org(tx)
    location = (await facts.load_locations(tx.fetch, tx.org_id, [location_id]))[location_id]
    of_org, own = results_of_org(tx, org), results_of_location(tx, location)
    verdict = judge_location(mode, org=of_org, location=own, org_locked=org.switch.locked)
    await refuse_locked(tx, verdict, location_id)
    refuse_blocked(tx, verdict.blockers, location_id)
    will_lock = stored.texting_locked if locked is None else locked
    place = Place(mode=mode, locked=will_lock, signature=stored.signature)
    impact = await impacts.of_location(tx.fetch, org, location, place, tx.policy)
    if not tx.attempt.dry_run:
        wanted = Switched(
            table=Locations,
            row=stored,
            column="texting",
            value=mode,
            is_news=stored.texting != mode,
            action=LOCATION_ACTIONS[mode],
            locked=will_lock,
            lock_action=LOCATION_LOCK_ACTIONS[will_lock],
        )
        await write_switch(tx, wanted)
    return _answer(tx, impact, location_ref=location_id)


async def set_user_texting(
    tx: Transaction, user_id: UUID, *, mode: TextingMode, expected_version: int | None = None
) -> Answer:
    """Switch a user. On is refused while texting is not available in the user's location (U1).

    What fails at the user or the number stops nobody: it is counted as still blocked.
    """
    rows = await lock(tx.connection, Users, tx.org_id, [user_id], UserRow)
    if user_id not in rows:
        raise not_found("userId", tx.global_id("User", user_id))
    check_reach(tx, location_ids=[rows[user_id].location_id])
    check_version(rows[user_id], expected_version)
    org = await load_org(tx)
    user = (await facts.load_users(tx.fetch, tx.org_id, [user_id]))[user_id]
    decisions = await decisions_of(tx, org, [user], mode)
    verdict = judge_for(tx, org, user.location, mode)
    await refuse_locked(tx, verdict, user.location.location_id)
    refuse_blocked(tx, verdict.blockers, user.location.location_id, decisions.get(user_id))
    impact = impacts.of_users(org, [user], tx.policy, mode=mode)
    if not tx.attempt.dry_run:
        await write_users(tx, [rows[user_id]], [tx.audit_id], mode, decisions)
    return _answer(tx, impact, user_ref=user_id)


def _answer(tx: Transaction, impact: Impact, **refs: UUID) -> Answer:
    record = None if tx.attempt.dry_run else str(tx.audit_id)
    return Answer(
        type="TextingSet",
        refs={name: str(id) for name, id in refs.items()} | {"record_ref": record},
        values={"impact": asdict(impact), "dry_run": tx.attempt.dry_run},
    )
