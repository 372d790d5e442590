"""Nothing the application can do changes or removes a record."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import orjson
import pytest

from audit.actions import Action
from audit.ids import milliseconds
from audit.log import APPEND, APPEND_MANY, AuditLog
from audit.record import AuditKind
from tests.integration.audit.records import entered, record

DENIED = asyncpg.InsufficientPrivilegeError

TABLES = """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'audit' AND c.relkind IN ('r', 'p') ORDER BY 1
"""


async def _tables(connection: asyncpg.Connection) -> list[str]:
    return [row["relname"] for row in await connection.fetch(TABLES)]


async def _refused(connection: asyncpg.Connection, org_id: UUID, statement: str) -> None:
    with pytest.raises(DENIED):
        async with entered(connection, org_id):
            await connection.execute(statement)


@pytest.mark.parametrize("statement", ["INSERT INTO {} DEFAULT VALUES", "DELETE FROM {}", "TRUNCATE {}"])
async def test_the_application_may_not_write_any_audit_table(
    app: asyncpg.Connection, admin: asyncpg.Connection, org_id: UUID, statement: str
) -> None:
    for table in await _tables(admin):
        await _refused(app, org_id, statement.format(f"audit.{table}"))


async def test_the_application_may_not_update_any_audit_table(
    app: asyncpg.Connection, admin: asyncpg.Connection, org_id: UUID
) -> None:
    for table in await _tables(admin):
        await _refused(app, org_id, f"UPDATE audit.{table} SET org_id = org_id")


async def test_partitions_are_not_readable_past_their_parent(
    app: asyncpg.Connection, worker: asyncpg.Connection, admin: asyncpg.Connection, org_id: UUID
) -> None:
    partitions = [table for table in await _tables(admin) if "_20" in table or table.endswith("_default")]
    assert len(partitions) >= 12
    for table in partitions:
        await _refused(app, org_id, f"SELECT FROM audit.{table}")
        await _refused(worker, org_id, f"SELECT FROM audit.{table}")


async def test_default_privileges_do_not_open_a_new_partition(
    app: asyncpg.Connection, admin: asyncpg.Connection, org_id: UUID
) -> None:
    transaction = admin.transaction()
    await transaction.start()
    try:
        await admin.execute("ALTER DEFAULT PRIVILEGES FOR ROLE texting_owner GRANT ALL ON TABLES TO texting_app")
        assert await admin.fetchval("SELECT audit.ensure_partitions(12)") > 0
        child = await admin.fetchval(
            "SELECT relname FROM pg_class WHERE relname LIKE 'record_20%' AND relkind = 'r' ORDER BY 1 DESC LIMIT 1"
        )
        assert not await admin.fetchval("SELECT has_table_privilege('texting_app', $1, 'SELECT')", f"audit.{child}")
        assert await admin.fetchval("SELECT relforcerowsecurity FROM pg_class WHERE relname = $1", child)
        with pytest.raises(DENIED, match="only grows"):
            await admin.execute(f"TRUNCATE audit.{child}")
    finally:
        await transaction.rollback()


async def test_every_table_forces_row_security(admin: asyncpg.Connection) -> None:
    weak = await admin.fetch(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = 'audit' AND c.relkind IN ('r', 'p') AND NOT (c.relrowsecurity AND c.relforcerowsecurity)"
    )
    assert weak == []


async def test_append_works_and_queues_the_leaf(app: asyncpg.Connection, log: AuditLog, org_id: UUID) -> None:
    async with entered(app, org_id):
        id = await log.append(app, record(org_id))
    async with entered(app, org_id):
        row = await app.fetchrow("SELECT * FROM audit.record WHERE id = $1", id)
        pending = await app.fetchrow("SELECT * FROM audit.pending WHERE record_id = $1", id)
    assert row is not None
    assert pending is not None


SHADOWS = """
CREATE SCHEMA hostile;
CREATE FUNCTION hostile.shadow() RETURNS void LANGUAGE plpgsql AS
  $$ BEGIN RAISE EXCEPTION 'something of the caller was run inside audit.append'; END $$;
DO $$
DECLARE
  each record;
  found text;
BEGIN
  -- Every function and operator that the function names, for every type that PostgreSQL has it for.
  FOR each IN SELECT p.proname, p.prorettype, p.proretset,
      (SELECT string_agg(format_type(type, NULL), ', ' ORDER BY place)
       FROM unnest(p.proargtypes) WITH ORDINALITY AS given (type, place)) AS args
    FROM pg_proc p WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.prokind = 'f' AND p.provariadic = 0
      AND p.proname IN ('date_bin', 'clock_timestamp', 'date_part', 'octet_length', 'unnest')
      AND NOT ('internal'::regtype = ANY (p.proargtypes)) LOOP
    EXECUTE format('CREATE FUNCTION hostile.%I(%s) RETURNS %s %s LANGUAGE plpgsql AS '
      '$f$ BEGIN PERFORM hostile.shadow(); END $f$', each.proname, coalesce(each.args, ''),
      CASE WHEN each.proretset THEN 'SETOF' ELSE '' END, format_type(each.prorettype, NULL));
  END LOOP;
  FOR each IN SELECT o.oid, o.oprname, format_type(o.oprleft, NULL) AS l, format_type(o.oprright, NULL) AS r,
      format_type(o.oprresult, NULL) AS result
    FROM pg_operator o WHERE o.oprnamespace = 'pg_catalog'::regnamespace AND o.oprkind = 'b'
      AND o.oprname IN ('||', '*', '=', '<=') LOOP
    EXECUTE format('CREATE FUNCTION hostile.%I(%s, %s) RETURNS %s LANGUAGE plpgsql AS '
      '$f$ BEGIN PERFORM hostile.shadow(); END $f$', 'operator_' || each.oid, each.l, each.r, each.result);
    EXECUTE format('CREATE OPERATOR hostile.%s (LEFTARG = %s, RIGHTARG = %s, FUNCTION = hostile.%I)',
      each.oprname, each.l, each.r, 'operator_' || each.oid);
  END LOOP;
  FOREACH found IN ARRAY ARRAY['record', 'pending', 'involvement'] LOOP
    EXECUTE format('CREATE TABLE hostile.%I (LIKE audit.%I)', found, found);
  END LOOP;
  FOREACH found IN ARRAY ARRAY['bytea', 'timestamptz', 'text', 'int8', 'bigint', 'uuid'] LOOP
    EXECUTE format('CREATE DOMAIN hostile.%I AS integer CHECK (VALUE < 0)', found);
  END LOOP;
END $$;
GRANT USAGE ON SCHEMA hostile TO PUBLIC;
GRANT ALL ON ALL TABLES IN SCHEMA hostile TO PUBLIC;
"""
"""A schema in which whatever `audit.append` names exists too, and raises when it is used."""


@pytest.mark.parametrize("path", ["pg_catalog", "hostile, pg_catalog", "hostile, pg_catalog, audit, texting, pg_temp"])
async def test_no_search_path_changes_what_append_does(
    app: asyncpg.Connection, admin: asyncpg.Connection, log: AuditLog, org_id: UUID, path: str
) -> None:
    await admin.execute(SHADOWS)
    try:
        # What the driver asks about these types, it asks unqualified: before.
        await app.fetch("SELECT $1::uuid[], $2::bytea[]", [], [])
        await app.execute(f"SET search_path = {path}")
        with pytest.raises(asyncpg.RaiseError, match="something of the caller") if "hostile" in path else nullcontext():
            await app.fetchval("SELECT octet_length('a'::pg_catalog.bytea)")
        async with entered(app, org_id):
            made = await log.append(app, record(org_id))
        with pytest.raises(DENIED, match="the transaction has entered"):
            async with entered(app, org_id):
                await log.append(app, record(uuid4()))
        row = await admin.fetchrow("SELECT * FROM audit.record WHERE org_id = $1 AND id = $2", org_id, made)
        assert row is not None
        assert orjson.loads(row["entry"])["metadata"]["logged_time"] == milliseconds(row["logged_at"])
        for table in ("pending", "involvement"):
            assert await admin.fetchval(f"SELECT count(*) FROM audit.{table} WHERE record_id = $1", made)
        assert not any([await admin.fetchval(f"SELECT count(*) FROM hostile.{t}") for t in ("record", "pending")])
    finally:
        await app.execute("RESET search_path")
        await admin.execute("DROP SCHEMA hostile CASCADE")


async def test_a_rollback_takes_the_record_along(app: asyncpg.Connection, log: AuditLog, org_id: UUID) -> None:
    transaction = app.transaction()
    await transaction.start()
    await app.execute(f"SET LOCAL texting.org_id = '{org_id}'")
    await log.append(app, record(org_id))
    await transaction.rollback()
    async with entered(app, org_id):
        assert await app.fetchval("SELECT count(*) FROM audit.record") == 0


async def test_append_for_another_organization_is_refused(app: asyncpg.Connection, log: AuditLog, org_id: UUID) -> None:
    with pytest.raises(DENIED, match="refused"):
        async with entered(app, org_id):
            await log.append(app, record(uuid4()))


async def test_append_without_a_tenant_is_refused(app: asyncpg.Connection, log: AuditLog, org_id: UUID) -> None:
    with pytest.raises(DENIED, match="refused"):
        async with app.transaction():
            await log.append(app, record(org_id))


async def test_other_organizations_are_invisible(app: asyncpg.Connection, log: AuditLog, org_id: UUID) -> None:
    async with entered(app, org_id):
        await log.append(app, record(org_id))
    readable = (
        "record",
        "involvement",
        "pending",
        "leaf",
        "tile",
        "tree_head",
        "checkpoint",
    )
    async with entered(app, uuid4()):
        for table in readable:
            assert await app.fetchval(f"SELECT count(*) FROM audit.{table}") == 0
    async with app.transaction():
        for table in readable:
            assert await app.fetchval(f"SELECT count(*) FROM audit.{table}") == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit.record SET actor = 'somebody else' WHERE org_id = $1",
        "DELETE FROM audit.record WHERE org_id = $1",
        "DELETE FROM audit.involvement WHERE org_id = $1",
        "UPDATE audit.pending SET record_id = org_id WHERE org_id = $1",
        "UPDATE audit.record SET disclosures = NULL WHERE org_id = $1",
    ],
)
async def test_triggers_refuse_even_a_superuser_who_disables_replication_triggers(
    app: asyncpg.Connection, admin: asyncpg.Connection, log: AuditLog, org_id: UUID, statement: str
) -> None:
    async with entered(app, org_id):
        await log.append(app, record(org_id))
    for role in ("origin", "replica"):
        await admin.execute(f"SET session_replication_role = {role}")
        with pytest.raises(DENIED, match="refused"):
            await admin.execute(statement, org_id)


async def test_no_table_can_be_truncated_even_by_a_superuser(admin: asyncpg.Connection) -> None:
    for table in await _tables(admin):
        with pytest.raises(DENIED, match="refused"):
            await admin.execute(f"TRUNCATE audit.{table} CASCADE")


@pytest.mark.parametrize(
    "statement",
    [
        "DROP SCHEMA audit CASCADE",
        "DROP TABLE audit.record CASCADE",
        "DROP TABLE audit.involvement_default",
        "DROP FUNCTION audit.append",
        "DROP TRIGGER refuse_change ON audit.record",
        "ALTER TABLE audit.record DISABLE TRIGGER refuse_change",
        "ALTER TABLE audit.record NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE audit.leaf DROP CONSTRAINT leaf_index_counts",
        "CREATE RULE silent AS ON UPDATE TO audit.leaf DO INSTEAD NOTHING",
        "CREATE OR REPLACE FUNCTION audit.refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
    ],
)
async def test_the_event_trigger_refuses_to_redefine_the_log(admin: asyncpg.Connection, statement: str) -> None:
    with pytest.raises(DENIED, match="not redefined"):
        await admin.execute(statement)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"kind": "GOSSIP"}, "kind `GOSSIP`"),
        ({"outcome": "MAYBE"}, "outcome `MAYBE`"),
        ({"tail": b"x" * 65_535}, "65549 bytes"),
        ({"kind": None}, "kind `<NULL>`"),
    ],
)
async def test_what_is_no_record_is_refused_alone_and_among_others(
    app: asyncpg.Connection, org_id: UUID, changed: dict[str, Any], said: str
) -> None:
    given = {"kind": "CHANGE", "outcome": "ALLOWED", "tail": b"}"} | changed
    row = (org_id, b"{", given["tail"], 1, datetime.now(UTC), "org:create", given["kind"], given["outcome"], "x")
    row = (*row, "Org", org_id, None, None, None, None)
    for statement, arguments, told in (
        (APPEND, [*row, [], None], said),
        (APPEND_MANY, [*([each] for each in row), *[[]] * 4], "append refused"),
    ):
        async with entered(app, org_id):
            savepoint = app.transaction()
            await savepoint.start()
            with pytest.raises(asyncpg.CheckViolationError, match=told):
                await app.execute(statement, org_id, *arguments)
            await savepoint.rollback()


async def test_only_the_worker_makes_partitions(
    app: asyncpg.Connection, worker: asyncpg.Connection, admin: asyncpg.Connection
) -> None:
    with pytest.raises(DENIED):
        await app.execute("SELECT audit.ensure_partitions(1)")
    assert await worker.fetchval("SELECT audit.ensure_partitions(3)") == 0
    # Other tests may have written of times without a month.
    strays = await admin.fetchval("SELECT count(*) FROM audit.record_default")
    assert await worker.fetchval("SELECT audit.strays()") == strays


async def test_erasure_needs_a_record_that_names_it(app: asyncpg.Connection, log: AuditLog, org_id: UUID) -> None:
    async with entered(app, org_id):
        id = await log.append(app, record(org_id))
    with pytest.raises(DENIED, match="not an erasure record"):
        async with entered(app, org_id):
            await app.execute("SELECT audit.erase($1, $1, $3, $2)", org_id, id, [id])


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit.record SET actor = 'somebody else'",
        "UPDATE audit.record SET actor = 'somebody else', disclosures = NULL",
        "UPDATE audit.record SET disclosures = disclosures || 'more'::bytea",
        "UPDATE audit.record SET disclosures = '{other}'",
    ],
)
async def test_the_owner_itself_can_only_take_values_away(
    app: asyncpg.Connection, admin: asyncpg.Connection, log: AuditLog, org_id: UUID, statement: str
) -> None:
    async with entered(app, org_id):
        await log.append(app, record(org_id))
    transaction = admin.transaction()
    await transaction.start()
    try:
        await admin.execute(f"SET LOCAL texting.org_id = '{org_id}'; SET LOCAL ROLE texting_owner")
        assert await admin.execute("UPDATE audit.record SET disclosures = disclosures[2:]") == "UPDATE 1"
        savepoint = admin.transaction()
        await savepoint.start()
        with pytest.raises(DENIED):
            await admin.execute(statement)
        await savepoint.rollback()
    finally:
        await transaction.rollback()


async def test_erasing_takes_one_subject_s_values_and_leaves_the_others(
    app: asyncpg.Connection, log: AuditLog, org_id: UUID
) -> None:
    user_id = uuid4()
    left = "SELECT audit.subject_of(each) AS subject, octet_length(audit.digests_of(each)) / 32 AS count "
    left += "FROM audit.record, unnest(disclosures) AS each WHERE id = $1"
    async with entered(app, org_id):
        id = await log.append(app, record(org_id, user_id=user_id))
        stored = dict(await app.fetch(left, id))
        erasure = record(org_id, kind=AuditKind.ERASURE, action=Action.PERSONAL_DATA_ERASE, after={"digests": []})
        erased_in = await log.append(app, erasure)
        erase = "SELECT audit.erase($1, $2, $3, $4)"
        assert await app.fetchval(erase, org_id, user_id, [id], erased_in) == 2
        assert await app.fetchval(erase, org_id, user_id, [id], erased_in) == 0
        remaining = dict(await app.fetch(left, id))
        assert stored.pop(user_id) == 2
        assert remaining == stored
        [admin_id] = remaining
        assert await app.fetchval(erase, org_id, admin_id, [id], erased_in) == 1
        assert await app.fetchval("SELECT disclosures FROM audit.record WHERE id = $1", id) is None
