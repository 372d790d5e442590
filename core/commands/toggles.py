"""The switch of texting: an organization's (O1, O2), a location's (our extension) and a user's (O3, O4, U1, U3)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from audit.actions import Action
from audit.record import Erasable, Record, Target
from core.commands import decided, impacts
from core.commands.differences import check_version
from core.commands.fact_versions import FactChange, append
from core.commands.reach import check_reach
from core.commands.refusals import NotEligible, Refused, not_found
from core.commands.transaction import Answer, Transaction
from core.commands.writes import lock, update
from core.rules.eligibility import location_results, org_results
from core.rules.enums import TextingMode
from core.rules.impact import Impact
from core.rules.results import RuleResult
from core.rules.toggles import judge_location, judge_org, judge_user
from core.storage import facts
from core.storage.origins import Subjects
from core.storage.rows import LocationRow, OrgRow, UserRow
from core.storage.states import LocationState, OrgState, UserState
from core.storage.tables import Locations, Orgs, Users

ORG_ACTIONS: Mapping[bool, Action] = {True: Action.ORG_TEXTING_ENABLE, False: Action.ORG_TEXTING_DISABLE}
LOCATION_ACTIONS: Mapping[TextingMode, Action] = {
    TextingMode.ON: Action.LOCATION_TEXTING_ENABLE,
    TextingMode.OFF: Action.LOCATION_TEXTING_DISABLE,
    TextingMode.INHERIT: Action.LOCATION_TEXTING_INHERIT,
}
USER_ACTIONS: Mapping[TextingMode, Action] = {
    TextingMode.ON: Action.USER_TEXTING_ENABLE,
    TextingMode.OFF: Action.USER_TEXTING_DISABLE,
    TextingMode.INHERIT: Action.USER_TEXTING_INHERIT,
}


async def set_org_texting(tx: Transaction, *, enabled: bool, expected_version: int | None = None) -> Answer:
    """Switch an organization. Refused while one of its prerequisites fails (O1); off is always possible."""
    locked = await lock(tx.connection, Orgs, tx.org_id, [tx.org_id], OrgRow)
    stored = locked[tx.org_id]
    check_version(stored, expected_version)
    org = await load_org(tx)
    mode = TextingMode.ON if enabled else TextingMode.OFF
    refuse_blocked(tx, judge_org(mode, org=_org_results(tx, org)).blockers)
    impact = await impacts.of_org(tx.fetch, org, tx.policy, enabled=enabled)
    if not tx.attempt.dry_run:
        # Switched off and never switched are stored alike but for the time.
        if stored.texting_enabled != enabled or stored.texting_set_at is None:
            changes = {tx.org_id: {"texting_enabled": enabled, **stamp(tx, tx.audit_id)}}
            await update(tx.connection, Orgs, tx.org_id, changes, raise_version=True)
            await append(tx, [_fact(tx, "Org", tx.org_id, {"texting_enabled": enabled}, tx.audit_id)])
        await tx.record(
            action=ORG_ACTIONS[enabled],
            target=Target(type="Org", id=tx.org_id, name=stored.name, version=stored.version),
            before={"textingEnabled": stored.texting_enabled},
            after={"textingEnabled": enabled},
            **_policy(tx),
        )
    return _answer(tx, impact, org_ref=tx.org_id)


async def set_location_texting(
    tx: Transaction, location_id: UUID, *, mode: TextingMode, expected_version: int | None = None
) -> Answer:
    """Switch a location. On is refused while a prerequisite of the organization or of that location fails."""
    stored = (await lock(tx.connection, Locations, tx.org_id, [location_id], LocationRow)).get(location_id)
    if stored is None:
        raise not_found("locationId", tx.global_id("Location", location_id))
    check_reach(tx, location_ids=[location_id])
    check_version(stored, expected_version)
    org = await load_org(tx)
    location = (await facts.load_locations(tx.fetch, tx.org_id, [location_id]))[location_id]
    verdict = judge_location(mode, org=_org_results(tx, org), location=_location_results(tx, location))
    refuse_blocked(tx, verdict.blockers, location_id)
    impact = await impacts.of_location(tx.fetch, org, location, stored.signature, tx.policy, mode=mode)
    if not tx.attempt.dry_run:
        if stored.texting != mode:
            changes = {location_id: {"texting": mode, **stamp(tx, tx.audit_id)}}
            await update(tx.connection, Locations, tx.org_id, changes, raise_version=True)
            await append(tx, [_fact(tx, "Location", location_id, {"texting": mode}, tx.audit_id)])
        await tx.record(
            action=LOCATION_ACTIONS[mode],
            target=Target(type="Location", id=location_id, name=stored.name, version=stored.version),
            before={"texting": stored.texting},
            after={"texting": mode},
            location_id=location_id,
            **_policy(tx),
        )
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
    blockers = blockers_of_user(tx, org, user.location, mode)
    refuse_blocked(tx, blockers, user.location.location_id, decisions.get(user_id))
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


def blockers_of_user(
    tx: Transaction, org: OrgState, location: LocationState, mode: TextingMode
) -> tuple[RuleResult, ...]:
    """Give what makes texting unavailable to a user of that location."""
    verdict = judge_user(mode, org=_org_results(tx, org), location=_location_results(tx, location))
    return verdict.blockers


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
