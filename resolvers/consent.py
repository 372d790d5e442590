"""Consent: what the ledger says about one pair of numbers, and its entries."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from core.rules.consent import ConsentQuestion
from core.rules.enums import ConsentBasis
from core.storage import numbers
from core.storage.listing import fetch_where
from core.storage.rows import ConsentEventRow, PhoneNumberRow
from engine import Info, Registry
from resolvers import bodies, visibility
from resolvers.consent_states import ConsentState, of_questions
from resolvers.context import RequestContext
from resolvers.global_ids import enters, id_of
from resolvers.references import load, resolve
from schema.access import WHOLE_ORG

registry = Registry()


@registry.bind("Query.consent")
async def consent(
    parents: Sequence[None],
    info: Info,
    *,
    recipient: str,
    sender: str | None,
    campaign_id: str | None,
    org_id: str | None,
    as_of: datetime | None,
) -> list[Any]:
    """Answer one question, unless it is about a number or campaign that is not the caller's to ask about."""
    context: RequestContext = info.context
    if not enters(context, org_id):
        return [None] * len(parents)
    question = await _question(context, recipient, sender, campaign_id)
    if question is None:
        return [None] * len(parents)
    return (await of_questions(context, [question], as_of=as_of)) * len(parents)


@registry.bind("ConsentState.decided_by")
async def decided_by(parents: Sequence[ConsentState], info: Info) -> list[Any]:
    """Give the entries that decide, those that the caller may see."""
    if info.context.roles & WHOLE_ORG:
        return [each.event for each in parents]
    ids = [None if each.event is None else each.event.id for each in parents]
    return await resolve(info, "ConsentEvent", ids)


@registry.bind("ConsentEvent.campaign")
async def campaign(parents: Sequence[ConsentEventRow], info: Info) -> list[Any]:
    """Find the campaign."""
    return await resolve(info, "Campaign", [each.campaign_id for each in parents])


@registry.bind("ConsentEvent.evidence")
def evidence(parents: Sequence[ConsentEventRow], info: Info) -> list[str | None]:
    """Give notes, and raw messages to those who may read them, which is noted and recorded."""
    return [_evidence(info.context, each) for each in parents]


@registry.bind("ConsentEvent.message")
async def message(parents: Sequence[ConsentEventRow], info: Info) -> list[Any]:
    """Find the messages that said it, those that the caller may see."""
    return await resolve(info, "Message", [each.message_id for each in parents])


async def _question(
    context: RequestContext, recipient: str, sender: str | None, campaign_id: str | None
) -> ConsentQuestion | None:
    """Put the question; a campaign that is not given is the sender's. A user asks about the own number only."""
    number = None if sender is None else await _our_number(context, sender)
    if not _may_ask(context, sender, number):
        return None
    campaign = None if number is None else number.campaign_id
    if campaign_id is not None:
        named = id_of(context, campaign_id, "Campaign")
        if named is None or not (named == campaign or await load(context, "Campaign", [named])):
            return None
        campaign = named
    return ConsentQuestion(
        recipient=recipient,
        sender=sender,
        campaign_id=campaign,
        user_id=None if number is None else number.owner_id,
    )


def _may_ask(context: RequestContext, sender: str | None, number: PhoneNumberRow | None) -> bool:
    if sender is None or context.roles & WHOLE_ORG:
        return True
    return number is not None and bodies.is_own(context, number.owner_id)


async def _our_number(context: RequestContext, phone_number: str) -> PhoneNumberRow | None:
    where = visibility.people(context) & numbers.is_number(phone_number)
    rows = await fetch_where(context.db.fetch, numbers.NUMBERS, org=context.org_id, where=where)
    return rows[0] if rows else None


def _evidence(context: RequestContext, event: ConsentEventRow) -> str | None:
    text: str | None = event.evidence
    is_raw = event.basis == ConsentBasis.KEYWORD or event.message_id is not None
    if text is None or not is_raw:
        return text
    if not visibility.reads_bodies_of_others(context):
        return None
    bodies.note(context, "ConsentEvent", event.id, [] if event.message_id is None else [event.message_id])
    return text
