"""What acceptance tests share: a way to ask, and to have exports made and fetched."""

from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from starlette.applications import Starlette

from core.commands.transaction import Store
from core.storage.connection import Connection, Opening
from tests.acceptance.asking import Asker
from tests.integration.audit.sealed import KEYS
from texting.app import _failed
from texting.export_routes import export_routes
from texting.exporting.folder import Folder
from texting.exporting.work import Exporting
from texting.request_failure import RequestFailure


@pytest.fixture
def ask(store: Store) -> Asker:
    """Ask operations as anybody, inside the organization that the endpoint would enter."""
    return Asker(store=store)


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """The texts of the statements run since it was last called."""
    run: list[str] = []
    execute, inner = Connection.execute, Connection._execute

    async def noted(self: Connection, query: str, *args: Any, **more: Any) -> Any:
        if not args:
            run.append(query)
        return await execute(self, query, *args, **more)

    async def noted_inside(self: Connection, query: str, *args: Any, **more: Any) -> Any:
        run.append(query)
        return await inner(self, query, *args, **more)

    async def slowly(
        self: Connection, sql: str, args: Sequence[Any], row: Any, begin: Opening | None = None
    ) -> list[Any]:
        if begin is not None:
            await self.execute(begin.sql)
        return await self.fetch(sql, *args, record_class=row)

    monkeypatch.setattr(Connection, "rows", slowly)
    monkeypatch.setattr(Connection, "execute", noted)
    monkeypatch.setattr(Connection, "_execute", noted_inside)

    def taken() -> list[str]:
        found = list(run)
        run.clear()
        return found

    return taken


@pytest.fixture
def exporting(store: Store, worker_pool: asyncpg.Pool, tmp_path: Path) -> Exporting:
    """Make the exports that were asked for."""
    return Exporting(workers=worker_pool, store=store, keys=KEYS, folder=Folder(tmp_path))


@pytest.fixture
async def client(store: Store, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Fetch the files that were made."""
    app = Starlette(routes=export_routes(store, Folder(tmp_path)), exception_handlers={RequestFailure: _failed})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://texting") as opened:
        yield opened
