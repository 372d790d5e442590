"""Enums of messages and consent."""

from core.rules.enums import (
    BodyState,
    ConsentAction,
    ConsentBasis,
    ConsentScope,
    Direction,
    Encoding,
    FailureLayer,
    MessageStatus,
)
from schema.enums.described import describe

__all__ = [
    "BodyState",
    "ConsentAction",
    "ConsentBasis",
    "ConsentScope",
    "Direction",
    "Encoding",
    "FailureLayer",
    "MessageStatus",
]

describe(
    Direction,
    "Which way a message went, seen from the organization.",
    INBOUND="Received.",
    OUTBOUND="Sent.",
)
describe(
    MessageStatus,
    "How far a message has come. Later states never fall back when reports arrive out of order.",
    BLOCKED="Stopped by our own rules before it left; `decision` says why. Final.",
    ACCEPTED="Taken; not yet in the queue.",
    QUEUED="Waits for its turn.",
    SENDING="Being handed to the carrier.",
    SENT="The carrier took it.",
    DELIVERED="It arrived. Final.",
    UNDELIVERED="The carrier reports that it did not arrive. Final.",
    DELIVERY_UNKNOWN="No report within 72 hours. A late DELIVERED may still replace it.",
    CANCELED="Taken back before it left. Final.",
    EXPIRED="Too old before it could leave. Final.",
    FAILED="The carrier did not take it; `failure` says why. Final.",
    RECEIVED="It came in. Final.",
)
describe(
    FailureLayer,
    "Whose side a message failed on.",
    POLICY="Our own rules.",
    PLATFORM="Our own system.",
    AGGREGATOR="The aggregator between us and the carriers.",
    CARRIER="The recipient's carrier.",
    HANDSET="The recipient's device.",
)
describe(
    Encoding,
    "The character set of a text (3GPP 23.038), which decides how much fits into a segment.",
    GSM7="The GSM alphabet: 160 characters in one segment, 153 in each of several.",
    UCS2="Everything else: 70 units in one segment, 67 in each of several.",
)
describe(
    BodyState,
    "Whether a message's text can be shown.",
    AVAILABLE="It is in `body`.",
    WITHHELD="It exists; the caller's roles may not read it.",
    ERASED="It was destroyed.",
)
describe(
    ConsentScope,
    "How far an opt-out or opt-in reaches, narrowest first.",
    NUMBER_PAIR="From one of our numbers to one recipient; ends when the number goes to another user.",
    SENDER_NUMBER="From one of our numbers, whoever holds it.",
    CAMPAIGN="From every number of a campaign.",
    ORG="From the whole organization.",
)
describe(
    ConsentAction,
    "What the recipient asked for.",
    OPT_OUT="No more texts.",
    OPT_IN="Texts are welcome again.",
)
describe(
    ConsentBasis,
    "How the recipient said it; any reasonable manner counts (47 CFR 64.1200(a)(10)).",
    KEYWORD="A keyword such as STOP, as the whole message.",
    FREE_TEXT="A message in their own words.",
    VOICE="By voice.",
    EMAIL="By e-mail.",
    ADMIN="An administrator entered it.",
    CARRIER_BLOCK="The carrier reported it.",
    IMPORT="It came with an import.",
)
