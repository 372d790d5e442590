"""The policy in force, looked up anew while the program runs: one that begins, or is stored, meanwhile is heeded."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import structlog

from core.commands.transaction import Store
from core.ids import SYSTEM_ORG_ID
from core.storage import policies
from core.storage.database import reading

EVERY_S = 5.0
"""How long from one look to the next: so long, at most, is a policy that has begun not gone by yet."""

_log = structlog.get_logger()


class PolicyInForce:
    """Keeps stores on the policy in force; what has begun already ends under the one that it began with."""

    def __init__(self, *stores: Store) -> None:
        """Take the stores; nothing is looked up yet."""
        self._stores = stores

    async def look(self, now: datetime) -> None:
        """Look once. `now`: UTC."""
        known = self._stores[0].policy
        async with reading(self._stores[0].pool, SYSTEM_ORG_ID) as reader:
            found = await policies.load_at(reader.fetch, now, known)
        if found is None or found.version == known.version:
            return
        for store in self._stores:
            store.policy = found
        _log.info("policy in force", version=found.version, digest=found.digest)

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            await asyncio.sleep(EVERY_S)
            await self.look(datetime.now(UTC))
