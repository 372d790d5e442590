"""What an attempt leaves in the log: the record of a change, and the record of one that was refused or failed."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from audit.actions import Action
from audit.canonical import encode_plain
from audit.ids import milliseconds, record_ids
from audit.log import AuditLog
from audit.record import Actor, ActorType, AuditKind, AuditOutcome, Erasable, Record, Request, Target
from core.commands.attempt import Attempt
from core.commands.refusals import (
    InvalidInput,
    NotAllowed,
    NotEligible,
    NotFound,
    Refusal,
    SendDenied,
    SettingLocked,
    UsersRefused,
    VersionConflict,
    WrongState,
)
from core.principal import Principal
from core.rules.enums import RuleStatus

_FAILED = "the attempt failed inside the program; the tracking id finds it in the server's log"
_PROBLEMS_SHOWN = 20
"""A record names this many faults of an input: the log keeps evidence, not everything a client can send."""


def record_of(  # noqa: PLR0913 - what makes a record, field by field
    audit: AuditLog,
    attempt: Attempt,
    *,
    org_id: UUID,
    id: UUID,
    target: Target,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    kind: AuditKind,
    outcome: AuditOutcome,
    **more: Any,
) -> Record:
    """Make the record, in one organization's log, of something an attempt did or did not do.

    `more`: further fields of `audit.record.Record`, `action` where it is not the attempt's, and `on_behalf_of`.
    """
    given: dict[str, Any] = {"action": attempt.action, "reason": attempt.reason, **more}
    behalf = given.pop("on_behalf_of", None)
    trace_id, span_id = attempt.trace or (None, None)
    return Record(
        id=id,
        org_id=org_id,
        kind=kind,
        outcome=outcome,
        occurred_at=attempt.now,
        actor=_actor(audit, attempt, org_id, behalf),
        target=target,
        before=before,
        after=after,
        request=Request(
            id=attempt.tracking_id,
            operation=attempt.operation,
            ip=attempt.ip,
            user_agent=attempt.user_agent,
            trace_id=trace_id,
            span_id=span_id,
        ),
        **{**given, "action": Action(given["action"])},
    )


def refusal_of(audit: AuditLog, attempt: Attempt, refusal: Refusal, attempted: Mapping[str, Any]) -> Record:
    """Make the record of a refused attempt; `attempted` is what may be shown of its input."""
    return _unmade(
        audit,
        attempt,
        attempted,
        kind=AuditKind.DENIAL if refusal.denied else AuditKind.FAILURE,
        outcome=AuditOutcome.DENIED if refusal.denied else AuditOutcome.FAILED,
        **_verdict(refusal),
        status_code=refusal.code,
        status_detail=_detail(refusal),
    )


def failure_of(audit: AuditLog, attempt: Attempt) -> Record:
    """Make the record of an attempt that failed inside the program."""
    return _unmade(
        audit,
        attempt,
        {},
        kind=AuditKind.FAILURE,
        outcome=AuditOutcome.FAILED,
        status_code="INTERNAL",
        status_detail=_FAILED,
    )


def _unmade(audit: AuditLog, attempt: Attempt, attempted: Mapping[str, Any], **more: Any) -> Record:
    return record_of(
        audit,
        attempt,
        org_id=attempt.org_id,
        id=record_ids([milliseconds(attempt.now)])[0],
        target=Target(type=attempt.target_type, id=attempt.target_id),
        before=None,
        after=attempted,
        **more,
    )


def person_of(audit: AuditLog, who: Principal, org_id: UUID) -> UUID:
    """Give whose an actor's values are in an organization's log: its user's, or those of a pseudonym.

    An administrator who is no texting user has no id of ours: the pseudonym is the same for the same identity. As JSON
    it is no other value's, such as a number's.
    """
    return who.user_in(org_id) or audit.pseudonym(org_id, encode_plain(list(map(str, who.identity))).decode())


def _actor(audit: AuditLog, attempt: Attempt, org_id: UUID, on_behalf_of: str | None) -> Actor:
    who = attempt.principal
    return Actor(
        subject=who.subject,
        type=ActorType.SERVICE if who.is_service else ActorType.USER,
        idp=who.issuer,
        name=Erasable(who.name, person_of(audit, who, org_id)) if who.name else None,
        roles=tuple(sorted(attempt.roles)),
        user_id=who.user_in(org_id),
        org_id=who.org_id if who.org_id != org_id else None,
        session_id=str(who.token_id) if who.token_id else None,
        on_behalf_of=on_behalf_of,
    )


def _verdict(refusal: Refusal) -> dict[str, Any]:
    """Say which rule denied it, under which policy, and which decision that was."""
    match refusal:
        case NotEligible():
            rule = refusal.blockers[0] if refusal.blockers else None
            policy = (refusal.policy_version, refusal.policy_digest)
        case SendDenied():
            rule = refusal.decision.decided_by
            policy = (refusal.decision.policy_version, refusal.decision.policy_digest)
        case _:
            return {}
    return {
        "rule": None if rule is None else rule.rule_id,
        "policy": policy[0],
        "policy_digest": policy[1],
        "decision_id": refusal.decision_id,
    }


def _detail(refusal: Refusal) -> str:  # noqa: PLR0911 - one return a refusal
    """Say what was refused in closed words: the message may repeat personal input, which no leaf may hold."""
    match refusal:
        case NotFound():
            return f"argument {refusal.argument}"
        case NotAllowed():
            return "needs " + " or ".join(refusal.required_roles)
        case InvalidInput():
            return "; ".join(f"{'.'.join(each.path)}: {each.code}" for each in refusal.problems[:_PROBLEMS_SHOWN])
        case VersionConflict():
            return f"current version {refusal.current_version}"
        case WrongState():
            return f"state {refusal.state}"
        case NotEligible():
            return "; ".join(each.rule_id for each in refusal.blockers)
        case SettingLocked():
            return f"locked by {refusal.lock.level}"
        case SendDenied():
            return "; ".join(each.rule_id for each in refusal.decision.rules if each.status == RuleStatus.FAIL)
        case UsersRefused():
            return f"{len(refusal.refusals)} users stood in the way"
        case _:
            return refusal.code
