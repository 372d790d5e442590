"""The sealing loop: every organization's records, then the anchor log, for as long as the program runs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from audit.log_keys import LogKeys
from audit.merkle import ProofError
from audit.proving import MissingHash
from audit.sealer import Checkpoints, Published, RecordSealer, Sealer
from audit.trees import TreeBroken

INTERVAL_S = 0.1
"""How long to rest after a round: a record waits for its seal a fraction of a second."""

IDLE_TICK_S = 10.0
"""How often the witnesses see the anchor's checkpoint although nothing happened: a fresh time proves silence."""

_log = logging.getLogger(__name__)

Witnessing = Callable[[Published], Awaitable[None]]
"""Shows an anchor checkpoint to the witnesses. An exception is logged, and the next tick tries again."""


class Sealing:
    """Runs the sealers of records and of checkpoints. `pool`: of the worker's role."""

    def __init__(self, pool: Any, keys: LogKeys, *, anchor_id: UUID, witnessing: Witnessing | None = None) -> None:
        """`anchor_id`: the organization that the anchor log's rows belong to."""
        self._keys = keys
        self._records = RecordSealer(pool, keys, anchor_id=anchor_id)
        self._anchor = Sealer(pool, Checkpoints(), keys)
        self._anchor_id = anchor_id
        self._witnessing = witnessing
        self._newest: Published | None = None
        self._broken: set[UUID] = set()

    async def run(self) -> None:
        """Seal until cancelled."""
        loop = asyncio.get_running_loop()
        tick = loop.time()
        await self.recover()
        while True:
            worked = await self.run_once()
            if self._newest is not None and loop.time() >= tick:
                await self._witness()
                tick = loop.time() + IDLE_TICK_S
            await asyncio.sleep(0 if worked else INTERVAL_S)

    async def recover(self) -> None:
        """Sign what an earlier run sealed and did not sign."""
        for org_id in await self._records.unpublished():
            await self._guarded(org_id, self._records.publish(org_id))
        if await self._anchor.unpublished():
            await self._publish_anchor()

    async def run_once(self) -> int:
        """Seal, publish and anchor what waits now; give how many records were sealed."""
        sealed = 0
        for org_id in await self._records.waiting():
            sealed += await self._guarded(org_id, self._seal(org_id)) or 0
        while await self._anchor.seal(self._anchor_id, self._keys.anchor_origin):
            await self._publish_anchor()
        return sealed

    async def _seal(self, org_id: UUID) -> int:
        count = await self._records.seal(org_id, self._keys.origin(org_id))
        if count:
            await self._records.publish(org_id)
        return count

    async def _publish_anchor(self) -> None:
        published = await self._anchor.publish(self._anchor_id)
        if published is not None:
            self._newest = published
            await self._witness()

    async def _witness(self) -> None:
        if self._witnessing is None or self._newest is None:
            return
        try:
            await self._witnessing(self._newest)
        except Exception:  # noqa: BLE001 - a witness that is away or broken never stops the sealing
            _log.exception("witnessing failed; it is tried again at the next tick")

    async def _guarded(self, org_id: UUID, work: Awaitable[Any]) -> Any:
        """Let one organization's broken tree not stop the others'; it is logged once, and nothing of it is sealed."""
        try:
            done = await work
        except (TreeBroken, ProofError, MissingHash) as error:
            if org_id not in self._broken:
                self._broken.add(org_id)
                _log.error("sealing refused for organization %s: %s", org_id, error)
            return None
        self._broken.discard(org_id)
        return done
