"""A bundle says everything an outsider needs, is the same bytes each time, and every changed byte of it is found."""

from __future__ import annotations

import asyncio
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import pytest

from audit.export import verify_bundle
from audit.export.bundle import Asked, Bundler, NoSuchCheckpoint
from audit.log import AuditLog
from audit.render import Renderer, may_see_all, may_see_none
from audit.sealer import Checkpoints, Sealer
from tests.conftest import MASTER_KEY
from tests.integration.audit.records import entered, record
from tests.integration.audit.sealed import KEYS, seal_all

BYTE_STRIDE = 97
"""Of each file of the bundle every so many bytes one is changed here; all of them were, once."""


@pytest.fixture
async def sealed(pool: asyncpg.Pool, worker_pool: asyncpg.Pool, log: AuditLog, org_id: UUID) -> UUID:
    """A log with checkpoints of sizes 3, 8 and 300, anchored."""
    anchor_id = uuid4()
    for count in (3, 5, 292):
        async with pool.acquire() as connection, entered(connection, org_id):
            await log.append_many(connection, [record(org_id) for _ in range(count)])
        await seal_all(worker_pool, org_id, anchor_id)
    anchor = Sealer(worker_pool, Checkpoints(), KEYS)
    await anchor.seal(anchor_id, KEYS.anchor_origin)
    await anchor.publish(anchor_id)
    return org_id


async def export(
    pool: asyncpg.Pool, org_id: UUID, asked: Asked, may_see: Callable[[UUID, str], bool] = may_see_all
) -> bytes:
    target = io.BytesIO()
    async with pool.acquire() as connection, entered(connection, org_id):
        bundler = Bundler(
            connection=connection, org_id=org_id, keys=KEYS, renderer=Renderer(MASTER_KEY), may_see=may_see
        )
        await bundler.write(target, asked)
    return target.getvalue()


def arguments(org_id: UUID) -> list[str]:
    return [
        "--vkey", str(KEYS.verifiers(KEYS.origin(org_id))[0]),
        "--anchor-vkey", str(KEYS.verifiers(KEYS.anchor_origin)[0]),
    ]  # fmt: skip


def verify(content: bytes, org_id: UUID, folder: Path, *more: str) -> int:
    path = folder / "bundle.zip"
    path.write_bytes(content)
    return verify_bundle.main([str(path), *arguments(org_id), *more])


async def test_a_bundle_is_verified_by_the_program_inside_it_alone(
    pool: asyncpg.Pool, sealed: UUID, tmp_path: Path
) -> None:
    content = await export(pool, sealed, Asked(from_size=0, at_size=300))
    (tmp_path / "bundle.zip").write_bytes(content)
    with zipfile.ZipFile(tmp_path / "bundle.zip") as archive:
        archive.extract("verify.py", tmp_path)
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-I", tmp_path / "verify.py", tmp_path / "bundle.zip", *arguments(sealed)],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("VERIFIED: 300 records (all records of the range), 900 values")
    assert done.stdout.endswith(f"log {KEYS.origin(sealed)} from size 0 to size 300\n")


@pytest.mark.parametrize(("from_size", "at_size"), [(0, 3), (0, 8), (3, 8), (3, 300), (8, 300), (0, 300)])
async def test_every_range_between_checkpoints_is_complete(
    pool: asyncpg.Pool, sealed: UUID, tmp_path: Path, from_size: int, at_size: int
) -> None:
    content = await export(pool, sealed, Asked(from_size=from_size, at_size=at_size))
    assert verify(content, sealed, tmp_path) == 0


async def test_picked_records_have_a_proof_each(
    pool: asyncpg.Pool, sealed: UUID, tmp_path: Path, admin: asyncpg.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    picked = await admin.fetchval(
        "SELECT array_agg(record_id) FROM audit.leaf WHERE org_id = $1 AND leaf_index IN (0, 7, 256, 299)", sealed
    )
    content = await export(pool, sealed, Asked(from_size=0, at_size=300, picked=picked, filter={"action": "x"}))
    assert verify(content, sealed, tmp_path) == 0
    # Of the records between them nothing is said.
    assert capsys.readouterr().out.endswith(f"12 values, log {KEYS.origin(sealed)} of size 300\n")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert len([name for name in archive.namelist() if name.startswith("proofs/")]) == 4
        assert json.loads(archive.read("manifest.json"))["counts"] == {"records": 4, "disclosures": 12}
    files = parts(content)
    manifest = json.loads(files["manifest.json"])
    wider = files | {"manifest.json": json.dumps(manifest | {"range": [0, 400]}).encode()}
    assert verify(packed(wider), sealed, tmp_path) == 1
    # A record is one, however often it is written.
    twice = {"counts": {"records": 5, "disclosures": 12}}
    first = files["entries.jsonl"].splitlines(keepends=True)[0]
    repeated = files | {"entries.jsonl": files["entries.jsonl"] + first}
    repeated["manifest.json"] = json.dumps(manifest | twice).encode()
    assert verify(packed(repeated), sealed, tmp_path) == 1


async def test_the_same_question_gives_the_same_bytes(pool: asyncpg.Pool, sealed: UUID) -> None:
    asked = Asked(from_size=3, at_size=300)
    assert await export(pool, sealed, asked) == await export(pool, sealed, asked)


async def test_who_may_see_no_values_gets_none_and_the_records_all_the_same(
    pool: asyncpg.Pool, sealed: UUID, tmp_path: Path
) -> None:
    content = await export(pool, sealed, Asked(from_size=0, at_size=8), may_see_none)
    assert verify(content, sealed, tmp_path) == 0
    assert b"bob@example.com" not in content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.read("disclosures.jsonl") == b""


async def test_a_checkpoint_that_is_held_must_be_continued(pool: asyncpg.Pool, sealed: UUID, tmp_path: Path) -> None:
    content = await export(pool, sealed, Asked(from_size=3, at_size=300))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        (tmp_path / "held.note").write_bytes(archive.read("previous.note"))
        (tmp_path / "other.note").write_bytes(archive.read("checkpoint.note"))
    assert verify(content, sealed, tmp_path, "--held", str(tmp_path / "held.note")) == 0
    assert verify(content, sealed, tmp_path, "--held", str(tmp_path / "other.note")) == 1


async def test_a_checkpoint_that_is_held_is_found_again_in_a_bundle_from_the_start(
    pool: asyncpg.Pool, sealed: UUID, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for size in (3, 8, 300):
        files = parts(await export(pool, sealed, Asked(from_size=0, at_size=size)))
        (tmp_path / f"{size}.note").write_bytes(files["checkpoint.note"])
    whole, part = [await export(pool, sealed, Asked(from_size=0, at_size=size)) for size in (300, 8)]
    for size in (3, 8, 300):
        assert verify(whole, sealed, tmp_path, "--held", str(tmp_path / f"{size}.note")) == 0
    for kept in (b"\n", b"\r\n"):
        (tmp_path / "kept.note").write_bytes((tmp_path / "8.note").read_bytes() + kept)
        assert verify(whole, sealed, tmp_path, "--held", str(tmp_path / "kept.note")) == 0
    assert verify(part, sealed, tmp_path, "--held", str(tmp_path / "300.note")) == 1
    assert "checkpoint.note: is older than the one that you hold" in capsys.readouterr().out
    other = (tmp_path / "8.note").read_bytes().replace(b"\n8\n", b"\n7\n")
    (tmp_path / "other.note").write_bytes(other)
    assert verify(whole, sealed, tmp_path, "--held", str(tmp_path / "other.note")) == 1
    assert "checkpoint.note: does not continue the one that you hold" in capsys.readouterr().out


async def test_a_range_that_begins_behind_the_checkpoint_that_is_held_is_found(
    pool: asyncpg.Pool, sealed: UUID, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    held = parts(await export(pool, sealed, Asked(from_size=3, at_size=300)))
    later = parts(await export(pool, sealed, Asked(from_size=8, at_size=300)))
    (tmp_path / "held.note").write_bytes(held["previous.note"])
    before = ("previous.note", "consistency.proof")
    # Everything else holds, and five records are not there.
    gap = packed(later | {name: held[name] for name in before})
    assert verify(gap, sealed, tmp_path, "--held", str(tmp_path / "held.note")) == 1
    assert "manifest.json: has the range [8, 300] where the checkpoints are of [3, 300]" in capsys.readouterr().out
    assert verify(packed({name: data for name, data in later.items() if name not in before}), sealed, tmp_path) == 1
    assert "manifest.json: has the range [8, 300] where the checkpoints are of [0, 300]" in capsys.readouterr().out


@pytest.mark.parametrize("option", ["--vkey", "--anchor-vkey"])
async def test_the_clocks_key_is_no_logs_key(
    pool: asyncpg.Pool, sealed: UUID, tmp_path: Path, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    content = await export(pool, sealed, Asked(from_size=0, at_size=300))
    assert verify(content, sealed, tmp_path, option, str(KEYS.clock_verifiers()[0])) == 1
    assert f"and the key that was given is {KEYS.clock}'s" in capsys.readouterr().out


@pytest.mark.parametrize(("kept", "leaf"), [(slice(1, None), 3), (slice(None, -1), 299)])
async def test_the_first_record_left_out_is_told_before_the_values_that_moved_with_it(
    pool: asyncpg.Pool, sealed: UUID, tmp_path: Path, kept: slice, leaf: int, capsys: pytest.CaptureFixture[str]
) -> None:
    content = await export(pool, sealed, Asked(from_size=3, at_size=300))

    def shorten(data: bytes) -> bytes:
        return b"\n".join([*data.splitlines()[kept], b""])

    verify(rewritten(content, "entries.jsonl", shorten, consistent=True), sealed, tmp_path)
    first = capsys.readouterr().out.splitlines()[0]
    assert first.startswith("entries.jsonl: has 296 records where the range has 297: ")
    assert f"leaf {leaf}" in first


@pytest.mark.parametrize("content", [None, b"no note"])
async def test_a_held_checkpoint_that_cannot_be_read_is_named(
    tmp_path: Path, content: bytes | None, capsys: pytest.CaptureFixture[str]
) -> None:
    held = tmp_path / "held.note"
    if content is not None:
        held.write_bytes(content)
    assert verify(b"", uuid4(), tmp_path, "--held", str(held)) == 2
    assert capsys.readouterr().err.startswith(f"{held}: cannot be read as a checkpoint: ")


async def test_a_python_without_the_package_is_told_what_to_install(tmp_path: Path) -> None:
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-I", "-S", verify_bundle.__file__, tmp_path / "bundle.zip", "--vkey", "x"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("the package `cryptography` is not installed for this Python: ")


async def test_a_size_that_was_never_signed_cannot_be_asked_for(pool: asyncpg.Pool, sealed: UUID) -> None:
    with pytest.raises(NoSuchCheckpoint, match="size `5`"):
        await export(pool, sealed, Asked(from_size=0, at_size=5))


def parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(files: dict[str, bytes]) -> bytes:
    """Make a bundle whose manifest names what is in it."""
    manifest = json.loads(files["manifest.json"])
    rest = {name: data for name, data in files.items() if name != "manifest.json"}
    manifest["files"] = {name: verify_bundle._sha256(data).hexdigest() for name, data in rest.items()}
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in rest.items():
            archive.writestr(name, data)
        archive.writestr("manifest.json", json.dumps(manifest))
    return target.getvalue()


def rewritten(content: bytes, name: str, change: Callable[[bytes], bytes | None], *, consistent: bool) -> bytes:
    """Change one file of a bundle; a consistent forger also mends the manifest."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w") as new:
        manifest = json.loads(old.read("manifest.json"))
        for each in old.namelist():
            data: bytes | None = old.read(each)
            if each == name:
                data = change(old.read(each))
                if consistent and data is not None:
                    manifest["files"][each] = verify_bundle._sha256(data).hexdigest()
            if data is not None and each != "manifest.json":
                new.writestr(each, data)
        new.writestr("manifest.json", old.read("manifest.json") if not consistent else json.dumps(manifest))
    return target.getvalue()


EVIDENCE = (
    "entries.jsonl",
    "checkpoint.note",
    "previous.note",
    "consistency.proof",
    "range.proof",
    "anchor.tlog-proof",
    "disclosures.jsonl",
)


async def test_every_changed_byte_of_the_evidence_is_found(
    pool: asyncpg.Pool, sealed: UUID, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = await export(pool, sealed, Asked(from_size=3, at_size=8))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sizes = {name: archive.getinfo(name).file_size for name in archive.namelist()}
    missed = []
    for name, size in sizes.items():
        for at in range(0, size, BYTE_STRIDE if size > 200 else 11):

            def flip(data: bytes, at: int = at) -> bytes:
                return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]

            forged = rewritten(content, name, flip, consistent=False)
            if name != "manifest.json" and verify(forged, sealed, tmp_path) == 0:
                missed.append((name, at))
            # Whoever mends the manifest too is found by signatures and hashes alone.
            forged = rewritten(content, name, flip, consistent=True)
            if name in EVIDENCE and verify(forged, sealed, tmp_path) == 0 and not _is_slack(content, name, at):
                missed.append((name, at))
    capsys.readouterr()
    assert missed == []


def _is_slack(content: bytes, name: str, at: int) -> bool:
    """Whether a byte is in the signature line of a key that this verifier was not given: the clock's."""
    if name not in ("checkpoint.note", "previous.note", "anchor.tlog-proof"):
        return False
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        data = archive.read(name)
    return data.rindex(KEYS.clock.encode()) - 4 <= at


async def test_a_changed_record_is_named(
    pool: asyncpg.Pool, sealed: UUID, tmp_path: Path, capsys: pytest.CaptureFixture[str], admin: asyncpg.Connection
) -> None:
    content = await export(pool, sealed, Asked(from_size=3, at_size=300))
    id = await admin.fetchval("SELECT record_id FROM audit.leaf WHERE org_id = $1 AND leaf_index = 100", sealed)

    def rewrite(data: bytes) -> bytes:
        lines = data.split(b"\n")
        lines[97] = lines[97].replace(b"asked for by phone", b"asked for by voice")
        return b"\n".join(lines)

    assert verify(rewritten(content, "entries.jsonl", rewrite, consistent=True), sealed, tmp_path) == 1
    assert f"record {id} (leaf 100) was changed" in capsys.readouterr().out


@pytest.mark.parametrize("kept", [slice(1, None), slice(None, -2)])
async def test_a_record_left_out_is_missed(pool: asyncpg.Pool, sealed: UUID, tmp_path: Path, kept: slice) -> None:
    content = await export(pool, sealed, Asked(from_size=3, at_size=300))

    def shorten(data: bytes) -> bytes:
        return b"\n".join([*data.split(b"\n")[kept], b""])

    assert verify(rewritten(content, "entries.jsonl", shorten, consistent=True), sealed, tmp_path) == 1


@pytest.mark.parametrize("vkey", ["", "log", "log+00000000+AQAA", "algorithm", "key id"])
async def test_a_key_that_cannot_be_one_is_refused_before_the_bundle_is_read(
    vkey: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    right = KEYS.verifiers(KEYS.anchor_origin)[0]
    given = {"algorithm": str(replace(right, algorithm=2)), "key id": str(right).replace("+", "+0", 1)}.get(vkey, vkey)
    assert verify_bundle.main([str(tmp_path / "none.zip"), "--vkey", given]) == 2
    said = capsys.readouterr().err
    assert ("which this program does not know" if vkey == "algorithm" else "is no verifier key") in said


@pytest.mark.filterwarnings("ignore:Duplicate name")
async def test_two_files_of_one_name_are_refused(
    pool: asyncpg.Pool, sealed: UUID, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = parts(await export(pool, sealed, Asked(from_size=0, at_size=8)))
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("entries.jsonl", files["entries.jsonl"].replace(b"CHANGE", b"DENIAL"))
        for name, data in files.items():
            archive.writestr(name, data)
    assert verify(target.getvalue(), sealed, tmp_path) == 2
    assert "has two files of one name" in capsys.readouterr().err


@pytest.mark.parametrize("content", [b"", b"PK", b"not a zip"])
def test_what_is_no_bundle_is_said_to_be_none(content: bytes, tmp_path: Path) -> None:
    assert verify(content, uuid4(), tmp_path) == 2
