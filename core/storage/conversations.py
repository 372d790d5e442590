"""Conversations: by id, by peer, and in pages with the newest message first."""

from core.storage.listing import Listing, Where, condition
from core.storage.pages import Order
from core.storage.rows import ConversationRow
from core.storage.selecting import columns, text, uuid
from core.storage.tables import Conversations

_conversations = columns(Conversations)

RECENT_FIRST = Order(name="conversations.recent", keys=("last_message_id",), descending=True)

CONVERSATIONS = Listing(
    row=ConversationRow,
    table=_conversations,
    columns=("org_id", "id", "user_id", "peer", "last_message_id"),
    conditions={
        "peer": _conversations.peer == text("peer"),
        "seen": _conversations.user_id == uuid("seen_user"),
    },
)


def with_peer(peer: str) -> Where:
    """Which conversations: those with this number outside."""
    return condition("peer", peer=peer)
