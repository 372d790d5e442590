"""The audit log's cost, in one run: `python -m tests.benchmarks.audit`.

What an audited write costs beside the same write with a bare audit insert (see `tests.benchmarks.writing`), with 1, 16
and 64 writers on one organization, and how long records wait for their seal; then what proofs take, and how quickly an
export is written and verified offline.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import logging
import os
import sys
import tempfile
import time
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.export import verify_bundle
from audit.export.bundle import Asked, Bundler
from audit.log import AuditLog
from audit.log_keys import LogKeys
from audit.proof_files import ProofFile
from audit.render import Renderer, may_see_all, may_see_none
from audit.trees import Tree
from core.storage.database import ROLE_APP, ROLE_WORKER, open_pool
from core.storage.migrating import upgrade
from tests.benchmarks.writing import SETUP, compare, drained, record, sealing
from texting.database import MIGRATIONS
from texting.embedded import Server
from texting.settings import Settings

EXPORTED = 200_000
CONNECTIONS = Settings.model_fields["database_connections"].default
KEY = bytes(32)
KEYS = LogKeys(host="log.example", keys=[Ed25519PrivateKey.from_private_bytes(KEY)])


async def fill(app: asyncpg.Pool, worker: asyncpg.Pool, dsn: str, count: int) -> UUID:
    """Make a sealed log of so many records."""
    log, org_id = AuditLog(KEY, product_version="bench"), uuid4()
    for _ in range(0, count, 5_000):
        async with app.acquire() as connection:
            await connection.execute(f"BEGIN; SET LOCAL texting.org_id = '{org_id}'")
            await log.append_many(connection, [record(org_id) for _ in range(5_000)])
            await connection.execute("COMMIT")
    began = time.perf_counter()
    async with sealing(dsn, KEYS):
        await drained(worker, org_id)
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
        for what, may_see in (("no values told", may_see_none), ("two values told of each", may_see_all)):
            path = folder / f"{may_see.__name__}.zip"
            began = time.perf_counter()
            with path.open("w+b") as target:
                bundler = Bundler(
                    connection=connection, org_id=org_id, keys=KEYS, renderer=Renderer(KEY), may_see=may_see
                )
                await bundler.write(target, Asked(from_size=0, at_size=size))
            rate, weight = size / (time.perf_counter() - began), path.stat().st_size / size
            print(f"export, {what}: {rate:,.0f} records/s, {weight:.0f} B a record")
            offline_verification(path, size, org_id, what)
        await connection.execute("COMMIT")


def offline_verification(path: Path, size: int, org_id: UUID, what: str) -> None:
    """Print how quickly a bundle is verified: by the clock, and by the CPU time of the processes that do it."""
    began, cpu_s = time.perf_counter(), cpu_seconds()
    with contextlib.redirect_stdout(io.StringIO()) as told:
        status = verify_bundle.main([str(path), "--vkey", str(KEYS.verifiers(KEYS.origin(org_id))[0])])
    wall = time.perf_counter() - began
    own, second = (after - before for before, after in zip(cpu_s, cpu_seconds(), strict=True))
    print(
        f"offline verification, {what}: {size / wall:,.0f} records/s by the clock (bar 200,000), "
        f"{size / max(own, second):,.0f} by the CPU time of the busier of {2 if second else 1} processes, "
        f"{size / (own + second):,.0f} by that of one core: {told.getvalue().strip()[:60]}"
    )
    assert status == 0


def cpu_seconds() -> tuple[float, float]:
    """Give the CPU time so far of this process and of its children that have ended."""
    used = os.times()
    return used.user + used.system, used.children_user + used.children_system


async def main() -> None:
    """Run everything in a database of its own."""
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory(prefix="texting-bench-") as scratch, contextlib.ExitStack() as stack:
        addresses = await asyncio.to_thread(stack.enter_context, Server(Path(scratch)))
        await upgrade(addresses.admin, MIGRATIONS)
        admin = await asyncpg.connect(addresses.admin)
        await admin.execute(SETUP)
        await admin.close()
        app = await open_pool(addresses.login, role=ROLE_APP, max_size=CONNECTIONS)
        worker = await open_pool(addresses.login, role=ROLE_WORKER, max_size=4)
        async with app, worker:
            await compare(app, worker, addresses.login, KEYS, KEY)
            org_id = await fill(app, worker, addresses.login, EXPORTED)
            await proofs(app, org_id, Path(scratch))


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
