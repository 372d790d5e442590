"""Sealing the audit log, as a piece of work: its keys, its own connections, the witnesses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.notes import NoteError
from audit.sealing import Sealing
from audit.witness import Witness, Witnessing
from core.ids import SYSTEM_ORG_ID
from core.storage.database import ROLE_WORKER, open_pool
from texting.apart import apart
from texting.startup_error import StartupError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from audit.log_keys import LogKeys
    from texting.background import Work

CONNECTIONS = 3
"""One that seals, one that shows checkpoints to the witnesses, one to spare."""

WITNESS_TIMEOUT_S = 5.0
"""How long a witness may take to answer."""


def sealing(login: str, keys: LogKeys, witnesses: Sequence[Witness]) -> Work:
    """Make the piece of work, for a thread of its own. `login`: the database's address."""

    async def seal() -> None:
        async with await open_pool(login, role=ROLE_WORKER, max_size=CONNECTIONS) as pool:
            shows = Witnessing(pool, keys, anchor_id=SYSTEM_ORG_ID, witnesses=witnesses, post=post)
            await Sealing(pool, keys, anchor_id=SYSTEM_ORG_ID, witnessing=shows if witnesses else None).run()

    return apart(seal)


def parse_witnesses(text: str) -> list[Witness]:
    """Read the setting.

    Raises:
        StartupError: one of them is none.
    """
    try:
        return [Witness.parse(part) for part in text.split(",") if part.strip()]
    except NoteError as error:
        raise StartupError(f"TEXTING_WITNESSES does not hold: {error}") from error


async def post(url: str, body: bytes) -> tuple[int, bytes]:
    """Send a body to a witness."""
    import httpx

    async with httpx.AsyncClient(timeout=WITNESS_TIMEOUT_S, follow_redirects=False) as client:
        answer = await client.post(url, content=body)
        return answer.status_code, answer.content
