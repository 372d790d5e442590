"""What a new token grants: from a role and the ids on the command line, checked against what is there."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from core.commands.transaction import Store
from core.ids import SYSTEM_ORG_ID
from core.principal import Grant, Role
from core.storage.database import reading
from texting.commands.ids import id_of, org_of
from texting.commands.options import Scope
from texting.startup_error import StartupError

_KNOWN = {
    "org": "SELECT true FROM texting.orgs WHERE org_id = $1 AND org_id = $2",
    "location": "SELECT true FROM texting.locations WHERE org_id = $1 AND id = $2",
    "user": "SELECT true FROM texting.users WHERE org_id = $1 AND id = $2",
}


def grants(scope: Scope) -> tuple[Grant, ...]:
    """Read the grants.

    Raises:
        StartupError: an id is none, or the role takes another scope.
    """
    _check_options(scope)
    if scope.org is None:
        return (Grant(role=scope.role),)
    org_id = org_of(scope.org)
    if scope.role is Role.LOCATION_ADMIN:
        found = [id_of("Location", each, org_id=org_id) for each in scope.locations]
        return tuple(Grant(role=scope.role, org_id=org_id, location_id=each) for each in found)
    if scope.role is Role.USER:
        return (Grant(role=scope.role, org_id=org_id, user_id=id_of("User", scope.user or "", org_id=org_id)),)
    return (Grant(role=scope.role, org_id=org_id),)


async def check(store: Store, given: Sequence[Grant]) -> UUID:
    """See that what is granted is there; give the holder's own organization.

    Raises:
        StartupError: something is not.
    """
    org_id = given[0].org_id or SYSTEM_ORG_ID
    async with reading(store.pool, org_id) as reader:
        for grant in given:
            named = {"org": org_id, "location": grant.location_id, "user": grant.user_id}
            for what, id in named.items():
                if id is not None and not await reader.fetch_sql(_KNOWN[what], org_id, id):
                    raise StartupError(f"there is no {what} `{id}` there: copy its id from an answer of the API")
    return org_id


def _check_options(scope: Scope) -> None:
    needed = {
        "--org": (scope.org is not None, scope.role is not Role.PROVIDER_ADMIN),
        "--location": (bool(scope.locations), scope.role is Role.LOCATION_ADMIN),
        "--user": (scope.user is not None, scope.role is Role.USER),
    }
    for option, (is_given, is_needed) in needed.items():
        if is_needed and not is_given:
            raise StartupError(f"role `{scope.role}` needs {option}: give it")
        if is_given and not is_needed:
            raise StartupError(f"role `{scope.role}` takes no {option}: leave it out")
