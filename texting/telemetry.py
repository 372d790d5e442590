"""Whether spans are wanted: OpenTelemetry's own environment variables say so, and without them nothing is imported."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING

import structlog

from texting.startup_error import StartupError

if TYPE_CHECKING:
    from texting.tracing import Tracing

OTLP, CONSOLE, NONE = "otlp", "console", "none"
_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_PROTOCOL = "http/protobuf"
_PARTS = ("opentelemetry", "opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.http")

_log = structlog.get_logger()


def wanted(environ: Mapping[str, str]) -> frozenset[str]:
    """Give the exporters that spans go to, `otlp` or `console`; none when there are to be no spans.

    Raises:
        StartupError: a variable asks for what there is not.
    """
    if environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return frozenset()
    default = OTLP if any(environ.get(name) for name in _ENDPOINTS) else NONE
    named = environ.get("OTEL_TRACES_EXPORTER") or default
    exporters = {name.strip() for name in named.split(",")} - {NONE, ""}
    if unknown := sorted(exporters - {OTLP, CONSOLE}):
        raise StartupError(
            f"`{unknown[0][:80]}` exports no spans here: set OTEL_TRACES_EXPORTER to otlp, console or none"
        )
    protocol = next((environ[name] for name in _PROTOCOLS if environ.get(name)), _PROTOCOL)
    if OTLP in exporters and protocol != _PROTOCOL:
        raise StartupError(f"`{protocol[:80]}` is not spoken here: set OTEL_EXPORTER_OTLP_PROTOCOL to {_PROTOCOL}")
    return frozenset(exporters)


def opened(environ: Mapping[str, str]) -> Tracing | None:
    """Open what makes spans, `None` where none are wanted or the extra `otel` is not installed, which is logged.

    Raises:
        StartupError: a variable asks for what there is not.
    """
    exporters = wanted(environ)
    if not exporters:
        return None
    if not _is_installed():
        _log.warning("no spans are made: install business-texting[otel], or take the OTEL_ variables away")
        return None
    try:
        # Some variables are read when OpenTelemetry is imported, the others when it is opened.
        from texting.tracing import Tracing, provider

        return Tracing(provider(exporters))
    except ValueError as error:
        raise StartupError(f"OpenTelemetry does not start ({error}): correct its OTEL_ variables") from None


def _is_installed() -> bool:
    try:
        return all(find_spec(part) is not None for part in _PARTS)
    except ModuleNotFoundError:
        return False
