"""The anchor log: one tree over all organizations' checkpoints, so that there is one thing to witness.

Its rows belong to the provider. Whoever may read an organization's log may read the anchor's leaves about it, and the
tree and checkpoints, which hold hashes alone.
"""

from pathlib import Path

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

PUBLIC = "tile", "tree_head", "checkpoint", "cosignature"
"""What is only hashes and signatures: the whole world may have it."""

WORKER_WRITES = {
    "pending": "INSERT, DELETE",
    "leaf": "INSERT",
    "tile": "INSERT, UPDATE",
    "tree_head": "INSERT, UPDATE",
    "checkpoint": "INSERT",
    "cosignature": "INSERT",
}
ROW_TRIGGERS = {
    "pending": ("refuse", "UPDATE"),
    "leaf": ("refuse", "UPDATE OR DELETE"),
    "tile": ("refuse_rewriting", "UPDATE OR DELETE"),
    "tree_head": ("refuse_rewriting", "UPDATE OR DELETE"),
    "checkpoint": ("refuse", "UPDATE OR DELETE"),
    "cosignature": ("refuse", "UPDATE OR DELETE"),
}
READERS = "texting_app, texting_auditor"


def upgrade() -> None:
    """Create the schema, its tables, guards and policies."""
    script = (Path(__file__).parents[1] / "sql" / "0004_anchor.sql").read_text()
    schema, *tables = script.split("\n\n")[1:]
    op.execute(schema)
    op.execute("SET LOCAL ROLE texting_owner")
    op.execute("GRANT USAGE ON SCHEMA anchor TO texting_app, texting_worker, texting_auditor")
    for statement in tables:
        op.execute(statement)
    for table, (function, events) in ROW_TRIGGERS.items():
        _guard(table, function, events)
        _let_in(table)
    op.execute("RESET ROLE")
    _guard_definitions()


def downgrade() -> None:
    """Refuse: evidence is never migrated away."""
    raise RuntimeError("there is no way back from this revision; restore a backup instead")


def _guard(table: str, function: str, events: str) -> None:
    name = f"anchor.{table}"
    op.execute(
        f"CREATE TRIGGER refuse_change BEFORE {events} ON {name} FOR EACH ROW EXECUTE FUNCTION audit.{function}()"
    )
    op.execute(
        f"CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON {name} FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse()"
    )
    op.execute(f"ALTER TABLE {name} ENABLE ALWAYS TRIGGER refuse_change")
    op.execute(f"ALTER TABLE {name} ENABLE ALWAYS TRIGGER refuse_truncate")
    op.execute(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY")


def _let_in(table: str) -> None:
    name = f"anchor.{table}"
    op.execute(f"GRANT SELECT, {WORKER_WRITES[table]} ON {name} TO texting_worker")
    op.execute(f"CREATE POLICY sealer ON {name} TO texting_worker USING (true) WITH CHECK (true)")
    if table in PUBLIC:
        op.execute(f"GRANT SELECT ON {name} TO {READERS}")
        op.execute(f"CREATE POLICY everyone ON {name} FOR SELECT TO {READERS} USING (true)")
    if table == "leaf":
        op.execute(f"GRANT SELECT ON {name} TO {READERS}")
        op.execute(f"CREATE POLICY own ON {name} FOR SELECT TO {READERS} USING (log_id = texting.tenant())")


def _guard_definitions() -> None:
    """Extend what refuses to redefine the audit log to the anchor's schema."""
    op.execute(
        "CREATE OR REPLACE FUNCTION texting.refuse_audit_ddl() RETURNS event_trigger "
        "LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$ "
        "DECLARE touched text; BEGIN "
        "IF current_setting('texting.changing_audit', true) = 'on' THEN RETURN; END IF; "
        "IF TG_EVENT = 'sql_drop' THEN "
        "SELECT object_identity INTO touched FROM pg_event_trigger_dropped_objects() "
        "WHERE schema_name IN ('audit', 'anchor') OR object_identity IN ('audit', 'anchor') "
        "OR object_identity ~ ' on (audit|anchor)[.]' LIMIT 1; "
        "ELSE SELECT object_identity INTO touched FROM pg_event_trigger_ddl_commands() "
        "WHERE object_type <> 'index' AND (schema_name IN ('audit', 'anchor') "
        "OR object_identity ~ ' on (audit|anchor)[.]') LIMIT 1; END IF; "
        "IF touched IS NOT NULL THEN "
        "RAISE EXCEPTION '% of `%` refused: the audit log is not redefined', TG_TAG, touched "
        "USING ERRCODE = 'insufficient_privilege', HINT = 'a migration sets texting.changing_audit'; END IF; END $$"
    )
