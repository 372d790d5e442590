"""The one table that carriers' error codes map to: what went wrong, on whose side, and who can do something about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from core.principal import Role
from core.rules.enums import FailureLayer, RemediationKind


class FailureCode(StrEnum):
    """The canonical codes; a carrier's code that maps to none is `UNRECOGNIZED` and kept raw beside it."""

    INVALID_DESTINATION = "INVALID_DESTINATION"
    LANDLINE = "LANDLINE"
    HANDSET_UNREACHABLE = "HANDSET_UNREACHABLE"
    FILTERED = "FILTERED"
    RECIPIENT_UNSUBSCRIBED = "RECIPIENT_UNSUBSCRIBED"
    SENDER_NOT_REGISTERED = "SENDER_NOT_REGISTERED"
    THROTTLED = "THROTTLED"
    CARRIER_UNAVAILABLE = "CARRIER_UNAVAILABLE"
    NO_ANSWER = "NO_ANSWER"
    NO_RECEIPT = "NO_RECEIPT"
    SEND_TIME_PASSED = "SEND_TIME_PASSED"
    UNRECOGNIZED = "UNRECOGNIZED"


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureKind:
    """What a canonical code means. `owner`: the role that fixes it, `None` when it is nobody of ours."""

    layer: FailureLayer
    retryable: bool
    remedy: RemediationKind
    owner: Role | None
    message: str
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One failure as it happened; `carrier_code` is the carrier's own code, untouched."""

    code: FailureCode
    carrier: str | None = None
    carrier_code: str | None = None

    @property
    def kind(self) -> FailureKind:
        """What the code means."""
        return FAILURE_KINDS[self.code]

    def stored(self) -> dict[str, Any]:
        """Write it as the message keeps it, explained: later wording does not change what was said."""
        kind = self.kind
        return {
            "layer": kind.layer.value,
            "canonical_code": self.code.value,
            "carrier_code": self.carrier_code,
            "carrier": self.carrier,
            "retryable": kind.retryable,
            "message": kind.message,
            "remediation": {
                "rule_id": self.code.value,
                "kind": kind.remedy.value,
                "owner": kind.owner.value if kind.owner else None,
                "summary": kind.summary,
                "mutation": None,
                "variables": None,
            },
        }


def recognised(codes: Mapping[str, FailureCode], carrier: str, carrier_code: str) -> Failure:
    """Map one carrier's code through that carrier's table."""
    return Failure(code=codes.get(carrier_code, FailureCode.UNRECOGNIZED), carrier=carrier, carrier_code=carrier_code)


FAILURE_KINDS: Mapping[FailureCode, FailureKind] = {
    FailureCode.INVALID_DESTINATION: FailureKind(
        layer=FailureLayer.CARRIER,
        retryable=False,
        remedy=RemediationKind.USER_ACTION,
        owner=Role.USER,
        message="the carrier knows no such number",
        summary="check the recipient's number and write to the right one",
    ),
    FailureCode.LANDLINE: FailureKind(
        layer=FailureLayer.CARRIER,
        retryable=False,
        remedy=RemediationKind.USER_ACTION,
        owner=Role.USER,
        message="the number is a landline that takes no texts",
        summary="call the recipient, or ask for a mobile number",
    ),
    FailureCode.HANDSET_UNREACHABLE: FailureKind(
        layer=FailureLayer.HANDSET,
        retryable=True,
        remedy=RemediationKind.USER_ACTION,
        owner=Role.USER,
        message="the recipient's phone was off or out of reach for too long",
        summary="send it again later",
    ),
    FailureCode.FILTERED: FailureKind(
        layer=FailureLayer.CARRIER,
        retryable=False,
        remedy=RemediationKind.ADMIN_ACTION,
        owner=Role.ORG_ADMIN,
        message="the recipient's carrier filtered the text as unwanted",
        summary="compare the text with the campaign's samples and change its wording, or register a fitting campaign",
    ),
    FailureCode.RECIPIENT_UNSUBSCRIBED: FailureKind(
        layer=FailureLayer.CARRIER,
        retryable=False,
        remedy=RemediationKind.NOT_FIXABLE,
        owner=None,
        message="the recipient has opted out at the carrier",
        summary="nothing to do: only the recipient can opt in again, by texting START",
    ),
    FailureCode.SENDER_NOT_REGISTERED: FailureKind(
        layer=FailureLayer.AGGREGATOR,
        retryable=False,
        remedy=RemediationKind.ADMIN_ACTION,
        owner=Role.ORG_ADMIN,
        message="the carriers know no registered campaign for the sender's number",
        summary="assign the number to an active campaign and wait until the assignment is confirmed",
    ),
    FailureCode.THROTTLED: FailureKind(
        layer=FailureLayer.AGGREGATOR,
        retryable=True,
        remedy=RemediationKind.CARRIER_WAIT,
        owner=None,
        message="the carrier takes no more texts at this rate",
        summary="nothing to do: it is sent again by itself until its time has passed",
    ),
    FailureCode.CARRIER_UNAVAILABLE: FailureKind(
        layer=FailureLayer.CARRIER,
        retryable=True,
        remedy=RemediationKind.CARRIER_WAIT,
        owner=None,
        message="the carrier could not take the text just then",
        summary="nothing to do: it is sent again by itself until its time has passed",
    ),
    FailureCode.NO_ANSWER: FailureKind(
        layer=FailureLayer.AGGREGATOR,
        retryable=False,
        remedy=RemediationKind.USER_ACTION,
        owner=Role.USER,
        message="the carrier's answer never came, so it may have been sent or not",
        summary="ask the recipient before sending it again: it is never sent twice by itself",
    ),
    FailureCode.NO_RECEIPT: FailureKind(
        layer=FailureLayer.CARRIER,
        retryable=False,
        remedy=RemediationKind.USER_ACTION,
        owner=Role.USER,
        message="the carrier took the text and never said what became of it",
        summary="ask the recipient before sending it again",
    ),
    FailureCode.SEND_TIME_PASSED: FailureKind(
        layer=FailureLayer.PLATFORM,
        retryable=True,
        remedy=RemediationKind.USER_ACTION,
        owner=Role.USER,
        message="no carrier took the text before its time had passed",
        summary="send it again if it still matters",
    ),
    FailureCode.UNRECOGNIZED: FailureKind(
        layer=FailureLayer.CARRIER,
        retryable=False,
        remedy=RemediationKind.PARTNER_ORDER,
        owner=Role.PROVIDER_ADMIN,
        message="the carrier refused the text with a code that is not in the table",
        summary="look the code up with the carrier and add it to the table",
    ),
}
