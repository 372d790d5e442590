"""What carriers wrote beside a receipt may name a person: erasing takes it too."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

OWN = "org_id = texting.tenant()"


def upgrade() -> None:
    """Let the API clear that column of the messages' events, and no other."""
    op.execute("SET LOCAL ROLE texting_owner")
    op.execute("GRANT UPDATE (raw) ON texting.message_events TO texting_app")
    op.execute(
        "CREATE POLICY message_events_app_clears ON texting.message_events FOR UPDATE TO texting_app "
        f"USING ({OWN}) WITH CHECK ({OWN} AND raw IS NULL)"
    )
    op.execute("RESET ROLE")


def downgrade() -> None:
    """Refuse: evidence is never migrated away."""
    raise RuntimeError("there is no way back from this revision; restore a backup instead")
