"""The consent ledger: in pages, and all that was said by some recipients."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import and_, or_, select

from core.rules.consent import ConsentEvent
from core.rules.enums import ConsentAction, ConsentBasis, ConsentScope
from core.storage.fetching import Fetch
from core.storage.listing import Listing, Where, condition
from core.storage.pages import Order
from core.storage.rows import ConsentEventRow
from core.storage.selecting import any_text, columns, inlined, org_id, text, uuid
from core.storage.statements import compiled
from core.storage.tables import ConsentEvents, Conversations, PhoneNumbers

_events, _conversations, _numbers = columns(ConsentEvents), columns(Conversations), columns(PhoneNumbers)

NEWEST_FIRST = Order(name="consent.id", keys=("id",), descending=True)

_COLUMNS = (
    "org_id",
    "id",
    "recipient",
    "scope",
    "sender",
    "sender_user_id",
    "campaign_id",
    "action",
    "basis",
    "evidence",
    "message_id",
    "occurred_at",
    "recorded_at",
    "due_by",
    "honored_at",
    "audit_id",
)
_peers_of_seen = select(_conversations.peer).where(
    _conversations.org_id == org_id(), _conversations.user_id == uuid("seen_user")
)
_numbers_of_seen = select(_numbers.phone_number).where(
    _numbers.org_id == org_id(), _numbers.owner_id == uuid("seen_user")
)

CONSENT = Listing(
    row=ConsentEventRow,
    table=_events,
    columns=_COLUMNS,
    conditions={
        "recipient": _events.recipient == text("recipient"),
        # What decides a user's own conversations: the peer's wishes about the user's number, campaign or organization.
        "seen": and_(
            _events.recipient.in_(_peers_of_seen),
            or_(
                _events.scope == inlined(ConsentScope.CAMPAIGN),
                _events.scope == inlined(ConsentScope.ORG),
                _events.sender.in_(_numbers_of_seen),
            ),
        ),
    },
)

SAID_BY = compiled(
    select(*(_events[name] for name in _COLUMNS)).where(
        _events.org_id == org_id(), _events.recipient == any_text("recipients")
    )
)


def by_recipient(recipient: str | None) -> Where:
    """Which entries: those about this number outside; all when `None`."""
    return Where() if recipient is None else condition("recipient", recipient=recipient)


async def said_by(fetch: Fetch, org: UUID, recipients: Iterable[str]) -> dict[str, list[ConsentEventRow]]:
    """Read everything that these numbers ever said, by number, in one statement."""
    wanted = list(dict.fromkeys(recipients))
    found: dict[str, list[ConsentEventRow]] = {recipient: [] for recipient in wanted}
    for row in await fetch(SAID_BY, row=ConsentEventRow, org_id=org, recipients=wanted):
        found[row["recipient"]].append(row)
    return found


def as_event(row: ConsentEventRow) -> ConsentEvent:
    """Turn a stored entry into what the fold reads."""
    return ConsentEvent(
        id=row["id"],
        recipient=row["recipient"],
        scope=ConsentScope(row["scope"]),
        action=ConsentAction(row["action"]),
        basis=ConsentBasis(row["basis"]),
        occurred_at=row["occurred_at"],
        recorded_at=row["recorded_at"],
        sender=row["sender"],
        campaign_id=row["campaign_id"],
        user_id=row["sender_user_id"],
    )
