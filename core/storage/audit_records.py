"""Audit records: by id and in pages, by who, what, when and whom they are about; what their digests stand for, apart.

The rows hold what a record is, its entry: `audit.render` reads everything that is shown from there. The other columns
repeat it for the conditions.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import asyncpg
from sqlalchemy import and_, func

from audit import actors
from audit.record import AuditKind, AuditOutcome
from audit.render import DISCLOSURES as DISCLOSURES_SQL
from audit.tables import AuditRecordTable, InvolvementTable, LeafTable
from core.ids import uuid7_after, uuid7_floor
from core.principal import Principal
from core.storage.fetching import Fetch
from core.storage.listing import Listing, Where, condition, conditions
from core.storage.pages import Order
from core.storage.rows import AuditRecordRow
from core.storage.selecting import any_id, any_text, columns, inlined, moment, org_id, text, uuid
from core.storage.statements import Statement

_records, _involvement, _leaves = columns(AuditRecordTable), columns(InvolvementTable), columns(LeafTable)

OLDEST_FIRST = Order(name="audit.occurred", keys=("id",))
NEWEST_FIRST = Order(name="audit.occurred", keys=("id",), descending=True)
"""By id, which is of the time the record tells of; those of one change stand in the order it made them."""

IN_TREE = Order(name="audit.leaf", keys=("leaf_index",), types=(int,))
"""By place in the tree, of `SEALED`: the only order without gaps, for times do not tell which record comes next."""

_identity = func.split_part(func.convert_from(_records.entry, inlined("UTF8")), inlined(actors.USER), inlined(1))
"""What an entry says of its actor besides the subject. No index knows it: read for the records of one subject alone."""

RECORDS = Listing(
    row=AuditRecordRow,
    table=_records,
    columns=("org_id", "id", "entry"),
    conditions={
        "actor": _records.actor == text("actor"),
        "action": _records.action == text("action"),
        "actions": _records.action == any_text("actions"),
        "kinds": _records.kind == any_text("kinds"),
        "outcome": _records.outcome == text("outcome"),
        "target_id": _records.target_id == uuid("target_id"),
        "target_type": _records.target_type == text("target_type"),
        "location_id": _records.location_id == uuid("location_id"),
        "rule": _records.rule == text("rule"),
        "request_id": _records.request_id == text("request_id"),
        "correlation_id": _records.correlation_id == text("correlation_id"),
        # The bound on ids picks the partitions and the part of the index; the time decides below a millisecond.
        "occurred_from": (_records.id >= uuid("id_from")) & (_records.occurred_at >= moment("occurred_from")),
        "occurred_to": (_records.id < uuid("id_to")) & (_records.occurred_at < moment("occurred_to")),
        # Joined, not looked up: its key is in page order, so a page starts where the last one ended.
        "involves": and_(
            _involvement.org_id == org_id(),
            _involvement.subject_id == uuid("involves"),
            _involvement.record_id == _records.id,
        ),
        "involved_from": _involvement.record_id >= uuid("id_from"),
        "involved_to": _involvement.record_id < uuid("id_to"),
        "among": _records.id == any_id("among"),
        "changed": and_(_records.kind == inlined(AuditKind.CHANGE), _records.outcome == inlined(AuditOutcome.ALLOWED)),
        # What somebody did, whatever else is asked for: `done_by` asks one of each pair too.
        "by_actor": _records.actor == text("seen_actor"),
        "of_provider": func.strpos(_identity, text("seen_provider")) > inlined(0),
        "of_no_provider": func.strpos(_identity, inlined(actors.PROVIDER)) < inlined(1),
        "from_elsewhere": func.strpos(_identity, text("seen_home")) > inlined(0),
        "from_here": func.strpos(_identity, inlined(actors.HOME)) < inlined(1),
    },
    led_by={"involves": {"id": _involvement.record_id}},
)

SEALED = replace(
    RECORDS,
    table={**dict(_records.items()), "leaf_index": _leaves.leaf_index},
    columns=(*RECORDS.columns, "leaf_index"),
    conditions={
        **RECORDS.conditions,
        "sealed": and_(_leaves.org_id == org_id(), _leaves.record_id == _records.id),
    },
)
"""The records that have a place in the tree: every list of them is under the condition `IS_SEALED`."""
IS_SEALED = condition("sealed")

DISCLOSURES = Statement(DISCLOSURES_SQL, ("org_id", "ids"), {})


def where(  # noqa: PLR0913 - one a condition
    *,
    actor: str | None = None,
    action: str | None = None,
    actions: Sequence[str] | None = None,
    kinds: Sequence[str] | None = None,
    outcome: str | None = None,
    target_id: UUID | None = None,
    target_type: str | None = None,
    location_id: UUID | None = None,
    rule: str | None = None,
    request_id: str | None = None,
    correlation_id: str | None = None,
    involves: UUID | None = None,
    occurred_from: datetime | None = None,
    occurred_to: datetime | None = None,
) -> Where:
    """Which records; `None` asks nothing, an empty list of actions or kinds asks for none. Times are half-open, UTC.

    `involves`: as actor, target, owner of the number or party of the message.
    """
    wanted = conditions(
        {
            "actor": actor,
            "action": action,
            "actions": _texts(actions),
            "kinds": _texts(kinds),
            "outcome": outcome,
            "target_id": target_id,
            "target_type": target_type,
            "location_id": location_id,
            "rule": rule,
            "request_id": request_id,
            "correlation_id": correlation_id,
            "involves": involves,
        }
    )
    if occurred_from is not None:
        wanted &= condition("occurred_from", occurred_from=occurred_from, id_from=uuid7_floor(occurred_from))
    if occurred_to is not None:
        wanted &= condition("occurred_to", occurred_to=occurred_to, id_to=uuid7_after(occurred_to))
    if involves is not None:
        bounds = {"involved_from": occurred_from, "involved_to": occurred_to}
        wanted &= Where(names=frozenset(name for name, time in bounds.items() if time is not None))
    return wanted


def among(ids: Iterable[UUID]) -> Where:
    """Which records: these, such as those of a change of many things. `OLDEST_FIRST` gives them as they were made."""
    return condition("among", among=list(dict.fromkeys(ids)))


def done_by(caller: Principal, org: UUID) -> Where:
    """Which records of an organization: those of what a caller did there, with whatever token."""
    issuer, home, subject = caller.identity
    named = condition("of_provider", seen_provider=actors.provider(issuer)) if issuer else condition("of_no_provider")
    at_home = condition("from_here") if home == org else condition("from_elsewhere", seen_home=actors.home(home))
    return condition("by_actor", seen_actor=subject) & named & at_home


def changes_by(actions: Sequence[str]) -> Where:
    """Which records: those of changes that these actions really made, as the history of a setting tells them."""
    return where(actions=actions) & condition("changed")


async def disclosures(fetch: Fetch, org: UUID, ids: Iterable[UUID]) -> list[asyncpg.Record]:
    """Read what the digests of records stand for, sealed, in one statement: what `Renderer.render` opens."""
    wanted = list(dict.fromkeys(ids))
    return await fetch(DISCLOSURES, org_id=org, ids=wanted) if wanted else []


def _texts(values: Sequence[str] | None) -> list[str] | None:
    return None if values is None else [str(value) for value in values]
