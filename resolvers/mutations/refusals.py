"""Refusals: from what a command says to the type of the same name, and what such a type looks up."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import strawberry

from core.commands import refusals as said
from core.ids import GlobalId
from core.rules.enums import Level
from engine import Info, Registry
from resolvers.context import RequestContext
from resolvers.grounds import of_location
from resolvers.references import Ref, resolve_any
from resolvers.rule_results import results
from resolvers.sending import made_now
from resolvers.setting_values import Place, Source
from schema import refusals as shown
from schema.message_changes import SendDenied

registry = Registry()


def refusal_of(context: RequestContext, refusal: said.Refusal) -> Any:
    """Give what the API answers."""
    common = {"code": refusal.code, "message": refusal.message, "tracking_id": context.tracking_id}
    return SHOWN[type(refusal)](context, refusal, common)


def _not_found(context: RequestContext, refusal: said.NotFound, common: Mapping[str, str]) -> Any:
    # The id is not repeated: an unknown one and another organization's are answered with the same bytes.
    message = f"nothing is known by the id in `{refusal.argument}`: check it"
    return shown.NotFound(**{**common, "message": message}, argument=refusal.argument)


def _not_allowed(context: RequestContext, refusal: said.NotAllowed, common: Mapping[str, str]) -> Any:
    return shown.NotAllowed(**common, required_roles=list(refusal.required_roles))


def _invalid_input(context: RequestContext, refusal: said.InvalidInput, common: Mapping[str, str]) -> Any:
    problems = [
        shown.InputProblem(path=list(each.path), code=each.code, message=each.message) for each in refusal.problems
    ]
    return shown.InvalidInput(**common, problems=problems)


def _version_conflict(context: RequestContext, refusal: said.VersionConflict, common: Mapping[str, str]) -> Any:
    current = GlobalId(refusal.type, context.org_id, refusal.id)
    return shown.VersionConflict(**common, current_ref=current, current_version=refusal.current_version)


def _idempotency_conflict(context: RequestContext, refusal: said.IdempotencyConflict, common: Mapping[str, str]) -> Any:
    return shown.IdempotencyConflict(**common)


def _not_eligible(context: RequestContext, refusal: said.NotEligible, common: Mapping[str, str]) -> Any:
    grounds = of_location(context, refusal.location_id)
    return shown.NotEligible(**common, blocking=tuple(results(refusal.blockers, grounds, None)))


def _setting_locked(context: RequestContext, refusal: said.SettingLocked, common: Mapping[str, str]) -> Any:
    lock = refusal.lock
    ref = Ref("Org" if lock.level is Level.ORG else "Location", lock.entity_id)
    place = Place(ref=ref, set_at=lock.set_at, set_by=lock.set_by, audit_id=lock.audit_id)
    return shown.SettingLocked(**common, lock=Source(level=lock.level, place=place))


def _wrong_state(context: RequestContext, refusal: said.WrongState, common: Mapping[str, str]) -> Any:
    return shown.WrongState(**common, state=refusal.state)


def _send_denied(context: RequestContext, refusal: said.SendDenied, common: Mapping[str, str]) -> Any:
    assert refusal.record_id is not None, "a send is never a dry run"
    decision = made_now(context, refusal.decision, refusal.user_id)
    return SendDenied(**common, record_ref=refusal.record_id, send_decision=decision, sender_ref=refusal.user_id)


def _users_refused(context: RequestContext, refusal: said.UsersRefused, common: Mapping[str, str]) -> Any:
    users = [
        shown.UserRefusal(
            user_ref=each.user_id, user_id=strawberry.ID(each.given), code=each.code, message=each.message
        )
        for each in refusal.refusals
    ]
    return shown.UsersRefused(**common, refusals=users)


SHOWN: Mapping[type[said.Refusal], Callable[[RequestContext, Any, Mapping[str, str]], Any]] = {
    said.NotFound: _not_found,
    said.NotAllowed: _not_allowed,
    said.InvalidInput: _invalid_input,
    said.VersionConflict: _version_conflict,
    said.IdempotencyConflict: _idempotency_conflict,
    said.NotEligible: _not_eligible,
    said.SettingLocked: _setting_locked,
    said.WrongState: _wrong_state,
    said.SendDenied: _send_denied,
    said.UsersRefused: _users_refused,
}
"""Every refusal of a command, and what makes the type of the same name of it."""


@registry.bind("VersionConflict.current")
async def current(parents: Sequence[shown.VersionConflict], info: Info) -> list[Any]:
    """Read the objects as they are now."""
    return await resolve_any(info, [Ref(each.current_ref.type, each.current_ref.id) for each in parents])


@registry.bind("SettingLocked.locked_by")
def locked_by(parents: Sequence[shown.SettingLocked], info: Info) -> list[Any]:
    """Give the level that is locked."""
    return [each.lock for each in parents]


@registry.bind("NotEligible.blockers")
def blockers(parents: Sequence[shown.NotEligible], info: Info) -> list[Sequence[Any]]:
    """Give the rules that stand in the way."""
    return [each.blocking for each in parents]


@registry.bind("SendDenied.decision")
def decision(parents: Sequence[Any], info: Info) -> list[Any]:
    """Give the decision that denied it."""
    return [each.send_decision for each in parents]


@registry.bind("SendDenied.eligibility")
def eligibility(parents: Sequence[Any], info: Info) -> list[Any]:
    """Give whether the sender may text at all: whoever may send for somebody may know."""
    return [each.send_decision.eligibility for each in parents]
