"""One attempt to change something: who, where, through which operation, and why."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.principal import Principal, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What every command is told about its caller. `now` is the request's clock, UTC.

    `operation` is the mutation's GraphQL name (or the command line's), `action` the audit verb, `target_type` and
    `target_id` what it is about as far as the input says, `argument` the input field that says it. `body_digest` is the
    SHA-256 of the canonical input, which an idempotency key is bound to. `reason_required`: the change is privileged.
    `trace`: the W3C trace and span that it happens in, in hex, where it is traced.
    """

    principal: Principal
    org_id: UUID
    operation: str
    action: str
    allowed_roles: tuple[Role, ...]
    now: datetime
    tracking_id: str
    target_type: str
    target_id: UUID
    argument: str = "orgId"
    ip: str | None = None
    user_agent: str | None = None
    language: str = "en"
    trace: tuple[str, str] | None = None
    reason: str | None = None
    reason_required: bool = False
    idempotency_key: str | None = None
    body_digest: bytes = b""
    dry_run: bool = False

    @property
    def roles(self) -> frozenset[Role]:
        """Give the caller's roles in the organization entered."""
        return self.principal.roles_in(self.org_id)

    @property
    def acting_roles(self) -> frozenset[Role]:
        """Give those of the caller's roles that allow the operation."""
        return self.roles.intersection(self.allowed_roles)

    @property
    def is_provider(self) -> bool:
        """Say whether the caller acts for the provider."""
        return Role.PROVIDER_ADMIN in self.roles
