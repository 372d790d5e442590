"""What a report over many users costs, in one run: `python -m tests.benchmarks.reports`.

100,000 users of 500 locations, with every result that the rules of user and number can have, are counted through the
API, and found by what was decided for them. A report is to take less than 2 s and 300 MB.
"""

from __future__ import annotations

import asyncio
import resource
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median
from typing import Any

import asyncpg

from audit.log import AuditLog
from core.commands.transaction import Store
from core.rules.default_policy import DEFAULT_POLICY
from core.storage.database import open_pool
from core.storage.migrating import upgrade
from tests.acceptance.asking import Asked, Asker
from tests.benchmarks.reading.filling import Filled, fill
from texting.database import MIGRATIONS
from texting.embedded import Addresses, Server

ROUNDS = 7
LIMIT_S, LIMIT_MB = 2.0, 300.0

REPORT = """query($o: ID!, $f: UserFilter) { eligibilityReport(orgId: $o, filter: $f) { total
  byOutcome { prerequisites enabled outcome count } byRule { ruleId status count asRootCause }
  byLocation { location { id name } outcome count } } }"""
PAGE = """query($o: ID!, $f: UserFilter) { users(orgId: $o, filter: $f, first: 50) {
  edges { node { id displayName } } } }"""

_VARY = """
UPDATE texting.users SET
  signature = (ARRAY['P', 'F', 'U'])[1 + hash % 3] || (ARRAY['P', 'F', 'U', 'P'])[1 + hash / 3 % 4]
    || (ARRAY['P', 'P', 'P', 'F'])[1 + hash / 12 % 4] || substr(signature, 4),
  texting = (ARRAY['INHERIT', 'ON', 'OFF'])[1 + hash / 48 % 3]
FROM (SELECT id AS user_id, abs(hashtext(id::text)) AS hash FROM texting.users) varied
WHERE user_id = id AND org_id = $1
"""


def main(folder: Path) -> int:
    """Run all of it; give the process's exit code."""
    with Server(folder / "server") as addresses:
        return asyncio.run(_run(addresses))


async def _run(addresses: Addresses) -> int:
    await upgrade(addresses.admin, MIGRATIONS)
    admin = await asyncpg.connect(addresses.admin)
    async with await open_pool(addresses.login, max_size=2) as pool:
        store = Store(pool=pool, audit=AuditLog(bytes(32), product_version="benchmark"), policy=DEFAULT_POLICY)
        filled = await fill(admin, store)
        await admin.execute(_VARY, filled.org_id)
        await admin.execute("VACUUM ANALYZE")
        return await _measure(Asker(store=store), filled)


async def _measure(ask: Asker, filled: Filled) -> int:
    org = filled.gid("Org", filled.org_id)

    def asking(document: str, **filter: Any) -> Callable[[], Awaitable[Asked]]:
        return lambda: ask(filled.caller, document, o=org, f=filter or None)

    before_mb = _peak_mb()
    took = await _timed("report", asking(REPORT))
    more_mb = _peak_mb() - before_mb
    print(f"memory: {more_mb:.0f} MB more at the most")
    await _timed("report of the denied by one rule", asking(REPORT, failingRule=["CLIENT_VERSION_MIN"]))
    await _timed("first page of the allowed", asking(PAGE, outcome=["ALLOWED"]))
    await _timed("first page of the eligible but off", asking(PAGE, prerequisites=["ALLOWED"], enabled=False))
    return 0 if took < LIMIT_S and more_mb < LIMIT_MB else 1


async def _timed(what: str, question: Callable[[], Awaitable[Asked]]) -> float:
    """Ask a few times; give the median of the seconds."""
    times = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        answer = await question()
        times.append(time.perf_counter() - begun)
        assert not answer.errors, answer.errors
    print(f"{what}: {1000 * median(times):.0f} ms, first {1000 * times[0]:.0f} ms, {answer.statements} statements")
    return median(times)


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        sys.exit(main(Path(folder)))
