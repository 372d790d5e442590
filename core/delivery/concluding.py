"""After a text was handed over: what the carrier answered, and when somebody looks at the text again."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import assert_never

from core.delivery import ledger, outbox
from core.delivery.backoff import rest
from core.delivery.carriers.carrier import Carrier
from core.delivery.held import Held, hold, reached_at
from core.delivery.outbox import Claim
from core.delivery.outcomes import Accepted, Outcome, Permanent, Temporary, Throttled, Unknown
from core.delivery.steps import Step, take
from core.delivery.work import Work
from core.rules.enums import MessageStatus
from core.rules.states import MESSAGE, is_final, may_become

ASK_AGAIN = timedelta(minutes=15)
"""How long an idempotent carrier that does not answer is asked again; then the text's fate is unknown."""


async def conclude(work: Work, claimed: Claim, outcome: Outcome, carrier: Carrier) -> None:
    """Record an outcome. Raises `LookupError` when the message is gone.

    A worker whose claim ran out comes too late to say that the text did not go: somebody else may be handing it over
    right now. That the carrier has it is true whoever says it.
    """
    held = await hold(work, claimed.message_id)
    if held is None:
        raise LookupError(f"message `{claimed.message_id}` went away while it was handed over")
    is_ours = held.place is not None and held.place.attempts == claimed.attempts
    step = await _step(work, held, outcome, carrier)
    if step is not None:
        applied = may_become(MESSAGE, held.status, step.status) and (is_ours or isinstance(outcome, Accepted))
        held = await take(work, held, replace(step, applied=applied))
        if step.status is MessageStatus.FAILED and applied:
            await ledger.reconcile(work, held, step)
    if is_ours:
        await _place(work, held, outcome)


async def _step(work: Work, held: Held, outcome: Outcome, carrier: Carrier) -> Step | None:
    """Say what the outcome makes of the message; `None` when it is to be asked for again."""
    match outcome:
        case Accepted(carrier_message_id=id):
            return _said(work, MessageStatus.SENT, carrier=carrier.name, carrier_message_id=id)
        case Throttled(failure=failure) | Temporary(failure=failure):
            return _said(work, MessageStatus.QUEUED, failure=failure)
        case Permanent(failure=failure):
            return _said(work, MessageStatus.FAILED, failure=failure)
        case Unknown():
            if held.status is not MessageStatus.SENDING or await _may_ask_again(work, held, carrier):
                return None
            return _said(work, MessageStatus.DELIVERY_UNKNOWN)
        case _:
            assert_never(outcome)


def _said(work: Work, status: MessageStatus, **more: object) -> Step:
    return Step(status=status, occurred_at=work.now, **more)  # type: ignore[arg-type]


async def _may_ask_again(work: Work, held: Held, carrier: Carrier) -> bool:
    if not carrier.is_idempotent or held.place is None or work.now >= held.place.send_by:
        return False
    return work.now < await reached_at(work, held) + ASK_AGAIN


async def _place(work: Work, held: Held, outcome: Outcome) -> None:
    """Keep the text's place for as long as something may have to be done with it."""
    if is_final(held.status):
        await outbox.remove(work.connection, work.org_id, held.id)
    else:
        await outbox.revisit(work.connection, work.org_id, held.id, _next_look(work, held, outcome))


def _next_look(work: Work, held: Held, outcome: Outcome) -> datetime:
    if held.status is MessageStatus.SENT:
        return work.now + timedelta(seconds=work.policy.delivery_receipt_timeout_s.value)
    assert held.place is not None, "only a place that is ours is moved"
    asked = outcome.retry_after if isinstance(outcome, Throttled) else None
    return min(work.now + (asked or rest(held.place.attempts, held.id)), held.place.send_by)
