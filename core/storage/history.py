"""The versions of the facts that users' decisions read, at whatever time: three statements for any number of users."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Text, and_, column, func, null, select, union_all
from sqlalchemy.dialects.postgresql import distinct_on

from audit.tables import LeafTable
from core.rules.history import Cut, FactVersion
from core.storage.fetching import Fetch
from core.storage.selecting import any_id, big_integer, columns, id_list, moment, org_id
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


Entities = Callable[[Any], Any]
"""A condition on a table of versions: whose."""

_REGISTERED = union_all(
    select(_brands.id).where(_brands.org_id == org_id()), select(_campaigns.id).where(_campaigns.org_id == org_id())
)
_had = FactVersions.__table__.alias("had").c  # type: ignore[attr-defined]
_HAD = select(_had.entity_id).where(_had.org_id == org_id(), _had.owner_id == any_id("user_ids")).distinct()
_ENTITIES: Mapping[str, Entities] = {
    "org": lambda versions: versions.entity_id.in_(union_all(select(org_id()), _REGISTERED)),
    "users": lambda versions: versions.entity_id == any_id("user_ids"),
    "around": lambda versions: versions.entity_id.in_(union_all(select(func.unnest(id_list("entity_ids"))), _HAD)),
}
"""The organization with its brand and campaigns; users; locations, and the numbers that users ever held."""


def _select(*, placed: bool) -> Any:
    shown = ("id", "entity_type", "entity_id", "valid_from", "facts", "audit_id")
    place = (_leaves.leaf_index if placed else null()).label("leaf_index")
    found = select(*(_versions[name] for name in shown), place).select_from(FactVersions)
    same = and_(_leaves.org_id == _versions.org_id, _leaves.record_id == _versions.audit_id)
    return found.outerjoin(LeafTable, same) if placed else found


def _ordered(found: Any) -> Statement:
    return compiled(found.order_by(_versions.valid_from.desc(), _versions.id.desc()))


def _whole(entities: Entities) -> Statement:
    """All versions, with the places of their records in the sealed log."""
    wanted = and_(_versions.org_id == org_id(), entities(_versions), _versions.valid_from <= moment("until"))
    return _ordered(_select(placed=True).where(wanted))


def _in_force(entities: Entities, *, placed: bool = False, sealed: bool = False) -> Statement:
    """The versions that facts in force come from: a few, however many there are.

    `placed`: with the places of their records; `sealed`: by the log of a size.
    """
    table = FactVersions.__table__.alias("held")  # type: ignore[attr-defined]
    held = table.c
    fact = func.jsonb_object_keys(held.facts).table_valued(column("name", Text()), name="fact").render_derived()
    source = table.join(fact, fact.c.name.is_not(None))
    wanted = [held.org_id == org_id(), entities(held), held.valid_from <= moment("until")]
    if sealed:
        same = and_(_leaves.org_id == held.org_id, _leaves.record_id == held.audit_id)
        source = source.join(LeafTable, same)
        wanted.append(_leaves.leaf_index < big_integer("size"))
    winners = (
        select(held.id)
        .select_from(source)
        .ext(distinct_on(held.entity_id, fact.c.name))
        .where(*wanted)
        .order_by(held.entity_id, fact.c.name, held.valid_from.desc(), held.id.desc())
    )
    return _ordered(_select(placed=placed).where(_versions.org_id == org_id(), _versions.id.in_(winners)))


WHOLE = {name: _whole(entities) for name, entities in _ENTITIES.items()}
IN_FORCE = {name: _in_force(entities) for name, entities in _ENTITIES.items()}
IN_FORCE_PLACED = {name: _in_force(entities, placed=True) for name, entities in _ENTITIES.items()}
IN_FORCE_SEALED = {name: _in_force(entities, sealed=True) for name, entities in _ENTITIES.items()}


async def load(fetch: Fetch, org: UUID, user_ids: Iterable[UUID], *, until: datetime) -> History:
    """Read all versions that hold from `until` (UTC) or earlier."""
    return await _load(fetch, org, user_ids, WHOLE, {"until": until})


async def load_at(fetch: Fetch, org: UUID, user_ids: Sequence[UUID], cut: Cut) -> History:
    """Read the versions that facts in force come from at `cut.as_of`, by what the sealed log of `cut.size` held.

    Where all that is in force was sealed by then, nothing that came later is: only otherwise every record is looked up.
    """
    values: dict[str, Any] = {"until": cut.as_of}
    if cut.size is None:
        return await _load(fetch, org, user_ids, IN_FORCE, values)
    found = await _load(fetch, org, user_ids, IN_FORCE_PLACED, values)
    if all(cut.holds(each) for versions in found.versions.values() for each in versions):
        return found
    return await _load(fetch, org, user_ids, IN_FORCE_SEALED, {**values, "size": cut.size})


async def _load(
    fetch: Fetch,
    org: UUID,
    user_ids: Iterable[UUID],
    statements: Mapping[str, Statement],
    values: Mapping[str, Any],
) -> History:
    users = list(dict.fromkeys(user_ids))
    of_org = await fetch(statements["org"], org_id=org, **values)
    of_users = await fetch(statements["users"], org_id=org, user_ids=users, **values)
    told = (row["facts"] for row in of_users)
    places = {UUID(facts["location_id"]) for facts in told if facts.get("location_id") is not None}
    around = await fetch(statements["around"], org_id=org, user_ids=users, entity_ids=list(places), **values)
    return _history(org, (*of_org, *of_users, *around))


def _history(org: UUID, rows: Iterable[Any]) -> History:
    found: dict[UUID, list[FactVersion]] = {}
    of_type: dict[str, dict[UUID, None]] = {}
    for row in rows:
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
