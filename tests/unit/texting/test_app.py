"""What the routes beside the endpoint answer when the database is away."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import asyncpg
import httpx
import pytest

from texting.app import create_app
from texting.log_routes import LogFiles
from texting.settings import Settings


class Away:
    """A pool, and the keys of logs, of a database that does not answer."""

    host = "log.example"
    anchor_origin = "log.example/anchor"

    def __init__(self, error: Exception) -> None:
        self.error = error

    def acquire(self) -> Any:
        raise self.error

    async def fetchval(self, *_: object) -> Any:
        raise self.error


@pytest.mark.parametrize(
    "error",
    [ConnectionRefusedError("refused"), asyncpg.CannotConnectNowError("the database is starting up")],
    ids=lambda error: type(error).__name__,
)
@pytest.mark.parametrize("path", ["/log/anchor/checkpoint", f"/log/org/{'0' * 32}/checkpoint"])
async def test_a_log_whose_database_is_away_is_to_be_asked_for_again(error: Exception, path: str) -> None:
    away: Any = Away(error)
    unused: Any = SimpleNamespace(_schema=None)
    app = create_app(
        schema=unused,
        store=unused,
        authenticator=unused,
        settings=Settings(graphiql=False),
        logs=LogFiles(workers=away, pool=away, keys=away, authenticator=unused),
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        answer = await client.get(path)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "1"
    assert answer.json()["errors"][0]["extensions"] == {
        "code": "UNAVAILABLE",
        "trackingId": answer.headers["TrackingID"],
    }
