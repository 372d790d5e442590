"""OpenTelemetry spans: an operation, its levels, and each statement below whichever ran it.

A span holds names, codes, counts, SQL without its values, and the organization's and the tracking id: no variable, no
document, no message of an error, since people are in those. Only `texting.telemetry` imports this, and only where spans
are wanted.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from time import time_ns
from typing import TYPE_CHECKING, Any

from graphql import DocumentNode, ExecutionResult, get_operation_ast
from opentelemetry import context as current
from opentelemetry import propagate, trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter
from opentelemetry.trace import Span, SpanKind, StatusCode
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from texting.request_failure import FailureCode
from texting.telemetry import CONSOLE
from texting.watching import Watching

if TYPE_CHECKING:
    from engine import Asked
    from resolvers.context import RequestContext

NAME = "business-texting"

_OPERATION = current.create_key("operation")
"""Is there in the context of an operation: statements of sign-in and of upkeep have no span."""


def provider(exporters: Collection[str]) -> TracerProvider:
    """Make spans as the `OTEL_` variables say, and send them in batches; what is left is sent when the program ends."""
    resource = Resource.create({"service.version": version(NAME)}).merge(Resource({"service.name": NAME}))
    made = TracerProvider(resource=resource.merge(OTELResourceDetector().detect()))
    for name in sorted(exporters):
        exporter = ConsoleSpanExporter(out=sys.stderr) if name == CONSOLE else OTLPSpanExporter()
        made.add_span_processor(BatchSpanProcessor(exporter))
    return made


class Levels(Watching):
    """An operation's span, and one for each level while it is executed."""

    def __init__(self, tracer: trace.Tracer, span: Span, context: RequestContext) -> None:
        super().__init__(context)
        self._tracer = tracer
        self._span = span
        self._level: tuple[Span, Any] | None = None

    def begin(self, asked: Sequence[Asked]) -> None:
        """Begin a level's span; statements that are run meanwhile are below it."""
        super().begin(asked)
        span = self._tracer.start_span(f"level {len(self._levels)}")
        span.set_attribute("texting.fields", [each.field for each in asked])
        span.set_attribute("texting.parents", [each.parents for each in asked])
        self._level = (span, current.attach(trace.set_span_in_context(span)))

    def end(self) -> None:
        """End it with what it took."""
        super().end()
        if self._level is not None:
            _count(self._level[0], self._levels[-1])
        self.leave()

    def leave(self) -> None:
        """End the level's span, however far it came."""
        if self._level is not None:
            (span, token), self._level = self._level, None
            current.detach(token)
            span.end()

    def answered(self, result: ExecutionResult) -> None:
        """Note what it took altogether, and the codes of what was refused or failed."""
        _count(self._span, self.plan())
        codes = {*self._context.refused, *map(_code, result.errors or ())}
        if codes:
            self._span.set_attribute("texting.codes", sorted(codes))
        if result.errors:
            self._span.set_status(StatusCode.ERROR)


class Tracing:
    """Makes the spans of requests, from one provider."""

    def __init__(self, provider: trace.TracerProvider) -> None:
        """Take where spans go."""
        self._tracer = provider.get_tracer(NAME, version(NAME))

    def continuing(self, app: ASGIApp) -> ASGIApp:
        """Let the spans of a request or a socket belong to the trace that its headers name (`traceparent`)."""

        async def traced(scope: Scope, receive: Receive, send: Send) -> None:
            token = current.attach(propagate.extract(Headers(scope=scope)))
            try:
                await app(scope, receive, send)
            finally:
                current.detach(token)

        return traced

    @contextmanager
    def operation(self, document: DocumentNode, name: str | None, context: RequestContext) -> Iterator[Levels]:
        """Make the span of one operation of a valid document, and let its audit records name it."""
        node = get_operation_ast(document, name)
        kind = node.operation.value if node else "operation"
        named = node.name.value if node and node.name else None
        told = {
            "graphql.operation.type": kind,
            "texting.org_id": str(context.org_id),
            "texting.tracking_id": context.tracking_id,
            **({"graphql.operation.name": named} if named else {}),
        }
        span = self._tracer.start_span(f"{kind} {named}" if named else kind, kind=SpanKind.SERVER, attributes=told)
        ids = span.get_span_context()
        context.trace = (trace.format_trace_id(ids.trace_id), trace.format_span_id(ids.span_id))
        levels = Levels(self._tracer, span, context)
        token = current.attach(current.set_value(_OPERATION, value=True, context=trace.set_span_in_context(span)))
        try:
            yield levels
        except BaseException as error:
            _fail(span, error)
            raise
        finally:
            levels.leave()
            current.detach(token)
            span.end()

    def statement(self, query: Any) -> None:
        """Make the span of a statement that has just been run; outside an operation that is traced there is none."""
        if not current.get_value(_OPERATION) or not trace.get_current_span().get_span_context().trace_flags.sampled:
            return
        end = time_ns()
        sql = " ".join(query.query.split())
        span = self._tracer.start_span(
            sql.partition(" ")[0].rstrip(";"),
            kind=SpanKind.CLIENT,
            attributes={"db.system.name": "postgresql", "db.query.text": sql},
            start_time=end - int(query.elapsed * 1e9),
        )
        if query.exception is not None:
            _fail(span, query.exception)
        span.end(end)


def _count(span: Span, level: dict[str, Any]) -> None:
    span.set_attribute("texting.statements", level["statements"])
    span.set_attribute("texting.rows", level["rows"])


def _fail(span: Span, error: BaseException) -> None:
    """Say what kind of error it was: its message may name somebody."""
    span.set_attribute("error.type", type(error).__qualname__)
    span.set_status(StatusCode.ERROR)


def _code(error: Any) -> str:
    return str((error.extensions or {}).get("code", FailureCode.INTERNAL))
