"""uvicorn's connections, broken off where their clients do not read.

What is sent to a client that reads nothing waits for ever, its end too: neither a token that has ended nor the pings of
uvicorn would free the place that it takes. Strangers could take all places so, for their pings are answered too.
"""

from __future__ import annotations

import asyncio
import math

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

PATIENCE_S = 60.0
"""How long more may wait for its reader than asyncio lets wait before writers must (64 KiB)."""

LEAST_READ = 65_536
"""Bytes of an answer that a client, though it is slow, has read by then."""


class _Patient(asyncio.Protocol):
    """Comes before the class of uvicorn that it is for."""

    loop: asyncio.AbstractEventLoop
    transport: asyncio.Transport
    _enough: float = math.inf
    """Bytes which, read in that time, give the client as much again."""
    _timer: asyncio.TimerHandle | None = None

    def pause_writing(self) -> None:
        """Let writers wait, and the client read until its time is over."""
        super().pause_writing()
        self._wait()

    def resume_writing(self) -> None:
        """Let writers go on: the client reads."""
        super().resume_writing()
        self._stop()

    def connection_lost(self, exc: Exception | None) -> None:
        """Let nobody wait any more."""
        self._stop()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._timer = self.loop.call_later(PATIENCE_S, self._look, self.transport.get_write_buffer_size())

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self, before: int) -> None:
        if before - self.transport.get_write_buffer_size() >= self._enough:
            self._wait()
        else:
            self.transport.abort()


class SocketProtocol(_Patient, WebSocketsSansIOProtocol):
    """A WebSocket: whoever reads so little in that time has answered no ping of uvicorn's either."""


class HttpProtocol(_Patient, HttpToolsProtocol):
    """Requests and answers: one may be long, and its reader slow."""

    _enough = LEAST_READ
