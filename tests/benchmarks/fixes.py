"""What an explanation with its fixes costs beside the plain decision, in one run: `python -m tests.benchmarks.fixes`.

Both are asked through the API by turns, of users who lack one thing, several things, nearly everything. Nothing found
before is remembered. With fixes it is to take less than twice as long. What the collector looks at is as in the server.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Any

import asyncpg

from audit.log import AuditLog
from core.commands.transaction import Store
from core.rules.default_policy import DEFAULT_POLICY
from core.rules.minimal_fixes import minimal_fixes
from core.storage.database import open_pool
from core.storage.migrating import upgrade
from tests.acceptance.asking import Asker
from tests.acceptance.directories import Directory, change, directory
from texting.database import MIGRATIONS
from texting.embedded import Addresses, Server
from texting.server import spare_what_stays

ROUNDS = 200
LIMIT = 2.0

RULES = "outcome rules { ruleId status observed required message citation { sourceId text } blockedBy }"
PLAIN = f"query($id: ID!) {{ eligibility(userId: $id) {{ id {RULES} denials {{ ruleId }} }} }}"
FIXES = PLAIN.replace("denials", "minimalFixes { ruleId kind owner summary mutation variables waitingSince } denials")

Lacks = Mapping[str, Mapping[str, Any]]
LACKING: Mapping[str, Lacks] = {
    "off": {"orgs": {"texting_enabled": False}},
    "old app, off": {"orgs": {"texting_enabled": False}, "users": {"app_version": "42.9"}},
    "ported away": {"phone_numbers": {"assigned_by": "PORTED_ELSEWHERE"}},
    "abroad": {"locations": {"country": "DE", "pstn_connection_type": "LOCAL_GATEWAY"}},
    "nearly everything": {
        "orgs": {"texting_enabled": False, "add_on_units": 0, "customer_type": "TRIAL"},
        "brands": {"registration": "FAILED"},
        "campaigns": {"status": "SUSPENDED"},
        "locations": {"pstn_connection_type": "LOCAL_GATEWAY"},
        "phone_numbers": {"assigned_by": "LOCAL_GATEWAY"},
        "users": {"app_version": "1", "texting": "OFF"},
    },
}
"""The rows that differ from those of an organization that is ready to text."""


def main(folder: Path) -> int:
    """Run all of it; give the process's exit code."""
    with Server(folder / "server") as addresses:
        return asyncio.run(_run(addresses))


async def _run(addresses: Addresses) -> int:
    await upgrade(addresses.admin, MIGRATIONS)
    async with await open_pool(addresses.login, max_size=2) as pool:
        ask = Asker(
            store=Store(pool=pool, audit=AuditLog(bytes(32), product_version="benchmark"), policy=DEFAULT_POLICY)
        )
        ratios = [await _measured(ask, pool, name, lacks) for name, lacks in LACKING.items()]
    return 0 if max(ratios) < LIMIT else 1


async def _measured(ask: Asker, pool: asyncpg.Pool, name: str, lacks: Lacks) -> float:
    """Ask both by turns; give how many times as long the one with fixes took."""
    made = await directory(pool, texting_enabled=True)
    for table, columns in lacks.items():
        await change(pool, made, table, _row(made, table), **columns)
    spare_what_stays()
    took: dict[str, list[float]] = {PLAIN: [], FIXES: []}
    sets: Any = []
    for _ in range(ROUNDS):
        for document, times in took.items():
            minimal_fixes.cache_clear()
            begun = time.perf_counter()
            answer = (await ask(made.admin, document, id=made.gid("User", made.users[0])))["eligibility"]
            times.append(time.perf_counter() - begun)
            sets = answer.get("minimalFixes", sets)
    plain, fixes = (1000 * median(times) for times in took.values())
    steps = " ".join(str(len(each)) for each in sets)
    print(f"{name}: plain {plain:.2f} ms, with fixes {fixes:.2f} ms ({fixes / plain:.2f} times; sets of {steps})")
    return fixes / plain


def _row(made: Directory, table: str) -> Any:
    return {
        "orgs": made.org_id,
        "brands": made.brand,
        "campaigns": made.campaign,
        "locations": made.locations[0],
        "users": made.users[0],
        "phone_numbers": made.primaries[0],
    }[table]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        sys.exit(main(Path(folder)))
