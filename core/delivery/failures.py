"""One failure of one message: the carrier's own code beside ours."""

from dataclasses import dataclass
from typing import Any

from core.rules.carrier_errors import TABLE, CarrierCode, canonical
from core.rules.enums import FailureLayer

CODE_LENGTH_MAX = 64
"""What is kept of a carrier's code: every vendor's are shorter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a message did not go or arrive. `carrier_code`: as it came, `None` where no carrier gave any."""

    code: CarrierCode
    layer: FailureLayer
    retryable: bool
    carrier: str | None = None
    carrier_code: str | None = None

    def stored(self) -> dict[str, Any]:
        """Write it as the message keeps it; words are made from `canonical_code` when it is read."""
        return {
            "layer": self.layer.value,
            "canonical_code": self.code.value,
            "carrier_code": self.carrier_code,
            "carrier": self.carrier,
            "retryable": self.retryable,
        }


def reported(carrier: str, carrier_code: str | None) -> Failure:
    """Classify what a carrier said; a code that is not in the table is kept raw under UNKNOWN."""
    line = canonical(carrier, carrier_code)
    raw = None if carrier_code is None else _printable(carrier_code)
    return Failure(code=line.code, layer=line.layer, retryable=line.retryable, carrier=carrier, carrier_code=raw)


def ours(code: CarrierCode) -> Failure:
    """Give a failure of our own, which no carrier said."""
    return Failure(code=code, layer=FailureLayer.PLATFORM, retryable=TABLE[code].retryable)


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text[:CODE_LENGTH_MAX])
