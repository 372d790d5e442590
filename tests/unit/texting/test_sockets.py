"""The protocol graphql-transport-ws, message by message, against streams that answer what they are told to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from types import SimpleNamespace
from typing import Any, Self, cast

import pytest

from core.ids import SYSTEM_ORG_ID
from core.principal import Principal
from texting.admission import Admission
from texting.auth import NotAuthenticated, Refused
from texting.operations import Caller, OperationRefused
from texting.request_body import GraphQLRequest
from texting.request_failure import FailureCode, RequestFailure
from texting.sockets import PROTOCOL, Sockets


def with_token(token: str) -> dict[str, Any]:
    return {"type": "connection_init", "payload": {"Authorization": f"Bearer {token}"}}


INIT = with_token("good")


class Tokens:
    """Knows the tokens `good` and `other's`, and `once` the first time; it cannot ask about `unasked`, nor about
    `later` again.
    """

    def __init__(self) -> None:
        self._shown = list[str]()

    async def authenticate(self, token: str, _: datetime) -> Principal:
        if token == "unasked" or (token == "later" and token in self._shown):
            raise ConnectionRefusedError("no database")
        if token == "keyless" and token in self._shown:
            raise RequestFailure(503, FailureCode.UNAVAILABLE, "the provider gives no keys")
        self._shown.append(token)
        if token not in {"good", "later", "keyless", "other's"} and (token != "once" or self._shown.count(token) > 1):
            raise NotAuthenticated("the token is not valid here, or has expired: sign in again")
        return Principal(subject="t" if token == "other's" else "s", name=None, org_id=SYSTEM_ORG_ID, grants=())


class Operations:
    """Prepares every document but `bad`."""

    def prepare(self, asked: GraphQLRequest, caller: Caller) -> Any:
        if asked.query == "bad":
            raise OperationRefused([], FailureCode.GRAPHQL_VALIDATION_FAILED)
        return type("Prepared", (), {"query": asked.query, "context": Context(caller.tracking_id), "name": None})()


class Context:
    """As much of one as is logged."""

    org_id = SYSTEM_ORG_ID

    def __init__(self, tracking_id: str) -> None:
        self.tracking_id = tracking_id


class Streams:
    """`two` gives two responses, `ever` one and then waits, `expire` one until the token ends."""

    def __init__(self) -> None:
        self.closed = 0

    async def responses(self, prepared: Any) -> AsyncGenerator[Mapping[str, Any]]:
        try:
            yield {"data": {"n": 1}}
            if prepared.query == "ever":
                await asyncio.sleep(60)
            if prepared.query == "expire":
                raise NotAuthenticated("the token has expired: sign in again")
            yield {"data": {"n": 2}}
        finally:
            self.closed += 1


class Closed(Exception):
    """The server closed, with this code; it is 1000 where it would not let us in."""

    def __init__(self, code: int, reason: str = "") -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason


class Client:
    """A client's end of a connection."""

    def __init__(self, sockets: Sockets, protocol: str, origin: str | None) -> None:
        self._to, self._from = asyncio.Queue[Any](), asyncio.Queue[Any]()
        headers = [(b"host", b"texting.example"), *([(b"origin", origin.encode())] if origin else [])]
        scope = {"type": "websocket", "path": "/graphql", "headers": headers, "subprotocols": [protocol]}
        self._to.put_nowait({"type": "websocket.connect"})
        self._served = asyncio.create_task(sockets(scope, self._to.get, self._from.put))

    async def __aenter__(self) -> Self:
        if (first := await self._heard())["type"] != "websocket.accept":
            raise Closed(first["code"])
        return self

    async def __aexit__(self, *_: object) -> None:
        self._to.put_nowait({"type": "websocket.disconnect", "code": 1000})
        await self._served

    def send(self, message: Any) -> None:
        self.send_text(json.dumps(message))

    def send_text(self, text: str) -> None:
        self._to.put_nowait({"type": "websocket.receive", "text": text})

    async def receive(self) -> Any:
        """The next message. Raises `Closed`."""
        heard = await self._heard()
        if heard["type"] == "websocket.close":
            # What is longer is no close frame (RFC 6455 §5.5), and a real server fails on it.
            assert len(heard["reason"].encode()) <= 123
            raise Closed(heard["code"], heard["reason"])
        return json.loads(heard["text"])

    async def _heard(self) -> Any:
        async with asyncio.timeout(10):
            return await self._from.get()


Connect = Callable[..., Client]


@pytest.fixture
def streams() -> Streams:
    return Streams()


@pytest.fixture
def refused() -> list[Refused]:
    """Why somebody was not let in, time after time."""
    return []


@pytest.fixture
def connect(streams: Streams, refused: list[Refused]) -> Connect:
    counting = SimpleNamespace(count=lambda _, kind: refused.append(kind))
    unlike: Any = {"operations": Operations(), "streams": streams, "refusals": counting}
    origins = frozenset({"https://desk.example"})
    sockets = Sockets(**unlike, authenticator=Tokens(), operations_max=2, origins=origins)
    return lambda protocol=PROTOCOL, origin=None: Client(sockets, protocol, origin)


def subscribe(id: str, query: str) -> dict[str, Any]:
    return {"type": "subscribe", "id": id, "payload": {"query": query}}


async def closing(client: Client) -> int:
    """The code with which the server closes."""
    with pytest.raises(Closed) as ended:
        await _drain(client)
    return ended.value.code


async def _drain(client: Client) -> None:
    while True:
        await client.receive()


async def test_responses_come_under_the_client_s_id_and_then_the_end(connect: Connect) -> None:
    async with connect() as client:
        client.send(INIT)
        assert await client.receive() == {"type": "connection_ack"}
        client.send(subscribe("a", "two"))
        told = [await client.receive() for _ in range(3)]
        assert told == [
            {"type": "next", "id": "a", "payload": {"data": {"n": 1}}},
            {"type": "next", "id": "a", "payload": {"data": {"n": 2}}},
            {"type": "complete", "id": "a"},
        ]
        client.send({"type": "ping"})
        assert await client.receive() == {"type": "pong"}


async def test_a_refused_operation_ends_alone(connect: Connect) -> None:
    async with connect() as client:
        client.send(INIT)
        await client.receive()
        client.send(subscribe("a", "bad"))
        assert await client.receive() == {"type": "error", "id": "a", "payload": []}
        client.send({"type": "subscribe", "id": "b", "payload": {"query": 3}})
        (error,) = (await client.receive())["payload"]
        assert error["extensions"]["code"] == "BAD_REQUEST"


async def test_completing_one_ends_it_and_frees_its_id_and_its_place(connect: Connect, streams: Streams) -> None:
    async with connect() as client:
        client.send(INIT)
        await client.receive()
        for id in ("a", "b"):
            client.send(subscribe(id, "ever"))
            assert (await client.receive())["type"] == "next"
        client.send(subscribe("c", "ever"))
        (error,) = (await client.receive())["payload"]
        assert error["message"].startswith("2 operations run on this connection already (TEXTING_SOCKET_OPERATIONS)")
        assert error["extensions"]["code"] == "TOO_MANY_REQUESTS"
        client.send({"type": "complete", "id": "a"})
        client.send(subscribe("a", "ever"))
        assert await client.receive() == {"type": "next", "id": "a", "payload": {"data": {"n": 1}}}
        assert streams.closed == 1


async def test_what_runs_ends_with_the_connection(connect: Connect, streams: Streams) -> None:
    async with connect() as client:
        client.send(INIT)
        await client.receive()
        client.send(subscribe("a", "ever"))
        await client.receive()
    assert streams.closed == 1


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        ([subscribe("a", "two")], 4401),
        ([{"type": "connection_init"}], 4403),
        ([with_token("other")], 4403),
        ([with_token("unasked")], 1013),
        ([INIT, INIT], 4429),
        ([INIT, {"type": "nonsense"}], 4400),
        ([INIT, {"type": "\U0001f4ac" * 40}], 4400),
        ([INIT, subscribe("\U0001f4ac" * 200, "ever"), subscribe("\U0001f4ac" * 200, "ever")], 4409),
        ([INIT, {"type": "subscribe", "payload": {"query": "two"}}], 4400),
        ([INIT, [1]], 4400),
        ([INIT, subscribe("a", "ever"), subscribe("a", "ever")], 4409),
        ([INIT, subscribe("a", "expire")], 4403),
    ],
)
async def test_who_breaks_the_protocol_is_told_why(connect: Connect, messages: list[Any], code: int) -> None:
    async with connect() as client:
        for message in messages:
            client.send(message)
        assert await closing(client) == code


@pytest.mark.parametrize(
    ("messages", "kinds"),
    [
        ([{"type": "connection_init"}], [Refused.MISSING]),
        ([with_token("other")], [Refused.INVALID]),
        ([with_token("once"), subscribe("a", "two")], [Refused.INVALID]),
        ([with_token("unasked")], []),
    ],
)
async def test_who_is_not_let_in_is_counted(
    connect: Connect, refused: list[Refused], messages: list[Any], kinds: list[Refused]
) -> None:
    async with connect() as client:
        for message in messages:
            client.send(message)
        await closing(client)
    assert refused == kinds


async def test_an_operation_whose_caller_cannot_be_asked_about_ends_alone(connect: Connect) -> None:
    async with connect() as client:
        client.send(with_token("later"))
        await client.receive()
        client.send(subscribe("a", "two"))
        told = await client.receive()
        assert (told["type"], told["id"]) == ("error", "a")
        assert told["payload"][0]["extensions"]["code"] == "UNAVAILABLE"
        client.send({"type": "ping"})
        assert await client.receive() == {"type": "pong"}


async def test_no_json_is_a_bad_message(connect: Connect) -> None:
    async with connect() as client:
        client.send_text("{")
        assert await closing(client) == 4400


async def test_another_protocol_is_not_spoken(connect: Connect) -> None:
    async with connect(protocol="graphql-ws") as client:
        assert await closing(client) == 4406


@pytest.mark.parametrize("origin", [None, "http://texting.example", "https://desk.example"])
async def test_programs_and_our_pages_and_those_listed_may_connect(connect: Connect, origin: str | None) -> None:
    async with connect(origin=origin) as client:
        client.send(INIT)
        assert await client.receive() == {"type": "connection_ack"}


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://texting.example.evil.example", "http://["])
async def test_pages_of_others_may_not(connect: Connect, origin: str) -> None:
    with pytest.raises(Closed):
        await connect(origin=origin).__aenter__()


async def test_an_address_that_connects_too_often_is_not_let_in(streams: Streams) -> None:
    admission = Admission(of_address=1)
    sockets: Any = Sockets(
        operations=cast("Any", Operations()),
        streams=cast("Any", streams),
        authenticator=Tokens(),
        admission=admission,
        operations_max=1,
    )
    for _ in range(2):
        async with Client(sockets, PROTOCOL, None):
            pass
    with pytest.raises(Closed):
        async with Client(sockets, PROTOCOL, None):
            pass


@pytest.fixture
def admission() -> Admission:
    """Two sockets of a caller, three in all."""
    return Admission(sockets=2, all_sockets=3)


@pytest.fixture
def limited(streams: Streams, admission: Admission) -> Connect:
    unlike: Any = {"operations": Operations(), "streams": streams, "admission": admission}
    sockets = Sockets(**unlike, authenticator=Tokens(), operations_max=2)
    return lambda: Client(sockets, PROTOCOL, None)


@asynccontextmanager
async def signed_in(client: Client, token: str = "good") -> AsyncIterator[Client]:
    async with client:
        client.send(with_token(token))
        assert await client.receive() == {"type": "connection_ack"}
        yield client


async def told_to_come_again(client: Client) -> str:
    """The reason with which the server closes."""
    with pytest.raises(Closed) as ended:
        await _drain(client)
    assert ended.value.code == 1013
    return ended.value.reason


async def test_a_caller_leaves_only_so_many_connections_open(limited: Connect, admission: Admission) -> None:
    async with signed_in(limited()), signed_in(limited()) as second:
        async with limited() as third:
            third.send(INIT)
            assert (
                await told_to_come_again(third)
                == "these are more than 2 WebSockets of one caller at once (TEXTING_SOCKETS_AT_ONCE): close one"
            )
        async with signed_in(limited(), "other's"):
            # Those that were there go on.
            second.send({"type": "ping"})
            assert await second.receive() == {"type": "pong"}
    async with signed_in(limited()):
        pass
    assert not admission._running


async def test_whoever_does_not_say_who_it_is_takes_no_more_than_a_caller(limited: Connect) -> None:
    async with limited(), limited(), limited() as third:
        assert (
            await told_to_come_again(third) == "these are more than 2 WebSockets of one address not signed in "
            "(TEXTING_SOCKETS_AT_ONCE): connect again later"
        )


async def test_there_are_only_so_many_connections_in_all(limited: Connect) -> None:
    async with signed_in(limited()), signed_in(limited()), signed_in(limited(), "other's"), limited() as fourth:
        assert (
            await told_to_come_again(fourth)
            == "these are more than 3 WebSockets at once (TEXTING_PROCESS_SOCKETS_AT_ONCE): connect again later"
        )


@pytest.mark.parametrize(
    "messages",
    [
        [],
        [with_token("other")],
        [with_token("unasked")],
        [INIT, INIT],
        [INIT, [1]],
        [INIT, subscribe("a", "ever")],
        [INIT, subscribe("a", "expire")],
    ],
)
async def test_a_connection_gives_its_place_back_however_it_ends(
    limited: Connect, admission: Admission, messages: list[Any]
) -> None:
    async with limited() as client:
        for message in messages:
            client.send(message)
    assert not admission._running


async def test_a_connection_that_the_server_breaks_off_gives_its_place_back(
    limited: Connect, admission: Admission
) -> None:
    client = limited()
    await client.__aenter__()
    client.send(INIT)
    await client.receive()
    client._served.cancel()
    with pytest.raises(asyncio.CancelledError):
        await client._served
    assert not admission._running


@pytest.mark.parametrize("at", ["websocket.send", "websocket.close"])
async def test_whoever_is_gone_before_it_is_told_is_no_failure(streams: Streams, admission: Admission, at: str) -> None:
    """As uvicorn tells it: what is sent to nobody is an `OSError`."""
    messages: list[Any] = [
        {"type": "websocket.connect"},
        *({"type": "websocket.receive", "text": json.dumps(each)} for each in (INIT, INIT)),
    ]

    async def receive() -> Any:
        return messages.pop(0)

    async def send(message: Any) -> None:
        if message["type"] == at:
            raise BrokenPipeError

    unlike: Any = {"operations": Operations(), "streams": streams, "admission": admission}
    sockets = Sockets(**unlike, authenticator=Tokens(), operations_max=2)
    await sockets({"type": "websocket", "path": "/graphql", "headers": [], "subprotocols": [PROTOCOL]}, receive, send)
    assert not admission._running


@pytest.mark.parametrize("chatting", [False, True])
async def test_a_connection_ends_with_its_token_though_nothing_runs_on_it(
    connect: Connect, refused: list[Refused], monkeypatch: pytest.MonkeyPatch, chatting: bool
) -> None:
    monkeypatch.setattr("texting.sockets.ASKED_AGAIN_S", 0.02)
    async with signed_in(connect(), "once") as client:
        for _ in range(20_000 if chatting else 0):
            client.send({"type": "pong"})
        assert await closing(client) == 4403
        # It did not wait until the client was quiet.
        assert bool(client._to.qsize()) is chatting
    # It was let in, and tried nothing since.
    assert refused == []


@pytest.mark.parametrize("token", ["later", "keyless"])
async def test_a_connection_lasts_while_nobody_can_say_whether_its_token_does(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    monkeypatch.setattr("texting.sockets.ASKED_AGAIN_S", 0.001)
    async with signed_in(connect(), token) as client:
        await asyncio.sleep(0.02)
        client.send({"type": "ping"})
        assert await client.receive() == {"type": "pong"}
