"""One claimed text from the outbox to the carrier: two transactions, and the carrier's call between them.

What is lost when the program stops: before the first commit nothing happened; after it the message is SENDING, and the
claim that runs out brings it back. A carrier that takes a message id once gets it again; any other one does not, and
the text's fate is DELIVERY_UNKNOWN: late is never twice.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime

import structlog

from core.commands.transaction import Store
from core.delivery import outbox
from core.delivery.backoff import rest
from core.delivery.carriers.carrier import Carrier, OutboundText
from core.delivery.concluding import conclude
from core.delivery.held import hold
from core.delivery.outbox import Claim
from core.delivery.outcomes import Outcome, Unknown
from core.delivery.readying import ready
from core.delivery.work import working

Clock = Callable[[], datetime]
"""Gives the time, UTC: the system's in earnest, a test's own in a test."""

SUBMIT_TIMEOUT_S = 30.0
"""How long a carrier may take to answer before the answer counts as never come."""
RECORDING_TRIES = 3
"""An outcome that is not recorded sends a text again or loses what became of it, so recording is tried again."""
RECORDING_REST_S = 0.2

_log = structlog.get_logger()


async def dispatch(store: Store, carrier: Carrier, claimed: Claim, clock: Clock) -> None:
    """Work off a claim. Never raises but for cancellation: what fails is logged, and the text is taken again later."""
    try:
        text = await _ready(store, carrier, claimed, clock())
        if text is not None:
            outcome = await _submit(carrier, text, clock())
            await _conclude(store, carrier, claimed, outcome, clock)
    except Exception:  # noqa: BLE001 - whatever is wrong with one text must not stop the others
        await _give_back(store, claimed, clock())


async def _ready(store: Store, carrier: Carrier, claimed: Claim, now: datetime) -> OutboundText | None:
    async with working(store, claimed.org_id, now=now) as work:
        held = await hold(work, claimed.message_id)
        if held is None:
            _log.error("a text in the outbox is not there", **_named(claimed))
            await outbox.remove(work.connection, claimed.org_id, claimed.message_id)
            return None
        if held.place is None or held.place.attempts != claimed.attempts:
            return None
        return await ready(work, held, held.place, carrier)


async def _submit(carrier: Carrier, text: OutboundText, now: datetime) -> Outcome:
    try:
        async with asyncio.timeout(SUBMIT_TIMEOUT_S):
            return await carrier.submit(text, now=now)
    except Exception:  # noqa: BLE001 - whatever a carrier raises, it may have the text or not
        _log.exception("a carrier failed to answer", carrier=carrier.name, **_named(text))
        return Unknown()


async def _conclude(store: Store, carrier: Carrier, claimed: Claim, outcome: Outcome, clock: Clock) -> None:
    for left in reversed(range(RECORDING_TRIES)):
        try:
            async with working(store, claimed.org_id, now=clock()) as work:
                await conclude(work, claimed, outcome, carrier)
        except Exception:
            if not left:
                raise
            _log.warning("an outcome was not recorded", exc_info=True, **_named(claimed))
            await asyncio.sleep(RECORDING_REST_S)
        else:
            return


async def _give_back(store: Store, claimed: Claim, now: datetime) -> None:
    until = now + rest(claimed.attempts, claimed.message_id)
    _log.exception("a text could not be worked off", next_try=until.isoformat(), **_named(claimed))
    try:
        await outbox.postpone(store.pool, claimed, until)
    except Exception:  # noqa: BLE001 - the claim runs out by itself
        _log.exception("a claim could not be given back", **_named(claimed))


def _named(text: Claim | OutboundText) -> dict[str, str]:
    return {"org_id": str(text.org_id), "message_id": str(text.message_id)}
