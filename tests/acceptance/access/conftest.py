"""One scene for all walks that change nothing."""

import asyncpg
import pytest

from tests.acceptance.access.scene import Scene, new_scene
from tests.acceptance.mutating import store_of


@pytest.fixture(scope="package")
async def scene(pool: asyncpg.Pool, worker_pool: asyncpg.Pool, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """Everybody, before two organizations."""
    return await new_scene(store_of(pool), worker_pool, tmp_path_factory.mktemp("access"))
