"""Servers set as `docs/operating.md` says for production: scanners with a good token find nothing, clients work."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest
import websockets.sync.client
from websockets import Subprotocol

from tests.process import serving
from tests.process.probes import PROBES, Probe
from tests.process.production import WAYS, WHO, settings
from texting.failing import LOG


@pytest.fixture(scope="module", params=WAYS)
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[serving.Serving]:
    folder = tmp_path_factory.mktemp("production")
    running = serving.start(folder / "data", "--demo", env=settings(request.param, folder))
    yield running
    assert running.stop() == 0
    assert not (running.folder / LOG).exists()
    assert "Traceback" not in running.folder.with_name("data.log").read_text()


@pytest.fixture
def client(served: serving.Serving) -> Iterator[httpx.Client]:
    with opened(served) as found:
        yield found


def opened(served: serving.Serving) -> httpx.Client:
    """A client with a good token."""
    headers = {"Authorization": f"Bearer {served.tokens['org_admin']}"}
    return httpx.Client(base_url=served.url.removesuffix("/graphql"), headers=headers, trust_env=False)


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.name)
def test_a_scanner_finds_nothing(client: httpx.Client, probe: Probe) -> None:
    answer = probe.ask(client)
    assert answer.status_code < 500
    assert not probe.shown(answer), answer.text[:500]


def test_on_a_server_that_is_open_it_finds_what_that_shows(demo: serving.Serving) -> None:
    with opened(demo) as client:
        found = {probe.name for probe in PROBES if probe.shown(probe.ask(client))}
    # Whether there is an editor depends on what is installed.
    assert {name for name in found if not name.startswith("an editor")} == {
        *("the schema", "one type of it", "the schema by address"),
        *("the schema as events", "names like a wrong field", "names like one of the schema's"),
        *("names like a wrong value", "names like a wrong value of a variable", "a query by address"),
    }


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.name)
def test_who_has_no_token_is_answered_nothing_else(client: httpx.Client, probe: Probe) -> None:
    del client.headers["Authorization"]
    answer = probe.ask(client)
    assert answer.status_code in {401, 404, 405, 406}
    assert set(answer.json()) == {"errors"}
    assert len(answer.json()["errors"]) == 1


def test_what_clients_send_is_answered(client: httpx.Client) -> None:
    answer = client.post("/graphql", json={"query": WHO})
    assert answer.json()["data"]["viewer"]["subject"]


def test_a_socket_tells_the_schema_no_more(served: serving.Serving) -> None:
    payload = {"Authorization": f"Bearer {served.tokens['org_admin']}"}
    with websockets.sync.client.connect(
        served.url.replace("http", "ws", 1), subprotocols=[Subprotocol("graphql-transport-ws")], proxy=None
    ) as socket:
        socket.send(json.dumps({"type": "connection_init", "payload": payload}))
        assert json.loads(socket.recv())["type"] == "connection_ack"
        asked = {"query": "{ __schema { types { name } } }"}
        socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": asked}))
        assert json.loads(socket.recv())["type"] == "error"
