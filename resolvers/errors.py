"""What a query's field answers instead of a value: the only place where errors get their GraphQL codes."""

from typing import Any, ClassVar


class BadInput(Exception):
    """an argument that cannot be used; the message says which and what to give"""

    extensions: ClassVar[dict[str, Any]] = {"code": "BAD_USER_INPUT"}


class OtherOrganization(Exception):
    """a list of an organization that this operation has not entered"""

    extensions: ClassVar[dict[str, Any]] = {"code": "ONE_ORG_PER_OPERATION"}


class Unknown(Exception):
    """what is asked for does not exist, or is not the caller's to know of"""

    extensions: ClassVar[dict[str, Any]] = {"code": "NOT_FOUND"}


class ReportTooLarge(Exception):
    """a report that would have to decide for too many users one by one"""

    extensions: ClassVar[dict[str, Any]] = {"code": "REPORT_TOO_LARGE"}
