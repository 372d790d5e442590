"""Logging: one event a line on stderr, JSON for machines, plain for a terminal. No body, number or token is logged."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
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
        processors=[*shared, *(console if terminal else _as_json(orjson.dumps))],
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
                *(console if terminal else _as_json(_json)),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    # Each request is our own event already; uvicorn's start and stop are told by the command.
    for name in ("uvicorn", "uvicorn.access", "uvicorn.error", "alembic", "sqlalchemy", "asyncio"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _as_json(write: Callable[..., str | bytes]) -> list[Any]:
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(serializer=write)]


def _json(event: Any, *, default: Any) -> str:
    return orjson.dumps(event, default=default).decode()
