"""Policies: versions kept for ever, so that an old decision can name the one it was made under.

One row is a whole bundle. The system organization's hold for every organization.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, time
from typing import Any

import asyncpg
from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from core.ids import SYSTEM_ORG_ID
from core.rules.default_policy import DEFAULT_POLICY
from core.rules.policy import Policy, in_force, to_document
from core.rules.policy_document import PolicyError, parse_policy
from core.storage.database import execute, writing
from core.storage.fetching import Fetch
from core.storage.selecting import columns, inlined, moment, org_id, text
from core.storage.statements import compiled
from core.storage.tables import Policies

KIND = "texting"
"""The kind of a bundle: all values that the texting rules compare with."""

_policies = columns(Policies)
_SEEDED = ("org_id", "kind", "version", "effective_from", "document", "source")
_bundles = select(_policies.version, _policies.document).where(
    _policies.org_id == org_id(), _policies.kind == inlined(KIND)
)

SEED = compiled(
    insert(Policies)
    .values({name: bindparam(name, type_=_policies[name].type) for name in _SEEDED})
    .on_conflict_do_nothing()
)
ALL = compiled(_bundles.order_by(_policies.effective_from, _policies.version))
ONE = compiled(_bundles.where(_policies.version == text("version")))


BEGUN = compiled(
    select(_policies.version)
    .where(_policies.org_id == org_id(), _policies.kind == inlined(KIND), _policies.effective_from <= moment("moment"))
    .order_by(_policies.effective_from, _policies.version)
)


async def seed(pool: asyncpg.Pool, policy: Policy = DEFAULT_POLICY) -> bool:
    """Store the program's own policy unless that version is there; a stored version never changes.

    Gives whether it was new.
    """
    values = {
        "org_id": SYSTEM_ORG_ID,
        "kind": KIND,
        "version": policy.version,
        "effective_from": datetime.combine(policy.effective_from, time(), UTC),
        "document": to_document(policy),
        "source": "the program's own",
    }
    async with writing(pool, SYSTEM_ORG_ID) as connection:
        return await execute(connection, SEED, values) == "INSERT 0 1"


async def load(fetch: Fetch, moment: datetime) -> Policy:
    """Read the bundle in force at a moment (UTC), inside any organization.

    Raises `LookupError` when none is, `PolicyError` when a stored one cannot be read.
    """
    policy = in_force(await load_all(fetch), moment)
    if policy is None:
        raise LookupError(f"no policy is in force at `{moment.isoformat()}`: seed the program's own first")
    return policy


async def load_all(fetch: Fetch) -> list[Policy]:
    """Read every bundle, inside any organization, the first begun first. Raises `PolicyError`."""
    return [_read(row) for row in await fetch(ALL, org_id=SYSTEM_ORG_ID)]


async def load_at(fetch: Fetch, moment: datetime, known: Policy) -> Policy | None:
    """Read the bundle in force at a moment (UTC), inside any organization; `None` when none was.

    `known` is not read again where it is the one.
    """
    begun = await fetch(BEGUN, org_id=SYSTEM_ORG_ID, moment=moment)
    if not begun:
        return None
    version: str = begun[-1]["version"]
    return known if version == known.version else await load_version(fetch, version)


async def were_several(fetch: Fetch, moment: datetime) -> bool:
    """Say whether another bundle was in force before that of a moment (UTC)."""
    return len(await fetch(BEGUN, org_id=SYSTEM_ORG_ID, moment=moment)) > 1


async def load_version(fetch: Fetch, version: str) -> Policy | None:
    """Read the bundle that a decision names, inside any organization. Raises `PolicyError`."""
    rows = await fetch(ONE, org_id=SYSTEM_ORG_ID, version=version)
    return _read(rows[0]) if rows else None


def _read(row: Mapping[str, Any]) -> Policy:
    try:
        return parse_policy(row["document"])
    except PolicyError as error:
        raise PolicyError(f"the policy `{row['version']}` in `texting.policies` cannot be read: {error}") from error
