"""Responses as server-sent events: GraphQL over SSE, distinct connections mode (an operation a request)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from typing import Any

import orjson
from graphql import OperationType
from starlette.responses import StreamingResponse

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
    return StreamingResponse(_lines(streams, prepared), media_type=media.EVENTS, headers=headers)


async def _lines(streams: Streams, prepared: Prepared) -> AsyncIterator[bytes]:
    """Give the events, and say that it is complete, unless the server stops: then the client comes back to another."""
    ending = asyncio.ensure_future(streams.ending.wait())
    waited_for = {ending} if prepared.kind is OperationType.SUBSCRIPTION else set()
    async with aclosing(streams.responses(prepared)) as responses:
        coming = asyncio.ensure_future(anext(responses))
        try:
            while True:
                await asyncio.wait({coming, *waited_for}, timeout=KEEP_ALIVE_S, return_when=asyncio.FIRST_COMPLETED)
                if waited_for and ending.done():
                    return
                if not coming.done():
                    yield _SILENCE
                    continue
                yield _event(coming.result())
                coming = asyncio.ensure_future(anext(responses))
        except StopAsyncIteration:
            pass
        except NotAuthenticated as error:
            yield _event(answer.failure_body(unauthenticated(str(error)), tracking_id=prepared.context.tracking_id))
        finally:
            ending.cancel()
            coming.cancel()
            await asyncio.wait({coming})
    yield _COMPLETE


def _event(response: Mapping[str, Any]) -> bytes:
    return b"event: next\ndata: " + orjson.dumps(response) + b"\n\n"
