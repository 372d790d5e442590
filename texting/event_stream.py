"""Responses as server-sent events: GraphQL over SSE, distinct connections mode (an operation a request)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any

import orjson
from graphql import OperationType
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from texting import answer, media
from texting.auth import NotAuthenticated
from texting.operations import Prepared
from texting.request_facts import unauthenticated
from texting.streaming import Streams

KEEP_ALIVE_S = 12.0
"""How long the line may be silent: proxies cut what they take for dead."""

_SILENCE = b":\n\n"
_COMPLETE = b"event: complete\ndata: \n\n"


def event_stream(streams: Streams, prepared: Prepared) -> StreamingResponse:
    """Answer with a stream that ends with the operation, or when the client goes away."""
    headers = {"Cache-Control": "no-store", "Vary": "Accept, Accept-Language", "X-Content-Type-Options": "nosniff"}
    gone = asyncio.Event()
    return _Events(_lines(streams, prepared, gone), gone, headers)


class _Events(StreamingResponse):
    """Events, and what is told when their client has gone.

    Starlette would cancel them then, and again while they end: they could not wait for the end of what they read from,
    whose place among the caller's subscriptions would be free whenever memory is tidied.
    """

    body_iterator: AsyncGenerator[bytes]

    def __init__(self, lines: AsyncGenerator[bytes], gone: asyncio.Event, headers: Mapping[str, str]) -> None:
        super().__init__(lines, media_type=media.EVENTS, headers=headers)
        self._gone = gone

    async def __call__(self, _: Scope, receive: Receive, send: Send) -> None:
        """Send the events, and end them."""
        watching = asyncio.ensure_future(self._watch(receive))
        try:
            async with aclosing(self.body_iterator):
                await self.stream_response(send)
        finally:
            watching.cancel()

    async def _watch(self, receive: Receive) -> None:
        await self.listen_for_disconnect(receive)
        self._gone.set()


async def _lines(streams: Streams, prepared: Prepared, gone: asyncio.Event) -> AsyncGenerator[bytes]:
    """Give the events, and say that it is complete, unless the server stops: then the client comes back to another."""
    ends = (gone, streams.ending) if prepared.kind is OperationType.SUBSCRIPTION else (gone,)
    endings = [asyncio.ensure_future(end.wait()) for end in ends]
    async with aclosing(streams.responses(prepared)) as responses:
        coming = asyncio.ensure_future(anext(responses))
        try:
            while True:
                await asyncio.wait({coming, *endings}, timeout=KEEP_ALIVE_S, return_when=asyncio.FIRST_COMPLETED)
                if any(end.is_set() for end in ends):
                    return
                if not coming.done():
                    yield _SILENCE
                    continue
                yield _event(coming.result())
                if gone.is_set():
                    return
                coming = asyncio.ensure_future(anext(responses))
        except StopAsyncIteration:
            pass
        except NotAuthenticated as error:
            yield _event(answer.failure_body(unauthenticated(str(error)), tracking_id=prepared.context.tracking_id))
        finally:
            for each in (coming, *endings):
                each.cancel()
            await asyncio.wait({coming})
    yield _COMPLETE


def _event(response: Mapping[str, Any]) -> bytes:
    return b"event: next\ndata: " + orjson.dumps(response) + b"\n\n"
