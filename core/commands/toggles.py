"""The switch of texting: an organization's (O1, O2), a location's (our extension) and a user's (O3, O4, U1, U3)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from sqlmodel import SQLModel

from audit.actions import Action
from audit.record import Erasable, Record, Target
from core.commands import decided, impacts
from core.commands.differences import check_version
from core.commands.fact_versions import FactChange, append
from core.commands.reach import check_reach
from core.commands.refusals import NotAllowed, NotEligible, Refused, SettingLocked, not_found
from core.commands.transaction import Answer, Transaction
from core.commands.writes import lock, update
from core.principal import Role
from core.rules.eligibility import location_results, org_results
from core.rules.enums import Level, TextingMode
from core.rules.impact import Impact
from core.rules.results import RuleResult
from core.rules.toggles import ToggleVerdict, judge_location, judge_org, judge_user
from core.storage import facts
from core.storage.groups import Place
from core.storage.origins import Subjects
from core.storage.rows import LocationRow, OrgRow, UserRow
from core.storage.states import LocationState, OrgState, UserState
from core.storage.switches import load_lock
from core.storage.tables import Locations, Orgs, Users

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
LOCKERS = (Role.PROVIDER_ADMIN, Role.ORG_ADMIN)
"""Who may lock a level."""
USER_ACTIONS: Mapping[TextingMode, Action] = {
    TextingMode.ON: Action.USER_TEXTING_ENABLE,
    TextingMode.OFF: Action.USER_TEXTING_DISABLE,
    TextingMode.INHERIT: Action.USER_TEXTING_INHERIT,
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
    refuse_blocked(tx, judge_org(mode, org=_org_results(tx, org)).blockers)
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
    org_results, own = _org_results(tx, org), _location_results(tx, location)
    verdict = judge_location(mode, org=org_results, location=own, org_locked=org.switch.locked)
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


async def load_org(tx: Transaction) -> OrgState:
    """Read the organization that the transaction is inside of."""
    org = await facts.load_org(tx.fetch, tx.org_id)
    if org is None:
        raise not_found("orgId", tx.global_id("Org", tx.org_id))
    return org


def judge_for(tx: Transaction, org: OrgState, location: LocationState, mode: TextingMode) -> ToggleVerdict:
    """Judge the switch of a user of that location."""
    return judge_user(
        mode,
        org=_org_results(tx, org),
        location=_location_results(tx, location),
        org_locked=org.switch.locked,
        location_locked=location.switch.locked,
    )


async def refuse_locked(tx: Transaction, verdict: ToggleVerdict, location_id: UUID) -> None:
    """Refuse with `SettingLocked` what a level above keeps from being turned on."""
    level = verdict.locked_by
    if level is not None:
        stored = await load_lock(tx.fetch, tx.org_id, level, tx.org_id if level is Level.ORG else location_id)
        raise Refused(SettingLocked(message=locked_by(level), lock=stored))


def locked_by(level: Level) -> str:
    """Say in words that a level is locked."""
    return (
        f"the {level.lower()}'s setting is locked: nothing below may turn texting on; "
        "ask an administrator of the organization to unlock it"
    )


def refuse_locking(tx: Transaction, *, locked: bool | None) -> None:
    """Refuse a lock from whoever only administers locations."""
    if locked is not None and not tx.attempt.acting_roles.intersection(LOCKERS):
        listed = ", ".join(LOCKERS)
        message = f"a location is locked and unlocked by {listed}: leave out `locked`, or ask one of them"
        raise Refused(NotAllowed(message=message, required_roles=LOCKERS))


async def decisions_of(
    tx: Transaction, org: OrgState, users: Iterable[UserState], mode: TextingMode
) -> Mapping[UUID, str]:
    """Name the decisions that users are switched on by, in one statement; nothing decides over off and inherit."""
    if mode != TextingMode.ON or tx.attempt.dry_run:
        return {}
    return await decided.ids_of(tx.fetch, tx.org_id, [Subjects.of_user(org, user) for user in users], tx.policy)


def refuse_blocked(
    tx: Transaction,
    blockers: tuple[RuleResult, ...],
    location_id: UUID | None = None,
    decision_id: str | None = None,
) -> None:
    """Refuse with `NotEligible` when anything blocks; `location_id`: the one whose rules were asked."""
    if blockers:
        raise Refused(
            NotEligible(
                message=unavailable(blockers),
                blockers=blockers,
                policy_version=tx.policy.version,
                policy_digest=tx.policy.digest,
                location_id=location_id,
                decision_id=decision_id,
            )
        )


def unavailable(blockers: Sequence[RuleResult]) -> str:
    """Say in words that texting is not available."""
    listed = ", ".join(f"`{each.rule_id}`" for each in blockers)
    return f"texting is not available there: {listed} must pass before it can be turned on"


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


def _org_results(tx: Transaction, org: OrgState) -> tuple[RuleResult, ...]:
    return org_results(org.facts, org.campaigns, tx.policy)


def _location_results(tx: Transaction, location: LocationState) -> tuple[RuleResult, ...]:
    return location_results(location.facts, tx.policy)


def _fact(tx: Transaction, type: str, id: UUID, columns: Mapping[str, Any], audit_id: UUID) -> FactChange:
    return FactChange(type=type, id=id, facts=columns, valid_from=tx.now, audit_id=audit_id)


def _answer(tx: Transaction, impact: Impact, **refs: UUID) -> Answer:
    record = None if tx.attempt.dry_run else str(tx.audit_id)
    return Answer(
        type="TextingSet",
        refs={name: str(id) for name, id in refs.items()} | {"record_ref": record},
        values={"impact": asdict(impact), "dry_run": tx.attempt.dry_run},
    )
