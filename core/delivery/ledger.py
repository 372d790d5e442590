"""The consent ledger as delivery adds to it: keywords that came in, and opt-outs that only the carrier knew."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from audit.actions import Action
from audit.record import Target
from core.commands.consent_rows import ConsentEntry, add_entries, described, involved
from core.delivery.failures import Failure
from core.delivery.held import Held
from core.delivery.steps import Step
from core.delivery.work import Work
from core.ids import uuid7
from core.rules.carrier_errors import CarrierCode
from core.rules.consent import due_by, keyword_scope
from core.rules.enums import ConsentAction, ConsentBasis, ConsentScope


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a number outside asked one of our numbers for. `said_in`: the inbound message that said it, where one did.

    `user_id`: who holds our number. `campaign_id`: its program. `evidence`: the raw message, or the carrier's code.
    """

    recipient: str
    our_number: str
    user_id: UUID | None
    campaign_id: UUID | None
    action: ConsentAction
    basis: ConsentBasis
    occurred_at: datetime
    correlation_id: UUID
    location_id: UUID | None = None
    evidence: str | None = None
    said_in: UUID | None = None


async def enter(work: Work, wish: Wish) -> None:
    """Add an entry, with its record. It is honoured from now on: the fold is asked before every text.

    A carrier's clock that is ahead of ours must not put a wish behind later ones.
    """
    occurred_at = min(wish.occurred_at, work.now)
    scope = keyword_scope(work.policy, wish.campaign_id)
    is_of_number = scope is ConsentScope.SENDER_NUMBER
    opts_out = wish.action is ConsentAction.OPT_OUT
    entry = ConsentEntry(
        org_id=work.org_id,
        id=uuid7(),
        recipient=wish.recipient,
        scope=scope,
        sender=wish.our_number if is_of_number else None,
        sender_user_id=wish.user_id if is_of_number else None,
        campaign_id=wish.campaign_id if scope is ConsentScope.CAMPAIGN else None,
        action=wish.action,
        basis=wish.basis,
        evidence=wish.evidence,
        message_id=wish.said_in,
        occurred_at=occurred_at,
        recorded_at=work.now,
        due_by=due_by(occurred_at, work.policy) if opts_out else None,
        honored_at=work.now if opts_out else None,
        audit_id=work.new_audit_id(),
    )
    await add_entries(work.connection, [entry])
    work.record(
        Action.CONSENT_RECORD,
        audit_id=entry.audit_id,
        target=Target(type="ConsentEvent", id=entry.id),
        before=None,
        after=described(entry, work.pseudonym),
        involves=involved(entry, work.pseudonym),
        location_id=wish.location_id,
        correlation_id=str(wish.correlation_id),
    )


async def reconcile(work: Work, held: Held, step: Step) -> None:
    """Enter an opt-out that the carrier reported of a text; any other failure says nothing of consent."""
    failure = step.failure
    if not isinstance(failure, Failure) or failure.code is not CarrierCode.RECIPIENT_OPTED_OUT:
        return
    await enter(
        work,
        Wish(
            recipient=held.to_number,
            our_number=held.from_number,
            user_id=held.user_id,
            campaign_id=held.campaign_id,
            action=ConsentAction.OPT_OUT,
            basis=ConsentBasis.CARRIER_BLOCK,
            occurred_at=step.occurred_at,
            correlation_id=held.id,
            location_id=held.location_id,
            evidence=f"{failure.carrier}: {failure.carrier_code}",
        ),
    )
