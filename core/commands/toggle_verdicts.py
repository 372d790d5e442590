"""What stands in the way of a switch: rules that fail where it would be turned on, and levels that are locked."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from core.commands import decided
from core.commands.refusals import NotAllowed, NotEligible, Refused, SettingLocked, not_found
from core.commands.transaction import Transaction
from core.principal import Role
from core.rules.eligibility import location_results, org_results
from core.rules.enums import Level, TextingMode
from core.rules.results import RuleResult
from core.rules.toggles import ToggleVerdict, judge_user
from core.storage import facts
from core.storage.origins import Subjects
from core.storage.states import LocationState, OrgState, UserState
from core.storage.switches import load_lock

LOCKERS = (Role.PROVIDER_ADMIN, Role.ORG_ADMIN)
"""Who may lock a level."""


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
        org=results_of_org(tx, org),
        location=results_of_location(tx, location),
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


def results_of_org(tx: Transaction, org: OrgState) -> tuple[RuleResult, ...]:
    """Evaluate the rules of the organization."""
    return org_results(org.facts, org.campaigns, tx.policy)


def results_of_location(tx: Transaction, location: LocationState) -> tuple[RuleResult, ...]:
    """Evaluate the rules of a location."""
    return location_results(location.facts, tx.policy)
