"""What a resolver is told about the request."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID

from audit.actions import Action
from core.commands.attempt import Attempt
from core.commands.body_reads import BodyRead, record_reads
from core.commands.refusals import Refusal
from core.commands.transaction import Store, perform
from core.ids import SYSTEM_ORG_ID
from core.principal import Principal, Role
from core.rules.policy import Policy
from core.storage.database import Reader


class ReadingNotRecorded(Exception):
    """somebody else's text was read, and no record of that could be written"""


class NoLongerAllowed(Exception):
    """a grant ended while an answer went on"""

    extensions: ClassVar[dict[str, Any]] = {"code": "FORBIDDEN"}


@dataclass(slots=True, kw_only=True)
class RequestContext:
    """One request: who asks, which organization was entered, and the snapshot it reads.

    `now` (UTC) and `policy` are fixed for the request. `tracking_id` is in its refusals, records and log lines.
    `org_id` is another one only below a mutation that created an organization: its answer is read inside that one.
    `authenticate` asks anew who is calling, for answers that go on for long; it raises when nobody may any more.
    `renders`: what is purely stored may be written by the database; else everything is completed here.
    `trace`: the W3C trace and span of the operation, in hex, where it is traced. `refused`: codes of refused changes.
    """

    principal: Principal
    org_id: UUID
    tracking_id: str
    now: datetime
    store: Store
    language: str = "en"
    ip: str | None = None
    user_agent: str | None = None
    wait_s: float = 0
    authenticate: Callable[[datetime], Awaitable[Principal]] | None = None
    renders: bool = True
    trace: tuple[str, str] | None = None
    refused: tuple[str, ...] = ()
    policy: Policy = field(init=False)
    db: Reader = field(init=False)
    _reads: dict[tuple[str, UUID], BodyRead] = field(init=False, default_factory=dict)
    _entered: UUID = field(init=False)
    _directory: Reader | None = field(init=False, default=None)
    _roles: frozenset[Role] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        """Prepare the reader; nothing is opened yet."""
        self._entered = self.org_id
        self.policy = self.store.policy
        self.db = Reader(self.store.pool, self.org_id)

    @property
    def roles(self) -> frozenset[Role]:
        """Give the caller's roles in the organization entered."""
        if self._roles is None:
            self._roles = self.principal.roles_in(self.org_id)
        return self._roles

    @property
    def directory(self) -> Reader:
        """Give the reader inside the provider's own organization, which sees the directory of customers.

        Only `@crossOrg` fields use it, and only for a provider.
        """
        if Role.PROVIDER_ADMIN not in self.principal.roles_in(SYSTEM_ORG_ID):
            raise PermissionError("only the provider reads across organizations")
        if self._directory is None:
            self._directory = Reader(self.store.pool, SYSTEM_ORG_ID)
        return self._directory

    def note_read(self, read: BodyRead) -> None:
        """Remember that a text is answered which somebody else wrote or received."""
        self._reads[read.type, read.id] = read

    async def settle(self) -> None:
        """Record such reading, once for the request; whoever executes an operation does this before it is answered.

        Raises when it cannot be recorded: then nothing of the operation may be answered.
        """
        if not self._reads:
            return
        # A request that holds a connection to read with must not wait for a second one to write with.
        await self.close()
        reads = list(self._reads.values())
        attempt = Attempt(
            principal=self.principal,
            org_id=self.org_id,
            operation="body",
            action=Action.MESSAGE_BODY_READ,
            allowed_roles=(Role.COMPLIANCE_OFFICER,),
            now=self.now,
            tracking_id=self.tracking_id,
            target_type="Org",
            target_id=self.org_id,
            ip=self.ip,
            user_agent=self.user_agent,
            language=self.language,
            trace=self.trace,
        )
        answer = await perform(self.store, attempt, lambda tx: record_reads(tx, reads))
        if isinstance(answer, Refusal):
            raise ReadingNotRecorded(answer.message)
        self._reads.clear()

    async def renew(self, org_id: UUID | None = None) -> None:
        """End the snapshot, so that what is read from now on is as it is now.

        `org_id`: read inside that organization; otherwise inside the one that the operation entered.
        """
        await self.close()
        org_id = org_id or self._entered
        if org_id != self.org_id:
            self.org_id, self.db, self._roles = org_id, Reader(self.store.pool, org_id), None

    async def again(self) -> None:
        """Begin anew for a later part of a long answer: who asks now, at what time, and a new snapshot.

        Raises when the caller is nobody any more, or may no longer enter the organization.
        """
        await self.close()
        self.now, self.policy = datetime.now(UTC), self.store.policy
        if self.authenticate is not None:
            self.principal, self._roles = await self.authenticate(self.now), None
        if not self.principal.may_enter(self.org_id):
            raise NoLongerAllowed("the caller may no longer enter this organization")

    async def leave(self) -> None:
        """End what the request opened as soon as that costs nobody anything; nothing may be read after it."""
        await self.db.leave()
        if self._directory is not None:
            await self._directory.leave()

    async def close(self) -> None:
        """End what the request opened; safe to call twice."""
        await self.db.close()
        if self._directory is not None:
            await self._directory.close()
