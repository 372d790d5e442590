"""Messages: by id and in pages, without their texts; the texts, the decisions and the histories apart."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from core.ids import uuid7_after, uuid7_floor
from core.rules.enums import MessageStatus
from core.storage.fetching import Fetch
from core.storage.listing import Listing, Where, condition, conditions
from core.storage.pages import Order
from core.storage.rows import MessageEventRow, MessageRow
from core.storage.selecting import any_id, any_text, columns, inlined, moment, org_id, text, uuid
from core.storage.statements import compiled
from core.storage.tables import Conversations, MessageEvents, Messages

_messages, _events, _conversations = columns(Messages), columns(MessageEvents), columns(Conversations)
_ID_LAG = timedelta(hours=1)
"""Far longer than a request lasts: a message has the time at which its request began, its id that of its own making."""

BY_ID = Order(name="messages.id", keys=("id",))

_with_peer = select(_conversations.id).where(
    _conversations.org_id == org_id(), _conversations.peer == text("message_peer")
)

MESSAGES = Listing(
    row=MessageRow,
    table=_messages,
    columns=(
        "org_id",
        "id",
        "user_id",
        "conversation_id",
        "direction",
        "from_number",
        "to_number",
        "body_state",
        "status",
        "failure_layer",
        "failure",
        "segments",
        "encoding",
        "created_at",
        "expires_at",
    ),
    conditions={
        "user_id": _messages.user_id == uuid("user_id"),
        "peer": _messages.conversation_id.in_(_with_peer),
        "direction": _messages.direction == text("direction"),
        "statuses": _messages.status == any_text("statuses"),
        "failure_layer": _messages.failure_layer == text("failure_layer"),
        # The bound on ids picks the partitions and the part of the index; the time decides below a millisecond.
        "created_from": (_messages.id >= uuid("id_from")) & (_messages.created_at >= moment("created_from")),
        "created_to": (_messages.id < uuid("id_to")) & (_messages.created_at < moment("created_to")),
        "seen": _messages.user_id == uuid("seen_user"),
    },
)

EVENTS = Listing(
    row=MessageEventRow,
    table=_events,
    columns=("org_id", "message_id", "id", "status", "occurred_at", "failure"),
)

BODIES = compiled(
    select(_messages.id, _messages.body).where(_messages.org_id == org_id(), _messages.id == any_id("ids"))
)
_stopped_at = (
    select(func.min(_events.occurred_at))
    .where(
        _events.org_id == _messages.org_id,
        _events.message_id == _messages.id,
        _events.status == inlined(MessageStatus.BLOCKED),
    )
    .scalar_subquery()
)
DECISIONS = compiled(
    select(
        _messages.id,
        _messages.user_id,
        _messages.decision,
        func.coalesce(_stopped_at, _messages.created_at).label("at"),
    ).where(_messages.org_id == org_id(), _messages.id == any_id("ids"), _messages.decision.is_not(None))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoppedBy:
    """Why and when (UTC) our rules stopped a user's message: the decision as `core.rules.send_record` keeps it."""

    user_id: UUID
    decision: Mapping[str, Any]
    at: datetime


def where(
    *,
    user_id: UUID | None = None,
    peer: str | None = None,
    direction: str | None = None,
    statuses: Sequence[str] | None = None,
    failure_layer: str | None = None,
    created_from: datetime | None = None,
    created_to: datetime | None = None,
) -> Where:
    """Which messages; `None` asks nothing, and no status at all asks for none."""
    listed = None if statuses is None else [str(status) for status in statuses]
    wanted = conditions(
        {"user_id": user_id, "direction": direction, "statuses": listed, "failure_layer": failure_layer}
    )
    if peer is not None:
        wanted &= condition("peer", message_peer=peer)
    if created_from is not None:
        wanted &= condition("created_from", created_from=created_from, id_from=uuid7_floor(created_from))
    if created_to is not None:
        wanted &= condition("created_to", created_to=created_to, id_to=uuid7_after(created_to, lag=_ID_LAG))
    return wanted


async def bodies(fetch: Fetch, org: UUID, ids: Iterable[UUID]) -> dict[UUID, str | None]:
    """Read the texts of messages, by id, in one statement. The caller has made sure that they may be read."""
    rows = await fetch(BODIES, org_id=org, ids=list(dict.fromkeys(ids)))
    return {row["id"]: row["body"] for row in rows}


async def decisions(fetch: Fetch, org: UUID, ids: Iterable[UUID]) -> dict[UUID, StoppedBy]:
    """Read why our rules stopped messages, by id, in one statement; those that were not stopped are missing."""
    rows = await fetch(DECISIONS, org_id=org, ids=list(dict.fromkeys(ids)))
    return {row["id"]: StoppedBy(user_id=row["user_id"], decision=row["decision"], at=row["at"]) for row in rows}
