"""A client that reads nothing, over a real connection."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest

from tests.unit.texting.test_sockets import PROTOCOL, Operations, Streams, Tokens
from texting import listening
from texting.admission import Admission
from texting.server import Server
from texting.settings import Settings
from texting.sockets import Sockets

CONNECT = (
    "GET / HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    f"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: {PROTOCOL}\r\n\r\n"
).encode()
PING = b"\x89\xfd" + bytes(4) + b"x" * 125
"""The longest (RFC 6455 §5.5), whose answer is as long."""


async def test_a_stranger_who_reads_nothing_takes_no_place_for_good(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("texting.sockets.INIT_WAIT_S", 0.5)
    monkeypatch.setattr("texting.socket_protocol.UNREAD_S", 1.0)
    admission = Admission(sockets=1)
    unlike: Any = {"operations": Operations(), "streams": Streams(), "admission": admission}
    app = Sockets(**unlike, authenticator=Tokens(), operations_max=1)
    ready = asyncio.Event()
    server = Server(app, Settings(), ready.set)  # type: ignore[arg-type] # serves sockets alone
    (listener,) = listening.bind("127.0.0.1", 0)
    # So that little is on its way before somebody must wait.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    await ready.wait()
    loop = asyncio.get_running_loop()
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        client.setblocking(False)
        await loop.sock_connect(client, ("127.0.0.1", listening.port_of([listener])))
        await loop.sock_sendall(client, CONNECT)
        assert await loop.sock_recv(client, 12) == b"HTTP/1.1 101"
        await loop.sock_sendall(client, PING * 4_000)
        assert admission._running
        async with asyncio.timeout(10):
            await asyncio.gather(*server.server_state.tasks)
        assert not admission._running
        assert not server.server_state.connections
    server.stop()
    await serving
