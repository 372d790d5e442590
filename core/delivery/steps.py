"""One step in the life of a message: its row, its history and its record, written together."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import orjson

from audit.actions import Action
from audit.record import AuditKind, AuditOutcome, Target
from core.commands.decided import id_with_message
from core.delivery.failures import Failure
from core.delivery.held import Held
from core.delivery.work import Work
from core.ids import uuid7
from core.rules.enums import FailureLayer, MessageStatus
from core.rules.send_record import stored
from core.rules.sending import SendDecision

RAW_MAX_BYTES = 16_384
"""What a carrier's own words may take in the history: far more than any receipt, far less than a flood."""

_FAILED = frozenset({MessageStatus.UNDELIVERED, MessageStatus.FAILED, MessageStatus.EXPIRED})
"""The statuses that say why the text did not arrive; before them a failure stands in the history alone."""

_ADVANCE = """
UPDATE texting.messages SET status = $3, failure_layer = $4, failure = $5, decision = $6, carrier = $7,
  carrier_message_id = $8, last_audit_id = $9
WHERE org_id = $1 AND id = $2
"""
_NOTE = """
UPDATE texting.messages SET carrier = $3, carrier_message_id = $4, last_audit_id = $5 WHERE org_id = $1 AND id = $2
"""
_ADD_EVENT = """
INSERT INTO texting.message_events
  (org_id, message_id, id, status, applied, occurred_at, recorded_at, failure, raw, audit_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What a message was said to have come to. `occurred_at`: by the clock of who says it, UTC.

    `applied` false: it came too late or twice, so it enters the history and the log, and the message stays as it is.
    `raw`: the carrier's own words. `decision`: why our rules stopped it. `failure` may be one that was stored before.
    """

    status: MessageStatus
    occurred_at: datetime
    applied: bool = True
    failure: Failure | dict[str, Any] | None = None
    raw: Mapping[str, Any] | None = None
    carrier: str | None = None
    carrier_message_id: str | None = None
    decision: SendDecision | None = None

    @property
    def stored_failure(self) -> dict[str, Any] | None:
        """The failure as the message and its history keep it."""
        return self.failure.stored() if isinstance(self.failure, Failure) else self.failure


async def take(work: Work, held: Held, step: Step) -> Held:
    """Write a step; give the message as it stands then. The caller has asked the state machine."""
    after = replace(
        held,
        status=step.status if step.applied else held.status,
        carrier=held.carrier or step.carrier,
        carrier_message_id=held.carrier_message_id or step.carrier_message_id,
    )
    audit_id = _record(work, held, after, step)
    names = (after.carrier, after.carrier_message_id, audit_id)
    if step.applied:
        failure = step.stored_failure if step.status in _FAILED else None
        layer = FailureLayer.POLICY if step.status is MessageStatus.BLOCKED else (failure or {}).get("layer")
        decision = stored(step.decision) if step.decision is not None else None
        await work.connection.execute(_ADVANCE, work.org_id, held.id, step.status, layer, failure, decision, *names)
    else:
        await work.connection.execute(_NOTE, work.org_id, held.id, *names)
    await work.connection.execute(
        _ADD_EVENT,
        work.org_id,
        held.id,
        uuid7(),
        step.status,
        step.applied,
        step.occurred_at,
        work.now,
        step.stored_failure,
        _storable(step.raw),
        audit_id,
    )
    return after


def _record(work: Work, before: Held, after: Held, step: Step) -> Any:
    """Note the record; one that was not applied says what was reported."""
    told: dict[str, Any] = {"status": after.status}
    if not step.applied:
        told["reported"] = step.status
    if after.carrier_message_id != before.carrier_message_id:
        told |= {"carrier": after.carrier, "carrierMessageId": after.carrier_message_id}
    if failure := step.stored_failure:
        told["failure"] = {
            "layer": failure["layer"],
            "canonicalCode": failure["canonical_code"],
            "carrierCode": failure["carrier_code"],
            "carrier": failure["carrier"],
        }
    return work.record(
        Action.MESSAGE_BLOCK if step.status is MessageStatus.BLOCKED else Action.MESSAGE_STATUS_RECORD,
        target=Target(type="Message", id=before.id),
        before={"status": before.status},
        after=told,
        involves=(before.user_id, work.pseudonym(before.to_number)),
        location_id=before.location_id,
        correlation_id=str(before.id),
        **_verdict(work, before, step.decision),
    )


def _verdict(work: Work, held: Held, decision: SendDecision | None) -> dict[str, Any]:
    """Say of a block which rule made it: a denial, though nobody was there to be told."""
    if decision is None:
        return {}
    return {
        "kind": AuditKind.DENIAL,
        "outcome": AuditOutcome.DENIED,
        "rule": decision.decided_by.rule_id if decision.decided_by is not None else None,
        "policy": decision.policy_version,
        "policy_digest": decision.policy_digest,
        "decision_id": id_with_message(work.org_id, held.user_id, held.id, decision.eligibility),
        "status_code": "BLOCKED",
        "status_detail": "; ".join(each.rule_id for each in decision.denials) or decision.outcome,
    }


def _storable(raw: Mapping[str, Any] | None) -> Any:
    """Give the carrier's words as PostgreSQL takes them: JSON without NUL, of bounded length."""
    if not raw:
        return None
    text = orjson.dumps(raw)
    if len(text) > RAW_MAX_BYTES:
        return {"bytes": len(text)}
    return orjson.loads(text.replace(rb"\u0000", rb"\ufffd"))
