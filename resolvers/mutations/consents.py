"""Adding to the consent ledger."""

from audit.actions import Action
from core.commands.consents import NewConsent, record_consent
from resolvers.mutations.asked import Asked, or_none
from resolvers.mutations.performing import Change, Mutations
from schema.consent_changes import RecordConsentInput

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
