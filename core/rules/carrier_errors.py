"""What carriers' error codes mean: one canonical table, and what each vendor's codes map to.

Vendors' codes are their public documents' and change: a code that is not here is stored raw.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.rules.enums import FailureLayer, RemediationKind
from core.rules.results import Message


class CarrierCode(StrEnum):
    """Why a message did not arrive, in our words."""

    RECIPIENT_OPTED_OUT = "RECIPIENT_OPTED_OUT"
    NUMBER_INVALID = "NUMBER_INVALID"
    NUMBER_UNREACHABLE = "NUMBER_UNREACHABLE"
    LANDLINE = "LANDLINE"
    SENDER_NOT_REGISTERED = "SENDER_NOT_REGISTERED"
    CAMPAIGN_SUSPENDED = "CAMPAIGN_SUSPENDED"
    SENDER_INVALID = "SENDER_INVALID"
    CONTENT_FILTERED = "CONTENT_FILTERED"
    CARRIER_BLOCKED = "CARRIER_BLOCKED"
    THROTTLED = "THROTTLED"
    DAILY_CAP_REACHED = "DAILY_CAP_REACHED"
    VALIDITY_EXPIRED = "VALIDITY_EXPIRED"
    MESSAGE_INVALID = "MESSAGE_INVALID"
    CARRIER_UNAVAILABLE = "CARRIER_UNAVAILABLE"
    PLATFORM_ERROR = "PLATFORM_ERROR"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierError:
    """One line of the table. `retryable`: the same message may go later. `owner`: a role's name or `None`."""

    code: CarrierCode
    layer: FailureLayer
    retryable: bool
    fixed_by: RemediationKind
    owner: str | None

    @property
    def message(self) -> Message:
        """What happened."""
        return Message(id=f"CARRIER.{self.code}")

    @property
    def remediation(self) -> Message:
        """What to do about it."""
        return Message(id=f"CARRIER.{self.code}.fix")


def _line(
    code: CarrierCode, layer: FailureLayer, fixed_by: RemediationKind, owner: str | None, *, retryable: bool = False
) -> CarrierError:
    return CarrierError(code=code, layer=layer, retryable=retryable, fixed_by=fixed_by, owner=owner)


_C, _L, _K = CarrierCode, FailureLayer, RemediationKind
TABLE: Mapping[CarrierCode, CarrierError] = {
    line.code: line
    for line in (
        _line(_C.RECIPIENT_OPTED_OUT, _L.CARRIER, _K.NOT_FIXABLE, None),
        _line(_C.NUMBER_INVALID, _L.CARRIER, _K.USER_ACTION, "USER"),
        _line(_C.NUMBER_UNREACHABLE, _L.HANDSET, _K.USER_ACTION, "USER", retryable=True),
        _line(_C.LANDLINE, _L.CARRIER, _K.USER_ACTION, "USER"),
        _line(_C.SENDER_NOT_REGISTERED, _L.AGGREGATOR, _K.ADMIN_ACTION, "ORG_ADMIN"),
        _line(_C.CAMPAIGN_SUSPENDED, _L.CARRIER, _K.CARRIER_WAIT, "PROVIDER_ADMIN"),
        _line(_C.SENDER_INVALID, _L.AGGREGATOR, _K.PARTNER_ORDER, "PROVIDER_ADMIN"),
        _line(_C.CONTENT_FILTERED, _L.CARRIER, _K.USER_ACTION, "USER"),
        _line(_C.CARRIER_BLOCKED, _L.CARRIER, _K.CARRIER_WAIT, "PROVIDER_ADMIN"),
        _line(_C.THROTTLED, _L.AGGREGATOR, _K.CARRIER_WAIT, None, retryable=True),
        _line(_C.DAILY_CAP_REACHED, _L.CARRIER, _K.CARRIER_WAIT, None, retryable=True),
        _line(_C.VALIDITY_EXPIRED, _L.HANDSET, _K.USER_ACTION, "USER"),
        _line(_C.MESSAGE_INVALID, _L.AGGREGATOR, _K.USER_ACTION, "USER"),
        _line(_C.CARRIER_UNAVAILABLE, _L.CARRIER, _K.CARRIER_WAIT, None, retryable=True),
        _line(_C.PLATFORM_ERROR, _L.PLATFORM, _K.PARTNER_ORDER, "PROVIDER_ADMIN", retryable=True),
        _line(_C.UNKNOWN, _L.CARRIER, _K.CARRIER_WAIT, "PROVIDER_ADMIN"),
    )
}
"""Every canonical code, once."""

_VENDORS: Mapping[str, Mapping[str, CarrierCode]] = {
    "twilio": {
        "21211": _C.NUMBER_INVALID,
        "21610": _C.RECIPIENT_OPTED_OUT,
        "21614": _C.LANDLINE,
        "30001": _C.THROTTLED,
        "30003": _C.NUMBER_UNREACHABLE,
        "30004": _C.CARRIER_BLOCKED,
        "30005": _C.NUMBER_INVALID,
        "30006": _C.LANDLINE,
        "30007": _C.CONTENT_FILTERED,
        "30008": _C.UNKNOWN,
        "30022": _C.THROTTLED,
        "30023": _C.DAILY_CAP_REACHED,
        "30033": _C.CAMPAIGN_SUSPENDED,
        "30034": _C.SENDER_NOT_REGISTERED,
        "30036": _C.VALIDITY_EXPIRED,
        "30410": _C.CARRIER_UNAVAILABLE,
    },
    "telnyx": {
        "40001": _C.LANDLINE,
        "40002": _C.CONTENT_FILTERED,
        "40003": _C.CONTENT_FILTERED,
        "40004": _C.CARRIER_BLOCKED,
        "40005": _C.VALIDITY_EXPIRED,
        "40006": _C.CARRIER_UNAVAILABLE,
        "40008": _C.NUMBER_UNREACHABLE,
        "40009": _C.MESSAGE_INVALID,
        "40010": _C.SENDER_NOT_REGISTERED,
        "40011": _C.THROTTLED,
        "40012": _C.NUMBER_INVALID,
        "40013": _C.SENDER_INVALID,
        "40014": _C.VALIDITY_EXPIRED,
        "40016": _C.DAILY_CAP_REACHED,
        "40017": _C.CONTENT_FILTERED,
        "40018": _C.THROTTLED,
        "40300": _C.RECIPIENT_OPTED_OUT,
    },
    "smpp": {
        "1": _C.MESSAGE_INVALID,
        "8": _C.CARRIER_UNAVAILABLE,
        "10": _C.SENDER_INVALID,
        "11": _C.NUMBER_INVALID,
        "20": _C.THROTTLED,
        "69": _C.CARRIER_UNAVAILABLE,
        "88": _C.THROTTLED,
        "98": _C.MESSAGE_INVALID,
        "100": _C.CARRIER_UNAVAILABLE,
        "101": _C.NUMBER_UNREACHABLE,
        "102": _C.CARRIER_BLOCKED,
        "254": _C.NUMBER_UNREACHABLE,
        "255": _C.UNKNOWN,
    },
}


def canonical(vendor: str, code: str | None) -> CarrierError:
    """Give the line for a vendor's code (SMPP: the command status in decimal); UNKNOWN when it is not in the table.

    Our own canonical codes are read under any vendor's name.
    """
    if code is None:
        return TABLE[CarrierCode.UNKNOWN]
    if code in CarrierCode.__members__:
        return TABLE[CarrierCode[code]]
    return TABLE[_VENDORS.get(vendor.casefold(), {}).get(code.strip(), CarrierCode.UNKNOWN)]
