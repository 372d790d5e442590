"""Phone numbers: by id, by number, by holder, and in pages."""

from uuid import UUID

from sqlalchemy import and_, or_, select

from core.rules.enums import NumberState, PhoneNumberType
from core.storage.listing import Listing, Where, condition, conditions
from core.storage.pages import Order
from core.storage.rows import PhoneNumberRow
from core.storage.selecting import any_id, columns, inlined, org_id, text, uuid
from core.storage.tables import PhoneNumbers, Users

_numbers, _users = columns(PhoneNumbers), columns(Users)

BY_ID = Order(name="numbers.id", keys=("id",))

# One list of holders rather than two joined by OR: the planner can start from it.
_seen_holders = select(_users.id).where(
    _users.org_id == org_id(), or_(_users.location_id == any_id("seen_locations"), _users.id == uuid("seen_user"))
)

NUMBERS = Listing(
    row=PhoneNumberRow,
    table=_numbers,
    leaves_out=True,
    columns=(
        "org_id",
        "id",
        "phone_number",
        "type",
        "assigned_by",
        "region",
        "valid",
        "toll_free_number",
        "state",
        "owner_id",
        "campaign_id",
        "assignment_status",
        "assignment_since",
        "assignment_audit_id",
    ),
    conditions={
        "owner_id": _numbers.owner_id == uuid("owner_id"),
        "unassigned": _numbers.owner_id.is_(None),
        "assigned": _numbers.owner_id.is_not(None),
        "state": _numbers.state == text("state"),
        "assigned_by": _numbers.assigned_by == text("assigned_by"),
        "campaign_id": _numbers.campaign_id == uuid("campaign_id"),
        "phone_number": _numbers.phone_number == text("phone_number"),
        "primary": _numbers.type == inlined(PhoneNumberType.PRIMARY),
        "in_service": and_(
            _numbers.type == inlined(PhoneNumberType.PRIMARY), _numbers.state == inlined(NumberState.ACTIVE)
        ),
        "seen": _numbers.owner_id.in_(_seen_holders),
    },
)

PRIMARY = condition("primary")
"""The number that a user texts with, in service or not."""
IN_SERVICE = condition("in_service")
"""The primary number, where it is in service (P3)."""


def where(
    *,
    owner_id: UUID | None = None,
    unassigned: bool | None = None,
    state: str | None = None,
    assigned_by: str | None = None,
    campaign_id: UUID | None = None,
) -> Where:
    """Which numbers; `None` asks nothing."""
    wanted = conditions({"owner_id": owner_id, "state": state, "assigned_by": assigned_by, "campaign_id": campaign_id})
    if unassigned is not None:
        wanted &= condition("unassigned" if unassigned else "assigned")
    return wanted


def is_number(phone_number: str) -> Where:
    """Which number, in E.164."""
    return condition("phone_number", phone_number=phone_number)
