"""Global ids in arguments: what they name inside the organization entered, without asking the database."""

from uuid import UUID

from strawberry import UNSET

from core.ids import GlobalId, decode
from core.storage.listing import NOTHING, Where
from resolvers.context import RequestContext


def parse(context: RequestContext, text: str) -> GlobalId | None:
    """Read an id; `None` when it is none, or of another organization."""
    parsed = decode(text, home=context.principal.org_id)
    return parsed if parsed is not None and parsed.org_id == context.org_id else None


def id_of(context: RequestContext, text: str, type_name: str) -> UUID | None:
    """Read the id of an object of one type; `None` when it is of another type or organization, or none at all."""
    parsed = parse(context, text)
    return parsed.id if parsed is not None and parsed.type == type_name else None


def wanted_id(context: RequestContext, text: object, type_name: str) -> tuple[UUID | None, Where]:
    """Read an id of a filter: an id that names nothing there leaves nothing to be found."""
    if not given(text):
        return None, Where()
    found = id_of(context, str(text), type_name)
    return found, Where() if found is not None else NOTHING


def enters(context: RequestContext, org_id: str | None) -> bool:
    """Whether an `orgId` argument names the organization entered; absent, it does."""
    return org_id is None or id_of(context, org_id, "Org") == context.org_id


def given(value: object) -> bool:
    """Whether an input field says anything: absent and null are the same in filters."""
    return value is not None and value is not UNSET
