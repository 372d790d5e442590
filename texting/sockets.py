"""Operations over a WebSocket: the protocol graphql-transport-ws, and no other.

The token comes in `connection_init` (`{"Authorization": "Bearer …"}`), for a browser cannot send it in a header; it is
asked about again for as long as a subscription lasts, and where nothing runs: a connection costs memory all the same,
so there are only so many of a caller, and none of whom may no longer come in. Pages of other origins may not connect.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import aclosing, suppress
from datetime import UTC, datetime
from enum import IntEnum
from functools import partial
from typing import Any

import orjson
from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from core.principal import Principal
from core.storage.database import UNREACHABLE
from texting import answer, request_facts
from texting.admission import Admission, Socket
from texting.auth import Authenticator, NotAuthenticated, Refused
from texting.identity.refusals import Refusals
from texting.metrics import Metrics
from texting.operations import Caller, OperationRefused, Operations, log_operation
from texting.request_body import checked
from texting.request_failure import FailureCode, RequestFailure
from texting.streaming import Streams

PROTOCOL = "graphql-transport-ws"

INIT_WAIT_S = 10.0
"""How long a client may take to say who it is."""

ASKED_AGAIN_S = 60.0
"""How long a connection may last before its token is asked about again, whether anything runs or not."""

_ID_LENGTH_MAX = 200
_REASON_BYTES_MAX = 123
"""A close frame has room for 125 bytes, two of them for the code (RFC 6455 §5.5)."""


class Close(IntEnum):
    """Why a connection is closed, by the protocol's codes, and by WebSocket's own where it has none."""

    TRY_AGAIN_LATER = 1013
    BAD_MESSAGE = 4400
    UNAUTHORIZED = 4401
    FORBIDDEN = 4403
    NO_PROTOCOL = 4406
    INIT_TIMEOUT = 4408
    ID_TAKEN = 4409
    TOO_MANY_INITS = 4429


class Closing(Exception):
    """The client broke the protocol, or may not go on."""

    def __init__(self, code: Close, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason.encode()[:_REASON_BYTES_MAX].decode(errors="ignore")


class Sockets:
    """An ASGI application for WebSockets. `origins`: of pages besides our own that may connect, as `https://host`."""

    def __init__(
        self,
        *,
        operations: Operations,
        streams: Streams,
        authenticator: Authenticator,
        refusals: Refusals | None = None,
        admission: Admission | None = None,
        metrics: Metrics | None = None,
        operations_max: int,
        origins: frozenset[str] = frozenset(),
    ) -> None:
        self._operations = operations
        self._streams = streams
        self._authenticator = authenticator
        self._refusals = refusals or Refusals()
        self._admission = admission or Admission()
        self._metrics = metrics or Metrics()
        self._operations_max = operations_max
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        # Whoever goes away, at whatever point, is told nothing more.
        with suppress(WebSocketDisconnect):
            await self._answer(WebSocket(scope, receive, send))

    async def _answer(self, socket: WebSocket) -> None:
        try:
            self._admission.arrive(request_facts.ip(socket))
        except RequestFailure:
            await socket.close()
            return
        if not self._is_welcome(socket.headers):
            await socket.close()
            return
        if PROTOCOL not in socket.scope.get("subprotocols", ()):
            await socket.accept()
            await self._close(socket, Closing(Close.NO_PROTOCOL, f"Subprotocol not acceptable: offer {PROTOCOL}"))
            return
        await socket.accept(PROTOCOL)
        try:
            with self._admission.socket(request_facts.ip(socket)) as place, self._metrics.opened("sockets"):
                await self._serve(socket, place)
        except RequestFailure as failure:
            await self._close(socket, Closing(Close.TRY_AGAIN_LATER, failure.message))

    async def _serve(self, socket: WebSocket, place: Socket) -> None:
        session = _Session(
            socket, place, self._operations, self._streams, self._authenticator, self._refusals, self._operations_max
        )
        try:
            await session.run()
        except Closing as closing:
            await self._close(socket, closing)
        finally:
            await session.end()

    async def _close(self, socket: WebSocket, closing: Closing) -> None:
        self._metrics.closed(closing.code)
        await socket.close(closing.code, closing.reason)

    def _is_welcome(self, headers: Headers) -> bool:
        """Say whether the page that connects is ours or listed; programs that are no browsers name no origin."""
        origin = headers.get("origin")
        return origin is None or origin.partition("://")[2] == headers.get("host") or origin in self._origins


class _Session:
    """One connection: who it is, and its running operations by the client's ids."""

    def __init__(
        self,
        socket: WebSocket,
        place: Socket,
        operations: Operations,
        streams: Streams,
        authenticator: Authenticator,
        refusals: Refusals,
        operations_max: int,
    ) -> None:
        self._refusals = refusals
        self._socket = socket
        self._place = place
        self._operations = operations
        self._streams = streams
        self._authenticator = authenticator
        self._operations_max = operations_max
        self._token: str | None = None
        self._running: dict[str, asyncio.Task[None]] = {}
        self._sending = asyncio.Lock()
        self._loop = asyncio.get_running_loop()
        self._failed: asyncio.Future[None] = self._loop.create_future()
        self._ask_again_at = 0.0

    async def run(self) -> None:
        """Answer messages until the client goes. Raises `Closing` when it must."""
        try:
            async with asyncio.timeout(INIT_WAIT_S):
                first = await self._receive()
        except TimeoutError:
            raise Closing(Close.INIT_TIMEOUT, "Connection initialisation timeout") from None
        if first.get("type") != "connection_init":
            raise Closing(Close.UNAUTHORIZED, "Unauthorized: send connection_init first")
        await self._sign_in(first)
        await self._send({"type": "connection_ack"})
        while True:
            await self._obey(await self._next())

    async def end(self) -> None:
        """Stop what runs."""
        running = list(self._running.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        self._failed.cancel()

    async def _sign_in(self, first: Mapping[str, Any]) -> None:
        payload = first.get("payload") or {}
        given = payload.get("Authorization", payload.get("authorization")) if isinstance(payload, dict) else None
        try:
            self._token = request_facts.bearer(
                given if isinstance(given, str) else self._socket.headers.get("authorization")
            )
        except RequestFailure as failure:
            raise self._not_let_in(Refused.MISSING, failure) from None
        try:
            self._place.belongs_to(await self._principal(datetime.now(UTC), request_facts.tracking_id()))
        except RequestFailure as failure:
            raise Closing(Close.TRY_AGAIN_LATER, failure.message) from None
        self._ask_again_at = self._loop.time() + ASKED_AGAIN_S

    async def _principal(self, now: datetime, tracking_id: str) -> Principal:
        """Ask who it is. Raises `Closing`, or `RequestFailure` where that cannot be told now."""
        assert self._token is not None
        try:
            return await self._authenticator.authenticate(self._token, now)
        except NotAuthenticated as error:
            raise self._not_let_in(error.kind, error) from None
        except UNREACHABLE as error:
            raise answer.unavailable_failure(error, tracking_id) from error

    def _not_let_in(self, kind: Refused, error: Exception) -> Closing:
        """Count that it is not let in; give what ends the connection."""
        self._refusals.count(request_facts.ip(self._socket), kind)
        return Closing(Close.FORBIDDEN, str(error))

    async def _next(self) -> Mapping[str, Any]:
        """Wait for a message, or for an operation that must end the connection."""
        await self._ask_again()
        coming = asyncio.ensure_future(self._receive())
        waited_for: set[asyncio.Future[Any]] = {coming, self._failed}
        try:
            while not (await self._wait(waited_for)):
                await self._ask_again()
            if self._failed.done():
                self._failed.result()
            return await coming
        finally:
            if not coming.cancel() and not coming.cancelled():
                # However it ended is known, or of no account any more: the loop shall not report it.
                coming.exception()

    async def _wait(self, waited_for: set[asyncio.Future[Any]]) -> bool:
        """Wait for one of them, until it is time to ask again; say whether one has come."""
        left_s = max(0.0, self._ask_again_at - self._loop.time())
        come, _ = await asyncio.wait(waited_for, timeout=left_s, return_when=asyncio.FIRST_COMPLETED)
        return bool(come)

    async def _ask_again(self) -> None:
        """Ask about the token when it is time to. Raises `Closing`: it has ended."""
        if self._loop.time() < self._ask_again_at:
            return
        self._ask_again_at = self._loop.time() + ASKED_AGAIN_S
        assert self._token is not None
        try:
            # Whoever was let in stays until somebody can say otherwise.
            with suppress(RequestFailure, *UNREACHABLE):
                await self._authenticator.authenticate(self._token, datetime.now(UTC))
        except NotAuthenticated as error:
            # It was let in, so it is none of those who are not.
            raise Closing(Close.FORBIDDEN, str(error)) from None

    async def _obey(self, message: Mapping[str, Any]) -> None:
        match message.get("type"):
            case "subscribe":
                await self._start(message)
            case "complete":
                if (task := self._running.pop(str(message.get("id")), None)) is not None:
                    task.cancel()
            case "ping":
                await self._send({"type": "pong"})
            case "pong":
                pass
            case "connection_init":
                raise Closing(Close.TOO_MANY_INITS, "Too many initialisation requests")
            case _:
                raise Closing(Close.BAD_MESSAGE, f"Invalid message type `{str(message.get('type'))[:40]}`")

    async def _start(self, message: Mapping[str, Any]) -> None:
        id, payload = message.get("id"), message.get("payload")
        if not isinstance(id, str) or not 0 < len(id) <= _ID_LENGTH_MAX:
            raise Closing(Close.BAD_MESSAGE, "`id` of subscribe is missing, or no text")
        if id in self._running:
            raise Closing(Close.ID_TAKEN, f"Subscriber for {id} already exists")
        if len(self._running) >= self._operations_max:
            most = f"{self._operations_max} operations run on this connection already (TEXTING_SOCKET_OPERATIONS)"
            failure = RequestFailure(429, FailureCode.TOO_MANY_REQUESTS, f"{most}: complete one first")
            await self._refuse(id, answer.failure_body(failure, tracking_id=request_facts.tracking_id()))
            return
        task = asyncio.create_task(self._operate(id, payload))
        self._running[id] = task
        task.add_done_callback(partial(self._done, id))

    def _done(self, id: str, task: asyncio.Task[None]) -> None:
        if self._running.get(id) is task:
            del self._running[id]
        if not task.cancelled() and (error := task.exception()) is not None and not self._failed.done():
            self._failed.set_exception(error)

    async def _operate(self, id: str, payload: Any) -> None:
        """Execute one operation; its responses go to the client as they come."""
        tracking_id = request_facts.tracking_id()
        try:
            prepared = self._operations.prepare(checked(payload), await self._caller(tracking_id))
        except OperationRefused as error:
            await self._refuse(id, answer.refusal_body(error.errors, error.code, tracking_id=tracking_id))
            return
        except RequestFailure as failure:
            await self._refuse(id, answer.failure_body(failure, tracking_id=tracking_id))
            return
        log_operation(prepared)
        try:
            async with aclosing(self._streams.responses(prepared)) as responses:
                async for response in responses:
                    await self._send({"type": "next", "id": id, "payload": response})
        except NotAuthenticated as error:
            raise Closing(Close.FORBIDDEN, str(error)) from None
        await self._send({"type": "complete", "id": id})

    async def _refuse(self, id: str, response: Mapping[str, Any]) -> None:
        await self._send({"type": "error", "id": id, "payload": response["errors"]})

    async def _caller(self, tracking_id: str) -> Caller:
        assert self._token is not None
        now = datetime.now(UTC)
        return Caller(
            principal=await self._principal(now, tracking_id),
            now=now,
            tracking_id=tracking_id,
            language=request_facts.language(self._socket),
            ip=request_facts.ip(self._socket),
            user_agent=request_facts.user_agent(self._socket),
            authenticate=partial(self._authenticator.authenticate, self._token),
        )

    async def _receive(self) -> Mapping[str, Any]:
        message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1005))
        try:
            read = orjson.loads(message.get("text") or message.get("bytes") or b"")
        except orjson.JSONDecodeError:
            raise Closing(Close.BAD_MESSAGE, "Invalid message: no JSON") from None
        if not isinstance(read, dict):
            raise Closing(Close.BAD_MESSAGE, "Invalid message: no JSON object")
        return read

    async def _send(self, message: Mapping[str, Any]) -> None:
        """Send as text: clients take binary frames for something else. Waits while the client does not read."""
        async with self._sending:
            await self._socket.send_text(orjson.dumps(message).decode())
