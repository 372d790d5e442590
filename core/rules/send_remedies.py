"""What would make a send rule pass: one line for every message that says it does not hold."""

from collections.abc import Mapping

from core.rules.enums import RemediationKind
from core.rules.remedy import ORG_ADMIN, PROVIDER, USER, Remedy, line

_ADMIN, _WAIT = RemediationKind.ADMIN_ACTION, RemediationKind.CARRIER_WAIT
_USER, _NEVER = RemediationKind.USER_ACTION, RemediationKind.NOT_FIXABLE

SEND_REMEDIES: Mapping[str, Remedy] = {
    "SEND_ELIGIBLE.FAIL": line(_ADMIN, ORG_ADMIN, "SEND_ELIGIBLE"),
    "SEND_ELIGIBLE.PENDING": line(_WAIT, PROVIDER, "SEND_ELIGIBLE"),
    "SEND_ELIGIBLE.UNKNOWN": line(_ADMIN, ORG_ADMIN, "SEND_ELIGIBLE"),
    "DEST_VALID.FAIL.problem": line(_USER, USER, "DEST_VALID"),
    "DEST_VALID.FAIL.invalid": line(_USER, USER, "DEST_VALID"),
    "DEST_COUNTRY_US_CA.FAIL": line(_NEVER, None, "DEST_COUNTRY_US_CA"),
    "NO_MEDIA.FAIL": line(_USER, USER, "NO_MEDIA"),
    "BODY_PRESENT.FAIL": line(_USER, USER, "BODY_PRESENT"),
    "BODY_LENGTH_MAX.FAIL": line(_USER, USER, "BODY_LENGTH_MAX"),
    "RECIPIENT_NOT_OPTED_OUT.FAIL.number_pair": line(_NEVER, None, "RECIPIENT_NOT_OPTED_OUT"),
    "RECIPIENT_NOT_OPTED_OUT.FAIL.sender_number": line(_NEVER, None, "RECIPIENT_NOT_OPTED_OUT"),
    "RECIPIENT_NOT_OPTED_OUT.FAIL.campaign": line(_NEVER, None, "RECIPIENT_NOT_OPTED_OUT"),
    "RECIPIENT_NOT_OPTED_OUT.FAIL.org": line(_NEVER, None, "RECIPIENT_NOT_OPTED_OUT.org"),
    "RECIPIENT_NOT_OPTED_OUT.UNKNOWN": line(_WAIT, PROVIDER, "RECIPIENT_NOT_OPTED_OUT.UNKNOWN"),
    "NOT_BLOCKED.FAIL": line(_WAIT, PROVIDER, "NOT_BLOCKED"),
    "WITHIN_LIMITS.FAIL": line(_USER, USER, "WITHIN_LIMITS"),
    "WITHIN_LIMITS.FAIL.frees": line(_USER, USER, "WITHIN_LIMITS.frees"),
    "NO_BURST.FAIL": line(_USER, USER, "NO_BURST"),
    "NO_BURST.FAIL.frees": line(_USER, USER, "NO_BURST.frees"),
    "CONTENT_ALLOWED.FAIL": line(_USER, USER, "CONTENT_ALLOWED"),
    "WITHIN_HOURS.FAIL": line(_USER, USER, "WITHIN_HOURS"),
    "WITHIN_HOURS.FAIL.never": line(_ADMIN, ORG_ADMIN, "WITHIN_HOURS.never"),
    "WITHIN_HOURS.UNKNOWN": line(_ADMIN, ORG_ADMIN, "WITHIN_HOURS.never"),
}
"""By message id."""
