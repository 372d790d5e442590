"""What a decision of another time costs after 1,000 changes, in one run: `python -m tests.benchmarks.history`.

One user's organization, location, number and own facts are changed in turn. Asking as of a time is to take less than
3 times what the plain decision takes.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any
from uuid import uuid4

from audit.log import AuditLog
from core.commands.entitlements import License, SetEntitlements
from core.commands.locations import Address, LocationChange, update_location
from core.commands.numbers import NumberChange, update_number
from core.commands.orgs import set_entitlements
from core.commands.transaction import Answer, Store, Transaction
from core.commands.user_status import report_app_version
from core.ids import encode
from core.rules.default_policy import DEFAULT_POLICY
from core.rules.enums import NumberState
from core.storage import policies
from core.storage.database import ROLE_WORKER, open_pool
from core.storage.migrating import upgrade
from tests.acceptance.asking import Asker
from tests.integration.audit.sealed import seal_all
from tests.integration.worlds import PROVIDER, World, new_world
from texting.database import MIGRATIONS
from texting.embedded import Addresses, Server

CHANGES, ROUNDS = 1_000, 60
LIMIT = 3.0

OUTCOME = "id outcome"
EVERYTHING = """id outcome rootCauses { ruleId }
  rules { ruleId status observed required message observedAt remediation { kind owner summary waitingSince } }"""
ASKED = """query($u: ID!, $a: DateTime, $k: DateTime) {{ eligibility(userId: $u, asOf: $a, knownAt: $k) {{ {} }} }}"""


def main(folder: Path) -> int:
    """Run all of it; give the process's exit code."""
    with Server(folder / "server") as addresses:
        return asyncio.run(_run(addresses))


async def _run(addresses: Addresses) -> int:
    await upgrade(addresses.admin, MIGRATIONS)
    async with (
        await open_pool(addresses.login, max_size=2) as pool,
        await open_pool(addresses.login, role=ROLE_WORKER, max_size=2) as workers,
    ):
        await policies.seed(pool)
        store = Store(pool=pool, audit=AuditLog(bytes(32), product_version="benchmark"), policy=DEFAULT_POLICY)
        world = await new_world(store)
        await _live(world)
        await seal_all(workers, world.org_id, uuid4())
        return await _measure(Asker(store=store), world)


async def _live(world: World) -> None:
    person = world.people[0]

    def change(at: int) -> Callable[[Transaction], Awaitable[Answer]]:
        even = at // 4 % 2 == 0
        place = LocationChange(id=world.location_id, address=Address(country="US" if even else "CA"))
        number = NumberChange(id=person.number_id, state=NumberState.ACTIVE if even else NumberState.INACTIVE)
        sold = SetEntitlements(texting_add_on=License(total_units=at + 1))
        return (
            lambda tx: update_location(tx, place),
            lambda tx: update_number(tx, number),
            lambda tx: set_entitlements(tx, sold),
            lambda tx: report_app_version(tx, person.user_id, app_version=f"43.{at}"),
        )[at % 4]

    for at in range(CHANGES):
        await world.answer(PROVIDER, change(at))


async def _measure(ask: Asker, world: World) -> int:
    now = datetime.now(UTC).isoformat()
    moments: dict[str, dict[str, Any]] = {"now": {}, "as of": {"a": now}, "as of, known at": {"a": now, "k": now}}
    slowest = 0.0
    for title, fields in (("outcome", OUTCOME), ("everything", EVERYTHING)):
        document = ASKED.format(fields)
        took: dict[str, list[float]] = {name: [] for name in moments}
        for _ in range(ROUNDS):
            for name, given in moments.items():
                begun = time.perf_counter()
                answer = await ask(PROVIDER, document, u=encode("User", world.org_id, world.people[0].user_id), **given)
                took[name].append(time.perf_counter() - begun)
                assert answer["eligibility"]["outcome"]
        plain = median(took["now"])
        for name, times in took.items():
            ratio = median(times) / plain
            slowest = max(slowest, ratio)
            print(f"{title:12} {name:18} {median(times) * 1000:7.2f} ms {ratio:6.2f}")
    print(f"the slowest is {slowest:.2f} times the plain decision; the limit is {LIMIT}")
    return 0 if slowest < LIMIT else 1


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="texting-history-") as made:
        sys.exit(main(Path(made)))
