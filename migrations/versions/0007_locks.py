"""Locks of the texting setting: an organization's or a location's value that lower levels may not override."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

COLUMNS = """
ALTER TABLE texting.{table}
  ADD COLUMN texting_locked BOOLEAN DEFAULT false NOT NULL,
  ADD COLUMN texting_locked_at timestamptz,
  ADD COLUMN texting_locked_by TEXT,
  ADD COLUMN texting_lock_audit_id UUID
"""


def upgrade() -> None:
    """Add the columns; nothing is locked."""
    op.execute("SET LOCAL ROLE texting_owner")
    for table in ("orgs", "locations"):
        op.execute(COLUMNS.format(table=table))
    op.execute("RESET ROLE")


def downgrade() -> None:
    """Refuse: evidence is never migrated away."""
    raise RuntimeError("there is no way back from this revision; restore a backup instead")
