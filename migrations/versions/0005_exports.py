"""Exports that were asked for: the API adds them, a worker makes them and says what came of each."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

OWN = "org_id = texting.tenant()"

TABLE = """
CREATE TABLE texting.exports (
  org_id UUID NOT NULL,
  id UUID NOT NULL,
  kind TEXT NOT NULL,
  format TEXT NOT NULL,
  state TEXT DEFAULT 'QUEUED' NOT NULL,
  from_size BIGINT NOT NULL,
  at_size BIGINT NOT NULL,
  filter JSONB,
  subject TEXT NOT NULL,
  roles JSONB NOT NULL,
  progress DOUBLE PRECISION DEFAULT 0 NOT NULL,
  sha256 TEXT,
  size BIGINT,
  error TEXT,
  requested_at timestamptz NOT NULL,
  ready_at timestamptz,
  attempts INTEGER DEFAULT 0 NOT NULL,
  claimed_until timestamptz,
  last_audit_id UUID NOT NULL,
  PRIMARY KEY (org_id, id),
  CONSTRAINT kind_known CHECK (kind IN ('EVIDENCE')),
  CONSTRAINT format_known CHECK (format IN ('ZIP')),
  CONSTRAINT state_known CHECK (state IN ('QUEUED', 'RUNNING', 'READY', 'FAILED'))
)
"""
INDEX = "CREATE INDEX exports_unfinished ON texting.exports (requested_at) WHERE state IN ('QUEUED', 'RUNNING')"


def upgrade() -> None:
    """Create the table and its guards."""
    op.execute("SET LOCAL ROLE texting_owner")
    op.execute(TABLE)
    op.execute(INDEX)
    op.execute("ALTER TABLE texting.exports ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE texting.exports FORCE ROW LEVEL SECURITY")
    op.execute("GRANT SELECT, INSERT ON texting.exports TO texting_app")
    op.execute(f"CREATE POLICY exports_app_reads ON texting.exports FOR SELECT TO texting_app USING ({OWN})")
    op.execute(f"CREATE POLICY exports_app_adds ON texting.exports FOR INSERT TO texting_app WITH CHECK ({OWN})")
    op.execute("GRANT SELECT, UPDATE ON texting.exports TO texting_worker")
    op.execute("CREATE POLICY exports_worker ON texting.exports TO texting_worker USING (true) WITH CHECK (true)")
    op.execute("RESET ROLE")


def downgrade() -> None:
    """Refuse: evidence is never migrated away."""
    raise RuntimeError("there is no way back from this revision; restore a backup instead")
