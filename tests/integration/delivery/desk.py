"""A user at a desk who may text, the dispatcher that works for her, and a clock that goes as the test says."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from core.commands.attempt import Attempt
from core.commands.send_facts import Draft
from core.commands.sends import send_message
from core.commands.transaction import Answer, Store, perform
from core.commands.writes import insert
from core.delivery.carriers.carrier import Carrier
from core.delivery.carriers.sandbox import SandboxCarrier
from core.delivery.worker import Dispatcher
from core.ids import uuid7
from core.principal import Grant, Principal, Role
from core.storage.tables import Brands, Campaigns, Locations, NumberDirectory, Orgs, PhoneNumbers, Users

ORG_NAME = "Acme"
_LINES = itertools.count()

Rows = list[asyncpg.Record]


@dataclass(kw_only=True)
class Desk:
    """An organization with one user who may text. `now` moves only by `wait`."""

    admin: asyncpg.Connection
    store: Store
    worker_store: Store
    carrier: Carrier
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    org_id: UUID = field(default_factory=uuid7)
    user_id: UUID = field(default_factory=uuid7)
    campaign_id: UUID = field(default_factory=uuid7)
    number_id: UUID = field(default_factory=uuid7)
    number: str = field(default_factory=lambda: f"+1212{2_000_000 + next(_LINES)}")

    @classmethod
    async def open(cls, admin: asyncpg.Connection, store: Store, worker_store: Store) -> Desk:
        """Make the rows of an organization whose user passes every rule."""
        desk = cls(admin=admin, store=store, worker_store=worker_store, carrier=SandboxCarrier(worker_store.pool))
        for table, row in _rows(desk):
            await insert(admin, table, [row])
        return desk

    def dispatcher(self, name: str = "test", carrier: Carrier | None = None) -> Dispatcher:
        """Make a dispatcher."""
        return Dispatcher(self.worker_store, carrier or self.carrier, name=name)

    async def send(self, to: str, body: str = "hello") -> UUID:
        """Have the user send a text; give the message's id."""
        attempt = Attempt(
            principal=Principal(
                subject="ada",
                name="Ada",
                org_id=self.org_id,
                grants=(Grant(role=Role.USER, org_id=self.org_id, user_id=self.user_id),),
            ),
            org_id=self.org_id,
            operation="sendMessage",
            action="message:send",
            allowed_roles=(Role.USER,),
            now=self.now,
            tracking_id="test",
            target_type="User",
            target_id=self.user_id,
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
        """Read the entries of one action, in the order they were committed: ids of one moment have none."""
        rows = await self.admin.fetch(
            "SELECT r.entry FROM audit.record r JOIN audit.pending p ON p.org_id = r.org_id AND p.record_id = r.id "
            "WHERE r.org_id = $1 AND r.action = $2 ORDER BY p.seq",
            org_id or self.org_id,
            action,
        )
        return [orjson.loads(bytes(row["entry"])) for row in rows]


def _rows(desk: Desk) -> list[tuple[Any, dict[str, Any]]]:
    org_id, location_id, brand_id = desk.org_id, uuid7(), uuid7()
    made = {"org_id": org_id, "created_at": desk.now, "last_audit_id": org_id}
    return [
        (
            Orgs,
            {
                **made,
                "name": ORG_NAME,
                "customer_type": "ENTERPRISE",
                "calling_plan_provider": "Cisco",
                "calling_plan_countries": ["US"],
                "add_on_units": 10,
                "handles_phi": False,
                "healthcare": False,
                "texting_enabled": True,
                "texting_set_at": desk.now,
                "signature": "",
            },
        ),
        (
            Brands,
            {
                **made,
                "id": brand_id,
                "legal_name": "Acme",
                "registration": "APPROVED",
                "identity": "VERIFIED",
                "since": desk.now,
            },
        ),
        (
            Campaigns,
            {
                **made,
                "id": desk.campaign_id,
                "brand_id": brand_id,
                "use_case": "MIXED",
                "description": "",
                "sample_messages": [],
                "status": "ACTIVE",
                "since": desk.now,
            },
        ),
        (
            Locations,
            {
                **made,
                "id": location_id,
                "name": "HQ",
                "country": "US",
                "time_zone": "America/New_York",
                "pstn_connection_type": "CISCO_PSTN",
                "signature": "",
            },
        ),
        (
            Users,
            {
                **made,
                "id": desk.user_id,
                "location_id": location_id,
                "display_name": "Ada",
                "sort_name": "ada",
                "app_version": "43.1",
                "signature": "",
            },
        ),
        (
            PhoneNumbers,
            {
                **made,
                "id": desk.number_id,
                "phone_number": desk.number,
                "assigned_by": "CISCO_CALLING_PLAN",
                "region": "US",
                "valid": True,
                "toll_free_number": False,
                "owner_id": desk.user_id,
                "campaign_id": desk.campaign_id,
                "assignment_status": "ASSIGNED",
                "signature": "",
            },
        ),
        (NumberDirectory, {"phone_number": desk.number, "org_id": org_id, "number_id": desk.number_id}),
    ]
