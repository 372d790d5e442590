"""Service tokens for machines, and which tokens of an identity provider were seen before."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

OWN = "org_id = texting.tenant()"

SERVICE_TOKENS = """
CREATE TABLE texting.service_tokens (
  org_id UUID NOT NULL,
  id UUID NOT NULL,
  name TEXT NOT NULL,
  secret_sha256 BYTEA NOT NULL,
  grants JSONB NOT NULL,
  issued_by TEXT NOT NULL,
  issued_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  revoked_at timestamptz,
  audit_id UUID NOT NULL,
  PRIMARY KEY (org_id, id)
)
"""
SIGN_INS = """
CREATE TABLE texting.sign_ins (
  org_id UUID NOT NULL,
  token_sha256 BYTEA NOT NULL,
  expires_at timestamptz NOT NULL,
  audit_id UUID NOT NULL,
  PRIMARY KEY (org_id, token_sha256)
)
"""


def upgrade() -> None:
    """Create the tables and their guards."""
    op.execute("SET LOCAL ROLE texting_owner")
    op.execute(SERVICE_TOKENS)
    op.execute(SIGN_INS)
    op.execute("CREATE INDEX sign_ins_ended ON texting.sign_ins (expires_at)")
    for table in ("service_tokens", "sign_ins"):
        op.execute(f"ALTER TABLE texting.{table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE texting.{table} FORCE ROW LEVEL SECURITY")
        op.execute(f"GRANT SELECT, INSERT ON texting.{table} TO texting_app")
        op.execute(f"CREATE POLICY {table}_app_reads ON texting.{table} FOR SELECT TO texting_app USING ({OWN})")
        op.execute(f"CREATE POLICY {table}_app_adds ON texting.{table} FOR INSERT TO texting_app WITH CHECK ({OWN})")
    # Of a token nothing but its revocation ever changes.
    op.execute("GRANT UPDATE (revoked_at) ON texting.service_tokens TO texting_app")
    op.execute(
        "CREATE POLICY service_tokens_app_revokes ON texting.service_tokens FOR UPDATE TO texting_app "
        f"USING ({OWN}) WITH CHECK ({OWN})"
    )
    op.execute("GRANT SELECT, DELETE ON texting.sign_ins TO texting_worker")
    op.execute("CREATE POLICY sign_ins_worker ON texting.sign_ins TO texting_worker USING (true) WITH CHECK (true)")
    op.execute("RESET ROLE")


def downgrade() -> None:
    """Refuse: evidence is never migrated away."""
    raise RuntimeError("there is no way back from this revision; restore a backup instead")
