"""A log whose entries have no checksum is one of before the first release, and stays with the program that made it."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# Its values lie under keys of another form too, which only the master key could change.
REFUSE = """
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'audit.record'::regclass AND attname = 'checksum') THEN
    RAISE EXCEPTION 'its audit log has the form of before the first release, from which no way leads to this one';
  END IF;
END $$
"""


def upgrade() -> None:
    """Go on with a log of today's form alone."""
    op.execute(REFUSE)


def downgrade() -> None:
    """Refuse: evidence is never migrated away."""
    raise RuntimeError("there is no way back from this revision; restore a backup instead")
