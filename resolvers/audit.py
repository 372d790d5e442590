"""The audit log: its records by id and in pages, and the records that other objects name."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Unpack
from uuid import UUID

from audit import merkle
from audit.actions import Action
from core.ids import SYSTEM_ORG_ID, decode, encode
from core.rules.enums import SettingKey
from core.storage.audit_records import IN_TREE, IS_SEALED, NEWEST_FIRST, RECORDS, SEALED, changes_by
from core.storage.listing import NOTHING, Where
from core.storage.pages import Order, Page
from engine import Info, Registry
from resolvers import filters, replay, visibility
from resolvers.audit_views import Record, note_after, note_before, view_pages
from resolvers.context import RequestContext
from resolvers.global_ids import enters, id_of
from resolvers.lists import PageArguments, Paging, of_each, whole
from resolvers.references import Ref, resolve, resolve_any, resolve_held
from resolvers.setting_values import Setting, Source
from schema.audit import AuditFilter, AuditOrder

registry = Registry()

_SWITCHED: Mapping[str, tuple[Action, ...]] = {
    "Org": (Action.ORG_TEXTING_ENABLE, Action.ORG_TEXTING_DISABLE, Action.ORG_TEXTING_LOCK, Action.ORG_TEXTING_UNLOCK),
    "Location": (
        Action.LOCATION_TEXTING_ENABLE,
        Action.LOCATION_TEXTING_DISABLE,
        Action.LOCATION_TEXTING_INHERIT,
        Action.LOCATION_TEXTING_LOCK,
        Action.LOCATION_TEXTING_UNLOCK,
    ),
    "User": (Action.USER_TEXTING_ENABLE, Action.USER_TEXTING_DISABLE, Action.USER_TEXTING_INHERIT),
}
"""What changes the texting switch of each type."""


@dataclass(slots=True, kw_only=True)
class Actor:
    """Who did it. `org_id`: a global id."""

    graphql_type: ClassVar[str] = "AuditActor"

    subject: str
    name: str | None
    roles: tuple[str, ...]
    on_behalf_of: str | None
    org_id: str | None


@dataclass(slots=True, kw_only=True)
class Target:
    """What it was done to. `id`: a global id; `own_id` that of the row."""

    graphql_type: ClassVar[str] = "AuditTarget"

    type: str
    id: str
    name: str | None
    own_id: UUID


@registry.bind("Query.audit_record")
async def audit_record(parents: Sequence[None], info: Info, *, id: str) -> list[Any]:
    """Find one record."""
    (found,) = await resolve(info, "AuditRecord", [id_of(info.context, id, "AuditRecord")])
    return [found] * len(parents)


@registry.bind("Query.audit_records")
async def audit_records(
    parents: Sequence[None],
    info: Info,
    *,
    org_id: str | None,
    filter: AuditFilter | None,
    order_by: AuditOrder | None,
    **asked: Unpack[PageArguments],
) -> list[Any]:
    """Give a page of the records of the organization entered; of another one there are none."""
    context: RequestContext = info.context
    where = visibility.audit(context) & filters.audit(context, filter)
    if not enters(context, org_id):
        where = NOTHING
    paging = Paging(**asked)
    order = filters.audit_order(order_by)
    listing, where = (SEALED, where & IS_SEALED) if order.keys == IN_TREE.keys else (RECORDS, where)
    page = await whole(info, listing, order, paging, where)
    return await view_pages(context, [page]) * len(parents)


@registry.bind("Message.audit_records")
async def message_records(parents: Sequence[Any], info: Info, **asked: Unpack[PageArguments]) -> list[Any]:
    """Give a page of each message's records, the newest first."""
    paging = Paging(**asked)
    return await _of_targets(info, NEWEST_FIRST, paging, Where(), [each.id for each in parents])


@registry.bind("EffectiveSetting.history")
async def setting_history(parents: Sequence[Setting], info: Info, **asked: Unpack[PageArguments]) -> list[Any]:
    """Give a page of the changes of each level's own value, the newest first. Of retention there are none yet (L2)."""
    paging = Paging(**asked)
    ids = [each.entity.id for each in parents if each.key == SettingKey.BUSINESS_TEXTING]
    where = changes_by(_SWITCHED[parents[0].entity.graphql_type])
    found = dict(zip(ids, await _of_targets(info, NEWEST_FIRST, paging, where, ids), strict=True))
    none: Page[Record] = Page(request=paging.of(NEWEST_FIRST), nodes=(), total_count=0)
    return [found[each.entity.id] if each.key == SettingKey.BUSINESS_TEXTING else none for each in parents]


@registry.bind("SettingSource.audit_record")
async def record_of_setting(parents: Sequence[Source], info: Info) -> list[Any]:
    """Find the record that set it."""
    return await resolve(info, "AuditRecord", [each.place.audit_id for each in parents])


@registry.bind("CampaignAssignment.audit_record")
async def record_of_assignment(parents: Sequence[Any], info: Info) -> list[Any]:
    """Find the record that put it there."""
    return await resolve(info, "AuditRecord", [each.audit_id for each in parents])


@registry.bind("ConsentEvent.audit_record")
async def record_of_consent(parents: Sequence[Any], info: Info) -> list[Any]:
    """Find the record of its entry."""
    return await resolve(info, "AuditRecord", [each.audit_id for each in parents])


@registry.bind("AuditRecord.org")
async def org(parents: Sequence[Record], info: Info) -> list[Any]:
    """Find the organization; the provider's own business is nobody's."""
    return await resolve_held(info, "Org", [None if each.org_id == SYSTEM_ORG_ID else each.org_id for each in parents])


@registry.bind("AuditRecord.actor")
def actor(parents: Sequence[Record], info: Info) -> list[Actor]:
    """Give who did it."""
    return [_actor(each) for each in parents]


@registry.bind("AuditRecord.target")
def target(parents: Sequence[Record], info: Info) -> list[Target]:
    """Give what it was done to."""
    return [_target(each) for each in parents]


@registry.bind("AuditTarget.node")
async def node(parents: Sequence[Target], info: Info) -> list[Any]:
    """Find the object."""
    return await resolve_any(info, [Ref(each.type, each.own_id) for each in parents])


@registry.bind("AuditRecord.before")
def before(parents: Sequence[Record], info: Info) -> list[Any]:
    """Give the fields as they were."""
    for each in parents:
        note_before(info.context, each)
    return [each.view.before for each in parents]


@registry.bind("AuditRecord.after")
def after(parents: Sequence[Record], info: Info) -> list[Any]:
    """Give the fields as they became."""
    for each in parents:
        note_after(info.context, each)
    return [each.view.after for each in parents]


@registry.bind("AuditRecord.raw")
def raw(parents: Sequence[Record], info: Info) -> list[str]:
    """Give the bytes that were logged."""
    return [each.view.raw for each in parents]


@registry.bind("AuditRecord.leaf_hash")
def leaf_hash(parents: Sequence[Record], info: Info) -> list[str]:
    """Give the leaf, in base64."""
    return [b64encode(merkle.leaf_hash(each.view.raw.encode())).decode() for each in parents]


@registry.bind("AuditRecord.decision")
async def decision(parents: Sequence[Record], info: Info) -> list[Any]:
    """Make the decision that each record names again."""
    named = [decode(each.decision_id) if each.decision_id else None for each in parents]
    found = await replay.find(info.context, [each for each in named if each is not None])
    return [None if each is None else found.get(each) for each in named]


async def _of_targets(info: Info, order: Order, paging: Paging, where: Where, ids: Sequence[UUID]) -> list[Any]:
    visible = visibility.audit(info.context) & where
    pages = await of_each(info, RECORDS, order, paging, visible, by="target_id", parents=ids)
    return await view_pages(info.context, pages)


def _actor(record: Record) -> Actor:
    who = record.view.actor
    return Actor(
        subject=who.subject,
        name=who.name,
        roles=who.roles,
        on_behalf_of=who.on_behalf_of,
        org_id=None if who.org_id is None else encode("Org", who.org_id, who.org_id),
    )


def _target(record: Record) -> Target:
    what, org_id = record.view.target, record.view.org_id
    return Target(type=what.type, id=encode(what.type, org_id, what.id), name=what.name, own_id=what.id)
