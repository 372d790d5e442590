"""Committed is sealed: no gap, no duplicate, whoever seals and whenever one stops."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.ids import milliseconds, record_ids
from audit.log import AuditLog
from audit.log_keys import LogKeys
from audit.merkle import check_consistency, check_inclusion, leaf_hash, root_of
from audit.proving import LeafRange
from audit.sealer import Checkpoints, RecordSealer, Sealer, SealRefused
from audit.sealing import Sealing
from audit.trees import Tree
from audit.verification.log import LogCheck
from tests.integration.audit.records import NOON, entered, record
from tests.integration.audit.sealed import KEYS, seal_all, verify, write


@pytest.fixture
def anchor_id() -> UUID:
    return uuid4()


@pytest.fixture
def sealing(worker_pool: asyncpg.Pool, anchor_id: UUID) -> Sealing:
    return Sealing(worker_pool, KEYS, anchor_id=anchor_id)


async def test_what_waits_becomes_leaves_with_a_signed_root(
    pool: asyncpg.Pool,
    worker_pool: asyncpg.Pool,
    admin: asyncpg.Connection,
    log: AuditLog,
    org_id: UUID,
    anchor_id: UUID,
) -> None:
    written = set(await write(pool, log, org_id, 3))
    await seal_all(worker_pool, org_id, anchor_id)
    written |= set(await write(pool, log, org_id, 2))
    await seal_all(worker_pool, org_id, anchor_id)
    await verify(admin, org_id, written)


async def test_several_batches_and_tiles_make_one_tree(
    pool: asyncpg.Pool,
    worker_pool: asyncpg.Pool,
    admin: asyncpg.Connection,
    log: AuditLog,
    org_id: UUID,
    anchor_id: UUID,
) -> None:
    async with pool.acquire() as connection, entered(connection, org_id):
        written = set(await log.append_many(connection, [record(org_id) for _ in range(700)]))
    await seal_all(worker_pool, org_id, anchor_id, batch=97)
    await verify(admin, org_id, written)


async def test_proofs_from_stored_tiles_hold_at_every_size(
    pool: asyncpg.Pool,
    worker_pool: asyncpg.Pool,
    admin: asyncpg.Connection,
    log: AuditLog,
    org_id: UUID,
    anchor_id: UUID,
) -> None:
    async with pool.acquire() as connection, entered(connection, org_id):
        await log.append_many(connection, [record(org_id) for _ in range(300)])
    await seal_all(worker_pool, org_id, anchor_id, batch=40)
    rows = await admin.fetch(
        "SELECT r.entry FROM audit.leaf l JOIN audit.record r ON r.org_id = l.org_id AND r.id = l.record_id "
        "WHERE l.org_id = $1 ORDER BY l.leaf_index",
        org_id,
    )
    hashes = [leaf_hash(bytes(row["entry"])) for row in rows]
    tree = Tree("audit", org_id)
    for size in (1, 2, 40, 41, 255, 256, 257, 299, 300):
        root = root_of(hashes[:size])
        assert await tree.hashes(admin, [LeafRange(0, size)]) == [root]
        for index in {0, size // 2, size - 1}:
            proof = await tree.inclusion(admin, index, size)
            check_inclusion(leaf=hashes[index], index=index, size=size, proof=proof, root=root)
        proof = await tree.consistency(admin, size, 300)
        check_consistency(old_size=size, old_root=root, new_size=300, new_root=root_of(hashes), proof=proof)


async def test_twenty_writers_that_roll_back_and_two_sealers(
    pool: asyncpg.Pool,
    worker_pool: asyncpg.Pool,
    admin: asyncpg.Connection,
    log: AuditLog,
    org_id: UUID,
    anchor_id: UUID,
) -> None:
    committed: set[UUID] = set()
    done = asyncio.Event()

    async def writer(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(12):
            async with pool.acquire() as connection:
                transaction = connection.transaction()
                await transaction.start()
                await connection.execute(f"SET LOCAL texting.org_id = '{org_id}'")
                id = await log.append(connection, record(org_id))
                await asyncio.sleep(chance.random() / 100)
                if chance.random() < 0.3:
                    await transaction.rollback()
                else:
                    await transaction.commit()
                    committed.add(id)

    async def sealer() -> None:
        works = RecordSealer(worker_pool, KEYS, anchor_id=anchor_id, batch=7)
        while not done.is_set() or await works.waiting():
            await works.seal(org_id, KEYS.origin(org_id))
            await works.publish(org_id)
            await asyncio.sleep(0)

    sealers = [asyncio.create_task(sealer()) for _ in range(2)]
    await asyncio.gather(*(writer(seed) for seed in range(20)))
    done.set()
    # Other tests leave records of other organizations waiting: only ours has to be empty.
    async with asyncio.timeout(20):
        while await admin.fetchval("SELECT count(*) FROM audit.pending WHERE org_id = $1", org_id):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    for task in sealers:
        task.cancel()
    await asyncio.gather(*sealers, return_exceptions=True)
    await seal_all(worker_pool, org_id, anchor_id)
    sealer_ = RecordSealer(worker_pool, KEYS, anchor_id=anchor_id)
    await sealer_.publish(org_id)
    await verify(admin, org_id, committed)


class Crash(BaseException):
    """The process stops here."""


AWAITS = 10
"""Uses of a connection while a batch is sealed and signed: every one is crashed at."""


class Crashing:
    """A pool whose n-th use of a connection, of any sort, stops the process: before it is done, or right after."""

    def __init__(self, pool: asyncpg.Pool, at: int, *, after: bool) -> None:
        self._pool, self.left, self._after = pool, at, after

    def acquire(self) -> Any:
        return _Acquired(self, self._pool.acquire())

    def step(self) -> bool:
        self.left -= 1
        return self.left == 0

    async def around(self, call: Callable[[], Any]) -> Any:
        crashes = self.step()
        if crashes and not self._after:
            raise Crash
        answer = await call()
        if crashes:
            raise Crash
        return answer


class _Acquired:
    def __init__(self, crashing: Crashing, acquiring: Any) -> None:
        self._crashing, self._acquiring = crashing, acquiring

    async def __aenter__(self) -> Any:
        self._connection = await self._acquiring.__aenter__()
        return _Connection(self._crashing, self._connection)

    async def __aexit__(self, *raised: object) -> None:
        # What a dead process leaves open, the server rolls back.
        await self._connection.execute("ROLLBACK")
        await self._acquiring.__aexit__(*raised)


class _Connection:
    def __init__(self, crashing: Crashing, connection: Any) -> None:
        self._crashing, self._connection = crashing, connection

    def __getattr__(self, name: str) -> Any:
        async def call(*args: Any) -> Any:
            if args and args[0] == "ROLLBACK":
                return await self._connection.execute("ROLLBACK")
            return await self._crashing.around(lambda: getattr(self._connection, name)(*args))

        return call


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.filterwarnings("ignore::asyncpg.exceptions.InterfaceWarning")
async def test_a_crash_at_any_await_loses_and_repeats_nothing(
    pool: asyncpg.Pool,
    worker_pool: asyncpg.Pool,
    admin: asyncpg.Connection,
    log: AuditLog,
    anchor_id: UUID,
    *,
    after: bool,
) -> None:
    crashed = 0
    for at in range(1, 100):
        org_id = uuid4()
        written = set(await write(pool, log, org_id, 2))
        await seal_all(worker_pool, org_id, anchor_id)
        written |= set(await write(pool, log, org_id, 2))
        crashing = Crashing(worker_pool, at, after=after)
        doomed = RecordSealer(crashing, KEYS, anchor_id=anchor_id)
        try:
            await doomed.seal(org_id, KEYS.origin(org_id))
            await doomed.publish(org_id)
        except Crash:
            crashed += 1
        await seal_all(worker_pool, org_id, anchor_id)
        await RecordSealer(worker_pool, KEYS, anchor_id=anchor_id).publish(org_id)
        await verify(admin, org_id, written)
        if crashing.left > 0:
            break
    assert crashed == AWAITS, crashed


async def test_every_checkpoint_is_a_leaf_of_the_anchor_log(
    pool: asyncpg.Pool,
    worker_pool: asyncpg.Pool,
    admin: asyncpg.Connection,
    log: AuditLog,
    org_id: UUID,
    anchor_id: UUID,
) -> None:
    for _ in range(3):
        await write(pool, log, org_id, 2)
        await seal_all(worker_pool, org_id, anchor_id)
    anchor = Sealer(worker_pool, Checkpoints(), KEYS)
    assert await anchor.seal(anchor_id, KEYS.anchor_origin) == 3
    published = await anchor.publish(anchor_id)
    assert published is not None
    leaves = await admin.fetch("SELECT entry FROM anchor.leaf WHERE org_id = $1 ORDER BY leaf_index", anchor_id)
    notes = await admin.fetch("SELECT note FROM audit.checkpoint WHERE org_id = $1 ORDER BY size", org_id)
    assert [bytes(row["entry"]) for row in leaves] == [bytes(row["note"]) for row in notes]
    assert published.checkpoint.root == root_of(leaf_hash(bytes(row["entry"])) for row in leaves)


async def test_a_record_removed_before_sealing_is_not_sealed_and_named(
    pool: asyncpg.Pool,
    worker_pool: asyncpg.Pool,
    admin: asyncpg.Connection,
    log: AuditLog,
    org_id: UUID,
    sealing: Sealing,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await write(pool, log, org_id, 1)
    id = uuid4()
    await admin.execute("INSERT INTO audit.pending (org_id, record_id) VALUES ($1, $2)", org_id, id)
    await sealing.run_once()
    assert str(id) in caplog.text
    assert await admin.fetchval("SELECT count(*) FROM audit.leaf WHERE org_id = $1", org_id) == 0
    await admin.execute("SET session_replication_role = replica")
    await admin.execute("DELETE FROM audit.pending WHERE record_id = $1", id)


async def test_a_record_slipped_in_under_another_checksum_is_not_sealed_and_named(
    admin: asyncpg.Connection, org_id: UUID, sealing: Sealing, caplog: pytest.LogCaptureFixture
) -> None:
    [id] = record_ids([milliseconds(NOON)])
    await admin.execute(
        "INSERT INTO audit.record (org_id, id, entry, checksum, logged_at, occurred_at, action, kind, outcome, actor, "
        "target_type, target_id) VALUES ($1, $2, '{}', 1, now(), now(), 'org:create', 'CHANGE', 'ALLOWED', 'x', "
        "'Org', $1)",
        org_id,
        id,
    )
    await admin.execute("INSERT INTO audit.pending (org_id, record_id) VALUES ($1, $2)", org_id, id)
    await sealing.run_once()
    assert str(id) in caplog.text
    assert await admin.fetchval("SELECT count(*) FROM audit.leaf WHERE org_id = $1", org_id) == 0
    async with admin.transaction():
        found = [str(each) async for each in LogCheck(admin, org_id, KEYS).check()]
    assert any(str(id) in each and "checksum" in each for each in found), found
    await admin.execute("SET session_replication_role = replica")
    await admin.execute("DELETE FROM audit.pending WHERE record_id = $1", id)


async def test_an_id_that_is_queued_without_a_record_is_refused_and_stays(
    worker_pool: asyncpg.Pool, admin: asyncpg.Connection, org_id: UUID, anchor_id: UUID
) -> None:
    [id] = record_ids([milliseconds(NOON)])
    await admin.execute("INSERT INTO audit.pending (org_id, record_id) VALUES ($1, $2)", org_id, id)
    with pytest.raises(SealRefused, match=f"`{id}` is not what was queued"):
        await RecordSealer(worker_pool, KEYS, anchor_id=anchor_id).seal(org_id, KEYS.origin(org_id))
    assert await admin.fetchval("SELECT count(*) FROM audit.leaf WHERE org_id = $1", org_id) == 0
    assert await admin.fetchval("SELECT count(*) FROM audit.pending WHERE org_id = $1", org_id) == 1
    await admin.execute("SET session_replication_role = replica")
    await admin.execute("DELETE FROM audit.pending WHERE record_id = $1", id)


async def test_a_database_behind_its_own_checkpoint_refuses_to_sign(
    pool: asyncpg.Pool,
    worker_pool: asyncpg.Pool,
    admin: asyncpg.Connection,
    log: AuditLog,
    org_id: UUID,
    anchor_id: UUID,
) -> None:
    await write(pool, log, org_id, 2)
    sealer = await seal_all(worker_pool, org_id, anchor_id)
    await admin.execute(
        "INSERT INTO audit.checkpoint (org_id, size, origin, root, note, sealed_at) VALUES ($1, 9, $2, '', '', now())",
        org_id,
        KEYS.origin(org_id),
    )
    await write(pool, log, org_id, 1)
    await sealer.seal(org_id, KEYS.origin(org_id))
    with pytest.raises(Exception, match="older than what was published"):
        await sealer.publish(org_id)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (LogKeys(host="other.example", keys=KEYS.keys), "restore the log keys that belong to this database"),
        (
            LogKeys(host=KEYS.host, keys=[Ed25519PrivateKey.from_private_bytes(bytes(32))]),
            "restore the newest log keys of this database",
        ),
    ],
)
async def test_other_keys_than_the_logs_sign_nothing(
    pool: asyncpg.Pool,
    worker_pool: asyncpg.Pool,
    admin: asyncpg.Connection,
    log: AuditLog,
    org_id: UUID,
    keys: LogKeys,
    said: str,
) -> None:
    anchor_id = uuid4()
    await write(pool, log, org_id, 3)
    await seal_all(worker_pool, org_id, anchor_id)
    await write(pool, log, org_id, 3)
    sealer = RecordSealer(worker_pool, keys, anchor_id=anchor_id)

    async def seal() -> None:
        await sealer.seal(org_id, keys.origin(org_id))
        await sealer.publish(org_id)

    with pytest.raises(SealRefused, match=said):
        await seal()
    assert await admin.fetchval("SELECT max(size) FROM audit.checkpoint WHERE org_id = $1", org_id) == 3


async def test_keys_from_before_a_rotation_sign_nothing_and_those_after_it_do(
    pool: asyncpg.Pool, worker_pool: asyncpg.Pool, admin: asyncpg.Connection, log: AuditLog, org_id: UUID
) -> None:
    anchor_id, added = uuid4(), Ed25519PrivateKey.from_private_bytes(bytes(32))
    both, after = (LogKeys(host=KEYS.host, keys=keys) for keys in ([*KEYS.keys, added], [added]))
    await write(pool, log, org_id, 1)
    await seal_all(worker_pool, org_id, anchor_id)
    for keys in (both, KEYS, after):
        await write(pool, log, org_id, 1)
        sealer = RecordSealer(worker_pool, keys, anchor_id=anchor_id)
        await sealer.seal(org_id, keys.origin(org_id))
        if keys is KEYS:
            with pytest.raises(SealRefused, match="restore the newest log keys"):
                await sealer.publish(org_id)
        else:
            assert await sealer.publish(org_id) is not None
    sizes = await admin.fetch("SELECT size FROM audit.checkpoint WHERE org_id = $1 ORDER BY size", org_id)
    assert [row["size"] for row in sizes] == [1, 2, 4]
