"""What acceptance tests share: a way to ask."""

from collections.abc import Callable
from typing import Any

import pytest

from core.commands.transaction import Store
from core.storage.database import Connection
from tests.acceptance.asking import Asker


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

    monkeypatch.setattr(Connection, "execute", noted)
    monkeypatch.setattr(Connection, "_execute", noted_inside)

    def taken() -> list[str]:
        found = list(run)
        run.clear()
        return found

    return taken
