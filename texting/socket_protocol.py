"""uvicorn's WebSocket connection, broken off where its client does not read.

What is sent to a client that reads nothing waits for ever, its end too: neither a token that has ended nor the pings of
uvicorn would free the place that it takes. Strangers could take all places so, for their pings are answered too.
"""

from __future__ import annotations

import asyncio

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

UNREAD_S = 60.0
"""How long more may wait for its reader than asyncio lets wait before writers must (64 KiB)."""


class SocketProtocol(WebSocketsSansIOProtocol):
    """One connection."""

    _patience: asyncio.TimerHandle | None = None

    def pause_writing(self) -> None:
        """Let writers wait, and the client read until its time is over."""
        super().pause_writing()
        self._patience = self.loop.call_later(UNREAD_S, self.transport.abort)

    def resume_writing(self) -> None:
        """Let writers go on: the client reads."""
        super().resume_writing()
        self._forgive()

    def connection_lost(self, exc: Exception | None) -> None:
        """Let nobody wait any more."""
        self._forgive()
        super().connection_lost(exc)

    def _forgive(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
