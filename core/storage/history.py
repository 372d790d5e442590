"""The versions of the facts that users' decisions read, at whatever time: three statements for any number of users."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, null, select, union_all

from audit.tables import LeafTable
from core.rules.history import FactVersion
from core.storage.fetching import Fetch
from core.storage.selecting import any_id, columns, id_list, moment, org_id
from core.storage.statements import Statement, compiled
from core.storage.tables import Brands, Campaigns, FactVersions

_versions, _leaves = columns(FactVersions), columns(LeafTable)
_brands, _campaigns = columns(Brands), columns(Campaigns)


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Versions by entity, the newest first: of an organization, of users, and of everything their decisions read.

    The ids of brands, campaigns and numbers are those of which there are versions.
    """

    org_id: UUID
    versions: Mapping[UUID, Sequence[FactVersion]]
    brand_ids: tuple[UUID, ...]
    campaign_ids: tuple[UUID, ...]
    number_ids: tuple[UUID, ...]


def _of(entities: Any, *, sealed: bool) -> Statement:
    found: Any = select(
        _versions.id,
        _versions.entity_type,
        _versions.entity_id,
        _versions.valid_from,
        _versions.facts,
        _versions.audit_id,
        (_leaves.leaf_index if sealed else null()).label("leaf_index"),
    ).select_from(FactVersions)
    if sealed:
        same = and_(_leaves.org_id == _versions.org_id, _leaves.record_id == _versions.audit_id)
        found = found.outerjoin(LeafTable, same)
    wanted = and_(_versions.org_id == org_id(), entities, _versions.valid_from <= moment("until"))
    return compiled(found.where(wanted).order_by(_versions.valid_from.desc(), _versions.id.desc()))


_REGISTERED = union_all(
    select(_brands.id).where(_brands.org_id == org_id()), select(_campaigns.id).where(_campaigns.org_id == org_id())
)
_HAD = (
    select(_versions.entity_id)
    .where(_versions.org_id == org_id(), _versions.owner_id == any_id("user_ids"))
    .distinct()
    .correlate(None)
)
_AROUND = union_all(select(func.unnest(id_list("entity_ids"))), _HAD)
_ENTITIES = {
    "org": _versions.entity_id.in_(union_all(select(org_id()), _REGISTERED)),
    "users": _versions.entity_id == any_id("user_ids"),
    "around": _versions.entity_id.in_(_AROUND),
}
STATEMENTS = {
    (name, sealed): _of(entities, sealed=sealed) for name, entities in _ENTITIES.items() for sealed in (False, True)
}
"""By whose versions, and whether their places in the sealed log are wanted: of the organization with its brand and
campaigns; of users; of locations, and of the numbers that users ever held."""


async def load(fetch: Fetch, org: UUID, user_ids: Iterable[UUID], *, until: datetime, sealed: bool = False) -> History:
    """Read the versions that hold from `until` (UTC) or earlier; `sealed`: with their places in the sealed log."""
    users = list(dict.fromkeys(user_ids))
    of_org = await fetch(STATEMENTS["org", sealed], org_id=org, until=until)
    of_users = await fetch(STATEMENTS["users", sealed], org_id=org, until=until, user_ids=users)
    told = (row["facts"] for row in of_users)
    places = {UUID(facts["location_id"]) for facts in told if facts.get("location_id") is not None}
    around = await fetch(STATEMENTS["around", sealed], org_id=org, until=until, user_ids=users, entity_ids=list(places))
    found: dict[UUID, list[FactVersion]] = {}
    of_type: dict[str, dict[UUID, None]] = {}
    for row in (*of_org, *of_users, *around):
        version = FactVersion(
            id=row["id"],
            entity_id=row["entity_id"],
            valid_from=row["valid_from"],
            facts=row["facts"],
            audit_id=row["audit_id"],
            leaf_index=row["leaf_index"],
        )
        found.setdefault(version.entity_id, []).append(version)
        of_type.setdefault(row["entity_type"], {})[version.entity_id] = None
    return History(
        org_id=org,
        versions=found,
        brand_ids=tuple(of_type.get("Brand", ())),
        campaign_ids=tuple(sorted(of_type.get("Campaign", ()))),
        number_ids=tuple(sorted(of_type.get("UserPhoneNumber", ()))),
    )
