"""Locations: by id and in pages."""

from sqlalchemy import or_, select

from core.storage.listing import Listing
from core.storage.pages import Order
from core.storage.rows import LocationRow
from core.storage.selecting import any_id, columns, org_id, uuid
from core.storage.tables import Locations, Users

_locations, _users = columns(Locations), columns(Users)

BY_ID = Order(name="locations.id", keys=("id",))

_of_seen_user = (
    select(_users.location_id).where(_users.org_id == org_id(), _users.id == uuid("seen_user")).scalar_subquery()
)

LOCATIONS = Listing(
    row=LocationRow,
    table=_locations,
    leaves_out=True,
    columns=(
        "org_id",
        "id",
        "name",
        "country",
        "region",
        "city",
        "line1",
        "postal_code",
        "time_zone",
        "pstn_connection_type",
        "texting",
        "version",
    ),
    conditions={"seen": or_(_locations.id == any_id("seen_locations"), _locations.id == _of_seen_user)},
)
