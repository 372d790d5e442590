"""A user at a desk who may text, the dispatcher that works for her, and a clock that goes as the test says."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from audit.actions import Action
from core.commands.send_facts import Draft
from core.commands.sends import send_message
from core.commands.toggles import set_org_texting
from core.commands.transaction import Answer, Store, perform
from core.delivery.carriers.carrier import Carrier
from core.delivery.carriers.sandbox import SandboxCarrier
from core.delivery.worker import Dispatcher
from core.principal import Principal, Role
from tests.integration import worlds

ORG_NAME = "Acme"

Rows = list[asyncpg.Record]


@dataclass(kw_only=True)
class Desk:
    """An organization with one user who may text. `now` moves only by `wait`."""

    admin: asyncpg.Connection
    store: Store
    worker_store: Store
    carrier: Carrier
    org_id: UUID
    user_id: UUID
    campaign_id: UUID
    number_id: UUID
    number: str
    principal: Principal
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    @classmethod
    async def open(cls, admin: asyncpg.Connection, store: Store, worker_store: Store) -> Desk:
        """Make an organization whose user passes every rule."""
        org_id = await worlds.new_org(store, name=ORG_NAME)
        location_id = await worlds.new_location(store, org_id)
        _, campaign_id = await worlds.registered(store, org_id)
        person = await worlds.new_person(store, org_id, location_id, campaign_id)
        enabling = worlds.member(org_id, Role.ORG_ADMIN)
        await worlds.answer(store, org_id, enabling, lambda tx: set_org_texting(tx, enabled=True))
        return cls(
            admin=admin,
            store=store,
            worker_store=worker_store,
            carrier=SandboxCarrier(worker_store.pool),
            org_id=org_id,
            user_id=person.user_id,
            campaign_id=campaign_id,
            number_id=person.number_id,
            number=person.number,
            principal=person.principal,
        )

    def dispatcher(self, name: str = "test", carrier: Carrier | None = None) -> Dispatcher:
        """Make a dispatcher."""
        return Dispatcher(self.worker_store, carrier or self.carrier, name=name)

    async def send(self, to: str, body: str = "hello") -> UUID:
        """Have the user send a text; give the message's id."""
        attempt = worlds.attempt(
            self.org_id, self.principal, now=self.now, operation="sendMessage", action=Action.MESSAGE_SEND
        )
        draft = Draft(user_id=self.user_id, to=to, body=body)
        answer = await perform(self.store, attempt, lambda tx: send_message(tx, draft))
        assert isinstance(answer, Answer), answer.message
        return UUID(str(answer.refs["message_ref"]))

    async def work(self, carrier: Carrier | None = None, **later: float) -> int:
        """Move the clock, as for a timedelta, and work off what is due then."""
        self.now += timedelta(**later)
        return await self.dispatcher(carrier=carrier).run_once(self.now)

    async def message(self, id: UUID) -> asyncpg.Record:
        """Read a message."""
        row = await self.admin.fetchrow("SELECT * FROM texting.messages WHERE org_id = $1 AND id = $2", self.org_id, id)
        assert row is not None
        return row

    async def status(self, id: UUID) -> str:
        """Read where a message stands."""
        return str((await self.message(id))["status"])

    async def steps(self, id: UUID) -> list[str]:
        """Read the statuses that a message was said to have, in the order we learned them; `?` marks unapplied ones."""
        rows = await self.admin.fetch(
            "SELECT status, applied FROM texting.message_events WHERE org_id = $1 AND message_id = $2 ORDER BY id",
            self.org_id,
            id,
        )
        return [row["status"] + ("" if row["applied"] else "?") for row in rows]

    async def waiting(self, id: UUID) -> asyncpg.Record | None:
        """Read a message's place in the outbox."""
        return await self.admin.fetchrow(
            "SELECT * FROM texting.outbox WHERE org_id = $1 AND message_id = $2", self.org_id, id
        )

    async def thread(self, peer: str) -> list[tuple[str, str, str]]:
        """Read the texts with a peer: direction, body, status."""
        rows = await self.admin.fetch(
            "SELECT m.direction, m.body, m.status FROM texting.messages m JOIN texting.conversations c "
            "ON c.org_id = m.org_id AND c.id = m.conversation_id WHERE m.org_id = $1 AND c.peer = $2 ORDER BY m.id",
            self.org_id,
            peer,
        )
        return [(row["direction"], row["body"], row["status"]) for row in rows]

    async def ledger(self) -> Rows:
        """Read the consent ledger, the oldest entry first."""
        return await self.admin.fetch("SELECT * FROM texting.consent_events WHERE org_id = $1 ORDER BY id", self.org_id)

    async def records(self, action: str, org_id: UUID | None = None) -> list[dict[str, Any]]:
        """Read the entries of one action, in the order of their transactions: ids of one moment have none."""
        rows = await self.admin.fetch(
            "SELECT r.entry FROM audit.record r JOIN audit.pending p ON p.org_id = r.org_id AND p.record_id = r.id "
            "WHERE r.org_id = $1 AND r.action = $2 ORDER BY p.xmin::text::bigint, r.id",
            org_id or self.org_id,
            action,
        )
        return [orjson.loads(bytes(row["entry"])) for row in rows]
