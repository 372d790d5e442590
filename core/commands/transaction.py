"""The one way to change anything: `perform` opens the transaction, and nothing commits without its audit record."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg

from audit.log import AuditLog
from audit.record import Actor, AuditKind, AuditOutcome, Record, Request, Target
from core.commands import idempotency
from core.commands.attempt import Attempt
from core.commands.refusals import (
    InvalidInput,
    NotAllowed,
    NotEligible,
    NotFound,
    Refusal,
    Refused,
    SendDenied,
    UsersRefused,
    VersionConflict,
    WrongState,
)
from core.ids import uuid7
from core.rules.enums import RuleStatus
from core.rules.policy import Policy
from core.storage.database import writing

_FAILED = "the attempt failed inside the program; the tracking id finds it in the server's log"


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """What commands need of the outside: the API's pool, the audit log, the policy in force."""

    pool: asyncpg.Pool
    audit: AuditLog
    policy: Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a change answers: the payload's type, the ids it refers to, and plain values. JSON, so that a key can replay it."""

    type: str
    refs: Mapping[str, str | None]
    values: Mapping[str, Any] = field(default_factory=dict)


class DryRun(Exception):
    """Raised inside `perform` to roll back a question that was answered."""


class Transaction:
    """An open change: its connection, its attempt, and the records it has written."""

    def __init__(self, connection: asyncpg.Connection, attempt: Attempt, store: Store) -> None:
        """Take an open read-write transaction inside `attempt.org_id`."""
        self.connection = connection
        self.attempt = attempt
        self.policy = store.policy
        self.audit_id = uuid7()
        """The id of the first record: rows and fact versions name it before it is written."""
        self.attempted: Mapping[str, Any] = {}
        """What to show of the input if the attempt is refused; personal values wrapped in `Erasable`."""
        self._audit = store.audit
        self._first_used = False

    @property
    def org_id(self) -> UUID:
        """Give the organization entered."""
        return self.attempt.org_id

    def next_audit_id(self) -> UUID:
        """Reserve the id of one more record (bulk changes write one for each object)."""
        return uuid7()

    async def record(
        self,
        *,
        target: Target,
        before: Mapping[str, Any],
        after: Mapping[str, Any],
        audit_id: UUID | None = None,
        **more: Any,
    ) -> UUID:
        """Append one record of this change; `more` are further fields of `audit.record.Record`."""
        made = self.describe(target=target, before=before, after=after, audit_id=audit_id, **more)
        await self.append([made])
        return made.id

    def describe(
        self,
        *,
        target: Target,
        before: Mapping[str, Any],
        after: Mapping[str, Any],
        audit_id: UUID | None = None,
        **more: Any,
    ) -> Record:
        """Make a record of this change without writing it."""
        given = {"kind": AuditKind.CHANGE, "outcome": AuditOutcome.ALLOWED, **more}
        return record_of(self.attempt, id=audit_id or self.audit_id, target=target, before=before, after=after, **given)

    async def append(self, records: Sequence[Record]) -> None:
        """Write records; without one of them the transaction does not commit."""
        await self._audit.append_many(self.connection, records)
        self._first_used = True

    @property
    def is_recorded(self) -> bool:
        """Say whether a record was written."""
        return self._first_used


Command = Callable[[Transaction], Awaitable[Answer]]


async def perform(store: Store, attempt: Attempt, command: Command) -> Answer | Refusal:
    """Carry out one change: roles, idempotency, the command, its record, the commit.

    A refusal changes nothing and is recorded; so is a failure, in a transaction of its own, before its exception goes
    on. A dry run writes nothing at all, refused or not. Raises what the command raises, and `CommitLost`.
    """
    tx: Transaction | None = None
    try:
        async with writing(store.pool, attempt.org_id) as connection:
            tx = Transaction(connection, attempt, store)
            _check_roles(attempt)
            if earlier := await idempotency.claim(tx):
                return Answer(**earlier)
            answer = await command(tx)
            if attempt.dry_run:
                raise DryRun
            if not tx.is_recorded:
                raise RuntimeError(f"`{attempt.operation}` wrote no audit record: nothing was committed")
            await idempotency.keep(tx, answer)
            return answer
    except DryRun:
        return answer
    except Refused as refused:
        if not attempt.dry_run:
            await _record_refusal(store, attempt, refused.refusal, tx.attempted if tx else {})
        return refused.refusal
    except Exception:
        if not attempt.dry_run:
            await _record_failure(store, attempt)
        raise


def record_of(
    attempt: Attempt,
    *,
    id: UUID,
    target: Target,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    kind: AuditKind,
    outcome: AuditOutcome,
    **more: Any,
) -> Record:
    """Make the record of something an attempt did or did not do."""
    who = attempt.principal
    return Record(
        id=id,
        org_id=attempt.org_id,
        action=attempt.action,
        kind=kind,
        outcome=outcome,
        occurred_at=attempt.now,
        actor=Actor(
            subject=who.subject,
            name=who.name,
            roles=tuple(sorted(attempt.roles)),
            org_id=who.org_id,
            session_id=who.token_id,
            on_behalf_of=more.pop("on_behalf_of", None),
        ),
        target=target,
        before=before,
        after=after,
        reason=attempt.reason,
        request=Request(
            id=attempt.tracking_id, operation=attempt.operation, ip=attempt.ip, user_agent=attempt.user_agent
        ),
        **more,
    )


def _check_roles(attempt: Attempt) -> None:
    if not attempt.roles.intersection(attempt.allowed_roles):
        listed = ", ".join(attempt.allowed_roles)
        raise Refused(
            NotAllowed(
                message=f"`{attempt.operation}` needs one of the roles {listed}: ask an administrator who has it",
                required_roles=attempt.allowed_roles,
            )
        )


async def _record_refusal(store: Store, attempt: Attempt, refusal: Refusal, attempted: Mapping[str, Any]) -> None:
    record = record_of(
        attempt,
        id=uuid7(),
        target=Target(type=attempt.target_type, id=attempt.target_id),
        before={},
        after=attempted,
        kind=AuditKind.DENIAL if refusal.denied else AuditKind.FAILURE,
        outcome=AuditOutcome.DENIED if refusal.denied else AuditOutcome.FAILED,
        rule=_deciding_rule(refusal),
        status_code=refusal.code,
        status_detail=_detail(refusal),
    )
    async with writing(store.pool, attempt.org_id) as connection:
        await store.audit.append(connection, record)


async def _record_failure(store: Store, attempt: Attempt) -> None:
    record = record_of(
        attempt,
        id=uuid7(),
        target=Target(type=attempt.target_type, id=attempt.target_id),
        before={},
        after={},
        kind=AuditKind.FAILURE,
        outcome=AuditOutcome.FAILED,
        status_code="INTERNAL",
        status_detail=_FAILED,
    )
    async with writing(store.pool, attempt.org_id) as connection:
        await store.audit.append(connection, record)


def _deciding_rule(refusal: Refusal) -> str | None:
    match refusal:
        case NotEligible():
            return refusal.blockers[0].rule_id if refusal.blockers else None
        case SendDenied():
            return refusal.decision.decided_by.rule_id if refusal.decision.decided_by else None
        case _:
            return None


def _detail(refusal: Refusal) -> str:
    """Say what was refused in closed words: the message may repeat personal input, which no leaf may hold."""
    match refusal:
        case NotFound():
            return f"argument {refusal.argument}"
        case NotAllowed():
            return "needs " + " or ".join(refusal.required_roles)
        case InvalidInput():
            return "; ".join(f"{'.'.join(each.path)}: {each.code}" for each in refusal.problems[:20])
        case VersionConflict():
            return f"current version {refusal.current_version}"
        case WrongState():
            return f"state {refusal.state}"
        case NotEligible():
            return "; ".join(each.rule_id for each in refusal.blockers)
        case SendDenied():
            return "; ".join(each.rule_id for each in refusal.decision.rules if each.status == RuleStatus.FAIL)
        case UsersRefused():
            return f"{len(refusal.refusals)} users stood in the way"
        case _:
            return refusal.code
