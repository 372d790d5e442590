"""The audit log's cost, in one run: `python -m tests.benchmarks.audit`.

The same business writes with a bare insert of the same record (its bytes, the columns and indexes that filters need, no
hash, no encrypted values, no tree), and with the whole log and its sealer beside them; one organization, 1, 16 and 64
writers. Then the seal's lag under that load, what proofs take, and offline verification.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import logging
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.actions import Action
from audit.entry import make_entry
from audit.export import verify_bundle
from audit.export.bundle import Asked, Bundler
from audit.ids import milliseconds, record_ids
from audit.log import AuditLog
from audit.log_keys import LogKeys
from audit.projection import project
from audit.proof_files import ProofFile
from audit.record import Actor, AuditKind, AuditOutcome, Erasable, Record, Request, Target
from audit.render import Renderer, may_see_all
from audit.sealing import Sealing
from audit.trees import Tree
from core.ids import SYSTEM_ORG_ID
from core.storage.database import ROLE_APP, ROLE_WORKER, open_pool
from core.storage.migrating import upgrade
from texting.apart import apart
from texting.database import MIGRATIONS
from texting.embedded import Server

SECONDS = 6.0
WRITERS = (1, 16, 64)
EXPORTED = 200_000
KEY = bytes(32)
KEYS = LogKeys(host="log.example", keys=[Ed25519PrivateKey.from_private_bytes(KEY)])

Write = Callable[[asyncpg.Connection, UUID], Awaitable[object]]

_BUSINESS = "INSERT INTO bench.change (org_id, id, body) VALUES ($1, $2, $3)"
_BARE = """
INSERT INTO bench.audit (org_id, id, entry, leaf_hash, logged_at, occurred_at, action, kind, outcome, actor,
  target_type, target_id, request_id) VALUES ($1, $2, $3, '', clock_timestamp(), $4, $5, $6, $7, $8, $9, $10, $11)
"""
_SETUP = """
CREATE SCHEMA bench;
CREATE TABLE bench.change (org_id uuid, id uuid, body text, PRIMARY KEY (org_id, id));
CREATE TABLE bench.audit (LIKE audit.record INCLUDING INDEXES);
GRANT USAGE ON SCHEMA bench TO texting_app;
GRANT INSERT ON ALL TABLES IN SCHEMA bench TO texting_app;
"""


@dataclass(frozen=True, slots=True)
class Rate:
    """What one load achieved."""

    writers: int
    a_second: float


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


async def load(pool: asyncpg.Pool, org_id: UUID, writers: int, write: Write) -> Rate:
    """Write for a while with so many writers at once."""
    done = 0
    ends = time.perf_counter() + SECONDS

    async def writer() -> None:
        nonlocal done
        while time.perf_counter() < ends:
            async with pool.acquire() as connection:
                await connection.execute(f"BEGIN; SET LOCAL texting.org_id = '{org_id}'")
                await connection.execute(_BUSINESS, org_id, uuid4(), "x" * 200)
                await write(connection, org_id)
                await connection.execute("COMMIT")
            done += 1

    began = time.perf_counter()
    await asyncio.gather(*(writer() for _ in range(writers)))
    return Rate(writers, done / (time.perf_counter() - began))


async def bare(connection: asyncpg.Connection, org_id: UUID) -> None:
    """Insert the record into a table with the same columns and indexes, and nothing more."""
    made = record(org_id)
    id = record_ids([milliseconds(made.occurred_at)])[0]
    entry = make_entry(made, id, "bench")
    row = project(entry.content)
    await connection.execute(
        _BARE, org_id, id, entry.head + b"0" * 13 + entry.tail, row.occurred_at, row.action, row.kind, row.outcome,
        row.actor, row.target_type, row.target_id, row.request_id,
    )  # fmt: skip


@contextlib.asynccontextmanager
async def sealing(dsn: str) -> AsyncIterator[None]:
    """Seal beside the block, in a thread of its own, as the program does."""

    async def seal() -> None:
        async with await open_pool(dsn, role=ROLE_WORKER, max_size=2) as pool:
            await Sealing(pool, KEYS, anchor_id=SYSTEM_ORG_ID).run()

    task = asyncio.create_task(apart(seal)())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def watch_lag(pool: asyncpg.Pool, org_id: UUID, lags: list[float]) -> None:
    """Sample how long records of an organization wait: from when one is committed to when a checkpoint covers it."""
    while True:
        async with pool.acquire() as connection:
            waits = await connection.fetchval(
                "SELECT extract(epoch FROM clock_timestamp() - min(queued_at)) FROM audit.pending WHERE org_id = $1",
                org_id,
            )
        lags.append(float(waits or 0))
        await asyncio.sleep(0.02)


async def compare(app: asyncpg.Pool, worker: asyncpg.Pool, dsn: str) -> list[float]:
    """Print the rates of both, alternating; give the lags under the heaviest load."""
    log, lags = AuditLog(KEY, product_version="bench"), []
    best = 0.0
    for writers in WRITERS:
        without = await load(app, uuid4(), writers, bare)
        org_id = uuid4()
        watching = asyncio.create_task(watch_lag(worker, org_id, lags))
        async with sealing(dsn):
            whole = await load(app, org_id, writers, lambda c, o: log.append(c, record(o)))
        watching.cancel()
        best = max(best, whole.a_second)
        print(
            f"{writers:>3} writers: bare {without.a_second:7.0f}/s, audited and sealed {whole.a_second:7.0f}/s, "
            f"ratio {whole.a_second / without.a_second:.2f} (bar 0.75), of the best so far {whole.a_second / best:.2f}"
        )
    return lags


async def fill(app: asyncpg.Pool, worker: asyncpg.Pool, dsn: str, count: int) -> UUID:
    """Make a sealed log of so many records."""
    log, org_id = AuditLog(KEY, product_version="bench"), uuid4()
    for _ in range(0, count, 5_000):
        async with app.acquire() as connection:
            await connection.execute(f"BEGIN; SET LOCAL texting.org_id = '{org_id}'")
            await log.append_many(connection, [record(org_id) for _ in range(5_000)])
            await connection.execute("COMMIT")
    began = time.perf_counter()
    async with sealing(dsn):
        while await worker.fetchval("SELECT true FROM audit.pending WHERE org_id = $1 LIMIT 1", org_id):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    print(f"sealing alone: {count / (time.perf_counter() - began):,.0f} records/s")
    return org_id


async def proofs(app: asyncpg.Pool, org_id: UUID, folder: Path) -> None:
    """Print what proofs take and how quickly an export is written and verified."""
    async with app.acquire() as connection:
        await connection.execute(f"BEGIN; SET LOCAL texting.org_id = '{org_id}'")
        size = await connection.fetchval("SELECT max(size) FROM audit.checkpoint WHERE org_id = $1", org_id)
        note = await connection.fetchval(
            "SELECT note FROM audit.checkpoint WHERE org_id = $1 AND size = $2", org_id, size
        )
        hashes = await Tree("audit", org_id).inclusion(connection, size // 3, size)
        proof = str(ProofFile(index=size // 3, hashes=tuple(hashes), note=bytes(note)))
        at_a_billion = len(proof) + 45 * (30 - len(hashes))
        entry, for_proofs = await connection.fetchrow(
            "SELECT (SELECT avg(octet_length(entry)) FROM audit.record WHERE org_id = $1), "
            "((SELECT sum(octet_length(hashes)) FROM audit.tile WHERE org_id = $1) + "
            "(SELECT sum(octet_length(note)) FROM audit.checkpoint WHERE org_id = $1))::numeric / $2 + 24 + 32",
            org_id,
            size,
        )
        print(f"proof: {len(proof)} B at {size:,} records, {at_a_billion} B at 10^9 (bar 2,048)")
        print(
            f"storage: a record {entry:.0f} B, for proofs {for_proofs:.0f} B a record: tiles, checkpoints, leaf, hash "
            f"= {for_proofs / entry:.0%} (bar 25%)"
        )
        path = folder / "bundle.zip"
        began = time.perf_counter()
        with path.open("w+b") as target:
            bundler = Bundler(
                connection=connection, org_id=org_id, keys=KEYS, renderer=Renderer(KEY), may_see=may_see_all
            )
            await bundler.write(target, Asked(from_size=0, at_size=size))
        await connection.execute("COMMIT")
    print(f"export: {size / (time.perf_counter() - began):,.0f} records/s, {path.stat().st_size / size:.0f} B a record")
    began = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()) as told:
        status = verify_bundle.main([str(path), "--vkey", str(KEYS.verifiers(KEYS.origin(org_id))[0])])
    print(
        f"offline verification: {size / (time.perf_counter() - began):,.0f} records/s (bar 200,000): "
        f"{told.getvalue().strip()[:60]}"
    )
    assert status == 0


async def main() -> None:
    """Run everything in a database of its own."""
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory(prefix="texting-bench-") as scratch, contextlib.ExitStack() as stack:
        addresses = await asyncio.to_thread(stack.enter_context, Server(Path(scratch)))
        await upgrade(addresses.admin, MIGRATIONS)
        admin = await asyncpg.connect(addresses.admin)
        await admin.execute(_SETUP)
        await admin.close()
        app = await open_pool(addresses.login, role=ROLE_APP, max_size=64)
        worker = await open_pool(addresses.login, role=ROLE_WORKER, max_size=4)
        async with app, worker:
            lags = await compare(app, worker, addresses.login)
            cuts = statistics.quantiles(lags, n=100)
            print(f"seal lag: p50 {cuts[49] * 1000:.0f} ms, p99 {cuts[98] * 1000:.0f} ms (bar 1,000)")
            org_id = await fill(app, worker, addresses.login, EXPORTED)
            await proofs(app, org_id, Path(scratch))


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
