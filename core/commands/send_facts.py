"""Everything a send is decided on, read at one moment: before a message is accepted, and again before it goes out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_, select

from core.commands.usage import LAST_ID, Traffic, load_usage
from core.rules.consent import NOTHING_SAID, ConsentQuestion, ConsentState, fold
from core.rules.eligibility import decide
from core.rules.enums import (
    BlockAuthority,
    Direction,
    Level,
    PhoneNumberType,
    TrafficBlockKind,
    TrafficBlockReason,
)
from core.rules.numbers import PhoneNumber, Problem, parse_imported, time_zones
from core.rules.policy import Policy
from core.rules.segments import measure
from core.rules.sending import SendFacts, TrafficBlock
from core.storage import facts
from core.storage.consent import as_event, said_by
from core.storage.fetching import Fetch
from core.storage.origins import Subjects
from core.storage.selecting import any_id, columns, inlined, moment, org_id, text, uuid
from core.storage.statements import compiled
from core.storage.states import OrgState, UserState
from core.storage.tables import Conversations, Messages, PhoneNumbers, TrafficBlocks

_numbers, _blocks = columns(PhoneNumbers), columns(TrafficBlocks)
_conversations, _messages = columns(Conversations), columns(Messages)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A text that somebody would send. `before`: the message's own id when it exists already.

    `answers_keyword`: it confirms what the recipient just asked for, which is allowed once they opted out.
    """

    user_id: UUID
    to: str
    body: str
    media_urls: tuple[str, ...] = ()
    before: UUID = LAST_ID
    answers_keyword: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who would send it: the user, and the primary number where there is one."""

    user_id: UUID
    location_id: UUID
    number_id: UUID | None
    number: str | None
    campaign_id: UUID | None
    subjects: Subjects
    """Whom the decision whether the user may text at all was about."""


SENDER_NUMBER = compiled(
    select(_numbers.phone_number).where(
        _numbers.org_id == org_id(),
        _numbers.id == uuid("number_id"),
        _numbers.type == inlined(PhoneNumberType.PRIMARY),
    )
)
BLOCKS = compiled(
    select(
        *(_blocks[name] for name in ("target_id", "kind", "imposed_by", "reason", "started_at", "ended_at")),
    ).where(
        _blocks.org_id == org_id(),
        _blocks.target_id == any_id("target_ids"),
        _blocks.started_at <= moment("now"),
        or_(_blocks.ended_at.is_(None), _blocks.ended_at > moment("now")),
    )
)
HAS_WRITTEN = compiled(
    select(inlined(1).label("has_written"))
    .select_from(Conversations)
    .join(
        Messages,
        and_(_messages.org_id == _conversations.org_id, _messages.conversation_id == _conversations.id),
    )
    .where(
        _conversations.org_id == org_id(),
        _conversations.user_id == uuid("user_id"),
        _conversations.peer == text("recipient"),
        _messages.direction == inlined(Direction.INBOUND),
    )
    .limit(inlined(1))
)


async def load_send(
    fetch: Fetch, organization: UUID, draft: Draft, policy: Policy, *, now: datetime
) -> tuple[SendFacts, Sender] | None:
    """Read what decides the draft; `None` when the organization has no such user."""
    stored = await facts.load(fetch, organization, [draft.user_id])
    user = stored.users.get(draft.user_id) if stored is not None else None
    if stored is None or user is None:
        return None
    sender = await _sender(fetch, stored.org, user)
    destination = parse_imported(draft.to)
    recipient = destination.e164 if isinstance(destination, PhoneNumber) else ""
    traffic = Traffic(
        org_id=organization,
        user_id=sender.user_id,
        sender=sender.number,
        campaign_id=sender.campaign_id,
        recipient=recipient,
        before=draft.before,
    )
    made = SendFacts(
        eligibility=decide(user.subject(stored.org), policy),
        destination=destination,
        body=draft.body,
        now=now,
        consent=NOTHING_SAID
        if draft.answers_keyword
        else await load_consent(fetch, organization, _question(recipient, sender)),
        media_urls=draft.media_urls,
        blocks=await _load_blocks(fetch, organization, sender, now),
        usage=await load_usage(fetch, traffic, policy, segments=measure(draft.body).segments, now=now),
        recipient_zones=time_zones(recipient),
        conversational=await _has_written(fetch, organization, sender, destination, policy),
    )
    return made, sender


async def load_consent(
    fetch: Fetch, organization: UUID, question: ConsentQuestion, *, as_of: datetime | None = None
) -> ConsentState:
    """Fold what the recipient has said, in one statement."""
    said = await said_by(fetch, organization, [question.recipient])
    return fold([as_event(row) for row in said[question.recipient]], question, as_of=as_of)


def _question(recipient: str, sender: Sender) -> ConsentQuestion:
    return ConsentQuestion(
        recipient=recipient, sender=sender.number, campaign_id=sender.campaign_id, user_id=sender.user_id
    )


async def _sender(fetch: Fetch, org: OrgState, user: UserState) -> Sender:
    number = None
    if user.number_id is not None:
        rows = await fetch(SENDER_NUMBER, org_id=org.org_id, number_id=user.number_id)
        number = rows[0]["phone_number"] if rows else None
    return Sender(
        user_id=user.user_id,
        location_id=user.location.location_id,
        number_id=user.number_id,
        number=number,
        campaign_id=user.number.campaign_id if user.number is not None else None,
        subjects=Subjects.of_user(org, user),
    )


async def _load_blocks(fetch: Fetch, organization: UUID, sender: Sender, now: datetime) -> tuple[TrafficBlock, ...]:
    levels = {organization: Level.ORG, sender.user_id: Level.USER}
    if sender.number_id is not None:
        levels[sender.number_id] = Level.NUMBER
    if sender.campaign_id is not None:
        levels[sender.campaign_id] = Level.CAMPAIGN
    rows = await fetch(BLOCKS, org_id=organization, target_ids=list(levels), now=now)
    return tuple(_block(row, levels[row["target_id"]]) for row in rows)


async def _has_written(
    fetch: Fetch, organization: UUID, sender: Sender, destination: PhoneNumber | Problem, policy: Policy
) -> bool:
    """Say whether the recipient wrote to this user before; only the hours ask."""
    if not policy.hours.value.enabled or isinstance(destination, Problem):
        return False
    rows: Sequence[Any] = await fetch(
        HAS_WRITTEN, org_id=organization, user_id=sender.user_id, recipient=destination.e164
    )
    return bool(rows)


def _block(row: Any, level: Level) -> TrafficBlock:
    return TrafficBlock(
        target=level,
        kind=TrafficBlockKind(row["kind"]),
        imposed_by=BlockAuthority(row["imposed_by"]),
        reason=TrafficBlockReason(row["reason"]),
        started_at=row["started_at"],
        ended_at=row["ended_at"],
    )
