"""What keeps the program from starting: one sentence on stderr, exit status 1, never a traceback."""

from __future__ import annotations

import asyncio
from pathlib import Path

import asyncpg
import pytest

from tests.process.serving import free_port, run, sentence
from texting.embedded import Server


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with keys and a migrated database, which is not running."""
    folder = tmp_path_factory.mktemp("migrated") / "data"
    assert run("token", "issue", "--role", "PROVIDER_ADMIN", "--subject", "test", "--data-dir", folder).returncode == 0
    return folder


def test_a_data_directory_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    folder = tmp_path / "file" / "data"
    told = sentence(run("serve", "--port", "0", "--data-dir", folder))
    assert (
        told == f"the data directory `{folder}` cannot be written (`Not a directory`): choose another with --data-dir"
    )


def test_a_database_that_does_not_answer(tmp_path: Path) -> None:
    port = free_port()
    secret = {"TEXTING_DATABASE_URL": f"postgresql://me:secret@127.0.0.1:{port}/texting"}
    told = sentence(run("serve", "--port", "0", "--data-dir", tmp_path / "data", env=secret))
    assert told.startswith(f"the database `127.0.0.1:{port}/texting` cannot be reached (")
    assert told.endswith("): check TEXTING_DATABASE_URL")
    assert "secret" not in told


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("TEXTING_PORT", "eighty", "TEXTING_PORT `eighty` does not hold: "),
        ("TEXTING_PORT", "70000", "TEXTING_PORT `70000` does not hold: "),
        ("TEXTING_LOG_LEVEL", "loud", "TEXTING_LOG_LEVEL `loud` does not hold: "),
        ("TEXTING_DATABASE_URL", "mysql://me:secret@host/db", "TEXTING_DATABASE_URL does not hold: "),
        ("TEXTING_WITNESSES", "nobody", "TEXTING_WITNESSES does not hold: "),
        ("TEXTING_HOST", "host.invalid", "`host.invalid` has no address to listen at: "),
    ],
)
def test_a_setting_that_does_not_hold(tmp_path: Path, name: str, value: str, told: str) -> None:
    said = sentence(run("serve", "--data-dir", tmp_path / "data", env={"TEXTING_PORT": "0"} | {name: value}))
    assert said.startswith(told)
    assert "secret" not in said


@pytest.mark.parametrize("key", ["token-signing-key.json", "audit-master-key.hex", "audit-log-keys.json"])
def test_a_damaged_key_is_named_with_what_to_do(migrated: Path, key: str) -> None:
    whole = (migrated / key).read_bytes()
    (migrated / key).write_bytes(whole[: len(whole) // 2])
    try:
        told = sentence(run("serve", "--port", "0", "--data-dir", migrated))
        assert told == (
            f"the key file `{migrated / key}` is damaged: restore it from a backup, or move it away for a new key"
        )
    finally:
        (migrated / key).write_bytes(whole)


def test_a_half_migrated_database(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    _execute(folder, "CREATE SCHEMA texting", "CREATE TABLE texting.orgs (id integer)")
    told = sentence(run("serve", "--port", "0", "--data-dir", folder))
    assert "is half migrated" in told
    assert told.endswith(": restore a backup, or start with an empty database")


def test_a_database_of_a_newer_program(migrated: Path) -> None:
    _execute(migrated, "CREATE TABLE kept AS TABLE alembic_version", "UPDATE alembic_version SET version_num = '9999'")
    try:
        told = sentence(run("serve", "--port", "0", "--data-dir", migrated))
        assert told.startswith("the database is at revision `9999`, which this program does not know: ")
    finally:
        _execute(migrated, "UPDATE alembic_version SET version_num = (TABLE kept)", "DROP TABLE kept")


def test_a_policy_that_cannot_be_read(migrated: Path) -> None:
    _execute(
        migrated,
        "INSERT INTO texting.policies (org_id, kind, version, effective_from, document, source) "
        "SELECT org_id, kind, '2999-01', '2999-01-01Z', document - 'hours', 'by hand' FROM texting.policies",
    )
    try:
        told = sentence(run("serve", "--port", "0", "--data-dir", migrated))
        assert told.startswith("the policy `2999-01` in `texting.policies` cannot be read: `hours` is missing; give ")
    finally:
        _execute(migrated, "DELETE FROM texting.policies WHERE version = '2999-01'")


def test_demo_data_is_not_mixed_with_organizations_of_ones_own(migrated: Path) -> None:
    _execute(
        migrated,
        "INSERT INTO texting.orgs (org_id, name, customer_type, signature, created_at, last_audit_id) "
        "VALUES (gen_random_uuid(), 'Own', 'UNKNOWN', '', now(), gen_random_uuid())",
    )
    told = sentence(run("serve", "--demo", "--port", "0", "--data-dir", migrated))
    assert told.startswith("the database has organizations of its own, and --demo needs an empty one: ")


def _execute(folder: Path, *statements: str) -> None:
    """Change the database of a data directory behind the program's back."""

    async def execute(url: str) -> None:
        connection = await asyncpg.connect(url)
        for statement in statements:
            await connection.execute(statement)
        await connection.close()

    with Server(folder, durable=False) as found:
        asyncio.run(execute(found.admin))
