"""Receipts: what a carrier says became of a text, in whatever order and however often it says it."""

from datetime import datetime, timedelta

import structlog

from core.commands.transaction import Store
from core.delivery import ledger, outbox
from core.delivery.carriers.carrier import Carrier, Receipt
from core.delivery.directory import line_of
from core.delivery.failures import reported
from core.delivery.held import Held, hold, sent_as
from core.delivery.steps import Step, take
from core.delivery.work import Work, working
from core.ids import SYSTEM_ORG_ID
from core.rules.enums import MessageStatus
from core.rules.states import after_receipt, is_final

EARLY = timedelta(minutes=5)
"""How long a receipt waits for its text: it may come before we have recorded that the carrier took the text."""

_log = structlog.get_logger()


async def record_receipt(store: Store, carrier: Carrier, receipt: Receipt, *, now: datetime) -> None:
    """Record a receipt and settle it, in one transaction of the organization that holds the number.

    One whose text nobody knows is left unsettled while it is young, so that the carrier gives it again; after that it
    is logged and settled.
    """
    line = await line_of(store.pool, receipt.sender)
    if line is None:
        await _give_up(store, carrier, receipt, now)
        return
    async with working(store, line.org_id, now=now) as work:
        message_id = await sent_as(work, carrier.name, receipt.carrier_message_id)
        if message_id is not None:
            held = await hold(work, message_id)
            if held is not None and await carrier.settle(work.connection, receipt):
                await _apply(work, held, receipt, carrier)
            return
    await _give_up(store, carrier, receipt, now)


async def _apply(work: Work, held: Held, receipt: Receipt, carrier: Carrier) -> None:
    after = after_receipt(held.status, receipt.status)
    failure = receipt.failure
    if receipt.status is MessageStatus.UNDELIVERED and failure is None:
        failure = reported(carrier.name, None)
    step = Step(
        status=receipt.status,
        occurred_at=receipt.occurred_at,
        applied=after is not held.status,
        failure=failure,
        raw=receipt.raw,
    )
    held = await take(work, held, step)
    if not step.applied:
        return
    if is_final(held.status):
        await outbox.remove(work.connection, work.org_id, held.id)
    else:
        timeout = timedelta(seconds=work.policy.delivery_receipt_timeout_s.value)
        await outbox.revisit(work.connection, work.org_id, held.id, work.now + timeout)
    await ledger.reconcile(work, held, step)


async def _give_up(store: Store, carrier: Carrier, receipt: Receipt, now: datetime) -> None:
    if abs(now - receipt.occurred_at) < EARLY:
        return
    async with working(store, SYSTEM_ORG_ID, now=now) as work:
        if await carrier.settle(work.connection, receipt):
            _log.warning(
                "a receipt is about no text of ours",
                carrier=carrier.name,
                carrier_message_id=receipt.carrier_message_id,
                status=receipt.status,
            )
