"""Which pages of other origins may ask: none, but those that are listed (Fetch §3.2).

Nothing here keeps a request out by itself: a request without `Authorization` is nobody's, and browsers never send that
header for another page unasked, so there is nothing for a forged one to use.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

_PREFLIGHT = (
    (b"access-control-allow-methods", b"GET, POST"),
    (b"access-control-allow-headers", b"Authorization, Content-Type, Prefer, X-Request-ID"),
    (b"access-control-max-age", b"600"),
)
_EXPOSED = (b"access-control-expose-headers", b"TrackingID, X-Request-ID, Retry-After")
_VARY = (b"vary", b"Origin")


class CrossOrigin:
    """Answers browsers' questions. `origins`: as `https://host`."""

    def __init__(self, origins: frozenset[str] = frozenset()) -> None:
        """Take who may ask."""
        self._origins = origins

    def preflight(self, request: Request) -> Response | None:
        """Answer what a browser asks before a listed page's request; `None` where it is nothing of the kind."""
        headers = request.headers
        if request.method != "OPTIONS" or headers.get("access-control-request-method") is None:
            return None
        if headers.get("origin") not in self._origins:
            return None
        response = Response(status_code=204)
        response.raw_headers.extend(_PREFLIGHT)
        return response

    def let_read(self, request: Request, response: Response) -> None:
        """Let a listed page read an answer."""
        if not self._origins:
            return
        origin = request.headers.get("origin")
        response.raw_headers.append(_VARY)
        if origin in self._origins:
            assert origin is not None
            response.raw_headers.extend(((b"access-control-allow-origin", origin.encode("latin-1")), _EXPOSED))
