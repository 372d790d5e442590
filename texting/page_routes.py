"""The routes of the pages: GraphiQL, its files, and the way there."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from texting.assets import CONTENT_SECURITY_POLICY, SERVED_AT, Pages
from texting.request_failure import FailureCode, RequestFailure

_YEAR_S = 31_536_000
_PAGE_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-cache",
}


def page_routes(pages: Pages | None) -> list[Route]:
    """Give the routes; without pages, GraphiQL's address says why it is not there."""

    async def graphiql(_: Request) -> Response:
        if pages is None:
            raise RequestFailure(404, FailureCode.NOT_FOUND, "GraphiQL is not installed here: run `make assets`")
        return Response(pages.graphiql, media_type="text/html", headers=_PAGE_HEADERS)

    async def file(request: Request) -> Response:
        asset = pages.files.get(request.path_params["name"]) if pages else None
        if asset is None:
            raise RequestFailure(404, FailureCode.NOT_FOUND, "there is no such file: reload the page")
        headers = {"Cache-Control": f"public, max-age={_YEAR_S}, immutable", "X-Content-Type-Options": "nosniff"}
        return Response(asset.content, media_type=asset.media_type, headers=headers)

    async def start(_: Request) -> Response:
        return RedirectResponse("/graphiql", status_code=307)

    return [
        Route("/", start),
        Route("/graphiql", graphiql),
        Route(SERVED_AT + "{name}", file),
    ]
