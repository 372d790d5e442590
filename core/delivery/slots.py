"""So much at once, and so much of one organization: a slow carrier of one leaves room for the others."""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from typing import Any
from uuid import UUID


class Slots:
    """Tasks that run beside each other. An organization that holds `each` slots is busy until one is free again."""

    def __init__(self, *, total: int, each: int) -> None:
        """Start with all slots free."""
        self._total = total
        self._each = each
        self._tasks: dict[asyncio.Task[None], UUID] = {}

    @property
    def free(self) -> int:
        """Give how many slots are free."""
        return self._total - len(self._tasks)

    @property
    def busy(self) -> list[UUID]:
        """Give the organizations that hold their share."""
        held = Counter(self._tasks.values())
        return [org_id for org_id, count in held.items() if count >= self._each]

    def start(self, org_id: UUID, work: Coroutine[Any, Any, None]) -> None:
        """Run a piece of work of an organization in a slot of its own."""
        task = asyncio.create_task(work)
        self._tasks[task] = org_id
        task.add_done_callback(self._tasks.pop)

    async def one_free(self) -> None:
        """Wait until a slot is free."""
        if self.free <= 0:
            await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)

    async def rest(self, longest_s: float) -> None:
        """Wait a while, or until a slot is free again: an organization that was busy may have more to do."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=longest_s, return_when=asyncio.FIRST_COMPLETED)
        else:
            await asyncio.sleep(longest_s)

    async def drain(self, timeout_s: float | None = None) -> None:
        """Let what runs come to its end, and cancel what has not by then; `None`: wait for all of it."""
        if not self._tasks:
            return
        _, late = await asyncio.wait(self._tasks, timeout=timeout_s)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
