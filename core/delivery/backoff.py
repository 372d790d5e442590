"""How long a text rests before it is handed over again."""

from datetime import timedelta
from uuid import UUID

FIRST_S = 1.0
"""The rest after the first attempt; each further one doubles it."""
LONGEST_S = 300.0
"""A text that waits for its carrier is tried every five minutes at the latest."""
SPREAD = 0.25
"""How much longer some rest than others, so that what was throttled together does not come back together."""

_DOUBLINGS_MAX = 16


def rest(attempts: int, message_id: UUID) -> timedelta:
    """Give the rest after that many attempts (from 1); the same message always spreads the same way."""
    doubled = FIRST_S * 2 ** min(max(attempts - 1, 0), _DOUBLINGS_MAX)
    spread = 1 + SPREAD * (message_id.int & 0xFF) / 0xFF
    return timedelta(seconds=min(doubled, LONGEST_S) * spread)
