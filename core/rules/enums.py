"""The closed sets of the domain. A member's name and value are equal: it is the GraphQL value and the stored text."""

from enum import StrEnum


class CustomerType(StrEnum):
    """How the organization was sold to (P2)."""

    ENTERPRISE = "ENTERPRISE"
    ONLINE = "ONLINE"
    TRIAL = "TRIAL"
    UNKNOWN = "UNKNOWN"


class PstnConnectionType(StrEnum):
    """How a location reaches the telephone network (P5); the first four are Webex's names."""

    CISCO_PSTN = "CISCO_PSTN"
    LOCAL_GATEWAY = "LOCAL_GATEWAY"
    NON_INTEGRATED_CCP = "NON_INTEGRATED_CCP"
    INTEGRATED_CCP = "INTEGRATED_CCP"
    NOT_CONFIGURED = "NOT_CONFIGURED"
    UNKNOWN = "UNKNOWN"


class PhoneNumberType(StrEnum):
    """What a number is to its owner (P3: the primary one counts)."""

    PRIMARY = "PRIMARY"
    ALTERNATE = "ALTERNATE"
    FAX = "FAX"
    DNIS = "DNIS"


class NumberSource(StrEnum):
    """Who assigned the number (P3)."""

    CISCO_CALLING_PLAN = "CISCO_CALLING_PLAN"
    LOCAL_GATEWAY = "LOCAL_GATEWAY"
    PORTED_ELSEWHERE = "PORTED_ELSEWHERE"
    UNKNOWN = "UNKNOWN"


class NumberState(StrEnum):
    """Whether the number is in service."""

    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"


class UserStatus(StrEnum):
    """The life of a user; the row stays as a tombstone."""

    ACTIVE = "ACTIVE"
    DEACTIVATED = "DEACTIVATED"
    ERASED = "ERASED"


class TextingMode(StrEnum):
    """The stored switch of a location or user: three different states (U3a, U3b)."""

    INHERIT = "INHERIT"
    ON = "ON"
    OFF = "OFF"


class BrandStatus(StrEnum):
    """Registration of a brand (P6)."""

    PENDING = "PENDING"
    IN_REVIEW = "IN_REVIEW"
    APPROVED = "APPROVED"
    FAILED = "FAILED"
    SUSPENDED = "SUSPENDED"


class BrandIdentity(StrEnum):
    """How far the registry has verified who the brand is."""

    SELF_DECLARED = "SELF_DECLARED"
    UNVERIFIED = "UNVERIFIED"
    VERIFIED = "VERIFIED"
    VETTED_VERIFIED = "VETTED_VERIFIED"


class BrandFeedback(StrEnum):
    """What the registry could not match."""

    TAX_ID = "TAX_ID"
    STOCK_SYMBOL = "STOCK_SYMBOL"
    NONPROFIT = "NONPROFIT"
    GOVERNMENT_ENTITY = "GOVERNMENT_ENTITY"
    OTHERS = "OTHERS"


class CampaignStatus(StrEnum):
    """Registration of a campaign (P6)."""

    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    REGISTRY_REVIEW = "REGISTRY_REVIEW"
    REGISTRY_REJECTED = "REGISTRY_REJECTED"
    CARRIER_REVIEW = "CARRIER_REVIEW"
    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    EXPIRED = "EXPIRED"
    DEACTIVATED = "DEACTIVATED"


class CarrierStatus(StrEnum):
    """One carrier's answer about a campaign."""

    PENDING = "PENDING"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    SUSPENDED = "SUSPENDED"


class AssignmentStatus(StrEnum):
    """Where the assignment of a number to a campaign stands."""

    PENDING_ASSIGNMENT = "PENDING_ASSIGNMENT"
    ASSIGNED = "ASSIGNED"
    FAILED_ASSIGNMENT = "FAILED_ASSIGNMENT"
    PENDING_UNASSIGNMENT = "PENDING_UNASSIGNMENT"
    UNASSIGNED = "UNASSIGNED"
    FAILED_UNASSIGNMENT = "FAILED_UNASSIGNMENT"


class Level(StrEnum):
    """What a rule, a limit or a setting is about."""

    SYSTEM = "SYSTEM"
    ORG = "ORG"
    LOCATION = "LOCATION"
    USER = "USER"
    NUMBER = "NUMBER"
    CAMPAIGN = "CAMPAIGN"
    RECIPIENT = "RECIPIENT"
    MESSAGE = "MESSAGE"


class RuleStatus(StrEnum):
    """The result of one rule."""

    PASS = "PASS"  # noqa: S105 - the word is no secret
    FAIL = "FAIL"
    WARN = "WARN"
    UNKNOWN = "UNKNOWN"
    PENDING = "PENDING"
    NOT_APPLICABLE = "NOT_APPLICABLE"


class Outcome(StrEnum):
    """The result of a decision; only ALLOWED may send."""

    ALLOWED = "ALLOWED"
    DENIED = "DENIED"
    PENDING = "PENDING"
    INDETERMINATE = "INDETERMINATE"


class RemediationKind(StrEnum):
    """Who can do something about a failing rule, and how."""

    ADMIN_ACTION = "ADMIN_ACTION"
    PARTNER_ORDER = "PARTNER_ORDER"
    CARRIER_WAIT = "CARRIER_WAIT"
    USER_ACTION = "USER_ACTION"
    NOT_FIXABLE = "NOT_FIXABLE"


class SettingKey(StrEnum):
    """A setting with levels."""

    BUSINESS_TEXTING = "BUSINESS_TEXTING"
    MESSAGE_RETENTION_DAYS = "MESSAGE_RETENTION_DAYS"


class SettingState(StrEnum):
    """How the effective value came about."""

    DEFAULT = "DEFAULT"
    INHERITED = "INHERITED"
    OVERRIDDEN = "OVERRIDDEN"
    LOCKED = "LOCKED"


class Direction(StrEnum):
    """Seen from the organization."""

    INBOUND = "INBOUND"
    OUTBOUND = "OUTBOUND"


class MessageStatus(StrEnum):
    """The message's state machine."""

    BLOCKED = "BLOCKED"
    ACCEPTED = "ACCEPTED"
    QUEUED = "QUEUED"
    SENDING = "SENDING"
    SENT = "SENT"
    DELIVERED = "DELIVERED"
    UNDELIVERED = "UNDELIVERED"
    DELIVERY_UNKNOWN = "DELIVERY_UNKNOWN"
    CANCELED = "CANCELED"
    EXPIRED = "EXPIRED"
    FAILED = "FAILED"
    RECEIVED = "RECEIVED"


class FailureLayer(StrEnum):
    """Whose side a message failed on."""

    POLICY = "POLICY"
    PLATFORM = "PLATFORM"
    AGGREGATOR = "AGGREGATOR"
    CARRIER = "CARRIER"
    HANDSET = "HANDSET"


class Encoding(StrEnum):
    """Character set of a text (3GPP 23.038)."""

    GSM7 = "GSM7"
    UCS2 = "UCS2"


class BodyState(StrEnum):
    """Whether a message's text can be shown."""

    AVAILABLE = "AVAILABLE"
    WITHHELD = "WITHHELD"
    ERASED = "ERASED"


class ConsentScope(StrEnum):
    """How far an opt-out or opt-in reaches, narrowest first."""

    NUMBER_PAIR = "NUMBER_PAIR"
    SENDER_NUMBER = "SENDER_NUMBER"
    CAMPAIGN = "CAMPAIGN"
    ORG = "ORG"


class ConsentAction(StrEnum):
    """What the recipient asked for."""

    OPT_OUT = "OPT_OUT"
    OPT_IN = "OPT_IN"


class ConsentBasis(StrEnum):
    """How the recipient said it."""

    KEYWORD = "KEYWORD"
    FREE_TEXT = "FREE_TEXT"
    VOICE = "VOICE"
    EMAIL = "EMAIL"
    ADMIN = "ADMIN"
    CARRIER_BLOCK = "CARRIER_BLOCK"
    IMPORT = "IMPORT"


class Comparator(StrEnum):
    """How a rule compares what it observed with what it requires."""

    EQUALS = "EQUALS"
    NOT_EQUALS = "NOT_EQUALS"
    IN = "IN"
    INTERSECTS = "INTERSECTS"
    CONTAINS = "CONTAINS"
    GREATER_THAN = "GREATER_THAN"
    AT_LEAST = "AT_LEAST"
    AT_MOST = "AT_MOST"
    EMPTY = "EMPTY"
    WITHIN = "WITHIN"


class UsageUnit(StrEnum):
    """What a limit counts (L5)."""

    SEGMENTS = "SEGMENTS"
    MESSAGES = "MESSAGES"
    RECIPIENTS = "RECIPIENTS"


class LimitKind(StrEnum):
    """Which rule a limit belongs to: the quantity (L5) or the burst (L6b)."""

    QUANTITY = "QUANTITY"
    BURST = "BURST"


class PolicyAction(StrEnum):
    """What a limit or a content rule does when it is met."""

    WARN = "WARN"
    BLOCK = "BLOCK"


class TrafficBlockKind(StrEnum):
    """What was imposed on traffic (L6)."""

    BLOCK = "BLOCK"
    THROTTLE = "THROTTLE"


class BlockAuthority(StrEnum):
    """Who imposed it (L6e)."""

    CISCO = "CISCO"
    VENDOR = "VENDOR"
    CARRIER = "CARRIER"


class TrafficBlockReason(StrEnum):
    """Why it was imposed (L6a to L6d)."""

    FRAUD = "FRAUD"
    VOLUME = "VOLUME"
    SPAM = "SPAM"
    CONTENT = "CONTENT"
    OTHER = "OTHER"


class Keyword(StrEnum):
    """What a whole message that is a keyword asks for."""

    OPT_OUT = "OPT_OUT"
    OPT_IN = "OPT_IN"
    HELP = "HELP"


class ExportKind(StrEnum):
    """What an export holds."""

    EVIDENCE = "EVIDENCE"
    ELIGIBILITY_REPORT = "ELIGIBILITY_REPORT"


class ExportFormat(StrEnum):
    """What an export is written as."""

    ZIP = "ZIP"
    CSV = "CSV"


class ExportState(StrEnum):
    """How far an export has come."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    READY = "READY"
    FAILED = "FAILED"
