"""Somebody else's verifier accepts our checkpoints, tiles and proofs, and refuses changed ones."""

from __future__ import annotations

import subprocess
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import pytest

from audit.log import AuditLog
from audit.merkle import leaf_hash
from audit.tile_files import TilePath, newest_checkpoint, read_tile
from audit.tiles import WIDTH, TileId, bundle_path, tile_path, tile_width
from audit.trees import Tree
from tests.integration.audit.records import entered, record
from tests.integration.audit.sealed import KEYS, seal_all

SIZE = 600


@pytest.fixture
async def log_dir(pool: asyncpg.Pool, worker_pool: asyncpg.Pool, log: AuditLog, org_id: UUID, tmp_path: Path) -> Path:
    """An organization's log written out in the C2SP layout; the key and an older checkpoint stand beside the folder."""
    folder = tmp_path / "log"
    tree = Tree("audit", org_id)
    for count in (400, SIZE - 400):
        async with pool.acquire() as connection, entered(connection, org_id):
            await log.append_many(connection, [record(org_id) for _ in range(count)])
        await seal_all(worker_pool, org_id, uuid4())
        async with worker_pool.acquire() as connection:
            note = await newest_checkpoint(connection, tree, KEYS.origin(org_id))
        assert note is not None
        (tmp_path / f"checkpoint.{count}").write_bytes(note)
    folder.mkdir()
    (folder / "checkpoint").write_bytes(note)
    async with worker_pool.acquire() as connection:
        for path in _paths():
            asked = TilePath.parse(path)
            assert asked is not None
            content = await read_tile(connection, tree, asked)
            assert content is not None, path
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
    (tmp_path / "vkey").write_text(f"{KEYS.verifiers(KEYS.origin(org_id))[0]}\n")
    return folder


def _paths() -> list[str]:
    paths = []
    for n in range(-(-SIZE // WIDTH)):
        width = tile_width(TileId(0, n), SIZE)
        paths += [tile_path(TileId(0, n), width), bundle_path(n, width)]
    return [*paths, tile_path(TileId(1, 0), tile_width(TileId(1, 0), SIZE))]


def run(referees: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([referees / "aics-tlog", *arguments], capture_output=True, text=True, check=False)
    # A refusal must be the referee's verdict, not a command that it did not understand.
    assert "usage:" not in done.stderr, done.stderr
    return done


async def test_checkpoint_inclusion_and_consistency_are_accepted(
    referees: Path, log_dir: Path, org_id: UUID, admin: asyncpg.Connection
) -> None:
    trusted = ("--vkey-file", log_dir.parent / "vkey", "--origin", KEYS.origin(org_id))
    checked = run(referees, "verify-checkpoint", "--note", log_dir / "checkpoint", *trusted)
    assert checked.returncode == 0, checked.stderr
    for index in (0, 255, 256, 511, 599):
        entry = await admin.fetchval(
            "SELECT r.entry FROM audit.leaf l JOIN audit.record r ON r.org_id = l.org_id AND r.id = l.record_id "
            "WHERE l.org_id = $1 AND l.leaf_index = $2",
            org_id,
            index,
        )
        leaf = leaf_hash(bytes(entry)).hex()
        where = ("--index", str(index), "--checkpoint", log_dir / "checkpoint", "--tiles", log_dir)
        found = run(referees, "verify-inclusion", "--leaf-hash", leaf, *where, *trusted)
        assert found.returncode == 0, found.stdout + found.stderr
        wrong = run(referees, "verify-inclusion", "--leaf-hash", "00" * 32, *where, *trusted)
        assert wrong.returncode != 0
    grown = run(
        referees, "verify-consistency", "--old-checkpoint", log_dir.parent / "checkpoint.400",
        "--checkpoint", log_dir / "checkpoint", "--tiles", log_dir, *trusted,
    )  # fmt: skip
    assert grown.returncode == 0, grown.stdout + grown.stderr


async def test_a_changed_checkpoint_and_a_changed_tile_are_refused(referees: Path, log_dir: Path, org_id: UUID) -> None:
    trusted = ("--vkey-file", log_dir.parent / "vkey", "--origin", KEYS.origin(org_id))
    note = (log_dir / "checkpoint").read_text()
    (log_dir.parent / "forged").write_text(note.replace("\n600\n", "\n599\n"))
    assert run(referees, "verify-checkpoint", "--note", log_dir.parent / "forged", *trusted).returncode != 0
    tile = log_dir / "tile/0/000"
    data = bytearray(tile.read_bytes())
    data[40] ^= 1
    tile.write_bytes(data)
    changed = run(
        referees, "verify-consistency", "--old-checkpoint", log_dir.parent / "checkpoint.400",
        "--checkpoint", log_dir / "checkpoint", "--tiles", log_dir, *trusted,
    )  # fmt: skip
    assert changed.returncode != 0
