"""Who is asking: a subject and its grants, each a role over a scope."""

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

ROLES_KEPT = 16
"""Organizations of which a caller's roles are remembered: most callers enter one."""


class Role(StrEnum):
    """What a person may be; design.md says what each may do."""

    PROVIDER_ADMIN = "PROVIDER_ADMIN"
    ORG_ADMIN = "ORG_ADMIN"
    LOCATION_ADMIN = "LOCATION_ADMIN"
    COMPLIANCE_OFFICER = "COMPLIANCE_OFFICER"
    AUDITOR = "AUDITOR"
    USER = "USER"


ORG_READERS = frozenset({Role.PROVIDER_ADMIN, Role.ORG_ADMIN, Role.COMPLIANCE_OFFICER, Role.AUDITOR})
"""Those who read everything an organization holds, bodies and the audit log apart."""
LOG_READERS = frozenset({Role.COMPLIANCE_OFFICER, Role.AUDITOR})
"""Those who read every audit record; everybody reads the records of what they did themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A role over a scope; `org_id` is `None` for the provider, whose scope is every organization."""

    role: Role
    org_id: UUID | None = None
    location_id: UUID | None = None
    user_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """An authenticated caller. `org_id` is the caller's own organization (the system's for a provider).

    `issuer`: the identity provider that named it; `is_service`: a machine, known by a service token.
    """

    subject: str
    name: str | None
    org_id: UUID
    grants: tuple[Grant, ...]
    token_id: UUID | None = None
    issuer: str | None = None
    is_service: bool = False
    _roles: dict[UUID, frozenset[Role]] = field(init=False, repr=False, compare=False, default_factory=dict)

    @property
    def identity(self) -> tuple[str, UUID, str]:
        """What tells callers apart: who named the subject (empty: we did), its organization, the subject."""
        return self.issuer or "", self.org_id, self.subject

    def may_enter(self, org_id: UUID) -> bool:
        """Say whether any grant covers that organization."""
        return any(grant.org_id is None or grant.org_id == org_id for grant in self.grants)

    def roles_in(self, org_id: UUID) -> frozenset[Role]:
        """Give the roles held in that organization, whatever their inner scope."""
        found = self._roles.get(org_id)
        if found is None:
            found = frozenset(grant.role for grant in self.grants if grant.org_id is None or grant.org_id == org_id)
            if len(self._roles) < ROLES_KEPT:
                self._roles[org_id] = found
        return found

    def locations_in(self, org_id: UUID) -> frozenset[UUID]:
        """Give the locations this caller administers there as LOCATION_ADMIN."""
        return frozenset(
            grant.location_id
            for grant in self.grants
            if grant.role is Role.LOCATION_ADMIN and grant.org_id == org_id and grant.location_id is not None
        )

    def user_in(self, org_id: UUID) -> UUID | None:
        """Give the texting user this caller is there, if any."""
        return next((g.user_id for g in self.grants if g.role is Role.USER and g.org_id == org_id), None)
