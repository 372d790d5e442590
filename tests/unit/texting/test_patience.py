"""Clients that read nothing, over real connections, and one that reads slowly."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.unit.texting.test_sockets import PROTOCOL, Operations, Streams, Tokens
from texting import listening
from texting.admission import Admission
from texting.patience import LEAST_READ, HttpProtocol
from texting.server import Server
from texting.settings import Settings
from texting.sockets import Sockets

CONNECT = (
    "GET / HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    f"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: {PROTOCOL}\r\n\r\n"
).encode()
PING = b"\x89\xfd" + bytes(4) + b"x" * 125
"""The longest (RFC 6455 §5.5), whose answer is as long."""

Say = Callable[[bytes], Any]


@asynccontextmanager
async def read_by_nobody(app: ASGIApp, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Server, Say]]:
    """Serve an application to a client that sends, and reads its answer's first 12 bytes alone."""
    monkeypatch.setattr("texting.patience.PATIENCE_S", 1.0)
    ready, loop = asyncio.Event(), asyncio.get_running_loop()
    server = Server(app, Settings(), ready.set)
    (listener,) = listening.bind("127.0.0.1", 0)
    # So that little is on its way before somebody must wait.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    await ready.wait()
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        client.setblocking(False)
        await loop.sock_connect(client, ("127.0.0.1", listening.port_of([listener])))

        async def say(first: bytes, then: bytes = b"") -> bytes:
            await loop.sock_sendall(client, first)
            answer = await loop.sock_recv(client, 12)
            await loop.sock_sendall(client, then)
            return answer

        yield server, say
    server.stop()
    await serving


async def test_a_stranger_who_reads_nothing_takes_no_place_for_good(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("texting.sockets.INIT_WAIT_S", 0.5)
    admission = Admission(sockets=1)
    unlike: Any = {"operations": Operations(), "streams": Streams(), "admission": admission}
    app: Any = Sockets(**unlike, authenticator=Tokens(), operations_max=1)
    async with read_by_nobody(app, monkeypatch) as (server, say):
        assert await say(CONNECT, PING * 4_000) == b"HTTP/1.1 101"
        assert admission._running
        async with asyncio.timeout(10):
            await asyncio.gather(*server.server_state.tasks)
        assert not admission._running
        assert not server.server_state.connections


async def test_an_answer_without_an_end_ends_where_nobody_reads_it(monkeypatch: pytest.MonkeyPatch) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while server.server_state.connections:
            await send({"type": "http.response.body", "body": bytes(1_000), "more_body": True})

    async with read_by_nobody(app, monkeypatch) as (server, say):
        assert await say(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n") == b"HTTP/1.1 200"
        async with asyncio.timeout(10):
            await asyncio.gather(*server.server_state.tasks)
        assert not server.server_state.connections


@pytest.mark.parametrize(("read", "lost"), [(LEAST_READ, False), (LEAST_READ - 1, True)])
def test_an_answer_that_is_read_slowly_gets_its_time(read: int, lost: bool) -> None:
    unread, looks, aborted = [1_000_000, 1_000_000 - read], list[Any](), list[bool]()
    protocol: Any = object.__new__(HttpProtocol)
    protocol.loop = SimpleNamespace(call_later=lambda _, look, before: looks.append(lambda: look(before)))
    protocol.transport = SimpleNamespace(
        get_write_buffer_size=lambda: unread[min(len(looks), 1)], abort=lambda: aborted.append(True)
    )
    protocol._wait()
    looks[0]()
    assert bool(aborted) is lost
    assert len(looks) == (1 if lost else 2)
