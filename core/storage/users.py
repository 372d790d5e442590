"""Users: by id, by e-mail, and in pages."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import and_, case, column, func, not_, or_, select, tuple_
from sqlalchemy.types import Text, Uuid

from core.rules.enums import TextingMode
from core.rules.names import email_key, search_bounds
from core.storage.listing import NOTHING, Listing, Where, condition, conditions
from core.storage.pages import Order
from core.storage.rows import UserRow
from core.storage.selecting import any_id, columns, id_list, inlined, text, text_list, uuid
from core.storage.tables import Locations, Orgs, Users

_users, _locations, _orgs = columns(Users), columns(Locations), columns(Orgs)

BY_ID = Order(name="users.id", keys=("id",))
BY_NAME = Order(name="users.name", keys=("sort_name", "id"), types=(str, UUID))


def _inherited() -> Any:
    """Give what a user without an own switch would have: the location's, else the organization's, or where it locks."""
    here = and_(_locations.org_id == _users.org_id, _locations.id == _users.location_id)
    of_location = select(_locations.texting).where(here).scalar_subquery()
    of_org, is_locked = (
        select(value).where(_orgs.org_id == _users.org_id).scalar_subquery()
        for value in (_orgs.texting_enabled, _orgs.texting_locked)
    )
    org_mode = case((of_org, inlined(TextingMode.ON)), else_=inlined(TextingMode.OFF))
    return case((or_(is_locked, of_location == inlined(TextingMode.INHERIT)), org_mode), else_=of_location)


def _groups() -> Any:
    """Give groups of users that are alike, as rows of what makes them so."""
    listed = (id_list("alike_locations"), text_list("alike_modes"), text_list("alike_signatures"))
    kinds = (column("location_id", Uuid()), column("mode", Text()), column("signature", Text()))
    group = func.unnest(*listed).table_valued(*kinds, name="alike").render_derived()
    return select(group.c.location_id, group.c.mode, group.c.signature)


_redundant = and_(_users.texting != inlined(TextingMode.INHERIT), _users.texting == _inherited())

USERS = Listing(
    row=UserRow,
    table=_users,
    leaves_out=True,
    columns=(
        "org_id",
        "id",
        "location_id",
        "display_name",
        "sort_name",
        "email",
        "status",
        "app_version",
        "app_version_seen_at",
        "texting",
        "version",
        "created_at",
    ),
    conditions={
        "location_id": _users.location_id == uuid("location_id"),
        "texting": _users.texting == text("texting"),
        "status": _users.status == text("status"),
        # Ranges, not LIKE: under row security only leakproof operators reach an index.
        "search": or_(
            and_(_users.sort_name >= text("name_from"), _users.sort_name < text("name_to")),
            and_(_users.email_key >= text("email_from"), _users.email_key < text("email_to")),
        ),
        "redundant": _redundant,
        "not_redundant": not_(_redundant),
        "alike": tuple_(_users.location_id, _users.texting, _users.signature).in_(_groups()),
        "email": _users.email_key == text("email_key"),
        "seen": or_(_users.location_id == any_id("seen_locations"), _users.id == uuid("seen_user")),
    },
)


def where(
    *,
    location_id: UUID | None = None,
    search: str | None = None,
    texting: str | None = None,
    status: str | None = None,
    override_is_redundant: bool | None = None,
) -> Where:
    """Which users; `None` asks nothing. `search`: how the name or the e-mail begins, case and accents aside."""
    wanted = conditions({"location_id": location_id, "texting": texting, "status": status})
    if search is not None and search.strip():
        wanted &= _begins(search)
    if override_is_redundant is not None:
        wanted &= condition("redundant" if override_is_redundant else "not_redundant")
    return wanted


def alike(locations: Sequence[UUID], modes: Sequence[str], signatures: Sequence[str]) -> Where:
    """Which users: those of groups that are alike, each a location, a stored switch and a signature."""
    if not locations:
        return NOTHING
    return condition("alike", alike_locations=locations, alike_modes=modes, alike_signatures=signatures)


def has_email(email: str) -> Where:
    """Which user has this e-mail, however it is written."""
    return condition("email", email_key=email_key(email))


def _begins(search: str) -> Where:
    name_from, name_to = search_bounds(search)
    email = email_key(search)
    return condition("search", name_from=name_from, name_to=name_to, email_from=email, email_to=email + "\U0010ffff")
