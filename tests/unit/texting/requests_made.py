"""Requests as the server gives them to the endpoint, without a server."""

from urllib.parse import urlencode

from starlette.requests import Request


def made(*, method="POST", headers=(), body=b"", chunks=None, query=None, client=("192.0.2.1", 5)):
    """Make a request; `chunks`: the body in pieces, `None` for a client that went away."""
    pieces = [body] if chunks is None else list(chunks)
    scope = {
        "type": "http",
        "method": method,
        "path": "/graphql",
        "query_string": urlencode(query or {}).encode(),
        "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in dict(headers).items()],
        "client": client,
    }

    async def receive():
        piece = pieces.pop(0)
        if piece is None:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

    return Request(scope, receive)
