"""Who runs the command line, as the audit log knows them: an account of this machine, acting for the provider."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from core.commands.attempt import Attempt
from core.ids import SYSTEM_ORG_ID, uuid7
from core.principal import Grant, Principal, Role


def operator() -> Principal:
    """Give the operator of this process."""
    from texting.commands.ids import account

    return Principal(
        subject=f"cli:{account()}", name=None, org_id=SYSTEM_ORG_ID, grants=(Grant(role=Role.PROVIDER_ADMIN),)
    )


def attempt_of(org_id: UUID, *, operation: str, action: str, reason: str | None = None) -> Attempt:
    """Describe what the operator is about to do in an organization."""
    return Attempt(
        principal=operator(),
        org_id=org_id,
        operation=operation,
        action=action,
        allowed_roles=(Role.PROVIDER_ADMIN,),
        now=datetime.now(UTC),
        tracking_id=f"cli:{uuid7()}",
        target_type="Org",
        target_id=org_id,
        reason=reason,
    )
