"""Organizations: one's own row, the provider's directory, and how much of an add-on is in use."""

from uuid import UUID

from sqlalchemy import and_, case, func, or_, select

from core.ids import SYSTEM_ORG_ID
from core.rules.enums import TextingMode, UserStatus
from core.storage.fetching import Fetch
from core.storage.listing import Listing, Where, condition
from core.storage.pages import Order
from core.storage.rows import OrgRow
from core.storage.selecting import columns, inlined, org_id, text
from core.storage.statements import compiled
from core.storage.tables import Locations, Orgs, Users

_orgs, _locations, _users = columns(Orgs), columns(Locations), columns(Users)

_READ = (
    "org_id",
    "name",
    "customer_type",
    "calling_plan_provider",
    "calling_plan_countries",
    "add_on_id",
    "add_on_name",
    "add_on_units",
    "add_on_suspended",
    "handles_phi",
    "healthcare",
    "texting_enabled",
    "version",
    "created_at",
)

ORGS = Listing(row=OrgRow, table=_orgs, columns=_READ, id="org_id", leaves_out=True)

BY_NAME = Order(name="orgs.name", keys=("sort_name", "org_id"), types=(str, UUID))

_customers = select(*(_orgs[name] for name in (*_READ, "sort_name"))).where(_orgs.org_id != SYSTEM_ORG_ID)
_directory = _customers.subquery("directory")
_begins = func.lower(text("begins"))

DIRECTORY = Listing(
    row=OrgRow,
    table=_directory.c,
    columns=(*_READ, "sort_name"),
    id="org_id",
    conditions={
        "itself": _directory.c.org_id == org_id(),
        # A range, not LIKE: under row security only leakproof operators reach an index.
        "begins": and_(
            _directory.c.sort_name >= _begins, _directory.c.sort_name < func.concat(_begins, inlined("\U0010ffff"))
        ),
    },
    spans_orgs=True,
)
"""Every customer: has others' rows inside the provider's own organization only."""
ITSELF = condition("itself")
"""Of the directory, the organization that is read inside of."""


def begins(search: str | None) -> Where:
    """Which customers: how the name begins, case aside."""
    wanted = (search or "").strip()
    return condition("begins", begins=wanted) if wanted else Where()


_on = inlined(TextingMode.ON)
_inherit = inlined(TextingMode.INHERIT)
_location_is_on = or_(
    _locations.texting == _on,
    and_(_locations.texting == _inherit, _orgs.texting_enabled),
)
_user_is_on = case(
    (_orgs.texting_locked, _orgs.texting_enabled),
    (or_(_locations.texting_locked, _users.texting == _inherit), _location_is_on),
    else_=_users.texting == _on,
)
SWITCHED_ON = compiled(
    select(func.count().label("total"))
    .select_from(Users)
    .join(Locations, and_(_locations.org_id == _users.org_id, _locations.id == _users.location_id))
    .join(Orgs, _orgs.org_id == _users.org_id)
    .where(_users.org_id == org_id(), _users.status == inlined(UserStatus.ACTIVE), _user_is_on)
)


async def switched_on(fetch: Fetch, org: UUID) -> int:
    """Count the active users whose texting is on (O1 to O4), whatever else keeps them from it."""
    rows = await fetch(SWITCHED_ON, org_id=org)
    return int(rows[0]["total"])
