"""What the headers of a request say besides the operation."""

from __future__ import annotations

import re

from starlette.requests import HTTPConnection, Request

from core.ids import uuid7_text
from core.rules.words.catalogue import FALLBACK, preferred
from texting.request_failure import FailureCode, RequestFailure

WAIT_MAX_S = 10.0
"""Longest wait for a record's seal that a client may ask for (RFC 7240 §4.3)."""

_WAIT = re.compile(r"(?:^|[,;])\s*wait\s*=\s*\"?([0-9]{1,6})\"?\s*(?:[,;]|$)", re.IGNORECASE)
_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,100}")
_USER_AGENT_MAX = 400


def bearer_token(request: Request) -> str:
    """Give the bearer token. Raises `RequestFailure`: there is none."""
    return bearer(request.headers.get("authorization"))


def bearer(header: str | None) -> str:
    """Read the bearer token of a header (RFC 6750 §2.1).

    Raises:
        RequestFailure: there is none.
    """
    scheme, _, token = (header or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise unauthenticated("there is no token: send `Authorization: Bearer` and a token")
    return token.strip()


def unauthenticated(message: str) -> RequestFailure:
    """Refuse a caller whom we do not know."""
    return RequestFailure(401, FailureCode.UNAUTHENTICATED, message, {"WWW-Authenticate": 'Bearer realm="texting"'})


def language(request: HTTPConnection) -> str:
    """Give the language with a catalogue that the caller likes best, else English."""
    header = request.headers.get("accept-language")
    return FALLBACK if header is None else preferred(header)


def wait_s(request: Request) -> float:
    """Give the seconds of `Prefer: wait=N`, 0 when there is none."""
    preferences = request.headers.get("prefer")
    match = _WAIT.search(preferences) if preferences is not None else None
    return min(float(match[1]), WAIT_MAX_S) if match else 0.0


def ip(request: HTTPConnection) -> str | None:
    """Give the caller's address, as the server or its trusted proxies saw it."""
    client = request.scope.get("client")
    return client[0] if client else None


def user_agent(request: HTTPConnection) -> str | None:
    """Give the caller's program, shortened and without control characters."""
    text = request.headers.get("user-agent", "")
    if not text.isprintable():
        text = "".join(c for c in text if c.isprintable())
    return text[:_USER_AGENT_MAX] or None


def tracking_id() -> str:
    """Make the id under which a request is found again in answers, records and logs."""
    return f"BTM_{uuid7_text()}"


def request_id(request: HTTPConnection) -> str | None:
    """Give the id by which the caller or a proxy knows the request, where it is one that a log may hold."""
    text = request.headers.get("x-request-id")
    return text if text is not None and _REQUEST_ID.fullmatch(text) else None
