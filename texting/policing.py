"""The policy in force, looked up anew while the program runs: one that begins, or is stored, meanwhile is heeded.

What is stored by what a policy says, the signatures, is then made anew.
"""

from __future__ import annotations

import asyncio
import math
from datetime import UTC, datetime

import structlog

from core.commands.signing_anew import sign_all_anew
from core.commands.transaction import Store
from core.ids import SYSTEM_ORG_ID
from core.storage import policies
from core.storage.database import reading

EVERY_S = 5.0
"""How long from one look to the next: so long, at most, is a policy that has begun not gone by yet."""

SETTLED_S = 60.0
"""After how long nothing is under way any more that began under the former policy, here or in another process."""

_log = structlog.get_logger()


class PolicyInForce:
    """Keeps stores on the policy in force; what has begun already ends under the one that it began with."""

    def __init__(self, *stores: Store) -> None:
        """Take the stores; nothing is looked up yet."""
        self._stores = stores

    async def look(self, now: datetime) -> bool:
        """Look once, and say whether another policy is in force. `now`: UTC."""
        known = self._stores[0].policy
        async with reading(self._stores[0].pool, SYSTEM_ORG_ID) as reader:
            found = await policies.load_at(reader.fetch, now, known)
        if found is None or found.version == known.version:
            return False
        for store in self._stores:
            store.policy = found
        _log.info("policy in force", version=found.version, digest=found.digest)
        return True

    async def were_several(self, now: datetime) -> bool:
        """Say whether another policy was ever in force. `now`: UTC."""
        async with reading(self._stores[0].pool, SYSTEM_ORG_ID) as reader:
            return await policies.were_several(reader.fetch, now)

    async def sign(self) -> None:
        """Sign anew what was signed under another policy, so that reports count what is decided."""
        if count := await sign_all_anew(self._stores[0].pool, self._stores[0].policy):
            _log.info("signed under the policy in force", rows=count)

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        clock = asyncio.get_running_loop().time
        # Another policy may have begun while nothing ran; where there was never another, nothing is signed under one.
        sign_at = clock() if await self.were_several(datetime.now(UTC)) else math.inf
        while True:
            if clock() >= sign_at:
                await self.sign()
                sign_at = math.inf
            await asyncio.sleep(EVERY_S)
            if await self.look(datetime.now(UTC)):
                await self.sign()
                sign_at = clock() + SETTLED_S
