"""What a resolver is told about the request."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from core.commands.transaction import Store
from core.ids import SYSTEM_ORG_ID
from core.principal import Principal, Role
from core.storage.database import Reader


@dataclass(slots=True, kw_only=True)
class RequestContext:
    """One request: who asks, which organization was entered, and the snapshot it reads.

    `now` is fixed for the request (UTC). `tracking_id` is in every refusal, record and log line of the request.
    `org_id` is another one only below a mutation that created an organization: its answer is read inside that one.
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
    db: Reader = field(init=False)
    _entered: UUID = field(init=False)
    _directory: Reader | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        """Prepare the reader; nothing is opened yet."""
        self._entered = self.org_id
        self.db = Reader(self.store.pool, self.org_id)

    @property
    def roles(self) -> frozenset[Role]:
        """Give the caller's roles in the organization entered."""
        return self.principal.roles_in(self.org_id)

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

    async def renew(self, org_id: UUID | None = None) -> None:
        """End the snapshot, so that what is read from now on is as it is now.

        `org_id`: read inside that organization; otherwise inside the one that the operation entered.
        """
        await self.close()
        org_id = org_id or self._entered
        if org_id != self.org_id:
            self.org_id, self.db = org_id, Reader(self.store.pool, org_id)

    async def close(self) -> None:
        """End what the request opened; safe to call twice."""
        await self.db.close()
        if self._directory is not None:
            await self._directory.close()
