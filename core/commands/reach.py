"""How far a caller's role reaches inside the organization: a location's administrator, and a user over oneself."""

from collections.abc import Iterable
from uuid import UUID

from core.commands.refusals import NotAllowed, Refused, told
from core.commands.transaction import Transaction
from core.principal import Role

_NARROW = frozenset({Role.LOCATION_ADMIN, Role.USER})


def check_reach(tx: Transaction, *, location_ids: Iterable[UUID], user_id: UUID | None = None) -> None:
    """Refuse a caller whose roles do not reach all of these locations, and who is not that user."""
    attempt = tx.attempt
    roles = attempt.acting_roles
    if roles - _NARROW:
        return
    locations = set(location_ids)
    if Role.LOCATION_ADMIN in roles and locations and locations <= attempt.principal.locations_in(tx.org_id):
        return
    if Role.USER in roles and user_id is not None and user_id == attempt.principal.user_in(tx.org_id):
        return
    wider = tuple(role for role in attempt.allowed_roles if role not in _NARROW)
    if wider:
        message = f"`{attempt.operation}` beyond the caller's own needs {told(wider)}: ask somebody who has it"
    else:
        message = f"`{attempt.operation}` is for what is the caller's own alone: ask the user whose it is"
    raise Refused(NotAllowed(message=message, required_roles=wider or attempt.allowed_roles))


def require(tx: Transaction, role: Role, what: str) -> None:
    """Refuse a caller without the role that one part of an input needs."""
    if role not in tx.attempt.roles:
        raise Refused(
            NotAllowed(message=f"{what} needs the role {role}: leave it out, or ask who has it", required_roles=(role,))
        )
