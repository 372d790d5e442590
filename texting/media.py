"""Which media type an answer has (GraphQL over HTTP §6.2, RFC 9110 §12.5.1)."""

from __future__ import annotations

from functools import lru_cache

JSON = "application/json"
GRAPHQL = "application/graphql-response+json"
EVENTS = "text/event-stream"
OFFERED = (JSON, GRAPHQL)
"""In the order of our preference where a client has none; JSON first, which every client reads."""

HEADERS_KEPT = 64
"""Header values whose meaning is remembered: clients send the same few."""


@lru_cache(maxsize=HEADERS_KEPT)
def choose(accept: str | None) -> str | None:
    """Choose by an `Accept` header; `None` when the client takes neither type.

    A client that also takes event streams, as many do for everything, gets JSON.
    """
    if accept is None or not accept.strip():
        return JSON
    ranges = [_range(part) for part in accept.split(",") if part.strip()]
    best = max(OFFERED, key=lambda offered: _quality(offered, ranges))
    return best if _quality(best, ranges) > 0 else None


@lru_cache(maxsize=HEADERS_KEPT)
def takes_events(accept: str | None) -> bool:
    """Say whether an `Accept` header names event streams: a wildcard is no wish for one."""
    return any(kind == EVENTS and weight > 0 for kind, weight in map(_range, (accept or "").split(",")))


@lru_cache(maxsize=HEADERS_KEPT)
def is_json(content_type: str) -> bool:
    """Say whether a `Content-Type` header names JSON in UTF-8."""
    kind, _, parameters = content_type.partition(";")
    charset = next((v for k, v in map(_pair, parameters.split(";")) if k == "charset"), "utf-8")
    return kind.strip().lower() == JSON and charset.lower() in {"utf-8", "utf8"}


def _range(part: str) -> tuple[str, float]:
    kind, *parameters = part.split(";")
    weight = next((value for name, value in map(_pair, parameters) if name == "q"), "1")
    try:
        return kind.strip().lower(), min(max(float(weight), 0.0), 1.0)
    except ValueError:
        return kind.strip().lower(), 1.0


def _quality(offered: str, ranges: list[tuple[str, float]]) -> float:
    """Give the weight of the most specific range that covers a type."""
    for wanted in (offered, "application/*", "*/*"):
        for kind, weight in ranges:
            if kind == wanted:
                return weight
    return 0.0


def _pair(parameter: str) -> tuple[str, str]:
    name, _, value = parameter.partition("=")
    return name.strip().lower(), value.strip().strip('"')
