"""Which stored version each fact in force came from: how old a fact is, and what names a decision.

A decision's id names the newest version it read: a version that another one has overtaken was not read, so facts that
did not change keep the id.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import column, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.types import Text

from core.storage.fetching import Fetch
from core.storage.selecting import any_id, columns, org_id
from core.storage.statements import Statement, compiled
from core.storage.tables import FactVersions

_versions = columns(FactVersions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """The version that a fact in force came from, since when the fact holds (UTC), and the record that carried it."""

    version_id: UUID
    valid_from: datetime
    audit_id: UUID


Stamps = Mapping[UUID, Mapping[str, Stamp]]
"""By entity, by the fact's name."""


def _in_force() -> Statement:
    fact = func.jsonb_object_keys(_versions.facts).table_valued(column("name", Text()), name="fact").render_derived()
    return compiled(
        select(_versions.entity_id, fact.c.name, _versions.valid_from, _versions.id, _versions.audit_id)
        .select_from(FactVersions)
        .join(fact, fact.c.name.is_not(None))
        .ext(distinct_on(_versions.entity_id, fact.c.name))
        .where(_versions.org_id == org_id(), _versions.entity_id == any_id("entity_ids"))
        .order_by(_versions.entity_id, fact.c.name, _versions.valid_from.desc(), _versions.id.desc())
    )


IN_FORCE = _in_force()


async def load_stamps(fetch: Fetch, org: UUID, entity_ids: Iterable[UUID]) -> Stamps:
    """Read where the facts of these entities came from, in one statement."""
    rows = await fetch(IN_FORCE, org_id=org, entity_ids=list(dict.fromkeys(entity_ids)))
    found: dict[UUID, dict[str, Stamp]] = {}
    for row in rows:
        stamp = Stamp(version_id=row["id"], valid_from=row["valid_from"], audit_id=row["audit_id"])
        found.setdefault(row["entity_id"], {})[row["name"]] = stamp
    return found
