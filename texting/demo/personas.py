"""Somebody to be in the demo: a token for each role, printed and written where `texting call --as` finds it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import structlog

from core.commands.transaction import Store
from core.ids import SYSTEM_ORG_ID
from core.principal import Grant, Principal, Role
from core.storage.database import reading
from texting import keys, tokens
from texting.demo import organizations
from texting.demo.people import DOMAIN
from texting.program import Program
from texting.startup_error import StartupError

FILE = "demo-tokens.json"
LIFE = timedelta(days=30)

_NAMES = {
    Role.PROVIDER_ADMIN: "Pat Provider",
    Role.ORG_ADMIN: "Olivia Park",
    Role.LOCATION_ADMIN: "Liam Ortega",
    Role.COMPLIANCE_OFFICER: "Cora Osei",
    Role.AUDITOR: "Aude Renard",
}
_ORGS = "SELECT org_id, name FROM texting.orgs WHERE org_id <> $1 ORDER BY org_id LIMIT $2"
_PLACE = "SELECT id FROM texting.locations WHERE org_id = $1 ORDER BY id LIMIT 1"
_PERSON = """
SELECT id, display_name FROM texting.users
WHERE org_id = $1 AND right(email_key, length($2)) = $2 ORDER BY id LIMIT 1
"""

_log = structlog.get_logger()


async def prepare(program: Program) -> Mapping[str, str]:
    """See that the demo is there, and give a new token for each persona.

    Raises:
        StartupError: the database has organizations that are not the demo's.
    """
    org_id = await _organization(program.store)
    issued = {
        role.value.lower(): await tokens.issue(
            program.store,
            program.secrets.tokens,
            principal,
            life=LIFE,
            now=datetime.now(UTC),
            operator=tokens.Operator(account="serve --demo"),
        )
        for role, principal in (await _personas(program.store, org_id)).items()
    }
    keys.write_private(program.settings.data_dir / FILE, json.dumps(issued, indent=2).encode() + b"\n")
    return issued


async def _organization(store: Store) -> UUID:
    """Find the demo's first organization, or make the demo: only in a database that has nothing else."""
    found = await _oldest(store)
    is_cut_short = bool(found) and len(found) < organizations.COUNT and found[0]["name"] == organizations.READY
    if not found or is_cut_short:
        await organizations.make(store)
        _log.info("demo organizations made")
        found = await _oldest(store)
    return UUID(str(found[0]["org_id"]))


async def _oldest(store: Store) -> Sequence[asyncpg.Record]:
    async with reading(store.pool, SYSTEM_ORG_ID) as reader:
        return await reader.fetch_sql(_ORGS, SYSTEM_ORG_ID, organizations.COUNT)


async def _personas(store: Store, org_id: UUID) -> dict[Role, Principal]:
    async with reading(store.pool, org_id) as reader:
        place = await reader.fetch_sql(_PLACE, org_id)
        user = await reader.fetch_sql(_PERSON, org_id, f"@{DOMAIN}")
    if not place or not user:
        raise StartupError(
            "the database has organizations of its own, and --demo needs an empty one: "
            "leave --demo out, or choose another --data-dir"
        )
    grants = {
        Role.PROVIDER_ADMIN: Grant(role=Role.PROVIDER_ADMIN),
        Role.ORG_ADMIN: Grant(role=Role.ORG_ADMIN, org_id=org_id),
        Role.LOCATION_ADMIN: Grant(role=Role.LOCATION_ADMIN, org_id=org_id, location_id=place[0]["id"]),
        Role.COMPLIANCE_OFFICER: Grant(role=Role.COMPLIANCE_OFFICER, org_id=org_id),
        Role.AUDITOR: Grant(role=Role.AUDITOR, org_id=org_id),
        Role.USER: Grant(role=Role.USER, org_id=org_id, user_id=user[0]["id"]),
    }
    return {
        role: Principal(
            subject=f"demo:{role.value.lower()}",
            name=_NAMES.get(role, user[0]["display_name"]),
            org_id=grant.org_id or SYSTEM_ORG_ID,
            grants=(grant,),
        )
        for role, grant in grants.items()
    }
