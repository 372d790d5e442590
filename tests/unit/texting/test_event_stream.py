"""Subscriptions as server-sent events, over real connections: none outlives its client, or keeps its place."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest
from graphql import ExecutionResult, OperationType
from starlette.types import ASGIApp, Receive, Scope, Send

from core.ids import SYSTEM_ORG_ID
from core.principal import Principal
from texting import listening
from texting.admission import Admission
from texting.event_stream import event_stream
from texting.operations import Prepared
from texting.server import Server
from texting.settings import Settings
from texting.streaming import Streams

GET = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"
SMALL = 4_096
"""Of the buffers on either side, so that little is on its way before somebody must wait."""


@asynccontextmanager
async def connected(app: ASGIApp) -> AsyncIterator[tuple[Server, socket.socket]]:
    """Serve an application, and connect to it."""
    ready = asyncio.Event()
    server = Server(app, Settings(), ready.set)
    (listener,) = listening.bind("127.0.0.1", 0)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SMALL)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    await ready.wait()
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
        client.setblocking(False)
        await asyncio.get_running_loop().sock_connect(client, ("127.0.0.1", listening.port_of([listener])))
        yield server, client
    server.stop()
    await serving


async def answered(server: Server) -> None:
    """Wait until the server answers nobody any more."""
    async with asyncio.timeout(10):
        await asyncio.gather(*server.server_state.tasks)


class Following:
    """As much of an operation as a stream of it needs, and as much of its context."""

    kind = OperationType.SUBSCRIPTION
    document = asked = None
    principal = Principal(subject="ana", name=None, org_id=SYSTEM_ORG_ID, grants=())
    tracking_id = "t-1"

    @property
    def context(self) -> Following:
        return self

    async def close(self) -> None:
        pass


def follows(subscription: Callable[[], AsyncGenerator[ExecutionResult]], admission: Admission) -> ASGIApp:
    """Answer whatever is asked with the events of a subscription."""

    async def subscribe(*_: Any) -> AsyncGenerator[ExecutionResult]:
        return subscription()

    unlike: Any = {"execute": None, "subscribe": subscribe}
    streams, prepared = Streams(**unlike, admission=admission), cast("Prepared", Following())

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        with admission.stream():
            await event_stream(streams, prepared)(scope, receive, send)

    return app


async def test_a_subscriber_who_reads_nothing_takes_no_place_for_good(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("texting.patience.PATIENCE_S", 0.5)
    admission = Admission(followed=1, all_streams=1)

    async def much() -> AsyncGenerator[ExecutionResult]:
        while True:
            yield ExecutionResult(data={"text": "x" * 10_000})

    loop = asyncio.get_running_loop()
    async with connected(follows(much, admission)) as (server, client):
        await loop.sock_sendall(client, GET)
        assert await loop.sock_recv(client, 12) == b"HTTP/1.1 200"
        await asyncio.sleep(0.2)
        assert {kind for _, kind in admission._running} == {"subscriptions", "all streams"}
        await answered(server)
        assert not admission._running
    assert not caplog.records


async def test_a_subscriber_who_goes_away_ends_what_is_being_read(caplog: pytest.LogCaptureFixture) -> None:
    admission, ended = Admission(), list[str]()

    async def reads() -> AsyncGenerator[ExecutionResult]:
        yield ExecutionResult(data={})
        try:
            await asyncio.sleep(60)
        finally:
            # As a connection to the database is given back.
            await asyncio.sleep(0.05)
            ended.append("reading")

    loop = asyncio.get_running_loop()
    async with connected(follows(reads, admission)) as (server, client):
        await loop.sock_sendall(client, GET)
        assert await loop.sock_recv(client, 12) == b"HTTP/1.1 200"
        await asyncio.sleep(0.2)
        client.close()
        await answered(server)
        assert (ended, admission._running) == (["reading"], {})
    assert not caplog.records
