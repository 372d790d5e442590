"""Logging: one event a line on stderr, JSON for machines, plain for a terminal. No body, number or token is logged."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any

import orjson
import structlog


def configure(level: str) -> None:
    """Send our events and those of libraries the same way."""
    shared: list[Any] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    terminal = sys.stderr.isatty()
    console: list[Any] = [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
    # Ours go straight to stderr: by way of the standard library an event would cost several times as much.
    structlog.configure(
        processors=[*shared, *console] if terminal else [_line],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr)
        if terminal
        else structlog.BytesLoggerFactory(sys.stderr.buffer),
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *(console if terminal else _as_json()),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    # Each request is our own event already; uvicorn's start and stop are told by the command;
    # of what is asked of witnesses and providers only failures matter, which are events of ours.
    for name in ("uvicorn", "uvicorn.access", "uvicorn.error", "alembic", "sqlalchemy", "asyncio", "httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _line(_: Any, level: str, event: MutableMapping[str, Any]) -> bytes:
    """Write an event of ours: what the processors for libraries' events do, in one step for each request."""
    if "exc_info" in event:
        event = structlog.processors.format_exc_info(_, level, event)
    event["level"] = level
    event["timestamp"] = datetime.now(UTC)
    return orjson.dumps(event, default=repr, option=orjson.OPT_UTC_Z)


def _as_json() -> list[Any]:
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(serializer=_json)]


def _json(event: Any, *, default: Any) -> str:
    return orjson.dumps(event, default=default).decode()
