"""An import's cost, in one run: `python -m tests.benchmarks.imports`.

A file of 20,000 users, read, planned, written and committed: into an empty organization, again unchanged, and with
every number gone to the next user. The first is to take less than 20 s.
"""

from __future__ import annotations

import asyncio
import csv
import sys
import tempfile
import time
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg

from audit.actions import Action
from audit.log import AuditLog
from core.commands.attempt import Attempt
from core.commands.orgs import CreateOrg, create_org
from core.commands.transaction import Answer, Store, perform
from core.ids import SYSTEM_ORG_ID
from core.principal import Grant, Principal, Role
from core.rules import numbers
from core.rules.default_policy import DEFAULT_POLICY
from core.rules.enums import CustomerType
from core.storage import policies
from core.storage.database import ROLE_APP, open_pool
from core.storage.migrating import upgrade
from texting.database import MIGRATIONS
from texting.embedded import Addresses, Server
from texting.importing import sample
from texting.importing.run import import_locations, import_users

USERS = 20_000
LIMIT_S = 20.0
PROVIDER = Principal(
    subject="cli:benchmark", name=None, org_id=SYSTEM_ORG_ID, grants=(Grant(role=Role.PROVIDER_ADMIN),)
)


def main(folder: Path) -> int:
    """Run all of it; give the process's exit code."""
    with Server(folder / "server") as addresses:
        return asyncio.run(_run(addresses, folder))


async def _run(addresses: Addresses, folder: Path) -> int:
    await upgrade(addresses.admin, MIGRATIONS)
    async with await open_pool(addresses.login, role=ROLE_APP, max_size=2) as pool:
        return await _measure(pool, folder)


async def _measure(pool: asyncpg.Pool, folder: Path) -> int:
    await policies.seed(pool)
    store = Store(pool=pool, audit=AuditLog(bytes(32), product_version="benchmark"), policy=DEFAULT_POLICY)
    org_id = await _org(store)
    places, people = folder / "locations.csv", folder / "users.csv"
    places.write_bytes(sample.locations_csv())
    people.write_bytes(sample.users_csv(USERS))
    await import_locations(store, org_id, places, principal=PROVIDER)
    first = await _timed(store, org_id, people, "new")
    await _timed(store, org_id, people, "again, unchanged")
    people.write_bytes(_shifted(people.read_bytes()))
    await _timed(store, org_id, people, "every number to the next user")
    return 0 if first < LIMIT_S else 1


async def _timed(store: Store, org_id: UUID, path: Path, what: str) -> float:
    numbers._known.cache_clear()
    begun = time.perf_counter()
    result = await import_users(store, org_id, path, principal=PROVIDER)
    took = time.perf_counter() - begun
    print(f"{what}: {took:.1f} s, {result.total:,} changes, {result.unchanged:,} rows unchanged")
    return took


async def _org(store: Store) -> UUID:
    attempt = Attempt(
        principal=PROVIDER,
        org_id=SYSTEM_ORG_ID,
        operation="benchmark",
        action=Action.ORG_CREATE,
        allowed_roles=(Role.PROVIDER_ADMIN,),
        now=datetime.now(UTC),
        tracking_id=str(uuid4()),
        target_type="Org",
        target_id=SYSTEM_ORG_ID,
    )
    wanted = CreateOrg(name="Benchmark", customer_type=CustomerType.ENTERPRISE)
    answer = await perform(store, attempt, lambda tx: create_org(tx, wanted))
    assert isinstance(answer, Answer)
    return UUID(str(answer.refs["org_ref"]))


def _shifted(content: bytes) -> bytes:
    """Give every number to the next user who has one."""
    header, *rows = csv.reader(StringIO(content.decode("utf-8-sig"), newline=""))
    at = header.index("Phone Number")
    holders = [row for row in rows if row[at]]
    held = [row[at] for row in holders]
    for row, number in zip(holders, held[1:] + held[:1], strict=True):
        row[at] = number
    out = StringIO(newline="")
    csv.writer(out).writerows([header, *rows])
    return out.getvalue().encode()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        sys.exit(main(Path(scratch)))
