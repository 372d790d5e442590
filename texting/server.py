"""uvicorn, as this program runs it: on sockets taken before, stopped by our own answer to signals."""

from __future__ import annotations

import contextlib
import gc
import socket
from collections.abc import Callable, Iterator

import uvicorn
from starlette.types import ASGIApp

from texting.patience import HttpProtocol, SocketProtocol
from texting.settings import Settings

OBJECTS_BETWEEN_COLLECTIONS = 20_000
"""Python's own 700 are fewer than one answer has: it would be looked through for cycles while it is made.

No more: documents are cycles, and those that are no longer kept would take twice their bound before they are found.
"""


class Server(uvicorn.Server):
    """Serves until `stop`; calls `on_ready` once it accepts connections."""

    def __init__(self, app: ASGIApp, settings: Settings, on_ready: Callable[[], None]) -> None:
        """Take the application; nothing runs yet."""
        trusted = settings.trusted_proxies
        super().__init__(
            uvicorn.Config(
                app,
                http=HttpProtocol,
                ws=SocketProtocol,
                ws_max_size=settings.request_limit_bytes,
                interface="asgi3",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=bool(trusted),
                forwarded_allow_ips=trusted,
                timeout_graceful_shutdown=settings.shutdown_timeout_s,
            )
        )
        self._on_ready = on_ready

    def stop(self) -> None:
        """End: running requests get their time; asked again, they get none."""
        self.force_exit = self.should_exit
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen, and say so."""
        await super().startup(sockets=sockets)
        spare_what_stays()
        if self.started and not self.should_exit:
            self._on_ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone: `texting.stopping` answers them."""
        yield


def spare_what_stays() -> None:
    """Let the collector look no more at what was made before serving, such as the schema: it is there for good."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
