"""Somebody else's witness cosigns what continues, and a database behind it refuses to seal."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from audit.log import AuditLog
from audit.notes import Verifier, parse_note
from audit.sealing import Sealing
from audit.tile_files import newest_checkpoint
from audit.trees import Tree
from audit.witness import BehindWitness, Witness, Witnessing
from tests.integration.audit.records import entered
from tests.integration.audit.sealed import KEYS, write


@pytest.fixture
def anchor_id() -> UUID:
    return uuid4()


@pytest.fixture
def witness(referees: Path, tmp_path: Path) -> Iterator[Witness]:
    """A running witness that trusts our anchor log."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        listen = f"127.0.0.1:{probe.getsockname()[1]}"
    program, config = referees / "aics-witness", tmp_path / "witness.json"
    made = subprocess.run(
        [program, "init", "--config", config, "--name", "witness.example", "--listen", listen],
        capture_output=True,
        text=True,
        check=True,
    )
    vkey = made.stdout.split()[-1]
    trusted = str(KEYS.verifiers(KEYS.anchor_origin)[0])
    subprocess.run(
        [program, "add-log", "--config", config, "--origin", KEYS.anchor_origin, "--vkey", trusted],
        capture_output=True,
        check=True,
    )
    process = subprocess.Popen(
        [program, "serve", "--config", config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait(listen)
        yield Witness(url=f"http://{listen}", verifier=Verifier.parse(vkey))
    finally:
        process.terminate()
        process.wait(20)


def _wait(listen: str) -> None:
    host, port = listen.split(":")
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex((host, int(port))) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the witness did not start")


async def post(url: str, body: bytes) -> tuple[int, bytes]:
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.post(url, content=body)
        return answer.status_code, answer.content


def witnessing(pool: asyncpg.Pool, anchor_id: UUID, witness: Witness) -> Witnessing:
    return Witnessing(pool, KEYS, anchor_id=anchor_id, witnesses=[witness], post=post)


async def test_checkpoints_are_cosigned_as_the_log_grows(
    pool: asyncpg.Pool, worker_pool: asyncpg.Pool, log: AuditLog, org_id: UUID, anchor_id: UUID, witness: Witness
) -> None:
    shows = witnessing(worker_pool, anchor_id, witness)
    sealing = Sealing(worker_pool, KEYS, anchor_id=anchor_id, witnessing=shows)
    for _ in range(3):
        await write(pool, log, org_id, 2)
        await sealing.run_once()
        assert await sealing.show()
    async with worker_pool.acquire() as connection:
        rows = await connection.fetch("SELECT size, line FROM anchor.cosignature WHERE org_id = $1", anchor_id)
        note = await newest_checkpoint(connection, Tree("anchor", anchor_id), KEYS.anchor_origin)
    assert len(rows) == 3
    assert note is not None
    assert parse_note(note).signed_by(witness.verifier) is not None


async def test_an_old_backup_restored_refuses_to_seal_until_it_is_no_longer_behind(
    pool: asyncpg.Pool, worker_pool: asyncpg.Pool, log: AuditLog, org_id: UUID, anchor_id: UUID, witness: Witness,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    shows = witnessing(worker_pool, anchor_id, witness)
    sealing = Sealing(worker_pool, KEYS, anchor_id=anchor_id, witnessing=shows)
    await write(pool, log, org_id, 2)
    await sealing.run_once()
    assert await sealing.show()
    # A database from before all of that: the same origin, nothing in it.
    restored = witnessing(worker_pool, uuid4(), witness)
    with pytest.raises(BehindWitness, match="restore a newer backup"):
        await restored.show_newest()
    behind = Sealing(worker_pool, KEYS, anchor_id=uuid4(), witnessing=restored)
    running = asyncio.create_task(behind.run())
    other = uuid4()
    [id] = await write(pool, log, other, 1)
    await asyncio.sleep(0.5)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    async with pool.acquire() as connection, entered(connection, other):
        assert await connection.fetchval("SELECT count(*) FROM audit.pending WHERE record_id = $1", id) == 1
    assert "sealing refused" in caplog.text


async def test_a_witness_that_is_away_does_not_stop_the_sealing(
    pool: asyncpg.Pool, worker_pool: asyncpg.Pool, log: AuditLog, org_id: UUID, anchor_id: UUID, witness: Witness
) -> None:
    away = Witness(url="http://127.0.0.1:9", verifier=witness.verifier)
    sealing = Sealing(worker_pool, KEYS, anchor_id=anchor_id, witnessing=witnessing(worker_pool, anchor_id, away))
    await write(pool, log, org_id, 1)
    assert await sealing.show()
    assert await sealing.run_once() >= 1
