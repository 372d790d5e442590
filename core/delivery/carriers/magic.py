"""What the sandbox carrier does with a text, decided by the recipient's last four digits or by the body.

Any valid number whose last seven digits are `555 01NN` is magic by `NN`; every other number takes the text at once and
delivers it. Attempts count from 1.

| Ends in | The carrier answers | Later |
|---|---|---|
| `555 0110` | accepted | UNDELIVERED: handset unreachable |
| `555 0111` | accepted | UNDELIVERED: landline |
| `555 0112` | accepted | UNDELIVERED: filtered by the carrier |
| `555 0113` | accepted | no receipt ever: DELIVERY_UNKNOWN after 72 hours |
| `555 0114` | accepted | receipts out of order: DELIVERED, then SENT |
| `555 0115` | accepted | DELIVERED, twice |
| `555 0116` | accepted | DELIVERED after 73 hours, when it was DELIVERY_UNKNOWN already |
| `555 0117` | accepted | UNDELIVERED: the recipient has opted out at the carrier, which enters the ledger |
| `555 0120` | throttled at the first attempt, accepted at the second | DELIVERED |
| `555 0121` | throttled always | EXPIRED when its time has passed |
| `555 0125` | temporary failure twice, accepted at the third attempt | DELIVERED |
| `555 0126` | temporary failure always | EXPIRED when its time has passed |
| `555 0130` | permanent: no such number | |
| `555 0131` | permanent: the recipient has opted out at the carrier, which enters the ledger | |
| `555 0132` | permanent: the sender's number has no registered campaign | |
| `555 0133` | permanent, with a code nobody knows | |
| `555 0140` | nothing: the answer never comes | DELIVERY_UNKNOWN when it was asked for 15 minutes |
| `555 0150` | accepted | DELIVERED; the peer texts `STOP` |
| `555 0151` | accepted | DELIVERED; the peer texts `HELP` |
| `555 0152` | accepted | DELIVERED; the peer texts `STOP` and then `START` |
| `555 0153` | accepted | DELIVERED; the peer repeats the body |
| `555 0154` | accepted | DELIVERED; the peer answers with a picture (refused, L4) |
| `555 0155` | accepted | DELIVERED; an answer comes from a British number (refused, L4) |
| `555 0156` | accepted | DELIVERED; the peer texts `STOP 12345`, which is no keyword |

A body that begins with `#reply ` makes any other peer answer with the rest of it: `#reply STOP`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from core.rules.carrier_errors import CarrierCode
from core.rules.enums import MessageStatus

REPLY_COMMAND = "#reply "
FOREIGN_PEER = "+442079460958"
PICTURE = "https://media.example/picture.jpg"

UNHEARD_OF = "x-9999"
"""An error code that nobody knows."""
SILENCE = "silence"
"""Not a code: the answer never comes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaterReceipt:
    """A receipt to come, `after` the usual delay."""

    status: MessageStatus
    error: str | None = None
    after: timedelta = timedelta()


@dataclass(frozen=True, slots=True, kw_only=True)
class LaterReply:
    """A text from the peer to come. `body` `None` repeats what was sent; `sender` `None` is the peer."""

    body: str | None
    sender: str | None = None
    media_urls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What happens to a text. `refused_until`: refuse with `error` before that attempt, `None` always."""

    error: str | None = None
    refused_until: int | None = None
    receipts: tuple[LaterReceipt, ...] = ()
    replies: tuple[LaterReply, ...] = ()

    def refusal(self, attempt: int) -> str | None:
        """Give the error code of that attempt; `None` when it is accepted."""
        accepted = self.refused_until is not None and attempt >= self.refused_until
        return None if accepted else self.error


_DELIVERED = LaterReceipt(status=MessageStatus.DELIVERED)


def _undelivered(error: str) -> Script:
    return Script(receipts=(LaterReceipt(status=MessageStatus.UNDELIVERED, error=error),))


def _answered(*replies: LaterReply) -> Script:
    return Script(receipts=(_DELIVERED,), replies=replies)


DELIVERED = Script(receipts=(_DELIVERED,))
"""What happens to every number that is not magic."""

SCRIPTS: Mapping[str, Script] = {
    "10": _undelivered(CarrierCode.NUMBER_UNREACHABLE),
    "11": _undelivered(CarrierCode.LANDLINE),
    "12": _undelivered(CarrierCode.CONTENT_FILTERED),
    "13": Script(),
    "14": Script(receipts=(_DELIVERED, LaterReceipt(status=MessageStatus.SENT, after=timedelta(milliseconds=1)))),
    "15": Script(receipts=(_DELIVERED, LaterReceipt(status=MessageStatus.DELIVERED, after=timedelta(milliseconds=1)))),
    "16": Script(receipts=(LaterReceipt(status=MessageStatus.DELIVERED, after=timedelta(hours=73)),)),
    "17": _undelivered(CarrierCode.RECIPIENT_OPTED_OUT),
    "20": Script(error=CarrierCode.THROTTLED, refused_until=2, receipts=(_DELIVERED,)),
    "21": Script(error=CarrierCode.THROTTLED),
    "25": Script(error=CarrierCode.CARRIER_UNAVAILABLE, refused_until=3, receipts=(_DELIVERED,)),
    "26": Script(error=CarrierCode.CARRIER_UNAVAILABLE),
    "30": Script(error=CarrierCode.NUMBER_INVALID),
    "31": Script(error=CarrierCode.RECIPIENT_OPTED_OUT),
    "32": Script(error=CarrierCode.SENDER_NOT_REGISTERED),
    "33": Script(error=UNHEARD_OF),
    "40": Script(error=SILENCE),
    "50": _answered(LaterReply(body="STOP")),
    "51": _answered(LaterReply(body="HELP")),
    "52": _answered(LaterReply(body="STOP"), LaterReply(body="START")),
    "53": _answered(LaterReply(body=None)),
    "54": _answered(LaterReply(body="", media_urls=(PICTURE,))),
    "55": _answered(LaterReply(body="Cheers", sender=FOREIGN_PEER)),
    "56": _answered(LaterReply(body="STOP 12345")),
}
"""By the two digits behind `555 01`."""


def script_of(recipient: str, body: str) -> Script:
    """Choose what happens to a text for `recipient` (E.164)."""
    if recipient[-7:-2] == "55501" and (found := SCRIPTS.get(recipient[-2:])) is not None:
        return found
    if body.startswith(REPLY_COMMAND):
        return _answered(LaterReply(body=body.removeprefix(REPLY_COMMAND)))
    return DELIVERED
