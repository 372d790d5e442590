"""Whether a certain message may go: asked before it is sent, or kept with the message that it stopped."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from strawberry import UNSET

from core.commands.send_facts import Draft
from core.commands.sends import judge
from core.rules import sending
from core.rules.enums import Encoding, Outcome
from core.rules.send_record import restored
from core.storage.messages import StoppedBy
from core.storage.origins import Subjects
from core.storage.rows import MessageRow
from engine import Info, Registry
from resolvers import visibility
from resolvers.context import RequestContext
from resolvers.eligibility import EligibilityDecision
from resolvers.global_ids import id_of
from resolvers.grounds import Grounds, of_the_past, of_users
from resolvers.rule_results import Result, result, results
from schema.sending import SendCheckInput

registry = Registry()


@dataclass(frozen=True, slots=True, kw_only=True)
class SendDecision:
    """One decision about a message of `user_id`. `kept_with`: the message it stopped; else it was made just now."""

    graphql_type: ClassVar[str] = "SendDecision"

    org_id: UUID
    user_id: UUID
    decision: sending.SendDecision
    grounds: Grounds
    moment: datetime
    kept_with: UUID | None = None

    @property
    def key(self) -> UUID:
        """What tells it apart from the others that stand on its grounds."""
        return self.kept_with or self.user_id

    @property
    def outcome(self) -> Outcome:
        """What all rules together say."""
        return self.decision.outcome

    @property
    def segments(self) -> int:
        """How many segments the text takes."""
        return self.decision.segments

    @property
    def encoding(self) -> Encoding:
        """The character set that the text needs."""
        return self.decision.encoding

    @property
    def next_allowed_at(self) -> datetime | None:
        """When it may be tried again."""
        return self.decision.next_allowed_at

    @property
    def policy_version(self) -> str:
        """The policy it was made under."""
        return self.decision.policy_version

    @property
    def eligibility(self) -> EligibilityDecision:
        """Whether the sender may text at all."""
        return EligibilityDecision(
            org_id=self.org_id,
            user_id=self.user_id,
            decision=self.decision.eligibility,
            grounds=self.grounds,
            key=self.key,
            as_of=self.moment,
            known_at=self.moment,
            evaluated_at=self.moment,
            kept_with=self.kept_with,
        )


def made_now(context: RequestContext, decision: sending.SendDecision, user_id: UUID) -> SendDecision:
    """Show a decision of this request about a message of a user."""
    return SendDecision(
        org_id=context.org_id,
        user_id=user_id,
        decision=decision,
        grounds=of_users(context, [user_id]),
        moment=context.now,
    )


def kept(
    context: RequestContext, messages: Sequence[MessageRow], stopped: Mapping[UUID, StoppedBy]
) -> list[SendDecision | None]:
    """Show the decisions that messages were stopped by; `None` for those that were not."""
    known = {each.id: Subjects(org_id=each.org_id, user_id=each.user_id, message_id=each.id) for each in messages}
    grounds = of_the_past(context, known)
    return [
        SendDecision(
            org_id=each.org_id,
            user_id=each.user_id,
            decision=restored(stopped[each.id].decision),
            grounds=grounds,
            moment=stopped[each.id].at,
            kept_with=each.id,
        )
        if each.id in stopped
        else None
        for each in messages
    ]


@registry.bind("Query.send_check")
async def send_check(parents: Sequence[None], info: Info, *, input: SendCheckInput) -> list[SendDecision | None]:
    """Decide a message that nobody sends; nothing is written."""
    context: RequestContext = info.context
    return [await _check(context, input)] * len(parents)


@registry.bind("SendDecision.decided_by")
def decided_by(parents: Sequence[SendDecision], info: Info) -> list[Result | None]:
    """Give the rule that made the outcome."""
    return [result(each.decision.decided_by, each.grounds, each.key) for each in parents]


@registry.bind("SendDecision.rules")
def rules(parents: Sequence[SendDecision], info: Info) -> list[list[Result]]:
    """Give every send rule."""
    return [results(each.decision.rules, each.grounds, each.key) for each in parents]


@registry.bind("SendDecision.eligibility")
def eligibility(parents: Sequence[SendDecision], info: Info) -> list[Any]:
    """Give whether the sender may text at all: whoever sees the decision sees it."""
    return [each.eligibility for each in parents]


async def _check(context: RequestContext, input: SendCheckInput) -> SendDecision | None:
    user_id = id_of(context, input.user_id, "User")
    if user_id is None or not visibility.reads_correspondence_of(context, user_id):
        return None
    media = () if input.media_urls is UNSET or input.media_urls is None else tuple(input.media_urls)
    draft = Draft(user_id=user_id, to=input.to, body=input.body, media_urls=media)
    judged = await judge(context.db.fetch, context.org_id, draft, context.policy, now=context.now)
    return None if judged is None else made_now(context, judged.decision, user_id)
