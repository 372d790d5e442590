"""Trees made the slow way, from RFC 6962's own words: what everything else is compared with."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256


def leaf(n: int) -> bytes:
    """The hash of the n-th test leaf."""
    return sha256(b"\x00leaf " + str(n).encode()).digest()


def leaves(count: int) -> list[bytes]:
    """That many leaf hashes."""
    return [leaf(n) for n in range(count)]


def mth(hashes: Sequence[bytes]) -> bytes:
    """MTH over leaf hashes, by the recursive definition."""
    if not hashes:
        return sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    return sha256(b"\x01" + mth(hashes[:k]) + mth(hashes[k:])).digest()
