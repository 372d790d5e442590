"""The composition root: every part is made here and given to the parts that need it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import strawberry
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from core.commands.transaction import Store
from core.storage.database import UNREACHABLE
from engine import bind
from texting import answer, media, request_facts
from texting.admission import Admission
from texting.assets import AssetsMissing, Pages, load
from texting.auth import Authenticator
from texting.cross_origin import CrossOrigin
from texting.document_limits import DocumentLimits
from texting.documents import Documents
from texting.execution import executor, subscriber
from texting.export_routes import export_routes
from texting.exporting.folder import Folder
from texting.http import GraphQLEndpoint, RequestLimits
from texting.identity.refusals import Refusals
from texting.known_operations import KnownOperations
from texting.log_routes import LogFiles, log_routes
from texting.manifest import read_manifest
from texting.metrics import Metrics
from texting.operations import Operations
from texting.page_routes import page_routes
from texting.request_failure import FailureCode, RequestFailure
from texting.settings import Settings
from texting.sockets import Sockets
from texting.streaming import Streams

if TYPE_CHECKING:
    from texting.tracing import Tracing

ADDRESS = "/graphql"


class _Application(Starlette):
    """Starlette, but that requests for the endpoint go straight there: it answers whatever happens itself."""

    def __init__(self, endpoint: GraphQLEndpoint, **options: Any) -> None:
        """Take the endpoint, and what Starlette takes."""
        super().__init__(**options)
        self._endpoint = endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or serve one socket."""
        if scope["type"] == "http" and scope["path"] == ADDRESS:
            await self._endpoint(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def create_app(  # noqa: PLR0913 - the outside parts, each given by name
    *,
    schema: strawberry.Schema,
    store: Store,
    authenticator: Authenticator,
    settings: Settings,
    logs: LogFiles | None = None,
    refusals: Refusals | None = None,
    metrics: Metrics | None = None,
    tracing: Tracing | None = None,
    ending: asyncio.Event | None = None,
) -> ASGIApp:
    """Assemble the application around a bound schema.

    `logs` are served as files; `refusals` counts whom any part does not let in, `metrics` the answers; `tracing` makes
    spans. When `ending` is set, subscriptions over HTTP end.
    """
    refusals = refusals or Refusals()
    limits = DocumentLimits(
        depth=settings.depth_limit,
        aliases=settings.alias_limit,
        directives=settings.directive_limit,
        equal_pairs=settings.equal_pair_limit,
    )
    admission = Admission(
        of_principal=settings.operations_a_second,
        of_address=settings.address_operations_a_second,
        at_once=settings.operations_at_once,
        followed=settings.subscriptions_at_once,
        # Half of the connections are for everybody else.
        turns=max(1, settings.database_connections // 2) if settings.operations_at_once else 0,
        sockets=settings.sockets_at_once,
        all_sockets=settings.process_sockets_at_once,
        all_streams=settings.process_streams_at_once,
    )
    documents = Documents(
        schema._schema,  # noqa: SLF001 - Strawberry has no public way to its graphql-core schema
        token_limit=settings.token_limit,
        limits=limits,
        shows_schema=settings.introspection,
    )
    manifest = read_manifest(settings.operations_manifest) if settings.operations_manifest else None
    known = KnownOperations(documents, manifest, alone=settings.trusted_documents)
    operations = Operations(documents, store, admission=admission, cost_limit=settings.cost_limit, known=known)
    hides_suggestions = settings.trusted_documents or not settings.introspection
    execute = executor(schema, tracing, hides_suggestions=hides_suggestions)
    subscribe = subscriber(schema, hides_suggestions=hides_suggestions)
    streams = Streams(execute, subscribe, admission=admission, seconds=settings.operation_timeout_s, ending=ending)
    endpoint = GraphQLEndpoint(
        operations=operations,
        execute=execute,
        streams=streams,
        authenticator=authenticator,
        refusals=refusals,
        limits=RequestLimits(
            bytes=settings.request_limit_bytes,
            seconds=settings.operation_timeout_s,
            compresses=settings.compression,
            takes_get=settings.get_queries,
        ),
        admission=admission,
        metrics=metrics,
        cross_origin=CrossOrigin(settings.origins),
    )
    sockets = Sockets(
        operations=operations,
        streams=streams,
        authenticator=authenticator,
        refusals=refusals,
        admission=admission,
        metrics=metrics,
        operations_max=settings.socket_operations,
        origins=settings.origins,
    )
    made = _Application(
        endpoint,
        routes=[
            Route(ADDRESS, endpoint),
            WebSocketRoute(ADDRESS, sockets),
            *(page_routes(graphiql_pages()) if settings.graphiql else ()),
            *export_routes(store, Folder(settings.data_dir), admission),
            *(log_routes(replace(logs, admission=admission, refusals=refusals)) if logs else ()),
        ],
        exception_handlers={
            RequestFailure: _failed,
            HTTPException: _not_routed,
            **dict.fromkeys(UNREACHABLE, _unavailable),
            Exception: _broken,
        },
    )
    return made if tracing is None else tracing.continuing(made)


def bound_schema() -> strawberry.Schema:
    """Build the schema with every field joined to its function. Raises `engine.BindingError`."""
    from resolvers.registries import REGISTRIES
    from schema.api import build_schema

    schema = build_schema()
    bind(schema, *REGISTRIES)
    return schema


def graphiql_pages() -> Pages | None:
    """Read GraphiQL's page and files; `None` where they were not installed."""
    try:
        return load()
    except AssetsMissing:
        return None


async def _failed(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestFailure)
    return _told(error)


async def _not_routed(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    message = f"nothing is served at `{request.url.path[:200]}` by {request.method}: GraphQL is at /graphql"
    code = FailureCode.METHOD_NOT_ALLOWED if error.status_code == 405 else FailureCode.NOT_FOUND  # noqa: PLR2004
    return _told(RequestFailure(error.status_code, code, message, error.headers))


async def _unavailable(_: Request, error: Exception) -> Response:
    tracking_id = request_facts.tracking_id()
    response = answer.unavailable(error, tracking_id=tracking_id)
    response.headers["TrackingID"] = tracking_id
    return response


async def _broken(_: Request, error: Exception) -> Response:
    return answer.broken(error, tracking_id=request_facts.tracking_id())


def _told(failure: RequestFailure) -> Response:
    tracking_id = request_facts.tracking_id()
    response = answer.failed(failure, media_type=media.JSON, tracking_id=tracking_id)
    response.headers["TrackingID"] = tracking_id
    return response
