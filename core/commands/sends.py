"""Sending a text: every send rule decides, and either everything is committed or the attempt is recorded as denied."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from audit.record import AuditKind, Erasable, Target
from core.commands import decided
from core.commands.message_rows import NewMessage, add_message, described, involved, new_message_id, queue
from core.commands.problems import Problems
from core.commands.reach import check_reach
from core.commands.refusals import Refused, SendDenied, not_found
from core.commands.send_facts import Draft, Sender, load_send
from core.commands.transaction import Answer, Transaction
from core.rules.enums import Direction, MessageStatus, Outcome
from core.rules.numbers import PhoneNumber
from core.rules.policy import Policy
from core.rules.retention import retain
from core.rules.segments import measure
from core.rules.sending import SendDecision, SendFacts, decide_send
from core.storage.fetching import Fetch

_BODY_RECORDED_MAX = 10_000
"""A denied text longer than this is recorded by its length alone: the log keeps evidence, not bulk."""

_IS_KNOWN = "SELECT true FROM texting.users WHERE org_id = $1 AND id = $2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A decision with what it was made from."""

    decision: SendDecision
    facts: SendFacts
    sender: Sender


async def judge(fetch: Fetch, org_id: UUID, draft: Draft, policy: Policy, *, now: datetime) -> Judged | None:
    """Decide a draft; `None` when the organization has no such user. The one way to ask, whoever asks."""
    loaded = await load_send(fetch, org_id, draft, policy, now=now)
    if loaded is None:
        return None
    facts, sender = loaded
    return Judged(decision=decide_send(facts, policy), facts=facts, sender=sender)


async def send_message(tx: Transaction, draft: Draft) -> Answer:
    """Queue a text with its record, or refuse it: `SendDenied` when a rule says no."""
    await _check_sender(tx, draft.user_id)
    _check_text(draft)
    judged = await judge(tx.fetch, tx.org_id, draft, tx.policy, now=tx.now)
    if judged is None:
        raise not_found("userId", draft.user_id)
    destination, own_number = judged.facts.destination, judged.sender.number
    tx.attempted = _attempted(tx, draft, destination.e164 if isinstance(destination, PhoneNumber) else draft.to)
    named = await decided.ids_of(tx.fetch, tx.org_id, [judged.sender.subjects], tx.policy)
    if judged.decision.outcome is not Outcome.ALLOWED:
        raise Refused(_denied(judged.decision, draft.user_id, named[draft.user_id]))
    if own_number is None or not isinstance(destination, PhoneNumber):
        raise RuntimeError("a send was allowed without a sender's or recipient's number: a rule is missing")
    message = NewMessage(
        org_id=tx.org_id,
        id=new_message_id(),
        user_id=draft.user_id,
        direction=Direction.OUTBOUND,
        own_number=own_number,
        number_id=judged.sender.number_id,
        peer=destination.e164,
        body=draft.body,
        size=measure(draft.body),
        statuses=(MessageStatus.ACCEPTED, MessageStatus.QUEUED),
        campaign_id=judged.sender.campaign_id,
        occurred_at=tx.now,
        recorded_at=tx.now,
        expires_at=retain(tx.now, tx.policy).expires_at,
        audit_id=tx.audit_id,
    )
    await add_message(tx.connection, message)
    await queue(tx.connection, message)
    await _record(tx, message, judged, named[draft.user_id])
    return Answer(type="MessageAccepted", refs={"message_ref": str(message.id), "record_ref": str(tx.audit_id)})


async def _record(tx: Transaction, message: NewMessage, judged: Judged, decision_id: str) -> None:
    acts_for_another = tx.attempt.principal.user_in(tx.org_id) != message.user_id
    await tx.record(
        target=Target(type="Message", id=message.id),
        before=None,
        after=described(message, tx.pseudonym),
        kind=AuditKind.SEND,
        involves=involved(message, tx.pseudonym),
        location_id=judged.sender.location_id,
        policy=judged.decision.policy_version,
        policy_digest=judged.decision.policy_digest,
        decision_id=decision_id,
        correlation_id=str(message.id),
        on_behalf_of=tx.global_id("User", message.user_id) if acts_for_another else None,
    )


async def _check_sender(tx: Transaction, user_id: UUID) -> None:
    """Refuse a sender who is not the caller's to send for; one who is not there is not found, whoever asks."""
    try:
        check_reach(tx, location_ids=(), user_id=user_id)
    except Refused:
        if not await tx.connection.fetchval(_IS_KNOWN, tx.org_id, user_id):
            raise not_found("userId", user_id) from None
        raise


def _check_text(draft: Draft) -> None:
    """Refuse what no store can hold; whether it may be sent is the rules' business."""
    problems = Problems()
    for path, value in (("to",), draft.to), (("body",), draft.body):
        if "\0" in value:
            problems.add(path, "NUL_CHARACTER", f"`{path[0]}` holds a NUL character: remove it")
        elif _has_lone_surrogate(value):
            problems.add(path, "NOT_UNICODE", f"`{path[0]}` holds half a character: remove lone surrogates")
    problems.refuse()


def _has_lone_surrogate(value: str) -> bool:
    return any("\ud800" <= char <= "\udfff" for char in value)


def _attempted(tx: Transaction, draft: Draft, to: str) -> dict[str, object]:
    outside = tx.pseudonym(to)
    shown: dict[str, object] = {"to": Erasable(to[:100], outside), "bodyLength": len(draft.body)}
    if len(draft.body) <= _BODY_RECORDED_MAX:
        shown["body"] = Erasable(draft.body, outside)
    if draft.media_urls:
        shown["mediaCount"] = len(draft.media_urls)
    return shown


def _denied(decision: SendDecision, user_id: UUID, decision_id: str) -> SendDenied:
    because = decision.decided_by.rule_id if decision.decided_by is not None else decision.outcome
    return SendDenied(
        message=f"the text may not go, by rule `{because}`: `decision` says why and what to do",
        decision=decision,
        user_id=user_id,
        decision_id=decision_id,
    )
