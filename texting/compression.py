"""Answers compressed for who accepts it: gzip, of answers that are long enough to gain by it.

No answer holds a secret together with something its sender chose (tokens are never answered), which is what
compression would give away (BREACH).
"""

from __future__ import annotations

import asyncio
import zlib
from functools import lru_cache

from starlette.responses import Response

LEAST_BYTES = 2_048
"""Shorter answers fit in a packet or two anyway."""

IN_LINE_BYTES = 65_536
"""Longer answers are compressed in a thread: it takes a millisecond for some 100 kB."""

LEVEL = 1
_GZIP = 16 + zlib.MAX_WBITS
_HEADERS = ((b"content-encoding", b"gzip"), (b"vary", b"Accept-Encoding"))


@lru_cache(maxsize=64)
def takes_gzip(accept: str | None) -> bool:
    """Say whether an `Accept-Encoding` header takes gzip (RFC 9110 §12.5.3); absent, nothing is compressed."""
    weights: dict[str, float] = {}
    for part in (accept or "").split(","):
        name, _, weight = part.replace(" ", "").lower().partition(";q=")
        try:
            weights[name] = float(weight or 1)
        except ValueError:
            weights[name] = 0
    return weights.get("gzip", weights.get("*", 0)) > 0


async def compress(response: Response, accept: str | None) -> None:
    """Compress an answer that is ready, where its client takes it and it is long enough."""
    body = response.body
    if len(body) < LEAST_BYTES or not takes_gzip(accept):
        return
    small = _gzip(body) if len(body) <= IN_LINE_BYTES else await asyncio.to_thread(_gzip, body)
    response.body = small
    length = (b"content-length", str(len(small)).encode())
    response.raw_headers = [
        length if name == b"content-length" else (name, value) for name, value in response.raw_headers
    ]
    response.raw_headers.extend(_HEADERS)


def _gzip(body: bytes | memoryview) -> bytes:
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, _GZIP)
    return packer.compress(body) + packer.flush()
