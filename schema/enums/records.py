"""Enums of audit records, of what is taken out of them, and of orders."""

from enum import StrEnum

from audit.record import AuditKind, AuditOutcome
from audit.render import DisclosureState
from core.rules.enums import ExportFormat, ExportKind, ExportState
from schema.enums.described import describe

__all__ = [
    "AuditKind",
    "AuditOrderField",
    "AuditOutcome",
    "DisclosureState",
    "ExportFormat",
    "ExportKind",
    "ExportState",
    "OrderDirection",
    "SealState",
    "UserOrderField",
]


class OrderDirection(StrEnum):
    """Which end of an order comes first."""

    ASC = "ASC"
    DESC = "DESC"


class UserOrderField(StrEnum):
    """What users may be ordered by."""

    CREATED_AT = "CREATED_AT"
    DISPLAY_NAME = "DISPLAY_NAME"


class AuditOrderField(StrEnum):
    """What audit records may be ordered by."""

    OCCURRED_AT = "OCCURRED_AT"
    LEAF_INDEX = "LEAF_INDEX"


class SealState(StrEnum):
    """How far a record's evidence has come."""

    PENDING = "PENDING"
    SEALED = "SEALED"
    WITNESSED = "WITNESSED"


describe(
    AuditKind,
    "What sort of thing an audit record is about.",
    CHANGE="Something was changed.",
    SEND="A message was sent, or its fate became known.",
    READ="Somebody read another person's message body.",
    DENIAL="An attempt was refused.",
    FAILURE="An attempt failed.",
    ERASURE="Personal data was destroyed.",
    EXPORT="Evidence or messages were exported.",
)
describe(
    AuditOutcome,
    "How the recorded attempt ended.",
    ALLOWED="It was done.",
    DENIED="It was refused.",
    FAILED="It was permitted and did not succeed.",
)
describe(
    OrderDirection,
    "Which end of an order comes first.",
    ASC="The smallest or oldest first.",
    DESC="The greatest or newest first.",
)
describe(
    UserOrderField,
    "What users may be ordered by.",
    CREATED_AT="When they were created.",
    DISPLAY_NAME="Their name.",
)
describe(
    AuditOrderField,
    "What audit records may be ordered by.",
    OCCURRED_AT="When it happened.",
    LEAF_INDEX="Its place in the tree: the only order without gaps, for records are committed out of the order of "
    "their times. Records that are still PENDING are left out.",
)
describe(
    ExportKind,
    "What an export holds.",
    EVIDENCE="Audit records with their proofs, and a program that checks them. Written as ZIP.",
    ELIGIBILITY_REPORT="The users who may not text: each with what stands in the way, and what would change it. "
    "Written as CSV.",
)
describe(
    ExportFormat,
    "What an export is written as.",
    ZIP="A ZIP file.",
    CSV="A table for spreadsheets: UTF-8 with a byte order mark, and an apostrophe before what would be a formula.",
)
describe(
    ExportState,
    "How far an export has come.",
    QUEUED="It waits for a worker.",
    RUNNING="It is being made.",
    READY="Its file can be fetched, for a day.",
    FAILED="It cannot be made; `error` says why.",
)
describe(
    DisclosureState,
    "Whether the value behind a digest can be shown.",
    DISCLOSED="It is shown.",
    WITHHELD="It exists, and is not the caller's to see.",
    ERASED="It was destroyed, or never existed: nobody can show it any more.",
)
describe(
    SealState,
    "How far a record's evidence has come.",
    PENDING="It is committed and waits for its place in the tree, most often less than a second.",
    SEALED="It has its place, and a signed checkpoint covers it.",
    WITNESSED="Somebody independent has signed, too, that the tree it is in only ever grew.",
)
