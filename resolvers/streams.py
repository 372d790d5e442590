"""Subscriptions: what is new, in the order of the sealed log, from any place in it and without a gap.

Nothing is kept for a subscriber but a place. What is new is read when the subscriber has taken what came before, so a
slow one costs no memory, and one that comes back says where it was. Who asks, and what that person may see, is asked
anew each time.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from core.storage.audit_records import IN_TREE, IS_SEALED, SEALED
from core.storage.audit_trees import signed_size
from core.storage.listing import fetch_ids, fetch_page
from core.storage.message_steps import BY_LEAF, steps
from core.storage.messages import MESSAGES
from core.storage.pages import Key, Order, PageError, PageRequest, cursor, place_of
from core.storage.rows import MessageEventRow, MessageRow
from engine import Info, Registry
from resolvers import filters, visibility
from resolvers.audit_views import Record, views
from resolvers.context import RequestContext
from resolvers.errors import BadInput, Unknown
from resolvers.global_ids import enters, id_of
from resolvers.references import resolve
from schema.audit import AuditFilter

registry = Registry()

EVENTS_AT_ONCE = 100
"""How many events are read in one snapshot."""

LEAVES_AT_ONCE = 5_000
"""How far through the log one read goes: what is wanted may be rare, and a statement has to end."""

_LAST_STEP = UUID(int=2**128 - 1)
"""Stands behind every step of a leaf."""

Read = Callable[[Key, int], Awaitable[tuple[list[Any], Key | None]]]
"""Reads what comes after a place and below a leaf: events, and the place of the last row if there may be more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordEvent:
    """A record that was sealed."""

    graphql_type: ClassVar[str] = "AuditRecordEvent"

    cursor: str
    record: Record


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageEvent:
    """A step of a message's life, and the message as it is."""

    graphql_type: ClassVar[str] = "MessageEvent"

    cursor: str
    message: MessageRow
    change: MessageEventRow


@registry.bind("Subscription.audit_record_sealed")
async def audit_record_sealed(
    info: Info, *, org_id: str, filter: AuditFilter | None, after: str | None
) -> AsyncIterator[RecordEvent]:
    """Give the sealed records that the caller may see, in the order of their leaves."""
    context: RequestContext = info.context
    if not enters(context, org_id):
        raise Unknown("`orgId` names no organization that the caller may enter: give the id of one's own")

    async def read(place: Key, below: int) -> tuple[list[Any], Key | None]:
        # What the caller may see may change while the subscription lasts.
        where = visibility.audit(context) & filters.audit(context, filter) & IS_SEALED
        request = PageRequest(order=IN_TREE, size=EVENTS_AT_ONCE, after=place, before=(below,))
        page = await fetch_page(context.db.fetch, SEALED, request, org=context.org_id, where=where, counted=False)
        events = [RecordEvent(cursor=cursor(IN_TREE, each), record=each) for each in await views(context, page.nodes)]
        return events, (page.nodes[-1]["leaf_index"],) if page.has_more else None

    return _follow(context, await _begin(context, IN_TREE, after), (), read)


@registry.bind("Subscription.message_events")
async def message_events(
    info: Info, *, org_id: str | None, user_id: str | None, after: str | None
) -> AsyncIterator[MessageEvent]:
    """Give the steps of messages that the caller may see, in the order of their records' leaves."""
    context: RequestContext = info.context
    if not enters(context, org_id):
        raise Unknown("`orgId` names no organization that the caller may enter: leave it out for one's own")
    wanted = None if user_id is None else id_of(context, user_id, "User")
    if user_id is not None and (wanted is None or await resolve(info, "User", [wanted]) == [None]):
        raise Unknown("`userId` names no user that the caller may see: leave it out for all of them")

    async def read(place: Key, below: int) -> tuple[list[Any], Key | None]:
        visible = visibility.correspondence(context)
        everybodys = visibility.reads_whole(context, context.org_id)
        user = wanted if wanted is not None or everybodys else visibility.own_user(context)
        rows = await steps(context.db, context.org_id, after=place, below=below, user_id=user, limit=EVENTS_AT_ONCE)
        ids = [row.message_id for row in rows]
        seen = await fetch_ids(context.db.fetch, MESSAGES, ids, org=context.org_id, where=visible)
        events = [
            MessageEvent(cursor=cursor(BY_LEAF, row), message=seen[row.message_id], change=row)
            for row in rows
            if row.message_id in seen
        ]
        return events, (rows[-1].leaf_index, rows[-1].id) if len(rows) == EVENTS_AT_ONCE else None

    return _follow(context, await _begin(context, BY_LEAF, after), (_LAST_STEP,), read)


async def _begin(context: RequestContext, order: Order, after: str | None) -> Key:
    """Give the place to begin behind: the cursor's, else the end of the log as it is now."""
    try:
        begin = place_of(order, "after", after, whence="`cursor` of an event")
    except PageError as error:
        raise BadInput(str(error)) from error
    if begin is None:
        newest = await signed_size(context.db, context.org_id) - 1
        begin = (newest,) if order is IN_TREE else (newest, _LAST_STEP)
    await context.close()
    return begin


async def _follow(context: RequestContext, place: Key, rest: Key, read: Read) -> AsyncIterator[Any]:
    """Give everything behind a place, then wait for more. `rest`: what stands behind every place of a leaf."""
    with context.store.news.follow(context.org_id) as more:
        while True:
            await context.again()
            end: Key = (await signed_size(context.db, context.org_id) - 1, *rest)
            while place < end:
                below = min(int(str(end[0])), int(str(place[0])) + LEAVES_AT_ONCE) + 1
                events, reached = await read(place, below)
                for event in events:
                    yield event
                place = reached or (below - 1, *rest)
                await context.again()
            await context.close()
            await more()
