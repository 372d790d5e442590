"""The migrations make what the program declares, once, whole or not at all, and never touch what they do not know."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from alembic.script import ScriptDirectory
from sqlmodel import SQLModel

from core.principal import Principal
from core.storage.migrating import DatabaseTooNew, revision, upgrade
from tests.conftest import ROOT
from tests.integration.databases import SCHEMAS, catalogue, declare, new_database
from texting.database import migrate
from texting.embedded import Addresses
from texting.startup_error import StartupError

MIGRATIONS = ROOT / "migrations"
REVISIONS = [each.revision for each in ScriptDirectory(str(MIGRATIONS)).walk_revisions()][::-1]
HEAD = REVISIONS[-1]

_EVERYTHING = """
WITH ours AS (SELECT oid, nspname, xmin FROM pg_namespace WHERE nspname IN ('texting', 'audit', 'anchor', 'public'))
SELECT 'schema', oid::text, nspname::text, xmin::text FROM ours
UNION ALL SELECT 'relation', c.oid::text, c.relname, c.xmin::text FROM pg_class c JOIN ours ON ours.oid = relnamespace
UNION ALL SELECT 'function', p.oid::text, p.proname, p.xmin::text FROM pg_proc p JOIN ours ON ours.oid = pronamespace
UNION ALL SELECT 'policy', oid::text, polname, xmin::text FROM pg_policy
ORDER BY 1, 2
"""
"""What is there and which transaction wrote it: unchanged where nothing was done."""


@pytest.fixture
async def empty(admin_dsn: str) -> AsyncIterator[str]:
    """An empty database."""
    async with new_database(admin_dsn) as dsn:
        yield dsn


async def ask(dsn: str, sql: str, *args: object) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetch(sql, *args)
    finally:
        await connection.close()


async def run(dsn: str, sql: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


async def start(dsn: str) -> None:
    """What starting the program does to a database."""
    await migrate(Addresses(admin=dsn, login=dsn))


async def test_the_database_is_as_the_program_declares_it(admin_dsn: str, empty: str) -> None:
    await declare(empty)
    found = {}
    for name, dsn in (("declared", empty), ("migrated", admin_dsn)):
        connection = await asyncpg.connect(dsn)
        found[name] = await catalogue(connection)
        await connection.close()
    assert sorted(found["declared"] - found["migrated"]) == []
    assert sorted(found["migrated"] - found["declared"]) == []


async def test_the_comparison_looks_at_every_table(admin_dsn: str) -> None:
    connection = await asyncpg.connect(admin_dsn)
    lines = await catalogue(connection)
    await connection.close()
    declared = {f"{table.schema}.{table.name}" for table in SQLModel.metadata.sorted_tables if table.schema in SCHEMAS}
    assert declared == {line.split(".org_id uuid NOT NULL")[0] for line in lines if ".org_id uuid NOT NULL" in line}
    assert declared == {line.split()[0] for line in lines if " PRIMARY KEY (" in line}


async def test_every_table_forces_row_security_those_made_later_too(empty: str) -> None:
    await upgrade(empty, MIGRATIONS)
    for function in ("texting.ensure_partitions", "audit.ensure_partitions"):
        await run(empty, f"SET ROLE texting_worker; SELECT {function}(9)")
    rows = await ask(
        empty,
        "SELECT n.nspname || '.' || c.relname AS name, c.relispartition AS is_partition, "
        "c.relkind = 'p' AS is_partitioned, "
        "c.relrowsecurity AND c.relforcerowsecurity AS forced, "
        "has_table_privilege('texting_app', c.oid, 'SELECT') AS readable FROM pg_class c "
        "JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname IN ('texting', 'audit', 'anchor') AND c.relkind IN ('r', 'p')",
    )
    assert [row["name"] for row in rows if not row["forced"]] == []
    partitions = [row for row in rows if row["is_partition"]]
    # Each has a default, last month, this month, and nine ahead.
    assert len(partitions) == 12 * sum(row["is_partitioned"] for row in rows)
    assert [row["name"] for row in partitions if row["readable"]] == []


async def test_migrating_again_changes_nothing(empty: str) -> None:
    first = await upgrade(empty, MIGRATIONS)
    before = await ask(empty, _EVERYTHING)
    assert (first.current, first.head, first.is_current) == (HEAD, HEAD, True)
    assert await upgrade(empty, MIGRATIONS) == first
    await start(empty)
    assert await ask(empty, _EVERYTHING) == before


async def test_processes_that_migrate_at_once_wait_for_each_other(empty: str) -> None:
    found = await asyncio.gather(*(upgrade(empty, MIGRATIONS) for _ in range(3)))
    assert {each.current for each in found} == {HEAD}


async def test_where_a_database_stands_is_read_without_a_change(empty: str) -> None:
    before = await ask(empty, _EVERYTHING)
    found = await revision(empty, MIGRATIONS)
    assert (found.current, found.head, found.is_current) == (None, HEAD, False)
    assert await ask(empty, _EVERYTHING) == before


async def test_every_revision_can_be_the_one_a_database_stood_at(empty: str, tmp_path: Path) -> None:
    for known in range(1, len(REVISIONS) + 1):
        found = await upgrade(empty, _until(known, tmp_path))
        assert (found.current, found.is_current) == (REVISIONS[known - 1], True)
    assert (await revision(empty, MIGRATIONS)).is_current


async def test_a_key_taken_by_an_older_program_is_its_organization_s(empty: str, tmp_path: Path) -> None:
    org_id = uuid4()
    await upgrade(empty, _until(REVISIONS.index("0010") + 1, tmp_path))
    await run(
        empty,
        "INSERT INTO texting.idempotency_keys (org_id, subject, key, operation, body_digest, answer, created_at) "
        f"VALUES ('{org_id}', 'ada', 'k', 'op', '', '{{}}', now())",
    )
    await upgrade(empty, MIGRATIONS)
    (held,) = await ask(empty, "SELECT issuer, caller_org_id, subject FROM texting.idempotency_keys")
    assert tuple(held) == Principal(subject="ada", name=None, org_id=org_id, grants=()).identity


@pytest.mark.parametrize("unknown", ["9999", "nonsense"])
async def test_a_database_of_a_newer_program_is_refused_and_left_alone(empty: str, unknown: str) -> None:
    await upgrade(empty, MIGRATIONS)
    await run(empty, f"UPDATE public.alembic_version SET version_num = '{unknown}'")
    before = await ask(empty, _EVERYTHING)
    for look in (upgrade, revision):
        with pytest.raises(DatabaseTooNew, match=f"`{unknown}`"):
            await look(empty, MIGRATIONS)
    with pytest.raises(StartupError, match="run the newer program that made it, or restore a backup"):
        await start(empty)
    assert await ask(empty, _EVERYTHING) == before


@pytest.mark.parametrize(
    "leftover",
    [
        "CREATE SCHEMA texting",
        "CREATE SCHEMA audit",
        "CREATE SCHEMA anchor",
        "CREATE SCHEMA texting; CREATE TABLE texting.orgs (org_id uuid)",
    ],
)
async def test_a_half_migrated_database_is_told_so_and_left_as_it_was(empty: str, leftover: str) -> None:
    await run(empty, leftover)
    before = await ask(empty, _EVERYTHING)
    with pytest.raises(StartupError) as told:
        await start(empty)
    assert "is half migrated" in str(told.value)
    assert "restore a backup, or start with an empty database" in str(told.value)
    assert "\n" not in str(told.value)
    assert await ask(empty, _EVERYTHING) == before


async def test_a_database_that_forgot_its_revision_is_half_migrated_too(empty: str) -> None:
    await upgrade(empty, MIGRATIONS)
    await run(empty, "DROP TABLE public.alembic_version")
    with pytest.raises(StartupError, match="is half migrated"):
        await start(empty)


async def test_a_failure_on_the_way_leaves_nothing_behind(empty: str) -> None:
    before = await ask(empty, _EVERYTHING)
    await run(
        empty,
        "CREATE FUNCTION public.fail() RETURNS event_trigger LANGUAGE plpgsql AS "
        "$$ BEGIN IF TG_TAG = 'CREATE INDEX' THEN RAISE 'disk full'; END IF; END $$; "
        "CREATE EVENT TRIGGER failing ON ddl_command_start EXECUTE FUNCTION public.fail()",
    )
    with pytest.raises(StartupError, match=r"could not be migrated .*disk full.* and is as it was"):
        await start(empty)
    await run(empty, "DROP EVENT TRIGGER failing; DROP FUNCTION public.fail()")
    assert await ask(empty, _EVERYTHING) == before
    await start(empty)


async def test_a_login_without_the_rights_to_migrate_is_told_which_it_needs(
    empty: str, admin: asyncpg.Connection
) -> None:
    name = f"poor_{uuid4().hex}"
    await admin.execute(f"CREATE ROLE {name} LOGIN")
    try:
        with pytest.raises(StartupError, match=r"may not migrate .*give the user of TEXTING_DATABASE_URL the rights"):
            await start(empty.replace("postgres@", f"{name}@"))
    finally:
        await admin.execute(f"DROP ROLE {name}")
    assert (await revision(empty, MIGRATIONS)).current is None


def test_there_is_no_way_back() -> None:
    for known in ScriptDirectory(str(MIGRATIONS)).walk_revisions():
        with pytest.raises(RuntimeError, match="there is no way back"):
            known.module.downgrade()


def _until(known: int, folder: Path) -> Path:
    """The migrations of an older program: the first so many."""
    made = folder / str(known)
    (made / "versions").mkdir(parents=True)
    (made / "env.py").write_text((MIGRATIONS / "env.py").read_text())
    (made / "sql").symlink_to(MIGRATIONS / "sql")
    for path in sorted((MIGRATIONS / "versions").glob("*.py"))[:known]:
        (made / "versions" / path.name).write_text(path.read_text())
    return made


async def test_a_log_of_an_older_form_is_refused_and_left_as_it_is(empty: str) -> None:
    await start(empty)
    await run(
        empty,
        "SET texting.changing_audit = 'on'; ALTER TABLE audit.record RENAME COLUMN checksum TO leaf_hash; "
        "UPDATE public.alembic_version SET version_num = '0011'",
    )
    before = await ask(empty, _EVERYTHING)
    with pytest.raises(StartupError, match=r"audit log has the form of before .* or start with an empty database"):
        await start(empty)
    assert await ask(empty, _EVERYTHING) == before
    assert (await revision(empty, MIGRATIONS)).current == "0011"


async def test_the_planner_takes_all_organizations_of_the_log_alike(admin_dsn: str) -> None:
    rows = await ask(
        admin_dsn,
        "SELECT relname FROM pg_attribute JOIN pg_class c ON c.oid = attrelid WHERE attname = 'org_id' "
        "AND relnamespace = 'audit'::regnamespace AND relkind IN ('r', 'p') AND attstattarget = 0",
    )
    found = {row["relname"] for row in rows}
    assert {"record", "record_default", "involvement", "involvement_default"} < found
    assert len(found) >= 2 * 5
