"""Organizations, users, numbers, registration, texts, consent, delivery; row security and partitions."""

from pathlib import Path

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SYSTEM = "00000000-0000-7000-8000-000000000000"
OWN = "org_id = texting.tenant()"

# What the API may do with the rows of the organization it has entered. Ledgers and histories are only added to.
APP_MAY = {
    "orgs": "SELECT, INSERT, UPDATE",
    "locations": "SELECT, INSERT, UPDATE",
    "users": "SELECT, INSERT, UPDATE",
    "fact_versions": "SELECT, INSERT",
    "phone_numbers": "SELECT, INSERT, UPDATE",
    "number_directory": "SELECT, INSERT",
    "brands": "SELECT, INSERT, UPDATE",
    "campaigns": "SELECT, INSERT, UPDATE",
    "conversations": "SELECT, INSERT, UPDATE",
    "messages": "SELECT, INSERT, UPDATE",
    "message_events": "SELECT, INSERT",
    "consent_events": "SELECT, INSERT",
    "traffic_blocks": "SELECT, INSERT, UPDATE",
    "outbox": "SELECT, INSERT, UPDATE, DELETE",
    "sandbox_events": "",
    "idempotency_keys": "SELECT, INSERT, UPDATE, DELETE",
    "policies": "SELECT, INSERT",
    "tokens": "SELECT, INSERT, UPDATE",
}
# What the dispatcher may do, in every organization: it finds work across them and acts in one at a time.
WORKER_MAY = {
    "orgs": "SELECT",
    "locations": "SELECT",
    "users": "SELECT",
    "phone_numbers": "SELECT",
    "number_directory": "SELECT",
    "brands": "SELECT",
    "campaigns": "SELECT",
    "conversations": "SELECT, INSERT, UPDATE",
    "messages": "SELECT, INSERT, UPDATE",
    "message_events": "SELECT, INSERT",
    "consent_events": "SELECT, INSERT",
    "traffic_blocks": "SELECT",
    "outbox": "SELECT, INSERT, UPDATE, DELETE",
    "sandbox_events": "SELECT, INSERT, UPDATE, DELETE",
    "idempotency_keys": "SELECT, DELETE",
    "policies": "SELECT",
    "tokens": "SELECT",
}
# Reads wider than the organization entered, each with its reason.
WIDER_READS = {
    # The provider's directory of customers: seen only from inside the provider's own organization.
    "orgs": f"{OWN} OR texting.tenant() = '{SYSTEM}'",
    # The system organization's policies hold for everybody.
    "policies": f"{OWN} OR org_id = '{SYSTEM}'",
}


def upgrade() -> None:
    """Create the tables, their guards and the first partitions."""
    op.execute("SET LOCAL ROLE texting_owner")
    script = (Path(__file__).parents[1] / "sql" / "0003_texting.sql").read_text()
    for statement in script.split(";\n"):
        if statement.strip():
            op.execute(statement)
    for table in APP_MAY:
        _guard(table)
    _partitions()
    op.execute("SET LOCAL ROLE texting_app")
    op.execute(f"SET LOCAL texting.org_id = '{SYSTEM}'")
    op.execute(
        "INSERT INTO texting.orgs (org_id, name, customer_type, signature, created_at, last_audit_id) "
        f"VALUES ('{SYSTEM}', 'Provider', 'UNKNOWN', '', now(), '{SYSTEM}')"
    )
    op.execute("RESET ROLE")


def _guard(table: str) -> None:
    name = f"texting.{table}"
    op.execute(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY")
    if APP_MAY[table]:
        op.execute(f"GRANT {APP_MAY[table]} ON {name} TO texting_app")
        op.execute(
            f"CREATE POLICY {table}_app_reads ON {name} FOR SELECT TO texting_app USING ({WIDER_READS.get(table, OWN)})"
        )
        op.execute(f"CREATE POLICY {table}_app_adds ON {name} FOR INSERT TO texting_app WITH CHECK ({OWN})")
        op.execute(
            f"CREATE POLICY {table}_app_changes ON {name} FOR UPDATE TO texting_app USING ({OWN}) WITH CHECK ({OWN})"
        )
        op.execute(f"CREATE POLICY {table}_app_removes ON {name} FOR DELETE TO texting_app USING ({OWN})")
    if may := WORKER_MAY.get(table):
        op.execute(f"GRANT {may} ON {name} TO texting_worker")
        op.execute(f"CREATE POLICY {table}_worker ON {name} TO texting_worker USING (true) WITH CHECK (true)")


def _partitions() -> None:
    for table in ("messages", "message_events"):
        op.execute(f"CREATE TABLE texting.{table}_default PARTITION OF texting.{table} DEFAULT")
        op.execute(f"ALTER TABLE texting.{table}_default ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE texting.{table}_default FORCE ROW LEVEL SECURITY")
    op.execute(
        # A uuidv7 begins with its time in milliseconds, so a month is a range of ids.
        "CREATE FUNCTION texting.month_floor(moment timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE "
        "RETURN (lpad(to_hex((extract(epoch FROM moment) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid"
    )
    op.execute(
        """
        CREATE FUNCTION texting.ensure_partitions(months_ahead integer) RETURNS integer
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, texting SET timezone = 'UTC' AS $$
        DECLARE
          made integer := 0;
          month timestamptz := date_trunc('month', now(), 'UTC');
          parent text;
          child text;
        BEGIN
          IF months_ahead NOT BETWEEN 0 AND 24 THEN
            RAISE EXCEPTION 'months ahead must be 0 to 24, not %', months_ahead;
          END IF;
          FOR i IN -1 .. months_ahead LOOP
            FOREACH parent IN ARRAY ARRAY['messages', 'message_events'] LOOP
              child := parent || '_' || to_char((month + make_interval(months => i)) AT TIME ZONE 'UTC', 'YYYY_MM');
              IF to_regclass('texting.' || child) IS NULL THEN
                EXECUTE format(
                  'CREATE TABLE texting.%I PARTITION OF texting.%I FOR VALUES FROM (%L) TO (%L)', child, parent,
                  texting.month_floor(month + make_interval(months => i)),
                  texting.month_floor(month + make_interval(months => i + 1)));
                EXECUTE format('ALTER TABLE texting.%I ENABLE ROW LEVEL SECURITY', child);
                EXECUTE format('ALTER TABLE texting.%I FORCE ROW LEVEL SECURITY', child);
                made := made + 1;
              END IF;
            END LOOP;
          END LOOP;
          RETURN made;
        END $$
        """
    )
    op.execute("REVOKE ALL ON FUNCTION texting.ensure_partitions FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION texting.ensure_partitions TO texting_worker")
    op.execute(
        # How many rows fell outside every month: anything but zero is an alarm.
        "CREATE FUNCTION texting.strays() RETURNS bigint LANGUAGE sql STABLE "
        "SET search_path = pg_catalog, texting "
        "RETURN (SELECT count(*) FROM texting.messages_default) + (SELECT count(*) FROM texting.message_events_default)"
    )
    op.execute("GRANT SELECT ON texting.messages_default, texting.message_events_default TO texting_worker")
    for table in ("messages", "message_events"):
        op.execute(f"CREATE POLICY {table}_default_worker ON texting.{table}_default TO texting_worker USING (true)")
    op.execute("REVOKE ALL ON FUNCTION texting.strays FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION texting.strays TO texting_worker")
    op.execute("SELECT texting.ensure_partitions(3)")


def downgrade() -> None:
    """Refuse: evidence is never migrated away."""
    raise RuntimeError("there is no way back from this revision; restore a backup instead")
