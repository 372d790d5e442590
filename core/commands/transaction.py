"""The one way to change anything: `perform` opens the transaction, and nothing commits without its audit record."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import asyncpg

from audit.ids import milliseconds, record_ids
from audit.log import AuditLog
from audit.record import AuditKind, AuditOutcome, Record, Target
from core.commands import idempotency
from core.commands.attempt import Attempt
from core.commands.problems import Problems
from core.commands.recording import failure_of, record_of, refusal_of
from core.commands.refusals import NotAllowed, Refusal, Refused, not_found, told
from core.ids import SYSTEM_ORG_ID, encode
from core.links import Links
from core.rules.policy import Policy
from core.storage.connection import Connection
from core.storage.database import writing
from core.storage.fetching import Fetch, inside
from core.storage.sealed_news import SealedNews

REASON_LENGTH_MAX = 1_000
"""A reason is a sentence or two; what is longer belongs into a ticket that the reason names."""

_TRIES = 3
_RIVALRY = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError, asyncpg.UniqueViolationError)
"""A rival change came between: the second try sees what it committed, and refuses or goes on knowing it."""


@dataclass(slots=True, eq=False, kw_only=True)
class Store:
    """What requests need of the outside: the API's pool, the audit log, the policy in force, news of the log.

    `policy` changes while the program runs: whatever takes time takes it once, when it begins.
    """

    pool: asyncpg.Pool
    audit: AuditLog
    policy: Policy
    news: SealedNews = field(default_factory=SealedNews)

    @property
    def links(self) -> Links:
        """What writes and reads the links to files."""
        return Links(self.audit.derived_key(b"links to files"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a change answers. JSON, so that an idempotency key can replay it.

    `type` is the payload's type. `refs` are the ids it refers to, as text, by the names of the payload's attributes
    (`user_ref`, `record_ref`, a list for `number_refs`); `values` its plain values.
    """

    type: str
    refs: Mapping[str, str | Sequence[str] | None]
    values: Mapping[str, Any] = field(default_factory=dict)


class DryRun(Exception):
    """Raised inside `perform` to roll back a question that was answered."""


class Transaction:
    """An open change: its connection, its attempt, and the records it has written."""

    def __init__(self, connection: Connection, attempt: Attempt, store: Store) -> None:
        """Take an open read-write transaction inside `attempt.org_id`."""
        self.connection = connection
        self.attempt = attempt
        self.org_id = attempt.org_id
        """The organization the transaction is inside of."""
        self.policy = store.policy
        self.audit_id = self.new_id()
        """The id of the change's own record: rows and fact versions name it before it is written."""
        self.correlation_id: str | None = None
        """Set by a change of many things, so that their records find each other."""
        self.attempted: Mapping[str, Any] = {}
        """What to show of the input if the attempt is refused; personal values wrapped in `Erasable`."""
        self.fetch: Fetch = inside(connection)
        self._audit = store.audit
        self._is_recorded = False

    @property
    def now(self) -> Any:
        """Give the request's clock, UTC."""
        return self.attempt.now

    def new_ids(self, count: int) -> list[UUID]:
        """Make uuidv7 ids of now, for rows or records; those of one call sort as given."""
        return record_ids([milliseconds(self.attempt.now)] * count)

    def new_id(self) -> UUID:
        """Make one uuidv7 of now."""
        return self.new_ids(1)[0]

    def pseudonym(self, value: str) -> UUID:
        """Give the subject whose erasure destroys an outsider's number, or one that nobody holds."""
        return self._audit.pseudonym(self.org_id, value)

    def global_id(self, type_name: str, id: UUID | None) -> str | None:
        """Write an id of this organization as the API shows it."""
        return None if id is None else encode(type_name, self.org_id, id)

    async def record(
        self,
        *,
        target: Target,
        before: Mapping[str, Any] | None,
        after: Mapping[str, Any] | None,
        audit_id: UUID | None = None,
        **more: Any,
    ) -> UUID:
        """Append one record of this change; `more` are further fields of `audit.record.Record`."""
        made = self.describe(target=target, before=before, after=after, audit_id=audit_id, **more)
        await self.append([made])
        return audit_id or self.audit_id

    def describe(
        self,
        *,
        target: Target,
        before: Mapping[str, Any] | None,
        after: Mapping[str, Any] | None,
        audit_id: UUID | None = None,
        **more: Any,
    ) -> Record:
        """Make a record of this change without writing it; `action` among `more` replaces the attempt's."""
        given = {
            "kind": AuditKind.CHANGE,
            "outcome": AuditOutcome.ALLOWED,
            "correlation_id": self.correlation_id,
            **more,
        }
        return record_of(
            self._audit,
            self.attempt,
            org_id=self.org_id,
            id=audit_id or self.audit_id,
            target=target,
            before=before,
            after=after,
            **given,
        )

    async def append(self, records: Sequence[Record]) -> None:
        """Write records; without one of them the transaction does not commit."""
        await self._audit.append_many(self.connection, records)
        self._is_recorded = self._is_recorded or bool(records)

    @property
    def is_recorded(self) -> bool:
        """Say whether a record was written."""
        return self._is_recorded

    @asynccontextmanager
    async def entering(self, org_id: UUID) -> AsyncIterator[None]:
        """Be inside another organization for a while: the one that this very change creates."""
        home, self.org_id = self.org_id, org_id
        await self._enter(org_id)
        try:
            yield
            await self._enter(home)
        finally:
            self.org_id = home

    async def _enter(self, org_id: UUID) -> None:
        await self.connection.execute(f"SET LOCAL texting.org_id = '{UUID(str(org_id))}'")


Command = Callable[[Transaction], Awaitable[Answer]]


async def perform(store: Store, attempt: Attempt, command: Command) -> Answer | Refusal:
    """Carry out one change: roles, reason, idempotency, the command, its record, the commit.

    A refusal changes nothing and is recorded; so is a failure, in a transaction of its own, before its exception goes
    on. A dry run writes nothing at all, refused or not. Raises what the command raises, and `CommitLost`.
    """
    for left in reversed(range(_TRIES)):
        try:
            return await _perform(store, attempt, command)
        except _RIVALRY:
            if not left:
                await _leave(store, attempt, None)
                raise
    raise AssertionError("unreachable")


async def _perform(store: Store, attempt: Attempt, command: Command) -> Answer | Refusal:
    tx: Transaction | None = None
    try:
        async with writing(store.pool, attempt.org_id) as connection:
            tx = Transaction(connection, attempt, store)
            await _check(tx)
            if earlier := await idempotency.claim(tx):
                return Answer(**earlier)
            answer = await command(tx)
            _check_commit(tx)
            await idempotency.keep(tx, answer)
            return answer
    except DryRun:
        return answer
    except Refused as refused:
        record_id = await _leave(store, attempt, refused, tx.attempted if tx else {})
        return replace(refused.refusal, record_id=record_id)
    except _RIVALRY:
        raise
    except Exception:
        await _leave(store, attempt, None)
        raise


async def _check(tx: Transaction) -> None:
    """Refuse what no command needs to see: a missing role, an organization that is not there, a faulty reason."""
    attempt = tx.attempt
    if not attempt.acting_roles:
        raise Refused(
            NotAllowed(
                message=f"`{attempt.operation}` needs {told(attempt.allowed_roles)}: ask somebody who has it",
                required_roles=attempt.allowed_roles,
            )
        )
    if not await tx.connection.fetchval("SELECT true FROM texting.orgs WHERE org_id = $1", attempt.org_id):
        raise not_found(attempt.argument, attempt.org_id)
    problems = Problems()
    if attempt.reason is not None or attempt.reason_required:
        problems.text(("reason",), attempt.reason or "", longest=REASON_LENGTH_MAX, lines=True)
    problems.refuse()


def _check_commit(tx: Transaction) -> None:
    """Keep a question, and a change without a record, from being committed."""
    if tx.attempt.dry_run:
        raise DryRun
    if not tx.is_recorded:
        raise RuntimeError(f"`{tx.attempt.operation}` wrote no audit record: nothing was committed")


async def _leave(
    store: Store, attempt: Attempt, refused: Refused | None, attempted: Mapping[str, Any] | None = None
) -> UUID | None:
    """Record an attempt that came to nothing, in a transaction of its own; give the record's id."""
    if attempt.dry_run:
        return None
    attempt = _recordable(attempt)
    made = failure_of(store.audit, attempt)
    if refused is not None:
        made = refusal_of(store.audit, attempt, refused.refusal, attempted or {})
    async with writing(store.pool, attempt.org_id) as connection:
        org_id = attempt.org_id
        if not await connection.fetchval("SELECT true FROM texting.orgs WHERE org_id = $1", org_id):
            # An organization that is not there has no log; the attempt stands in the log of who made it.
            org_id = attempt.principal.org_id or SYSTEM_ORG_ID
            await connection.execute(f"SET LOCAL texting.org_id = '{UUID(str(org_id))}'")
            made = replace(made, org_id=org_id)
        return await store.audit.append(connection, made)


def _recordable(attempt: Attempt) -> Attempt:
    """Drop a reason that no record can hold; it was refused, and the record says so."""
    problems = Problems()
    if attempt.reason is not None:
        problems.text(("reason",), attempt.reason, longest=REASON_LENGTH_MAX, lines=True)
    return replace(attempt, reason=None) if problems.found else attempt
