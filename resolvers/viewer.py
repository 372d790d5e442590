"""The caller: the roles here, the organization, the user, and what was granted where."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from core import principal
from core.principal import Role
from engine import Info, Registry
from resolvers.context import RequestContext
from resolvers.errors import OtherOrganization
from resolvers.orgs import find_orgs
from resolvers.references import Ref, identity, resolve, resolve_any, wants_only_ids

registry = Registry()


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """The caller, by the subject of the token."""

    graphql_type: ClassVar[str] = "Viewer"

    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A role over a scope; `org_id` `None` = everywhere, `scope` then names nothing."""

    graphql_type: ClassVar[str] = "Grant"

    role: Role
    org_id: UUID | None
    scope: Ref | None


@registry.bind("Query.viewer")
def viewer(parents: Sequence[None], info: Info) -> list[Viewer]:
    """Say who asks."""
    return [Viewer(subject=info.context.principal.subject)] * len(parents)


@registry.bind("Viewer.roles")
def roles(parents: Sequence[Viewer], info: Info) -> list[list[Role]]:
    """Give the roles held in the organization entered, in the order they are declared in."""
    held = info.context.roles
    return [[role for role in Role if role in held]] * len(parents)


@registry.bind("Viewer.org")
async def viewer_org(parents: Sequence[Viewer], info: Info) -> list[Any]:
    """Find the caller's own organization, entered or not; a provider's is the provider itself."""
    context: RequestContext = info.context
    home = context.principal.org_id
    found = await find_orgs(context, [home])
    return [found.get(home)] * len(parents)


@registry.bind("Viewer.user")
async def viewer_user(parents: Sequence[Viewer], info: Info) -> list[Any]:
    """Find the texting user that the caller is in the organization entered."""
    context: RequestContext = info.context
    own = context.principal.user_in(context.org_id)
    if own is None and any(grant.user_id is not None for grant in context.principal.grants):
        other = OtherOrganization("the caller is a user of another organization than the one entered: ask there")
        return [other] * len(parents)
    return await resolve(info, "User", [own] * len(parents))


@registry.bind("Viewer.grants")
def grants(parents: Sequence[Viewer], info: Info) -> list[list[Grant]]:
    """Give every role with its scope, those of other organizations too."""
    held = [_grant(each) for each in info.context.principal.grants]
    return [held] * len(parents)


@registry.bind("Grant.scope")
async def scope(parents: Sequence[Grant], info: Info) -> list[Any]:
    """Find what each grant holds for; of other organizations, only they themselves and the ids of the rest."""
    context: RequestContext = info.context
    here = await resolve_any(info, [each.scope if each.org_id == context.org_id else None for each in parents])
    elsewhere = [each.org_id for each in parents if _is_other_org(context, each) and each.org_id is not None]
    orgs = await find_orgs(context, elsewhere)
    only_ids = wants_only_ids(info)
    return [
        found if each.org_id == context.org_id else _elsewhere(each, orgs, only_ids=only_ids)
        for each, found in zip(parents, here, strict=True)
    ]


def _grant(granted: principal.Grant) -> Grant:
    named: Ref | None = None
    if granted.user_id is not None:
        named = Ref("User", granted.user_id)
    elif granted.location_id is not None:
        named = Ref("Location", granted.location_id)
    elif granted.org_id is not None:
        named = Ref("Org", granted.org_id)
    return Grant(role=granted.role, org_id=granted.org_id, scope=named)


def _is_other_org(context: RequestContext, grant: Grant) -> bool:
    return grant.scope is not None and grant.scope.type == "Org" and grant.org_id != context.org_id


def _elsewhere(grant: Grant, orgs: dict[UUID, Any], *, only_ids: bool) -> Any:
    if grant.scope is None or grant.org_id is None:
        return None
    if grant.scope.type == "Org":
        return orgs.get(grant.org_id)
    if only_ids:
        return identity(grant.scope.type, grant.org_id, grant.scope.id)
    return OtherOrganization("what this grant holds for lies in another organization than the one entered: ask there")
