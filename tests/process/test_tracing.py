"""A server sends its spans to a collector, and what is left of them when it stops."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.process.serving import Serving

pytest.importorskip("opentelemetry.exporter.otlp.proto.http", reason="the extra `otel` is not installed")


@pytest.fixture
def collector() -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    """A collector's address, and what it was sent."""
    sent: list[tuple[str, bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent.append((self.path, self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield f"http://127.0.0.1:{server.server_port}", sent
        server.shutdown()
        serving.join()


def test_spans_reach_a_collector_before_the_server_ends(
    start: Callable[..., Serving], folder: Path, collector: tuple[str, list[tuple[str, bytes]]]
) -> None:
    url, sent = collector
    served = start(folder, "--demo", env={"OTEL_EXPORTER_OTLP_ENDPOINT": url, "OTEL_SERVICE_NAME": "texting-of-acme"})
    answer = served.data(
        "query Named { viewer { subject } users(first: 1) { edges { node { email } } } }", persona="org_admin"
    )
    assert served.stop() == 0
    assert {path for path, _ in sent} == {"/v1/traces"}
    told = b"".join(body for _, body in sent)
    for text in (b"query Named", b"level 1", b"SELECT", b"texting-of-acme"):
        assert text in told
    # The address itself: a trace's random id may hold any single byte.
    email = answer["users"]["edges"][0]["node"]["email"]
    assert "@" in email
    assert email.encode() not in told
