"""Exports of who may not text and why: they stand on no log, and say what was asked instead."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

KINDS = "(kind, format) IN (('EVIDENCE', 'ZIP'), ('ELIGIBILITY_REPORT', 'CSV'))"
ASKED = "CASE kind WHEN 'EVIDENCE' THEN at_size IS NOT NULL AND report IS NULL ELSE report IS NOT NULL END"


def upgrade() -> None:
    """Let the table hold them."""
    op.execute("SET LOCAL ROLE texting_owner")
    op.execute("ALTER TABLE texting.exports ADD COLUMN report JSONB, ALTER COLUMN at_size DROP NOT NULL")
    op.execute("ALTER TABLE texting.exports DROP CONSTRAINT kind_known, DROP CONSTRAINT format_known")
    op.execute(
        "ALTER TABLE texting.exports ADD CONSTRAINT kind_known CHECK (kind IN ('EVIDENCE', 'ELIGIBILITY_REPORT')), "
        "ADD CONSTRAINT format_known CHECK (format IN ('ZIP', 'CSV')), "
        f"ADD CONSTRAINT format_of_kind CHECK ({KINDS}), ADD CONSTRAINT asked_of_kind CHECK ({ASKED})"
    )
    op.execute("RESET ROLE")


def downgrade() -> None:
    """Refuse: evidence is never migrated away."""
    raise RuntimeError("there is no way back from this revision; restore a backup instead")
