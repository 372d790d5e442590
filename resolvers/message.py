"""Messages: one by id, an organization's, a user's; what was written, why it was stopped or failed, and its history."""

from collections.abc import Sequence
from typing import Any, Unpack
from uuid import UUID

from core.rules.enums import BodyState
from core.storage import messages
from core.storage.listing import EVERYTHING, NOTHING, fetch_by
from core.storage.pages import Page
from core.storage.rows import MessageEventRow, MessageRow, UserRow
from engine import Info, Registry
from resolvers import bodies, filters, visibility
from resolvers.context import RequestContext
from resolvers.global_ids import enters, id_of
from resolvers.lists import PageArguments, Paging, of_each, whole
from resolvers.message_failures import MessageFailure, failure
from resolvers.references import resolve, resolve_held
from resolvers.sending import SendDecision, kept
from schema.message import MessageFilter

registry = Registry()


@registry.bind("Query.message")
async def message(parents: Sequence[None], info: Info, *, id: str) -> list[Any]:
    """Find a message by its global id."""
    found = await resolve(info, "Message", [id_of(info.context, id, "Message")])
    return found * len(parents)


@registry.bind("Query.messages")
async def query_messages(
    parents: Sequence[None],
    info: Info,
    *,
    org_id: str | None,
    filter: MessageFilter | None,
    **asked: Unpack[PageArguments],
) -> list[Page[MessageRow]]:
    """Give a page of the messages of the organization entered; of another one there are none."""
    context: RequestContext = info.context
    paging = Paging(**asked)
    where = visibility.correspondence(context) & filters.messages(context, filter)
    if not enters(context, org_id):
        where = NOTHING
    return [await whole(info, messages.MESSAGES, messages.BY_ID, paging, where)] * len(parents)


@registry.bind("User.messages", reads=())
async def user_messages(
    parents: Sequence[UserRow], info: Info, *, filter: MessageFilter | None, **asked: Unpack[PageArguments]
) -> list[Any]:
    """Give a page of each user's messages."""
    paging = Paging(**asked)
    where = visibility.correspondence(info.context) & filters.messages(info.context, filter)
    ids = [each.id for each in parents]
    return await of_each(info, messages.MESSAGES, messages.BY_ID, paging, where, by="user_id", parents=ids)


@registry.bind("Message.user")
async def user(parents: Sequence[MessageRow], info: Info) -> list[Any]:
    """Find the user: whoever sees a message sees whose it is."""
    return await resolve_held(info, "User", [each.user_id for each in parents])


@registry.bind("Message.body")
async def body(parents: Sequence[MessageRow], info: Info) -> list[str | None]:
    """Read the texts that the caller may read; those of others are noted, and recorded before anything is answered."""
    context: RequestContext = info.context
    readable = [each for each in parents if _body_state(context, each) is BodyState.AVAILABLE]
    texts: dict[UUID, str | None] = {}
    if readable:
        texts = await messages.bodies(context.db.fetch, context.org_id, [each.id for each in readable])
    for each in readable:
        if texts.get(each.id) is not None and not bodies.is_own(context, each.user_id):
            bodies.note(context, "Message", each.id, [each.user_id])
    return [texts.get(each.id) for each in parents]


@registry.bind("Message.body_state")
def body_state(parents: Sequence[MessageRow], info: Info) -> list[BodyState]:
    """Say whether the caller may read each text."""
    return [_body_state(info.context, each) for each in parents]


@registry.bind("Message.decision")
async def decision(parents: Sequence[MessageRow], info: Info) -> list[SendDecision | None]:
    """Give what stopped each message, as it was decided then."""
    context: RequestContext = info.context
    stopped = await messages.decisions(context.db.fetch, context.org_id, [each.id for each in parents])
    return kept(context, parents, stopped)


@registry.bind("Message.failure")
def message_failure(parents: Sequence[MessageRow], info: Info) -> list[MessageFailure | None]:
    """Give what the row holds."""
    return [failure(info.context, each.failure) for each in parents]


@registry.bind("Message.status_history")
async def status_history(parents: Sequence[MessageRow], info: Info) -> list[list[MessageEventRow]]:
    """Read every step of each message's life, the oldest first; those of one moment in the order they were learned."""
    context: RequestContext = info.context
    ids = [each.id for each in parents]
    rows = await fetch_by(context.db.fetch, messages.EVENTS, "message_id", ids, org=context.org_id, where=EVERYTHING)
    steps: dict[UUID, list[MessageEventRow]] = {id: [] for id in ids}
    for row in sorted(rows, key=lambda row: (row.occurred_at, row.id)):
        steps[row.message_id].append(row)
    return [steps[id] for id in ids]


@registry.bind("MessageStatusChange.failure")
def step_failure(parents: Sequence[MessageEventRow], info: Info) -> list[MessageFailure | None]:
    """Give what the row holds."""
    return [failure(info.context, each.failure) for each in parents]


def _body_state(context: RequestContext, message: MessageRow) -> BodyState:
    stored = BodyState(message.body_state)
    if stored is BodyState.AVAILABLE and not bodies.may_read(context, message.user_id):
        return BodyState.WITHHELD
    return stored
