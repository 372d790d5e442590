"""Enums of what is provisioned: roles, organizations, users, numbers, registrations."""

from core.principal import Role
from core.rules.enums import (
    AssignmentStatus,
    BrandFeedback,
    BrandIdentity,
    BrandStatus,
    CampaignStatus,
    CarrierStatus,
    CustomerType,
    NumberSource,
    NumberState,
    PhoneNumberType,
    PstnConnectionType,
    TextingMode,
    UserStatus,
)
from schema.enums.described import describe

__all__ = [
    "AssignmentStatus",
    "BrandFeedback",
    "BrandIdentity",
    "BrandStatus",
    "CampaignStatus",
    "CarrierStatus",
    "CustomerType",
    "NumberSource",
    "NumberState",
    "PhoneNumberType",
    "PstnConnectionType",
    "Role",
    "TextingMode",
    "UserStatus",
]

describe(
    Role,
    "What a caller may be, always within a scope: the provider, an organization, a location or oneself.",
    PROVIDER_ADMIN="Works for the provider: every organization, what was sold to it, carriers' answers; no bodies.",
    ORG_ADMIN="Administers one organization: its locations, users, switches and registrations; no bodies.",
    LOCATION_ADMIN="Administers certain locations: their switches, users and numbers.",
    COMPLIANCE_OFFICER="Answers for compliance: reads message bodies, which is recorded, and the audit log.",
    AUDITOR="Reviews an organization: reads it and its audit log, changes nothing; no bodies.",
    USER="A texting user: oneself, one's own settings, eligibility and conversations.",
)
describe(
    CustomerType,
    "How the organization was sold to (P2).",
    ENTERPRISE="An enterprise customer: the only type that may use business texting (P2).",
    ONLINE="Bought online: cannot use it today (P2).",
    TRIAL="On trial: cannot use it today (P2).",
    UNKNOWN="Not recorded; the rule that asks for it is then UNKNOWN, not PASS.",
)
describe(
    PstnConnectionType,
    "How a location reaches the telephone network (P5).",
    CISCO_PSTN="Cisco is the carrier: what business texting needs (P5).",
    LOCAL_GATEWAY="Through the customer's own gateway.",
    NON_INTEGRATED_CCP="Through a cloud-connected provider without integration.",
    INTEGRATED_CCP="Through an integrated cloud-connected provider.",
    NOT_CONFIGURED="No connection is set up yet.",
    UNKNOWN="Not recorded; the rule that asks for it is then UNKNOWN.",
)
describe(
    PhoneNumberType,
    "What a number is to its owner.",
    PRIMARY="The owner's primary number: the one that texts (P3).",
    ALTERNATE="A further number; it does not count for P3.",
    FAX="A fax number.",
    DNIS="A number that callers dial to reach a service.",
)
describe(
    NumberSource,
    "Who assigned a number (P3).",
    CISCO_CALLING_PLAN="The Cisco Calling Plan: what business texting needs (P3).",
    LOCAL_GATEWAY="A carrier behind the customer's gateway.",
    PORTED_ELSEWHERE="Another carrier, to which it was ported.",
    UNKNOWN="Not recorded; the rule that asks for it is then UNKNOWN.",
)
describe(
    NumberState,
    "Whether a number is in service.",
    ACTIVE="In service.",
    INACTIVE="Out of service: suspended or ported away.",
)
describe(
    UserStatus,
    "The life of a user. The user stays as a tombstone, so that records keep whom they name.",
    ACTIVE="May use the service.",
    DEACTIVATED="Left: cannot text.",
    ERASED="Left, and the personal data was destroyed.",
)
describe(
    TextingMode,
    "The stored switch of a location or user: three different states (U3a, U3b).",
    INHERIT="Use what the level above says (U3a).",
    ON="Override: on, whatever the level above says (U3b).",
    OFF="Override: off, whatever the level above says (U3b).",
)
describe(
    BrandStatus,
    "Registration of a brand with the 10DLC registry (P6).",
    PENDING="Handed in.",
    IN_REVIEW="The registry is reviewing it.",
    APPROVED="Registered.",
    FAILED="Refused; it may be handed in again.",
    SUSPENDED="Was registered; suspended for now.",
)
describe(
    BrandIdentity,
    "How far the registry has verified who the brand is.",
    SELF_DECLARED="Only what the customer says.",
    UNVERIFIED="Checked, and not confirmed.",
    VERIFIED="Confirmed.",
    VETTED_VERIFIED="Confirmed and vetted by a third party.",
)
describe(
    BrandFeedback,
    "What the registry could not match.",
    TAX_ID="The tax number.",
    STOCK_SYMBOL="The stock symbol.",
    NONPROFIT="The non-profit status.",
    GOVERNMENT_ENTITY="The government entity.",
    OTHERS="Something else.",
)
describe(
    CampaignStatus,
    "Registration of a campaign with the 10DLC registry (P6).",
    DRAFT="Reserved: not handed in.",
    SUBMITTED="Handed in.",
    REGISTRY_REVIEW="The registry is reviewing it.",
    REGISTRY_REJECTED="The registry refused it; it may be handed in again.",
    CARRIER_REVIEW="The carriers are reviewing it.",
    ACTIVE="Registered: its numbers may text (P6).",
    SUSPENDED="Stopped for now; it can become active again.",
    EXPIRED="Over for good.",
    DEACTIVATED="Ended by the organization, for good.",
)
describe(
    CarrierStatus,
    "One carrier's answer about a campaign.",
    PENDING="No answer yet.",
    APPROVED="Approved.",
    REJECTED="Refused.",
    SUSPENDED="Was approved; suspended for now.",
)
describe(
    AssignmentStatus,
    "Where the assignment of a number to a campaign stands (P6).",
    PENDING_ASSIGNMENT="Asked for; the registry has not answered.",
    ASSIGNED="Assigned.",
    FAILED_ASSIGNMENT="Refused; it may be asked for again.",
    PENDING_UNASSIGNMENT="Its end was asked for.",
    UNASSIGNED="Ended.",
    FAILED_UNASSIGNMENT="Its end was refused.",
)
