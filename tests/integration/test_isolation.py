"""Whatever SQL the API's role runs inside one organization, or in none, it meets no row of another one.

The tables are those that the catalogue has, so that a new one is covered the day it is made.
"""

from uuid import UUID, uuid4

import asyncpg
import pytest

from core.commands.transaction import Store
from core.ids import SYSTEM_ORG_ID, uuid7
from tests.integration.tenants import Table, filled, insertion, inside, is_read, rows_of, tables_of, touched, tried

DENIED = asyncpg.InsufficientPrivilegeError
SHARED = {"texting.policies": {SYSTEM_ORG_ID}}
"""What may be read beside one's own: the system organization's policies hold for everybody."""
DIRECTORY = {"texting.orgs"}
"""What the provider reads of every organization, from inside its own."""


@pytest.fixture
async def tables(admin: asyncpg.Connection) -> list[Table]:
    return await tables_of(admin)


@pytest.fixture
async def pair(store: Store, admin: asyncpg.Connection, worker_pool: asyncpg.Pool) -> tuple[UUID, UUID]:
    """Two organizations with a row of each in every table."""
    return await filled(store, admin, worker_pool), await filled(store, admin, worker_pool)


async def test_the_test_has_something_to_find_in_every_table(
    admin: asyncpg.Connection, pair: tuple[UUID, UUID], tables: list[Table]
) -> None:
    for org_id in pair:
        found = await rows_of(admin, tables, org_id)
        assert [name for name, rows in found.items() if not rows] == []
    assert len(tables) > 25


async def test_inside_one_organization_no_row_of_another_is_read(
    pool: asyncpg.Pool, pair: tuple[UUID, UUID], tables: list[Table]
) -> None:
    own, other = pair
    async with inside(pool, own) as connection:
        for table in tables:
            found = await tried(connection, f"SELECT DISTINCT org_id FROM {table.name}")
            if isinstance(found, DENIED):
                continue
            assert not isinstance(found, Exception), (table, found)
            assert {row[0] for row in found} <= {own} | SHARED.get(table.name, set()), table
            assert not isinstance(await tried(connection, f"SELECT * FROM {table.name} LIMIT 1"), Exception)
            assert await tried(connection, f"SELECT * FROM {table.name} WHERE org_id = $1", other) == [], table


async def test_what_is_one_s_own_is_read(pool: asyncpg.Pool, pair: tuple[UUID, UUID], tables: list[Table]) -> None:
    """Row security that let nothing through would pass every other test here."""
    own, _ = pair
    async with inside(pool, own) as connection:
        unread = [
            table.name
            for table in tables
            if not table.is_partition
            and not is_read(await tried(connection, f"SELECT 1 FROM {table.name} WHERE org_id = $1", own))
        ]
    assert unread == ["texting.sandbox_events"]


async def test_no_row_of_another_is_changed_or_removed(
    pool: asyncpg.Pool, admin: asyncpg.Connection, pair: tuple[UUID, UUID], tables: list[Table]
) -> None:
    own, other = pair
    before = await rows_of(admin, tables, other)
    async with pool.acquire() as connection:
        for table in tables:
            for sql in (
                f"UPDATE {table.name} SET {table.writable[-1]} = {table.writable[-1]} WHERE org_id = $1",
                f"UPDATE {table.name} SET org_id = '{own}' WHERE org_id = $1",
                f"DELETE FROM {table.name} WHERE org_id = $1",
            ):
                # Committed, not rolled back: what was written would be seen below.
                try:
                    async with connection.transaction():
                        await connection.execute(f"SET LOCAL texting.org_id = '{own}'")
                        tag = await connection.execute(sql, other)
                except DENIED:
                    continue
                assert tag in {"UPDATE 0", "DELETE 0"}, (sql, tag)
    assert await rows_of(admin, tables, other) == before


async def test_a_change_without_a_condition_meets_one_s_own_rows_alone(
    pool: asyncpg.Pool, pair: tuple[UUID, UUID], tables: list[Table]
) -> None:
    own, _ = pair
    async with inside(pool, own) as connection:
        for table in tables:
            mine = await tried(connection, f"SELECT 1 FROM {table.name} WHERE org_id = $1", own)
            for sql in (f"UPDATE {table.name} SET org_id = '{own}'", f"DELETE FROM {table.name}"):
                met = await touched(connection, sql)
                assert isinstance(met, DENIED) or met == len(mine), (sql, met)


async def test_no_row_is_handed_over_or_written_into_another(
    pool: asyncpg.Pool, admin: asyncpg.Connection, pair: tuple[UUID, UUID], tables: list[Table]
) -> None:
    own, other = pair
    async with inside(pool, own) as connection:
        for table in tables:
            handed = await tried(connection, f"UPDATE {table.name} SET org_id = $2 WHERE org_id = $1", own, other)
            assert isinstance(handed, DENIED), (table, handed)
            written = await tried(connection, *await insertion(admin, table, other))
            assert isinstance(written, DENIED), (table, written)


async def test_what_is_one_s_own_is_written(
    pool: asyncpg.Pool, admin: asyncpg.Connection, pair: tuple[UUID, UUID], tables: list[Table]
) -> None:
    """The same INSERT that is denied for another organization is not denied for one's own."""
    own, _ = pair
    async with inside(pool, own) as connection:
        denied = [
            table.name
            for table in tables
            if not table.is_partition
            and isinstance(await tried(connection, *await insertion(admin, table, own)), DENIED)
        ]
    of_the_log = [table.name for table in tables if table.name.startswith("audit.") and not table.is_partition]
    assert denied == [*of_the_log, "texting.sandbox_events"]


@pytest.mark.parametrize("entered", [None, UUID(int=0)])
async def test_in_no_organization_there_is_nothing_to_read_or_write(
    pool: asyncpg.Pool,
    admin: asyncpg.Connection,
    pair: tuple[UUID, UUID],
    tables: list[Table],
    entered: UUID | None,
) -> None:
    _, other = pair
    async with inside(pool, entered) as connection:
        for table in tables:
            found = await tried(connection, f"SELECT DISTINCT org_id FROM {table.name}")
            if not isinstance(found, DENIED):
                assert {row[0] for row in found} <= SHARED.get(table.name, set()), table
            for sql in (f"UPDATE {table.name} SET org_id = '{other}'", f"DELETE FROM {table.name}"):
                met = await touched(connection, sql)
                assert isinstance(met, DENIED) or met == 0, (sql, met)
            written = await tried(connection, *await insertion(admin, table, other))
            assert isinstance(written, DENIED), (table, written)


async def test_a_reused_connection_has_left_the_organization(pool: asyncpg.Pool, pair: tuple[UUID, UUID]) -> None:
    async with pool.acquire() as connection:
        for _ in range(3):
            async with connection.transaction():
                await connection.execute(f"SET LOCAL texting.org_id = '{pair[0]}'")
                assert await connection.fetchval("SELECT count(*) FROM texting.users") == 1
            assert await connection.fetchval("SELECT count(*) FROM texting.users") == 0


async def test_an_organization_that_is_no_id_is_an_error_and_not_everybody(pool: asyncpg.Pool) -> None:
    async with inside(pool, None) as connection:
        await connection.execute("SET LOCAL texting.org_id = '*'")
        with pytest.raises(asyncpg.InvalidTextRepresentationError):
            await connection.fetch("SELECT * FROM texting.users")


async def test_the_provider_sees_the_directory_of_organizations_and_nothing_in_them(
    pool: asyncpg.Pool, pair: tuple[UUID, UUID], tables: list[Table]
) -> None:
    _, other = pair
    async with inside(pool, SYSTEM_ORG_ID) as connection:
        for table in tables:
            found = await tried(connection, f"SELECT 1 FROM {table.name} WHERE org_id = $1", other)
            if not isinstance(found, DENIED):
                assert bool(found) is (table.name in DIRECTORY), table
            for sql in (f"UPDATE {table.name} SET org_id = org_id", f"DELETE FROM {table.name}"):
                changed = await tried(connection, f"{sql} WHERE org_id = $1 RETURNING 1", other)
                assert isinstance(changed, DENIED) or changed == [], (sql, changed)


async def test_the_directory_of_numbers_tells_nobody_whose_a_number_is(
    pool: asyncpg.Pool, admin: asyncpg.Connection, pair: tuple[UUID, UUID]
) -> None:
    own, other = pair
    number = await admin.fetchval("SELECT phone_number FROM texting.number_directory WHERE org_id = $1", other)
    claim = "INSERT INTO texting.number_directory (phone_number, org_id, number_id) VALUES ($1, $2, $3)"
    async with inside(pool, own) as connection:
        assert await tried(connection, "SELECT * FROM texting.number_directory WHERE phone_number = $1", number) == []
        assert isinstance(await tried(connection, claim, number, own, uuid7()), asyncpg.UniqueViolationError)
        skipped = await tried(connection, f"{claim} ON CONFLICT DO NOTHING RETURNING org_id", number, own, uuid7())
        assert skipped == []
        for taken in (
            f"{claim} ON CONFLICT (phone_number) DO UPDATE SET org_id = excluded.org_id RETURNING org_id",
            f"{claim} ON CONFLICT (phone_number) DO UPDATE SET number_id = number_directory.number_id RETURNING org_id",
        ):
            assert isinstance(await tried(connection, taken, number, own, uuid7()), DENIED)
        assert isinstance(await tried(connection, claim, "+14155550000", other, uuid7()), DENIED)
    kept = await admin.fetch("SELECT org_id FROM texting.number_directory WHERE phone_number = $1", number)
    assert [row["org_id"] for row in kept] == [other]


async def test_partitions_are_nobody_s_but_through_their_table(pool: asyncpg.Pool, tables: list[Table]) -> None:
    partitions = [table for table in tables if table.is_partition]
    assert len(partitions) >= 4
    async with inside(pool, uuid4()) as connection:
        for table in partitions:
            for sql in ("SELECT 1 FROM {}", "DELETE FROM {}", "TRUNCATE {}"):
                assert isinstance(await tried(connection, sql.format(table.name)), DENIED), (sql, table)


async def test_every_row_of_ours_belongs_to_an_organization(tables: list[Table]) -> None:
    assert [table.name for table in tables if "org_id" not in table.writable] == []


async def test_nothing_runs_with_more_rights_than_the_caller_s_but_what_is_known_to(
    admin: asyncpg.Connection,
) -> None:
    """A function of the owner's, a view, or a role that bypasses row security would be a way round it."""
    definers = await admin.fetch(
        "SELECT n.nspname || '.' || p.proname AS name FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace "
        "WHERE n.nspname IN ('texting', 'audit', 'anchor', 'public') AND p.prosecdef "
        "AND has_function_privilege('texting_app', p.oid, 'EXECUTE') ORDER BY 1"
    )
    assert [row["name"] for row in definers] == ["audit.append", "audit.append_many", "audit.erase"]
    views = await admin.fetch(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname IN ('texting', 'audit', 'anchor', 'public') AND c.relkind IN ('v', 'm', 'f')"
    )
    assert views == []
    mighty = await admin.fetch(
        "SELECT rolname FROM pg_roles WHERE rolname ~ '^texting' AND (rolsuper OR rolbypassrls OR rolcreaterole)"
    )
    assert mighty == []


async def test_the_auditor_reads_one_organization_s_log_and_writes_nothing(
    admin_dsn: str, pair: tuple[UUID, UUID], tables: list[Table], admin: asyncpg.Connection
) -> None:
    own, other = pair
    connection = await asyncpg.connect(admin_dsn, server_settings={"role": "texting_auditor"})
    try:
        async with connection.transaction():
            await connection.execute(f"SET LOCAL texting.org_id = '{own}'")
            for table in tables:
                found = await tried(connection, f"SELECT DISTINCT org_id FROM {table.name}")
                if not isinstance(found, DENIED):
                    assert table.name.startswith("audit.")
                    assert {row[0] for row in found} == {own}, table
                for asked in (
                    (f"UPDATE {table.name} SET org_id = org_id",),
                    (f"DELETE FROM {table.name}",),
                    await insertion(admin, table, other),
                ):
                    assert isinstance(await tried(connection, *asked), DENIED), (table, asked)
    finally:
        await connection.close()
