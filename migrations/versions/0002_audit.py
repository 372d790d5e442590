"""The audit log: records, what their digests stand for, the tree over them, and what refuses every other change."""

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

OWN = "org_id = texting.tenant()"

# Who reads which table: the API and the auditor in the organization they have entered, the sealer in every one.
READ_BY_TENANTS = (
    "record",
    "involvement",
    "pending",
    "leaf",
    "tile",
    "tree_head",
    "checkpoint",
)
READ_BY_WORKER = ("record", "involvement", "pending", "leaf", "tile", "tree_head", "checkpoint")
# What the sealer writes; records themselves come in through audit.append alone, for the worker too.
WORKER_WRITES = {
    "pending": "DELETE",
    "leaf": "INSERT",
    "tile": "INSERT, UPDATE",
    "tree_head": "INSERT, UPDATE",
    "checkpoint": "INSERT",
}
# What the security-definer functions do, as the owner, who is under row security too.
OWNER_DOES = {
    "record": "SELECT, INSERT, UPDATE",
    "involvement": "INSERT",
    "pending": "SELECT, INSERT",
}
ROW_TRIGGERS = {
    "record": ("refuse_unless_erasing", "UPDATE OR DELETE"),
    "involvement": ("refuse", "UPDATE OR DELETE"),
    "pending": ("refuse", "UPDATE"),
    "leaf": ("refuse", "UPDATE OR DELETE"),
    "tile": ("refuse_rewriting", "UPDATE OR DELETE"),
    "tree_head": ("refuse_rewriting", "UPDATE OR DELETE"),
    "checkpoint": ("refuse", "UPDATE OR DELETE"),
}
FUNCTIONS_FOR = {
    "audit.append": "texting_app, texting_worker",
    "audit.append_many": "texting_app, texting_worker",
    "audit.erase": "texting_app",
    "audit.subject_of": "texting_app, texting_worker, texting_auditor",
    "audit.digests_of": "texting_app, texting_worker, texting_auditor",
    "audit.ensure_partitions": "texting_worker",
    "audit.strays": "texting_worker",
}


def upgrade() -> None:
    """Create the schema, its tables and functions, the guards and the first partitions."""
    op.execute("CREATE SCHEMA audit AUTHORIZATION texting_owner")
    op.execute("SET LOCAL ROLE texting_owner")
    # Functions are executable by everybody unless this is said first; tables are nobody's.
    op.execute("ALTER DEFAULT PRIVILEGES FOR ROLE texting_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC")
    op.execute("GRANT USAGE ON SCHEMA audit TO texting_app, texting_worker, texting_auditor")
    for script in ("0002_audit_tables.sql", "0002_audit_functions.sql"):
        _run(script)
    for table in ROW_TRIGGERS:
        _guard(table)
        _let_in(table)
    for function, roles in FUNCTIONS_FOR.items():
        op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO {roles}")
    for parent in ("record", "involvement"):
        op.execute(f"SELECT audit.guard_partition('{parent}_default')")
    op.execute("CREATE POLICY owner_counts ON audit.record_default FOR SELECT TO texting_owner USING (true)")
    op.execute("SELECT audit.ensure_partitions(3)")
    op.execute("RESET ROLE")
    _guard_definitions()


def downgrade() -> None:
    """Refuse: evidence is never migrated away."""
    raise RuntimeError("there is no way back from this revision; restore a backup instead")


def _run(script: str) -> None:
    text = (Path(__file__).parents[1] / "sql" / script).read_text()
    for statement in text.split("\n\n")[1:]:
        op.execute(statement)


def _guard(table: str) -> None:
    function, events = ROW_TRIGGERS[table]
    op.execute(
        f"CREATE TRIGGER refuse_change BEFORE {events} ON audit.{table} "
        f"FOR EACH ROW EXECUTE FUNCTION audit.{function}()"
    )
    op.execute(
        f"CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON audit.{table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse()"
    )
    # ALWAYS: session_replication_role = replica does not skip them.
    op.execute(f"ALTER TABLE audit.{table} ENABLE ALWAYS TRIGGER refuse_change")
    op.execute(f"ALTER TABLE audit.{table} ENABLE ALWAYS TRIGGER refuse_truncate")
    op.execute(f"ALTER TABLE audit.{table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE audit.{table} FORCE ROW LEVEL SECURITY")


def _let_in(table: str) -> None:
    if table in READ_BY_TENANTS:
        op.execute(f"GRANT SELECT ON audit.{table} TO texting_app, texting_auditor")
        op.execute(f"CREATE POLICY own ON audit.{table} FOR SELECT TO texting_app, texting_auditor USING ({OWN})")
    if table in READ_BY_WORKER:
        op.execute(f"GRANT SELECT ON audit.{table} TO texting_worker")
        op.execute(f"CREATE POLICY sealer_reads ON audit.{table} FOR SELECT TO texting_worker USING (true)")
    if may := WORKER_WRITES.get(table):
        op.execute(f"GRANT {may} ON audit.{table} TO texting_worker")
        for command in may.split(", "):
            condition = "WITH CHECK (true)" if command == "INSERT" else "USING (true)"
            op.execute(
                f"CREATE POLICY sealer_{command.lower()} ON audit.{table} FOR {command} TO texting_worker {condition}"
            )
    for command in filter(None, OWNER_DOES.get(table, "").split(", ")):
        # What a function inserts it has compared with the tenant itself, once for all its rows.
        condition = "WITH CHECK (true)" if command == "INSERT" else f"USING ({OWN})"
        op.execute(f"CREATE POLICY owner_{command.lower()} ON audit.{table} FOR {command} TO texting_owner {condition}")


def _guard_definitions() -> None:
    """Refuse to drop or alter what the log is made of; only a superuser can set this up."""
    op.execute(
        # Outside the guarded schema: DROP SCHEMA audit CASCADE would take a guard inside it along.
        "CREATE FUNCTION texting.refuse_audit_ddl() RETURNS event_trigger "
        "LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$ "
        "DECLARE touched text; BEGIN "
        "IF current_setting('texting.changing_audit', true) = 'on' THEN RETURN; END IF; "
        "IF TG_EVENT = 'sql_drop' THEN "
        "SELECT object_identity INTO touched FROM pg_event_trigger_dropped_objects() "
        "WHERE schema_name = 'audit' OR object_identity = 'audit' OR object_identity ~ ' on audit[.]' LIMIT 1; "
        "ELSE SELECT object_identity INTO touched FROM pg_event_trigger_ddl_commands() "
        "WHERE object_type <> 'index' AND (schema_name = 'audit' OR object_identity ~ ' on audit[.]') LIMIT 1; END IF; "
        "IF touched IS NOT NULL THEN "
        "RAISE EXCEPTION '% of `%` refused: the audit log is not redefined', TG_TAG, touched "
        "USING ERRCODE = 'insufficient_privilege', HINT = 'a migration sets texting.changing_audit'; END IF; END $$"
    )
    op.execute(
        "DO $$ BEGIN "
        "IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN "
        "RAISE NOTICE 'no event trigger on the audit log: only a superuser can make one'; RETURN; END IF; "
        "CREATE EVENT TRIGGER texting_guards_audit_drop ON sql_drop EXECUTE FUNCTION texting.refuse_audit_ddl(); "
        "CREATE EVENT TRIGGER texting_guards_audit_change ON ddl_command_end "
        "WHEN TAG IN ('ALTER TABLE', 'ALTER FUNCTION', 'ALTER POLICY', 'ALTER TRIGGER', 'ALTER SCHEMA', "
        "'CREATE FUNCTION', 'CREATE POLICY', 'CREATE RULE', 'CREATE TRIGGER') "
        "EXECUTE FUNCTION texting.refuse_audit_ddl(); "
        "END $$"
    )
