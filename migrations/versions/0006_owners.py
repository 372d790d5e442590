"""Which numbers a user ever held, found in the history of facts, so that a decision of any time can be made again."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

COLUMN = """
ALTER TABLE texting.fact_versions
  ADD COLUMN owner_id UUID GENERATED ALWAYS AS ((facts ->> 'owner_id')::uuid) STORED
"""
INDEX = """
CREATE INDEX fact_versions_by_owner ON texting.fact_versions (org_id, owner_id, entity_id) WHERE owner_id IS NOT NULL
"""


def upgrade() -> None:
    """Add the column and its index."""
    op.execute("SET LOCAL ROLE texting_owner")
    op.execute(COLUMN)
    op.execute(INDEX)
    op.execute("RESET ROLE")


def downgrade() -> None:
    """Refuse: evidence is never migrated away."""
    raise RuntimeError("there is no way back from this revision; restore a backup instead")
