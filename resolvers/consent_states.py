"""What the consent ledger amounts to, asked about many pairs of numbers at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from core.rules.consent import ConsentQuestion, fold
from core.storage.consent import as_event, said_by
from core.storage.listing import fetch_by
from core.storage.numbers import NUMBERS, PRIMARY
from core.storage.rows import ConsentEventRow
from resolvers.context import RequestContext


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentState:
    """Whether an opt-out is in force, the entry that decides, and since when (UTC)."""

    graphql_type: ClassVar[str] = "ConsentState"

    opted_out: bool
    event: ConsentEventRow | None
    since: datetime | None


async def of_questions(
    context: RequestContext, questions: Sequence[ConsentQuestion], *, as_of: datetime | None = None
) -> list[ConsentState]:
    """Answer questions in one statement; `as_of`: only what was said until then counts."""
    recipients = [each.recipient for each in questions]
    said = await said_by(context.db.fetch, context.org_id, recipients) if recipients else {}
    return [_answer(each, said[each.recipient], as_of) for each in questions]


async def of_conversations(context: RequestContext, pairs: Sequence[tuple[UUID, str]]) -> list[ConsentState]:
    """Answer whether users may text numbers outside from their primary numbers, in two statements for all pairs."""
    users = [user_id for user_id, _ in pairs]
    held = await fetch_by(context.db.fetch, NUMBERS, "owner_id", users, org=context.org_id, where=PRIMARY)
    number_of = {row.owner_id: row for row in held}
    questions = []
    for user_id, peer in pairs:
        number = number_of.get(user_id)
        questions.append(
            ConsentQuestion(
                recipient=peer,
                sender=None if number is None else number.phone_number,
                campaign_id=None if number is None else number.campaign_id,
                user_id=user_id,
            )
        )
    return await of_questions(context, questions)


def _answer(question: ConsentQuestion, said: Sequence[ConsentEventRow], as_of: datetime | None) -> ConsentState:
    state = fold([as_event(row) for row in said], question, as_of=as_of)
    decider = state.decided_by
    event = None if decider is None else next(row for row in said if row.id == decider.id)
    return ConsentState(opted_out=state.opted_out, event=event, since=state.since)
