"""What keeps the store fit to be written to: months ahead in both schemas, an alarm, and old idempotency keys removed.

A row whose month has no partition still finds room, in the default one; but then that month cannot be made any more,
which is why strays are an alarm.
"""

import asyncio
from datetime import UTC, datetime, timedelta

import asyncpg
import structlog

from core.commands.idempotency import KEY_LIFE

MONTHS_AHEAD = 3
"""Months made beforehand: a worker that stood still for a quarter has lost nothing."""
EVERY_S = 24 * 3_600.0
"""How long from one upkeep to the next."""
AFTER_FAILURE_S = 300.0
"""How long from an upkeep that failed to the next."""
KEYS_AT_ONCE = 10_000
"""Keys removed by one statement, so that none takes long."""

SIGN_INS_KEPT = timedelta(days=1)
"""How long after its end a token is remembered: longer than clocks differ."""

SCHEMAS = ("audit", "texting")
_TRIES = 3
_FORGET = """
DELETE FROM texting.idempotency_keys WHERE (org_id, issuer, caller_org_id, subject, key) IN (
  SELECT org_id, issuer, caller_org_id, subject, key FROM texting.idempotency_keys WHERE created_at <= $1 LIMIT $2)
"""
_FORGET_SIGN_INS = "DELETE FROM texting.sign_ins WHERE expires_at < $1"

_log = structlog.get_logger()


class Upkeep:
    """Looks after the store, at start and daily. `pool`: the worker's."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        """Take the pool; nothing is done yet."""
        self._pool = pool

    async def run_once(self, now: datetime) -> None:
        """Do all of it once. `now`: UTC, for the age of keys; the months are the database's clock's."""
        await ensure_months(self._pool)
        await forget_keys(self._pool, now=now)
        await self._pool.execute(_FORGET_SIGN_INS, now - SIGN_INS_KEPT)

    async def run(self) -> None:
        """Do it now and daily, until cancelled; what fails is logged and tried again."""
        while True:
            rest_s = EVERY_S
            try:
                await self.run_once(datetime.now(UTC))
            except Exception:  # noqa: BLE001 - whatever it is, it is tried again
                rest_s = AFTER_FAILURE_S
                _log.exception("upkeep failed", next_try_s=rest_s)
            await asyncio.sleep(rest_s)


async def ensure_months(pool: asyncpg.Pool) -> int:
    """Make the months ahead, and raise the alarm where rows strayed; give how many partitions were missing.

    Raises what making them raises, once both schemas were tried and the strays counted.
    """
    made, failures = 0, []
    for schema in SCHEMAS:
        try:
            made += await _ensure(pool, schema)
        except asyncpg.PostgresError as error:
            failures.append(error)
        if strays := await pool.fetchval(f"SELECT {schema}.strays()"):
            _log.error(
                "rows lie outside every month: move them, or their months can never be made", schema=schema, rows=strays
            )
    if failures:
        raise failures[0]
    if made:
        _log.info("partitions made", count=made)
    return made


async def forget_keys(pool: asyncpg.Pool, *, now: datetime) -> int:
    """Remove idempotency keys whose life is over; give how many."""
    forgotten = 0
    while True:
        tag = await pool.execute(_FORGET, now - KEY_LIFE, KEYS_AT_ONCE)
        count = int(tag.removeprefix("DELETE "))
        forgotten += count
        if count < KEYS_AT_ONCE:
            return forgotten


async def _ensure(pool: asyncpg.Pool, schema: str) -> int:
    for left in reversed(range(_TRIES)):
        try:
            made: int = await pool.fetchval(f"SELECT {schema}.ensure_partitions($1)", MONTHS_AHEAD)
        except (asyncpg.DuplicateTableError, asyncpg.UniqueViolationError):
            # Another process makes the same months right now.
            if not left:
                raise
        else:
            return made
    raise AssertionError("unreachable")
