"""Adding to the consent ledger, and what it amounts to then."""

from collections.abc import Sequence
from typing import Any

from audit.actions import Action
from core.commands.consents import NewConsent, record_consent
from core.rules.consent import ConsentQuestion
from engine import Info
from resolvers.consent_states import of_questions
from resolvers.mutations.asked import Asked, or_none
from resolvers.mutations.performing import Change, Mutations
from resolvers.references import load
from schema.consent_changes import ConsentRecorded, RecordConsentInput

registry = Mutations()


@registry.change("record_consent", Action.CONSENT_RECORD)
def record_consent_event(asked: Asked, input: RecordConsentInput) -> Change:
    """Add an opt-out or opt-in, however it was said."""
    wanted = NewConsent(
        subject=input.subject,
        scope=input.scope,
        sender=or_none(input.sender),
        campaign_id=asked.optional_id("campaign_id"),
        action=input.action,
        basis=input.basis,
        occurred_at=or_none(input.occurred_at),
        evidence=or_none(input.evidence),
    )
    return Change(action=Action.CONSENT_RECORD, command=lambda tx: record_consent(tx, wanted))


@registry.bind("ConsentRecorded.state")
async def state(parents: Sequence[ConsentRecorded], info: Info) -> list[Any]:
    """Ask the ledger what each entry was about."""
    found = await load(info.context, "ConsentEvent", [each.event_ref for each in parents])
    questions = [_question(found[each.event_ref]) for each in parents]
    return list(await of_questions(info.context, questions))


def _question(event: Any) -> ConsentQuestion:
    return ConsentQuestion(
        recipient=event.recipient or "",
        sender=event.sender,
        campaign_id=event.campaign_id,
        user_id=event.sender_user_id,
    )
