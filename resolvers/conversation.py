"""Conversations: a user's messages with one number outside, and whether that number may be texted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Unpack
from uuid import UUID

from core.ids import encode
from core.storage import conversations, messages
from core.storage.listing import EVERYTHING, fetch_by
from core.storage.rows import ConversationRow, UserRow
from engine import Info, Registry
from resolvers import visibility
from resolvers.consent_states import ConsentState, of_conversations
from resolvers.context import RequestContext
from resolvers.global_ids import id_of
from resolvers.lists import PageArguments, Paging, of_each
from resolvers.references import load, resolve_held

registry = Registry()


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """A conversation before its first message. Its id stays the same until then; nothing is found by it."""

    graphql_type: ClassVar[str] = "Conversation"

    org_id: UUID
    id: UUID
    user_id: UUID
    peer: str
    last_message_id: UUID | None = None

    @property
    def global_id(self) -> str:
        """Its id as the API shows it."""
        return encode(self.graphql_type, self.org_id, self.id)


Conversation = ConversationRow | Beginning


@registry.bind("Query.conversation")
async def conversation(parents: Sequence[None], info: Info, *, user_id: str, peer: str) -> list[Conversation | None]:
    """Find a user's conversation with a number outside, begun or not."""
    context: RequestContext = info.context
    user = id_of(context, user_id, "User")
    return [None if user is None else await _find(context, user, peer)] * len(parents)


@registry.bind("User.conversations", reads=())
async def user_conversations(parents: Sequence[UserRow], info: Info, **asked: Unpack[PageArguments]) -> list[Any]:
    """Give a page of each user's conversations, the one with the newest message first."""
    paging = Paging(**asked)
    where = visibility.correspondence(info.context)
    ids = [each.id for each in parents]
    order = conversations.RECENT_FIRST
    return await of_each(info, conversations.CONVERSATIONS, order, paging, where, by="user_id", parents=ids)


@registry.bind("Conversation.user")
async def user(parents: Sequence[Conversation], info: Info) -> list[Any]:
    """Find the user: whoever sees a conversation sees whose it is."""
    return await resolve_held(info, "User", [each.user_id for each in parents])


@registry.bind("Conversation.last_message")
async def last_message(parents: Sequence[Conversation], info: Info) -> list[Any]:
    """Find the newest message."""
    return await resolve_held(info, "Message", [each.last_message_id for each in parents])


@registry.bind("Conversation.consent")
async def consent(parents: Sequence[Conversation], info: Info) -> list[ConsentState]:
    """Fold what each number outside has said about the user's number."""
    return await of_conversations(info.context, [(each.user_id, each.peer) for each in parents])


@registry.bind("Conversation.messages")
async def conversation_messages(
    parents: Sequence[Conversation], info: Info, **asked: Unpack[PageArguments]
) -> list[Any]:
    """Give a page of each conversation's messages, the oldest first."""
    paging = Paging(**asked)
    where = visibility.correspondence(info.context)
    ids = [each.id for each in parents]
    return await of_each(info, messages.MESSAGES, messages.BY_ID, paging, where, by="conversation_id", parents=ids)


async def _find(context: RequestContext, user_id: UUID, peer: str) -> Conversation | None:
    if not visibility.reads_correspondence_of(context, user_id):
        return None
    rows = await fetch_by(
        context.db.fetch,
        conversations.CONVERSATIONS,
        "user_id",
        [user_id],
        org=context.org_id,
        where=EVERYTHING & conversations.with_peer(peer),
    )
    if rows:
        return rows[0]
    if user_id not in await load(context, "User", [user_id]):
        return None
    # Keyed, so that the number cannot be guessed from it.
    id = context.store.audit.pseudonym(context.org_id, f"conversation {user_id} {peer}")
    return Beginning(org_id=context.org_id, id=id, user_id=user_id, peer=peer)
