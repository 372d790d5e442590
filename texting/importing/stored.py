"""What the organization has when a file is read: what a plan compares with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from core.rules.enums import AssignmentStatus, NumberSource, PhoneNumberType, UserStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredUser:
    """A user the organization has."""

    id: UUID
    email_key: str
    display_name: str
    location_id: UUID
    status: UserStatus
    app_version: str | None
    primary_number_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredNumber:
    """A number of the organization's inventory."""

    id: UUID
    phone_number: str
    owner_id: UUID | None
    assigned_by: NumberSource
    campaign_id: UUID | None
    type: PhoneNumberType = PhoneNumberType.PRIMARY
    assignment: AssignmentStatus | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What the organization has.

    Users by e-mail key, numbers by E.164, locations by folded name, campaigns by use case and by global id, both as
    written. `twins`: names that several locations or campaigns have. `elsewhere`: numbers (E.164) that other
    organizations hold. `room`: how many more numbers a campaign takes; one that is not there takes any.
    """

    users: Mapping[str, StoredUser]
    numbers: Mapping[str, StoredNumber]
    locations: Mapping[str, UUID]
    campaigns: Mapping[str, UUID]
    twins: frozenset[str] = frozenset()
    elsewhere: frozenset[str] = frozenset()
    room: Mapping[UUID, int] = field(default_factory=dict)
