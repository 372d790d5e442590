"""What eligibility read, and from when: every change of such a fact appends a version that names its record.

The newest row by `valid_from`, then `id`, that holds a fact is its value. A change that holds from an earlier time on
overrules what was known of every later time, so it is repeated at each of them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from core.commands.transaction import Transaction
from core.commands.writes import insert
from core.ids import uuid7
from core.storage.tables import FactVersions

FACTS: Mapping[str, tuple[str, ...]] = {
    "Org": (
        "customer_type",
        "calling_plan_provider",
        "calling_plan_countries",
        "add_on_units",
        "add_on_suspended",
        "handles_phi",
        "healthcare",
        "texting_enabled",
        "texting_locked",
    ),
    "Brand": ("registration",),
    "Campaign": ("status",),
    "Location": ("country", "pstn_connection_type", "texting", "texting_locked"),
    "User": ("location_id", "status", "app_version", "primary_number_id", "texting"),
    "UserPhoneNumber": (
        "type",
        "state",
        "assigned_by",
        "region",
        "valid",
        "owner_id",
        "campaign_id",
        "assignment_status",
    ),
}
"""The columns that a decision reads, by type; those of users and numbers also say where to go on reading."""

# Later times at which something else was known: the change holds then too.
_LATER = """
SELECT DISTINCT entity_id, valid_from FROM texting.fact_versions
WHERE org_id = $1 AND entity_id = ANY ($2::uuid[]) AND valid_from > $3
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FactChange:
    """Some facts of one entity, from `valid_from` on (UTC). `audit_id` names the record that carries them."""

    type: str
    id: UUID
    facts: Mapping[str, Any]
    valid_from: datetime
    audit_id: UUID


def facts_among(type: str, columns: Mapping[str, Any]) -> dict[str, Any]:
    """Pick what eligibility reads."""
    return {name: columns[name] for name in FACTS[type] if name in columns}


def first_facts(tx: Transaction, type: str, row: Mapping[str, Any]) -> FactChange:
    """Give the first version of an entity's facts: what its new row says, from now on."""
    return FactChange(
        type=type, id=row["id"], facts=facts_among(type, row), valid_from=tx.now, audit_id=row["last_audit_id"]
    )


async def append_first(tx: Transaction, changes: Iterable[FactChange]) -> None:
    """Append the first version of entities that are new."""
    rows = [_row(tx, change, change.valid_from) for change in changes if change.facts]
    await insert(tx.connection, FactVersions, rows)


async def append_late(tx: Transaction, changes: Iterable[FactChange]) -> None:
    """Append what held only until a later version that is known or given too: it overrules nothing."""
    await append_first(tx, changes)


async def append(tx: Transaction, changes: Sequence[FactChange]) -> None:
    """Append versions of entities whose rows this transaction has locked; changes without facts append nothing."""
    changes = [change for change in changes if change.facts]
    if not changes:
        return
    later = await _later(tx, changes)
    rows = [
        _row(tx, change, moment)
        for change in changes
        for moment in (change.valid_from, *(at for at in later[change.id] if at > change.valid_from))
    ]
    await insert(tx.connection, FactVersions, rows)


async def _later(tx: Transaction, changes: Sequence[FactChange]) -> Mapping[UUID, list[datetime]]:
    earliest = min(change.valid_from for change in changes)
    found = await tx.connection.fetch(_LATER, tx.org_id, [change.id for change in changes], earliest)
    later: dict[UUID, list[datetime]] = defaultdict(list)
    for row in found:
        later[row["entity_id"]].append(row["valid_from"])
    return later


def _row(tx: Transaction, change: FactChange, valid_from: datetime) -> dict[str, Any]:
    return {
        "org_id": tx.org_id,
        # Of the clock, not of the request: of two changes with one `valid_from` the later one must sort last.
        "id": uuid7(),
        "entity_type": change.type,
        "entity_id": change.id,
        "valid_from": valid_from,
        "facts": change.facts,
        "audit_id": change.audit_id,
    }
