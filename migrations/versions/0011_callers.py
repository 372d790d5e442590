"""An idempotency key is its caller's: a subject of another provider, or at home elsewhere, is somebody else."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# A key that was taken before counts as taken with a token issued here, by somebody of the organization it is in: who
# it was is not known any more, and it is forgotten within a week.
COLUMNS = """
ALTER TABLE texting.idempotency_keys
  ADD COLUMN issuer TEXT DEFAULT '' NOT NULL,
  ADD COLUMN caller_org_id UUID
"""
OWN_ORG = "ALTER TABLE texting.idempotency_keys ALTER COLUMN caller_org_id TYPE UUID USING org_id"
KEY = """
ALTER TABLE texting.idempotency_keys
  ALTER COLUMN issuer DROP DEFAULT,
  ALTER COLUMN caller_org_id SET NOT NULL,
  DROP CONSTRAINT idempotency_keys_pkey,
  ADD PRIMARY KEY (org_id, issuer, caller_org_id, subject, key)
"""


def upgrade() -> None:
    """Add the columns and let them lead the key."""
    op.execute("SET LOCAL ROLE texting_owner")
    op.execute(COLUMNS)
    # Not by an UPDATE: row security holds for the tables' owner too, who has entered no organization.
    op.execute(OWN_ORG)
    op.execute(KEY)
    op.execute("RESET ROLE")


def downgrade() -> None:
    """Refuse: evidence is never migrated away."""
    raise RuntimeError("there is no way back from this revision; restore a backup instead")
