"""Carrying out the demo's changes: each through `perform`, under a key, so that a start that was cut short goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from audit.actions import Action
from core.commands.attempt import Attempt
from core.commands.refusals import Refusal
from core.commands.transaction import Command, Store, perform
from core.ids import SYSTEM_ORG_ID, uuid7
from core.principal import Grant, Principal, Role
from core.storage.database import reading

OPERATION = "texting serve --demo"


class DemoRefused(RuntimeError):
    """a change that makes the demo was refused: the demo and the rules do not fit together"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One change. `name`: its own among all steps; `type` and `id`: what it is about."""

    name: str
    action: Action
    type: str
    id: UUID


class Maker:
    """Changes one organization, as the provider or as its administrator."""

    def __init__(self, store: Store, org_id: UUID) -> None:
        """Begin inside an organization."""
        self._store = store
        self.org_id = org_id
        self.provider = Principal(
            subject="demo:provider_admin",
            name="Pat Provider",
            org_id=SYSTEM_ORG_ID,
            grants=(Grant(role=Role.PROVIDER_ADMIN),),
        )
        self.admin = Principal(
            subject="demo:org_admin",
            name="Olivia Park",
            org_id=org_id,
            grants=(Grant(role=Role.ORG_ADMIN, org_id=org_id),),
        )

    def user(self, user_id: UUID, name: str) -> Principal:
        """Give the texting user of that id as a caller."""
        return Principal(
            subject=f"demo:user:{user_id}",
            name=name,
            org_id=self.org_id,
            grants=(Grant(role=Role.USER, org_id=self.org_id, user_id=user_id),),
        )

    async def change(
        self, who: Principal, step: Step, command: Command, *, reason: str | None = None
    ) -> Mapping[str, Any]:
        """Carry out a step, or find that it was; give the ids it answered. Raises `DemoRefused`."""
        answer = await perform(self._store, self._attempt(who, step, reason), command)
        if isinstance(answer, Refusal):
            raise DemoRefused(f"`{step.name}`: {answer.message}")
        return answer.refs

    async def read(self, statement: str) -> list[Any]:
        """Read rows of the organization, whose id the statement takes."""
        async with reading(self._store.pool, self.org_id) as reader:
            return await reader.fetch_sql(statement, self.org_id)

    async def attempt(self, who: Principal, step: Step, command: Command) -> None:
        """Try a step that the rules refuse: the record of it is what is wanted."""
        await perform(self._store, self._attempt(who, step, None), command)

    def _attempt(self, who: Principal, step: Step, reason: str | None) -> Attempt:
        now = datetime.now(UTC)
        return Attempt(
            principal=who,
            org_id=self.org_id,
            operation=OPERATION,
            action=step.action,
            allowed_roles=tuple(Role),
            now=now,
            tracking_id=f"BTM_{uuid7(now)}",
            target_type=step.type,
            target_id=step.id,
            reason=reason,
            idempotency_key=f"demo: {step.name}",
            body_digest=sha256(step.name.encode()).digest(),
        )
