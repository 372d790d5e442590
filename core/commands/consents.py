"""Adding to the consent ledger what a recipient asked for, however it was said (L6, 47 CFR 64.1200(a)(10) to (12))."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from audit.record import Target
from core.commands.campaigns import refuse_unknown
from core.commands.consent_rows import ConsentEntry, add_entries, described, involved
from core.commands.inventory import noted
from core.commands.problems import Problems
from core.commands.refusals import invalid
from core.commands.transaction import Answer, Transaction
from core.rules.consent import due_by
from core.rules.enums import ConsentAction, ConsentBasis, ConsentScope
from core.rules.numbers import parse

EVIDENCE_LENGTH_MAX = 4_000
"""A note, or the words of one message; what is longer belongs into a file that the note names."""

EARLIEST = datetime(1992, 12, 3, tzinfo=UTC)
"""The day of the first text: nothing was said of texts before."""

_OF_SENDER = frozenset({ConsentScope.NUMBER_PAIR, ConsentScope.SENDER_NUMBER})

# A number that is about to change hands is waited for: the entry names who holds it.
_SENDER = "SELECT owner_id FROM texting.phone_numbers WHERE org_id = $1 AND phone_number = $2 FOR SHARE"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewConsent:
    """What a recipient asked for. `subject`: the recipient's number, `sender`: ours, both with `+` and country code.

    `sender` goes with NUMBER_PAIR and SENDER_NUMBER, `campaign_id` with CAMPAIGN, and with nothing else.
    `occurred_at`: when it was said, UTC; `None` = now.
    """

    subject: str
    scope: ConsentScope
    action: ConsentAction
    basis: ConsentBasis
    sender: str | None = None
    campaign_id: UUID | None = None
    occurred_at: datetime | None = None
    evidence: str | None = None


async def record_consent(tx: Transaction, wanted: NewConsent) -> Answer:
    """Add an entry, honoured from now on: the ledger is asked before every text."""
    entry = _entry(tx, wanted)
    holder = None if entry.sender is None else await _holder(tx, entry.sender)
    if entry.campaign_id is not None:
        await refuse_unknown(tx, entry.campaign_id)
    entry = replace(entry, sender_user_id=holder)
    await add_entries(tx.connection, [entry])
    await tx.record(
        target=Target(type="ConsentEvent", id=entry.id),
        before=None,
        after=described(entry, tx.pseudonym),
        involves=involved(entry, tx.pseudonym),
    )
    return Answer(type="ConsentRecorded", refs={"event_ref": str(entry.id), "record_ref": str(tx.audit_id)})


async def _holder(tx: Transaction, sender: str) -> UUID | None:
    """Find who holds one of our numbers now."""
    row = await tx.connection.fetchrow(_SENDER, tx.org_id, sender)
    if row is None:
        message = f"`{sender}` is no number of the organization: give one of its own, or a wider scope"
        raise invalid("sender", "NOT_OURS", message)
    holder: UUID | None = row["owner_id"]
    return holder


def _entry(tx: Transaction, wanted: NewConsent) -> ConsentEntry:
    problems = Problems()
    recipient = noted(problems, ("subject",), parse(wanted.subject))
    needs_sender, needs_campaign = wanted.scope in _OF_SENDER, wanted.scope is ConsentScope.CAMPAIGN
    for name, value, needed in (
        ("sender", wanted.sender, needs_sender),
        ("campaignId", wanted.campaign_id, needs_campaign),
    ):
        if needed and value is None:
            problems.add((name,), "MISSING", f"the scope is `{wanted.scope}`: give `{name}`, which it is about")
        elif value is not None and not needed:
            message = f"the scope is `{wanted.scope}`, which is about no `{name}`: leave it out, or give another scope"
            problems.add((name,), "SUPERFLUOUS", message)
    sender = noted(problems, ("sender",), parse(wanted.sender)) if wanted.sender is not None and needs_sender else None
    evidence = problems.optional_text(("evidence",), wanted.evidence, longest=EVIDENCE_LENGTH_MAX, lines=True)
    problems.not_future(("occurredAt",), wanted.occurred_at, tx.now)
    if wanted.occurred_at is not None and wanted.occurred_at < EARLIEST:
        message = f"`{wanted.occurred_at.isoformat()}` is before texts were: give when it was said"
        problems.add(("occurredAt",), "TOO_EARLY", message)
    problems.refuse()
    assert recipient is not None, "what is no number was refused"
    occurred_at = wanted.occurred_at or tx.now
    opts_out = wanted.action is ConsentAction.OPT_OUT
    return ConsentEntry(
        org_id=tx.org_id,
        id=tx.new_id(),
        recipient=recipient.e164,
        scope=wanted.scope,
        sender=None if sender is None else sender.e164,
        campaign_id=wanted.campaign_id,
        action=wanted.action,
        basis=wanted.basis,
        evidence=evidence,
        occurred_at=occurred_at,
        recorded_at=tx.now,
        due_by=due_by(occurred_at, tx.policy) if opts_out else None,
        honored_at=tx.now if opts_out else None,
        audit_id=tx.audit_id,
    )
