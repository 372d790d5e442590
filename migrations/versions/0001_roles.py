"""Roles, the schema, and how the database knows the tenant.

Nobody logs in as these roles: a login is a member of them and takes one with `SET ROLE`. The owner owns the tables,
and no serving connection ever takes that role.
"""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ROLES = {
    "texting_owner": "owns every object; used by migrations and security-definer functions only",
    "texting_app": "the API: sees one organization, the one in texting.org_id",
    "texting_worker": "the dispatcher and the sealer: cross-organization by explicit policies",
    "texting_auditor": "reads the history of one organization",
}


def upgrade() -> None:
    """Make what is not there: roles belong to the server and outlive one database."""
    for role, purpose in ROLES.items():
        op.execute(
            f"DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{role}') THEN "
            f"CREATE ROLE {role} NOLOGIN NOINHERIT NOBYPASSRLS; COMMENT ON ROLE {role} IS '{purpose}'; END IF; "
            "EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        )
        op.execute(
            # Tried, because since PostgreSQL 16 who creates a role is its member and still may not take it on.
            f"DO $$ BEGIN SET LOCAL ROLE {role}; RESET ROLE; "
            f"EXCEPTION WHEN insufficient_privilege THEN EXECUTE format('GRANT {role} TO %I', current_user); END $$"
        )
    op.execute(
        "DO $$ BEGIN IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'texting_login' "
        "AND NOT pg_has_role(oid, 'texting_app', 'MEMBER')) THEN "
        "GRANT texting_app, texting_worker, texting_auditor TO texting_login; END IF; END $$"
    )
    op.execute("CREATE SCHEMA texting AUTHORIZATION texting_owner")
    op.execute("GRANT USAGE ON SCHEMA texting TO texting_app, texting_worker, texting_auditor")
    op.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    op.execute(
        # nullif: after a transaction an unset variable reads '', and ''::uuid raises on the reused connection.
        "CREATE FUNCTION texting.tenant() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE "
        "RETURN nullif(current_setting('texting.org_id', true), '')::uuid"
    )
    op.execute("ALTER FUNCTION texting.tenant() OWNER TO texting_owner")


def downgrade() -> None:
    """Refuse: evidence is never migrated away."""
    raise RuntimeError("there is no way back from this revision; restore a backup instead")
