"""The stored facts that eligibility reads, one value a level. `None` always means: never recorded."""

from dataclasses import dataclass
from uuid import UUID

from core.rules.enums import (
    AssignmentStatus,
    BrandStatus,
    CampaignStatus,
    CustomerType,
    Level,
    NumberSource,
    NumberState,
    PhoneNumberType,
    PstnConnectionType,
    UserStatus,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrgFacts:
    """What is known of an organization (P1, P2, P6, B7).

    `calling_plan_countries`: ISO 3166 alpha-2; empty = recorded that there is no plan. `add_on_units`: licences held,
    0 = recorded that there are none. `brand_status` `None` = no brand is registered.
    """

    customer_type: CustomerType | None = None
    calling_plan_provider: str | None = None
    calling_plan_countries: tuple[str, ...] | None = None
    add_on_units: int | None = None
    add_on_suspended: bool | None = None
    handles_phi: bool | None = None
    healthcare: bool | None = None
    brand_status: BrandStatus | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignFacts:
    """One campaign of the organization (P6)."""

    id: UUID
    status: CampaignStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationFacts:
    """What is known of a location (P3, P5). `country`: ISO 3166 alpha-2 of its address."""

    country: str | None = None
    pstn_connection_type: PstnConnectionType | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserFacts:
    """What is known of a user (P4, U1). `app_version`: as reported, not yet parsed."""

    status: UserStatus | None = None
    app_version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberFacts:
    """What is known of a number (P3, P6). `region`, `valid`: from the metadata when the number entered.

    `campaign_id` and `assignment_status` are `None` together: no campaign was ever asked for.
    """

    type: PhoneNumberType | None = None
    state: NumberState | None = None
    assigned_by: NumberSource | None = None
    region: str | None = None
    valid: bool | None = None
    campaign_id: UUID | None = None
    assignment_status: AssignmentStatus | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchFacts:
    """A user's resolved BUSINESS_TEXTING (O1 to O4, U3), the level it came from, and the level that locks it."""

    enabled: bool
    level: Level = Level.SYSTEM
    locked_by: Level | None = None
