"""Which objects of the organization entered a caller may see; every way to an object asks here.

What is not visible is missing: null, left out of a list, NotFound. It never differs from what does not exist.
"""

from collections.abc import Callable
from uuid import UUID

from core.principal import Role
from core.rules.enums import ExportKind
from core.storage import audit_records
from core.storage.exports import of_kind
from core.storage.listing import EVERYTHING, NOTHING, Where, condition
from resolvers.context import RequestContext
from schema.access import AUDIT, STAFF, WHOLE_ORG

Rule = Callable[[RequestContext], Where]


def org(context: RequestContext) -> Where:
    """The organization entered: everybody who may enter it sees it."""
    return EVERYTHING if context.principal.may_enter(context.org_id) else NOTHING


def people(context: RequestContext) -> Where:
    """Users, their locations and their numbers: all of them, those of one's locations, one's own."""
    if context.roles & WHOLE_ORG:
        return EVERYTHING
    locations, own = _administered(context), own_user(context)
    if not locations and own is None:
        return NOTHING
    return condition("seen", seen_locations=list(locations), seen_user=own)


def registration(context: RequestContext) -> Where:
    """Brands and campaigns: staff's alone."""
    return EVERYTHING if context.roles & STAFF else NOTHING


def correspondence(context: RequestContext) -> Where:
    """Conversations, messages and the consent ledger: all of them, one's own."""
    if context.roles & WHOLE_ORG:
        return EVERYTHING
    own = own_user(context)
    return NOTHING if own is None else condition("seen", seen_user=own)


def reads_correspondence_of(context: RequestContext, user_id: UUID) -> bool:
    """Whether the caller reads what a user of the organization entered sends and receives, the bodies apart."""
    return bool(context.roles & WHOLE_ORG) or own_user(context) == user_id


def audit(context: RequestContext) -> Where:
    """Audit records: all of them, those of what one did oneself."""
    if context.roles & AUDIT:
        return EVERYTHING
    return audit_records.done_by(context.principal, context.org_id)


def exports(context: RequestContext) -> Where:
    """Exports: who reads the whole log sees all; who reads the whole organization, reports on who may text."""
    if context.roles & AUDIT:
        return EVERYTHING
    return of_kind(ExportKind.ELIGIBILITY_REPORT) if context.roles & WHOLE_ORG else NOTHING


def reads_whole(context: RequestContext, org_id: UUID) -> bool:
    """Whether the caller reads all that is known of an organization, entered or met in the directory."""
    return bool(context.principal.roles_in(org_id) & WHOLE_ORG)


def own_user(context: RequestContext) -> UUID | None:
    """The texting user that the caller is there, if any."""
    return context.principal.user_in(context.org_id)


def reads_bodies_of_others(context: RequestContext) -> bool:
    """Whether the caller may read what others wrote; each such request is recorded."""
    return Role.COMPLIANCE_OFFICER in context.roles


def _administered(context: RequestContext) -> frozenset[UUID]:
    return context.principal.locations_in(context.org_id)
