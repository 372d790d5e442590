"""What came of handing a text to a carrier: a closed set that says what to do next."""

from dataclasses import dataclass
from datetime import timedelta

from core.delivery.failures import Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The carrier has it. Receipts will name `carrier_message_id`."""

    carrier_message_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Throttled:
    """Too fast: the same text may be taken later, after `retry_after` where the carrier says so."""

    failure: Failure
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Temporary:
    """Not now: the same text may be taken later."""

    failure: Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class Permanent:
    """Never: the carrier will not take this text."""

    failure: Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """The carrier's answer never came: it may have the text or not, so it is not handed over again."""


Outcome = Accepted | Throttled | Temporary | Permanent | Unknown
