"""What an audited write costs beside the same write with a bare audit insert, in short slices that take turns.

Both sides do the same business in one transaction on one organization, and leave the same record in it. *Bare* is what
an application without a log of evidence would do for the same reads: the record's bytes, in one statement, into a table
with the columns and indexes of `audit.record`, and into one by which records are found that involve somebody; no
partitions, no row security, no values to erase. *Audited* is `AuditLog`, with the sealer running meanwhile.

The business is once the smallest write there is, a row of 200 bytes, and once a real one, the mutation that renames a
user. The writers share a pool of as many connections as the program's own (`database_connections`), however many they
are. Wall time is noisy where others use the machine; the CPU time of both sides (client, sealer and every process of
the server) is less so, and is given for a thousand writes.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from audit.actions import Action
from audit.entry import make_entry
from audit.ids import milliseconds, record_ids
from audit.log import AuditLog
from audit.log_keys import LogKeys
from audit.projection import project
from audit.record import Actor, AuditKind, AuditOutcome, Erasable, Record, Request, Target
from audit.sealing import Sealing
from core.commands.transaction import Store
from core.commands.users import NewUser, UserChange, create_user, update_user
from core.ids import SYSTEM_ORG_ID
from core.principal import Role
from core.rules.default_policy import DEFAULT_POLICY
from core.storage import policies
from core.storage.database import ROLE_WORKER, open_pool
from tests.integration.worlds import PROVIDER, answer, member, new_email, new_location, new_org
from texting.apart import apart

WRITERS = (1, 16, 64)
PAIRS = int(os.environ.get("BENCH_PAIRS", "8"))
SLICE_S = 1.5
WARM_UP_S = 0.3
"""Written before a slice counts: the sealer is then as far behind as it always is."""

SETUP = """
CREATE SCHEMA bench;
CREATE TABLE bench.change (org_id uuid, id uuid, body text, PRIMARY KEY (org_id, id));
CREATE TABLE bench.audit (LIKE audit.record INCLUDING INDEXES);
CREATE TABLE bench.involvement (LIKE audit.involvement INCLUDING INDEXES);
GRANT USAGE ON SCHEMA bench TO texting_app;
GRANT INSERT ON ALL TABLES IN SCHEMA bench TO texting_app;
"""
_BUSINESS = "INSERT INTO bench.change (org_id, id, body) VALUES ($1, $2, $3)"
_BARE = """
WITH written AS (
  INSERT INTO bench.audit (org_id, id, entry, checksum, logged_at, occurred_at, action, kind, outcome, actor,
    target_type, target_id, request_id) VALUES ($1, $2, $3, 0, clock_timestamp(), $4, $5, $6, $7, $8, $9, $10, $11)
)
INSERT INTO bench.involvement (org_id, subject_id, record_id) SELECT $1, unnest($12::uuid[]), $2
"""
_OLDEST = "SELECT record_id FROM audit.pending WHERE org_id = $1 ORDER BY record_id LIMIT 1"
# The organization comes from the queue: of one that the statistics do not know yet, the planner would look through
# all records, and watching would cost the side that has them.
_WAITED_S = """
SELECT extract(epoch FROM clock_timestamp() - r.logged_at)::float8
FROM (SELECT org_id, record_id FROM audit.pending WHERE org_id = $1 ORDER BY record_id LIMIT 1) p
CROSS JOIN LATERAL (SELECT logged_at FROM audit.record WHERE org_id = p.org_id AND id = p.record_id LIMIT 1) r
"""

_UNSIGNED = """
SELECT true FROM audit.tree_head h WHERE h.org_id = $1
  AND NOT EXISTS (SELECT FROM audit.checkpoint c WHERE c.org_id = h.org_id AND c.size = h.size)
"""

Write = Callable[[int], Awaitable[object]]
"""Write once, as one of the writers, of that number."""


def record(org_id: UUID) -> Record:
    """A record as a switch leaves one: names of two people, what changed, why."""
    user, admin = uuid4(), uuid4()
    return Record(
        org_id=org_id,
        action=Action.USER_TEXTING_ENABLE,
        kind=AuditKind.CHANGE,
        outcome=AuditOutcome.ALLOWED,
        actor=Actor(subject="acct-7", name=Erasable("Ada Admin", admin), roles=("ORG_ADMIN",)),
        target=Target(type="User", id=user, name=Erasable("Bob Builder", user), version=3),
        occurred_at=datetime.now(UTC),
        before={"texting": "INHERIT"},
        after={"texting": "ON"},
        reason="asked for by phone",
        request=Request(id=f"BTM_{uuid4()}", operation="setUserTexting", ip="192.0.2.7", user_agent="bench"),
    )


class BareLog(AuditLog):
    """Stores records as an application does that only wants to read them again."""

    async def append(self, connection: Any, record: Record) -> UUID:
        """Insert the record's bytes and columns, and whom it involves, in one statement."""
        id = record.id or record_ids([milliseconds(record.occurred_at)])[0]
        entry = make_entry(record, id, "bench")
        row = project(entry.content)
        await connection.execute(
            _BARE, record.org_id, id, entry.head + b"0" * 13 + entry.tail, row.occurred_at, row.action, row.kind,
            row.outcome, row.actor, row.target_type, row.target_id, row.request_id, row.involves,
        )  # fmt: skip
        return id

    async def append_many(self, connection: Any, records: Iterable[Record]) -> list[UUID]:
        """Insert records one after the other."""
        return [await self.append(connection, each) for each in records]


@dataclass(slots=True)
class Side:
    """What one side has done, over all its slices."""

    write: Write
    org_id: UUID
    done: int = 0
    seconds: float = 0.0
    client_s: float = 0.0
    server_s: float = 0.0
    rates: list[float] = field(default_factory=list)

    @property
    def a_second(self) -> float:
        """Writes a second."""
        return self.done / self.seconds

    @property
    def cpu_s(self) -> float:
        """CPU seconds a thousand writes."""
        return 1000 * (self.client_s + self.server_s) / self.done

    def cpu(self) -> str:
        """Say it in its parts."""
        client, server = (1000 * each / self.done for each in (self.client_s, self.server_s))
        return f"{self.cpu_s:.2f} ({client:.2f} client, {server:.2f} server)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cpu:
    """CPU seconds used so far by this process and by every process of a PostgreSQL server, ended ones included."""

    client: float
    server: float

    @classmethod
    def now(cls, postmaster: int) -> Cpu:
        """Read the kernel's counts."""
        server = sum(_used(postmaster, with_ended=True))
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                if int(_fields(stat)[1]) == postmaster:
                    server += sum(_used(int(stat.parent.name), with_ended=False))
        return cls(client=time.process_time(), server=server / os.sysconf("SC_CLK_TCK"))


def _fields(stat: Path) -> list[str]:
    """Give what stands in a process's `stat` after its name: its state, its parent, …"""
    return stat.read_text().rpartition(") ")[2].split(" ")


def _used(process: int, *, with_ended: bool) -> list[int]:
    return [int(each) for each in _fields(Path(f"/proc/{process}/stat"))[11 : 15 if with_ended else 13]]


async def load(side: Side, writers: int, postmaster: int) -> None:
    """Write for one slice with so many writers at once."""
    counted = 0
    is_over = False

    async def writer(number: int) -> None:
        nonlocal counted
        while not is_over:
            await side.write(number)
            counted += 1

    writing = [asyncio.create_task(writer(number)) for number in range(writers)]
    await asyncio.sleep(WARM_UP_S)
    first, began, before = counted, time.perf_counter(), Cpu.now(postmaster)
    await asyncio.sleep(SLICE_S)
    done, took, after = counted - first, time.perf_counter() - began, Cpu.now(postmaster)
    is_over = True
    await asyncio.gather(*writing)
    side.done += done
    side.seconds += took
    side.rates.append(done / took)
    side.client_s += after.client - before.client
    side.server_s += after.server - before.server


@contextlib.asynccontextmanager
async def sealing(dsn: str, keys: LogKeys) -> AsyncIterator[None]:
    """Seal beside the block, in a thread of its own, as the program does."""

    async def seal() -> None:
        async with await open_pool(dsn, role=ROLE_WORKER, max_size=2) as pool:
            await Sealing(pool, keys, anchor_id=SYSTEM_ORG_ID).run()

    task = asyncio.create_task(apart(seal)())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def drained(worker: asyncpg.Pool, org_id: UUID) -> None:
    """Wait until nothing of an organization waits any more, and what was sealed is signed."""
    while await worker.fetchval(_OLDEST, org_id) or await worker.fetchval(_UNSIGNED, org_id):  # noqa: ASYNC110
        await asyncio.sleep(0.05)


@contextlib.asynccontextmanager
async def watching(worker: asyncpg.Pool, org_id: UUID, lags: list[float]) -> AsyncIterator[None]:
    """Sample how long the record that waits longest has waited: from its append to its place in a tree.

    Beside both sides, for what watching itself takes.
    """

    async def watch() -> None:
        while True:
            lags.append(await worker.fetchval(_WAITED_S, org_id) or 0.0)
            await asyncio.sleep(0.05)

    task = asyncio.create_task(watch())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def smallest(app: asyncpg.Pool, log: AuditLog) -> Side:
    """A transaction that inserts one row of 200 bytes, and its record."""
    org_id = uuid4()

    async def write(_number: int) -> None:
        async with app.acquire() as connection:
            await connection.execute(f"BEGIN; SET LOCAL texting.org_id = '{org_id}'")
            await connection.execute(_BUSINESS, org_id, uuid4(), "x" * 200)
            await log.append(connection, record(org_id))
            await connection.execute("COMMIT")

    return Side(write, org_id)


async def renaming(app: asyncpg.Pool, log: AuditLog) -> Side:
    """The mutation `updateUser` without GraphQL around it: every writer renames a user of its own."""
    store = Store(pool=app, audit=log, policy=DEFAULT_POLICY)
    org_id = await new_org(store)
    location_id = await new_location(store, org_id)
    admin = member(org_id, Role.ORG_ADMIN)
    users = []
    for number in range(max(WRITERS)):
        wanted = NewUser(location_id=location_id, display_name=f"Person {number}", email=new_email())
        made = await answer(store, org_id, PROVIDER, lambda tx, wanted=wanted: create_user(tx, wanted))
        users.append(UUID(str(made.refs["user_ref"])))

    async def write(number: int) -> None:
        change = UserChange(id=users[number], display_name=f"Person {uuid4()}")
        await answer(store, org_id, admin, lambda tx: update_user(tx, change), action=Action.USER_UPDATE)

    return Side(write, org_id)


async def compare(app: asyncpg.Pool, worker: asyncpg.Pool, dsn: str, keys: LogKeys, master_key: bytes) -> None:
    """Print the rates and the cost of both sides, and how long records waited for their seal with the most writers."""
    postmaster, whole, bare = await _postmaster(worker), AuditLog(master_key), BareLog(master_key)
    await policies.seed(app)
    for what, make in (("the smallest write", smallest), ("a user renamed", renaming)):
        best, lags = 0.0, list[float]()
        for writers in WRITERS:
            lags.clear()
            plain, audited = await make(app, bare), await make(app, whole)
            # One sealer for all slices, as the program has one: a new one would connect and plan anew in each.
            async with sealing(dsn, keys):
                await drained(worker, audited.org_id)
                for _ in range(PAIRS):
                    async with watching(worker, plain.org_id, []):
                        await load(plain, writers, postmaster)
                    async with watching(worker, audited.org_id, lags):
                        await load(audited, writers, postmaster)
                    await drained(worker, audited.org_id)
            best = max(best, audited.a_second)
            report(f"{what}, {writers} writers", plain, audited, best)
        cuts = statistics.quantiles(lags, n=100)
        p50, p99 = (1000 * cuts[at] for at in (49, 98))
        print(f"seal lag, {what}, {WRITERS[-1]} writers: p50 {p50:.0f} ms, p99 {p99:.0f} ms (bar 1,000)")


def report(what: str, plain: Side, audited: Side, best: float) -> None:
    """Print what a load achieved and cost."""
    pairs = sorted(a / b for a, b in zip(audited.rates, plain.rates, strict=True))
    print(
        f"{what}: bare {plain.a_second:.0f}/s, audited and sealed {audited.a_second:.0f}/s, "
        f"ratio {audited.a_second / plain.a_second:.2f} (bar 0.75; of pairs {pairs[0]:.2f} to {pairs[-1]:.2f}, "
        f"median {statistics.median(pairs):.2f}); of the best so far {audited.a_second / best:.2f} (bar 0.90)"
    )
    print(
        f"    CPU seconds a thousand writes: bare {plain.cpu()}, audited and sealed {audited.cpu()}: "
        f"{plain.cpu_s / audited.cpu_s:.2f}"
    )


async def _postmaster(worker: asyncpg.Pool) -> int:
    """Find the server's first process, the parent of every other."""
    backend = await worker.fetchval("SELECT pg_backend_pid()")
    return int(_fields(Path(f"/proc/{backend}/stat"))[1])
