"""How a body is cut into parts: 3GPP 23.038 (alphabets) and 23.040 §9.2.3.24.1 (concatenation)."""

from collections.abc import Iterator
from dataclasses import dataclass

from core.rules.enums import Encoding

GSM7_SINGLE_UNITS = 160
"""Septets in one part that stands alone."""
GSM7_CONCATENATED_UNITS = 153
"""Septets in each part of several: the header takes seven."""
UCS2_SINGLE_UNITS = 70
"""UTF-16 code units in one part that stands alone."""
UCS2_CONCATENATED_UNITS = 67
"""UTF-16 code units in each part of several."""

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_LAST_OF_ONE_UNIT = "\uffff"
_EXTENSION = frozenset("^{}\\[~]|€\f")


@dataclass(frozen=True, slots=True, kw_only=True)
class Segmentation:
    """A measured body. `units`: septets (GSM7) or UTF-16 code units (UCS2) of the text, headers apart."""

    encoding: Encoding
    segments: int
    units: int


def measure(body: str) -> Segmentation:
    """Count the parts a body takes; an empty body takes one part of no units."""
    encoding = encoding_of(body)
    return Segmentation(
        encoding=encoding, segments=sum(1 for _ in _cut(body, encoding)), units=_total_units(body, encoding)
    )


def split(body: str) -> list[str]:
    """Cut a body into the texts of its parts, in order; concatenated they are the body.

    Never splits an extension character of GSM-7 from its escape, nor a surrogate pair.
    """
    return list(_cut(body, encoding_of(body)))


def encoding_of(body: str) -> Encoding:
    """GSM7 when every character is in the default alphabet or its extension table, else UCS2."""
    return Encoding.GSM7 if all(char in _BASIC or char in _EXTENSION for char in body) else Encoding.UCS2


def units_of(char: str, encoding: Encoding) -> int:
    """Septets or UTF-16 code units of one character: 1 or 2."""
    if encoding is Encoding.GSM7:
        return 2 if char in _EXTENSION else 1
    return 2 if char > _LAST_OF_ONE_UNIT else 1


def _total_units(body: str, encoding: Encoding) -> int:
    return sum(units_of(char, encoding) for char in body)


def _cut(body: str, encoding: Encoding) -> Iterator[str]:
    gsm7 = encoding is Encoding.GSM7
    if _total_units(body, encoding) <= (GSM7_SINGLE_UNITS if gsm7 else UCS2_SINGLE_UNITS):
        yield body
        return
    limit = GSM7_CONCATENATED_UNITS if gsm7 else UCS2_CONCATENATED_UNITS
    start, used = 0, 0
    for index, char in enumerate(body):
        units = units_of(char, encoding)
        if used + units > limit:
            yield body[start:index]
            start, used = index, 0
        used += units
    yield body[start:]
