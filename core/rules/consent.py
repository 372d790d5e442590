"""Who asked not to be texted: a fold over the ledger of what recipients said (47 CFR 64.1200(a)(10) to (12))."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.rules.business_days import add_business_days
from core.rules.enums import ConsentAction, ConsentBasis, ConsentScope, Keyword
from core.rules.keywords import DEFAULT_KEYWORDS, KeywordLists, recognise
from core.rules.policy import Policy

_WIDTH = {scope: width for width, scope in enumerate(ConsentScope)}
"""Narrowest first, as the closed set is written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentEvent:
    """One line of the ledger. `sender` is set for NUMBER_PAIR and SENDER_NUMBER, `campaign_id` for CAMPAIGN.

    `user_id`: who held the sender's number when it was said. Times are UTC.
    """

    id: UUID
    recipient: str
    scope: ConsentScope
    action: ConsentAction
    basis: ConsentBasis
    occurred_at: datetime
    recorded_at: datetime
    sender: str | None = None
    campaign_id: UUID | None = None
    user_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentQuestion:
    """May this sender text this recipient. `None` = not asked about: only wider scopes can contain the question.

    `user_id`: who holds the sender's number. `held_by_another_until`: the last moment another user held it; what was
    said to that user about the pair has ended.
    """

    recipient: str
    sender: str | None = None
    campaign_id: UUID | None = None
    user_id: UUID | None = None
    held_by_another_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentState:
    """Where it stands. `decided_by`: the opt-out longest in force, else the last word, else nothing was said."""

    opted_out: bool
    decided_by: ConsentEvent | None = None
    since: datetime | None = None


NOTHING_SAID = ConsentState(opted_out=False)
"""The recipient never asked for anything."""


def keyword(body: str, lists: KeywordLists = DEFAULT_KEYWORDS) -> Keyword | None:
    """Name what an inbound message asks for when, as a whole, it is a keyword; else `None`."""
    return recognise(body, lists)


def keyword_scope(policy: Policy, campaign_id: UUID | None) -> ConsentScope:
    """Give the scope a keyword has: the policy's, which is never narrower than the program.

    A number in no campaign is a program by itself: SENDER_NUMBER, which an opt-in lifts once it is in one.
    """
    if policy.keyword_scope.value == ConsentScope.ORG:
        return ConsentScope.ORG
    return ConsentScope.CAMPAIGN if campaign_id is not None else ConsentScope.SENDER_NUMBER


def due_by(occurred_at: datetime, policy: Policy) -> datetime:
    """Give when an opt-out must be honoured at the latest (UTC): ten business days after it was said."""
    return add_business_days(occurred_at, policy.opt_out_business_days.value)


def fold(events: Iterable[ConsentEvent], question: ConsentQuestion, *, as_of: datetime | None = None) -> ConsentState:
    """Fold the ledger: any opt-out in force at a scope that contains the question denies.

    An opt-in lifts opt-outs of its own or a narrower scope. Events count in the order they were said, whatever order
    they are given in; with `as_of`, only those said until then.
    """
    in_force: dict[ConsentScope, ConsentEvent] = {}
    last: ConsentEvent | None = None
    for event in sorted(events, key=_order):
        if (as_of is not None and event.occurred_at > as_of) or not contains(event, question):
            continue
        last = event
        if event.action == ConsentAction.OPT_OUT:
            in_force.setdefault(event.scope, event)
        else:
            in_force = {scope: out for scope, out in in_force.items() if _WIDTH[scope] > _WIDTH[event.scope]}
    if in_force:
        last = min(in_force.values(), key=_order)
    if last is None:
        return NOTHING_SAID
    return ConsentState(opted_out=bool(in_force), decided_by=last, since=last.occurred_at)


def contains(event: ConsentEvent, question: ConsentQuestion) -> bool:
    """Say whether what was said is about the sender and recipient asked about."""
    if event.recipient != question.recipient:
        return False
    match event.scope:
        case ConsentScope.NUMBER_PAIR:
            return event.sender is not None and event.sender == question.sender and not _ended(event, question)
        case ConsentScope.SENDER_NUMBER:
            return event.sender is not None and event.sender == question.sender
        case ConsentScope.CAMPAIGN:
            return event.campaign_id is not None and event.campaign_id == question.campaign_id
        case ConsentScope.ORG:
            return True


def _ended(event: ConsentEvent, question: ConsentQuestion) -> bool:
    if event.user_id is not None and question.user_id is not None and event.user_id != question.user_id:
        return True
    until = question.held_by_another_until
    return until is not None and event.occurred_at < until


def _order(event: ConsentEvent) -> tuple[datetime, datetime, str]:
    return event.occurred_at, event.recorded_at, event.id.hex
