"""An open transaction of the dispatcher's inside one organization; what it did is recorded before it commits.

`core.commands.transaction.perform` is for callers with roles, input and refusals; a program that carries on what was
accepted has none of them. The promise is the same: nothing commits without its record.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from audit.actions import Action
from audit.ids import milliseconds, record_ids
from audit.record import Actor, ActorType, AuditKind, AuditOutcome, Record, Target
from core.commands.transaction import Store
from core.ids import encode
from core.storage.database import writing
from core.storage.fetching import Fetch, inside

ACTOR = Actor(subject="worker:dispatcher", type=ActorType.SERVICE)
RECORDS_MAX = 16
"""Records of one transaction, far above the three that an inbound keyword makes: their ids are made together."""


class Work:
    """What is open: the connection, whose organization it is inside of, and the records to write."""

    def __init__(self, connection: asyncpg.Connection, store: Store, org_id: UUID, now: datetime) -> None:
        """Take an open read-write transaction inside `org_id`; `now` is UTC."""
        self.connection = connection
        self.org_id = org_id
        self.now = now
        self.policy = store.policy
        self.fetch: Fetch = inside(connection)
        self.records: list[Record] = []
        self._audit = store.audit
        self._ids = iter(record_ids([milliseconds(now)] * RECORDS_MAX))

    def pseudonym(self, value: str) -> UUID:
        """Give the subject whose erasure destroys a number that is nobody's user."""
        return self._audit.pseudonym(self.org_id, value)

    def global_id(self, type_name: str, id: UUID | None) -> str | None:
        """Write an id of this organization as the API shows it."""
        return None if id is None else encode(type_name, self.org_id, id)

    def new_audit_id(self) -> UUID:
        """Make the id of a record to come; records sort as their ids were made."""
        return next(self._ids)

    def record(
        self,
        action: Action,
        *,
        target: Target,
        before: Mapping[str, Any] | None,
        after: Mapping[str, Any] | None,
        audit_id: UUID | None = None,
        **more: Any,
    ) -> UUID:
        """Note a record, which is written at the end; give its id. `more`: further fields of `audit.record.Record`."""
        id = audit_id or self.new_audit_id()
        given = {"actor": ACTOR, "kind": AuditKind.CHANGE, "outcome": AuditOutcome.ALLOWED, **more}
        self.records.append(
            Record(
                id=id,
                org_id=self.org_id,
                action=action,
                target=target,
                occurred_at=self.now,
                before=before,
                after=after,
                **given,
            )
        )
        return id


@asynccontextmanager
async def working(store: Store, org_id: UUID, *, now: datetime) -> AsyncIterator[Work]:
    """Open a transaction; commit it with its records at the end, roll back on any exception.

    `store.pool` is the worker's. Raises `CommitLost`, and what appending raises.
    """
    async with writing(store.pool, org_id) as connection:
        work = Work(connection, store, org_id, now)
        yield work
        await store.audit.append_many(connection, work.records)
