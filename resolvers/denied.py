"""The users who may not text, for a list of them: each with what stands in the way and what would change it."""

from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from core.ids import encode
from core.rules.enums import Outcome, RuleStatus
from core.rules.results import RuleResult
from core.rules.words.catalogue import render
from core.storage.groups import decided_groups, in_groups
from core.storage.listing import EVERYTHING, Where, fetch_page
from core.storage.origins import recorded_at
from core.storage.pages import PageRequest
from core.storage.rows import LocationRow, UserRow
from core.storage.users import BY_ID, USERS
from resolvers import eligibility, filters, visibility, withholding
from resolvers.context import RequestContext
from resolvers.eligibility import EligibilityDecision
from resolvers.moments import moment_of
from resolvers.references import load
from resolvers.report_questions import Question
from resolvers.rule_results import Known, remedied
from resolvers.what_if import refuse_unread

AT_ONCE = 500
"""Users decided for at once: some hundred kilobytes of facts."""
_IN_THE_WAY = frozenset({RuleStatus.FAIL, RuleStatus.UNKNOWN, RuleStatus.PENDING})
_READ = frozenset({"display_name", "email", "location_id"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """A rule in the way that no other one implies, in words. `owner`: the role that can apply the remedy.

    `since`: when the fact that it saw was recorded (UTC); `None`: none was.
    """

    rule_id: str
    reason: str
    remedy: str | None
    owner: str | None
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Denied:
    """A user who may not text. `denials`: every rule that fails, those that others imply too."""

    id: str
    email: str | None
    display_name: str
    location: str
    decision: EligibilityDecision
    causes: tuple[Cause, ...]
    denials: tuple[str, ...]


async def listed(context: RequestContext, question: Question) -> AsyncGenerator[tuple[list[Denied], int, int], None]:
    """Give those of some users who may not text, by id; how many users were looked at by then, and of how many.

    Raises `BadInput` for what cannot be answered.
    """
    moment = await moment_of(context, question.as_of, question.known_at)
    among = visibility.people(context) & await filters.users(context, question.users)
    if moment is None and not question.overrides:
        among &= await _stored(context, among)
    request, seen, total = PageRequest(order=BY_ID, size=AT_ONCE), 0, 0
    has_more, read = True, set[int]()
    while has_more:
        page = await fetch_page(
            context.db.fetch,
            USERS,
            request,
            org=context.org_id,
            where=among,
            counted=request.after is None,
            read=_READ,
        )
        ids = [user.id for user in page.nodes]
        decided = await eligibility.of_users(context, ids, question.overrides, moment, read)
        denied = [user for user in page.nodes if not decided[user.id].eligible]
        seen, total = seen + len(ids), max(total, page.total_count or 0, seen + len(ids))
        yield await _told(context, denied, decided), seen, total
        has_more = page.has_more
        if has_more:
            request = replace(request, after=(ids[-1],))
    if seen:
        refuse_unread(question.overrides, read)


async def _stored(context: RequestContext, among: Where) -> Where:
    """Say of whom it is stored that they may not text: as things are now, nobody else needs to be decided for.

    Everybody, where they are most: deciding for the others is quicker than looking on every page for who is whom.
    """
    groups = await decided_groups(context.db.fetch, context.org_id, context.policy, among)
    denied = [each.group for each in groups if each.decided.outcome is not Outcome.ALLOWED]
    are_most = 2 * sum(each.count for each in denied) > sum(each.group.count for each in groups)
    return EVERYTHING if are_most else in_groups(denied)


async def _told(
    context: RequestContext, users: Sequence[UserRow], decided: Mapping[UUID, EligibilityDecision]
) -> list[Denied]:
    places: Mapping[UUID, LocationRow] = await load(context, "Location", {user.location_id for user in users})
    words = _Words(context)
    return [
        Denied(
            id=encode("User", context.org_id, user.id),
            email=user.email,
            display_name=user.display_name,
            location=places[user.location_id].name,
            decision=decided[user.id],
            causes=tuple([await words.cause(decided[user.id], each) for each in _causes(decided[user.id])]),
            denials=tuple(each.rule_id for each in decided[user.id].decision.denials),
        )
        for user in users
    ]


def _causes(made: EligibilityDecision) -> Iterable[RuleResult]:
    return (each for each in made.decision.rules if each.status in _IN_THE_WAY and not each.blocked_by)


class _Words:
    """What is said of results, of equal ones once: decisions on equal facts share them."""

    def __init__(self, context: RequestContext) -> None:
        self._context = context
        self._known = Known(hidden=withholding.hidden_from(context))
        self._said: dict[RuleResult, Cause] = {}

    async def cause(self, made: EligibilityDecision, found: RuleResult) -> Cause:
        """Say what one decision's result is, and since when the fact is so."""
        said = self._said.get(found)
        if said is None:
            said = self._said[found] = self._say(found)
        if found.rule_id in self._known.hidden or found.rule_id in made.grounds.supposed:
            return said
        subjects = (await made.grounds.subjects())[made.key]
        return replace(said, since=recorded_at(found.rule_id, subjects, await made.grounds.stamps()))

    def _say(self, found: RuleResult) -> Cause:
        remedy = remedied(self._context, found, None, {}, self._known)
        return Cause(
            rule_id=found.rule_id,
            reason=render(withholding.told(found, self._known.hidden), self._context.language),
            remedy=None if remedy is None else remedy.summary,
            owner=None if remedy is None else remedy.owner,
        )
