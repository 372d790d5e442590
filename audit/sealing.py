"""The sealing loop: every organization's records, then the anchor log, for as long as the program runs."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
from collections.abc import Awaitable
from time import monotonic
from typing import Any
from uuid import UUID

from audit.log_keys import LogKeys
from audit.merkle import ProofError
from audit.proving import MissingHash
from audit.sealer import BATCH, Checkpoints, RecordSealer, Sealer
from audit.trees import TreeBroken
from audit.witness import BehindWitness, Witnessing

INTERVAL_S = 0.15
"""How long to rest between rounds: a record waits for its seal a fraction of a second, and writers have the disk."""

PERIOD_S = 0.25
"""From one round's beginning to the next while there is much to do: what a round takes of the writers, it takes no
more often than it must: at least every 250 ms, as is promised."""

BUSY = 8
"""Records of one round that are much to do."""

WITNESS_INTERVAL_S = 1.0
"""How often at most checkpoints are anchored, and the witnesses shown the anchor log's: it only grows for them."""

CHANNEL = "audit_sealed"
"""Where PostgreSQL notifies of logs that have grown: the payload is the organization's id."""

TICK_S = 10.0
"""How often they are shown the same one although nothing happened: a fresh time proves silence."""

_TELL = "SELECT pg_notify($1, grown::text) FROM unnest($2::uuid[]) AS grown"

_log = logging.getLogger(__name__)


class Sealing:
    """Runs the sealers of records and of checkpoints. `pool`: of the worker's role."""

    def __init__(self, pool: Any, keys: LogKeys, *, anchor_id: UUID, witnessing: Witnessing | None = None) -> None:
        """`anchor_id`: the organization that the anchor log's rows belong to."""
        self._pool = pool
        self._keys = keys
        self._records = RecordSealer(pool, keys, anchor_id=anchor_id)
        self._anchor = Sealer(pool, Checkpoints(), keys)
        self._anchor_id = anchor_id
        self._witnessing = witnessing
        self._broken: set[UUID] = set()
        self._is_behind = False
        self._is_unseen = asyncio.Event()

    async def run(self) -> None:
        """Seal until cancelled. Behind a witness nothing is sealed, and at each tick it is asked again."""
        if await self.show():
            await self.recover()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._seal_forever())
            if self._witnessing is not None:
                tasks.create_task(self._show_forever())

    async def show(self) -> bool:
        """Show the newest checkpoint to the witnesses; `False` when one of them has seen more, or something else."""
        if self._witnessing is None:
            return True
        self._is_unseen.clear()
        try:
            await self._witnessing.show_newest()
        except BehindWitness as error:
            if not self._is_behind:
                _log.error("sealing refused: %s", error)
            self._is_behind = True
            return False
        except ExceptionGroup as group:
            _log.warning("not every witness cosigned: %s", "; ".join(map(str, group.exceptions)))
        self._is_behind = False
        return True

    async def _seal_forever(self) -> None:
        anchored_at = -math.inf
        while True:
            began, sealed = monotonic(), 0
            if not self._is_behind:
                sealed = await self._seal_waiting()
                if monotonic() - anchored_at >= WITNESS_INTERVAL_S:
                    anchored_at = monotonic()
                    await self._guarded(self._anchor_id, self._seal_anchor())
            await asyncio.sleep(rest_s(sealed, monotonic() - began))

    async def _show_forever(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._is_unseen.wait(), TICK_S)
            await self.show()
            await asyncio.sleep(WITNESS_INTERVAL_S)

    async def recover(self) -> None:
        """Sign what an earlier run sealed and did not sign."""
        for org_id in await self._records.unpublished():
            await self._guarded(org_id, self._records.publish(org_id))
        if await self._anchor.unpublished():
            await self._guarded(self._anchor_id, self._anchor.publish(self._anchor_id))

    async def run_once(self) -> int:
        """Seal, publish and anchor what waits now; give how many records were sealed."""
        sealed = await self._seal_waiting()
        await self._guarded(self._anchor_id, self._seal_anchor())
        return sealed

    async def _seal_waiting(self) -> int:
        """Seal and publish the records that wait now; give how many."""
        sealed: dict[UUID, int] = {}
        for org_id in await self._records.waiting():
            sealed[org_id] = await self._guarded(org_id, self._seal(org_id)) or 0
        if grown := [org_id for org_id, count in sealed.items() if count]:
            # One for all, outside their transactions: commits that notify wait for each other.
            await self._pool.execute(_TELL, CHANNEL, grown)
        return sum(sealed.values())

    async def _seal(self, org_id: UUID) -> int:
        count = await self._records.seal(org_id, self._keys.origin(org_id))
        if count:
            await self._records.publish(org_id)
        return count

    async def _seal_anchor(self) -> None:
        if await self._anchor.waiting() and await self._anchor.seal(self._anchor_id, self._keys.anchor_origin):
            await self._anchor.publish(self._anchor_id)
            self._is_unseen.set()

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


def rest_s(sealed: int, took_s: float) -> float:
    """Say how many seconds to rest after a round that sealed so many records in so many seconds.

    After a whole batch more is waiting.
    """
    if sealed >= BATCH:
        return 0.0
    return max(PERIOD_S - took_s, 0.0) if sealed >= BUSY else INTERVAL_S
