"""The users who may not text, for a list of them: each with what stands in the way and what would change it.

What was asked is kept as JSON, as `kept` writes it and `listed` reads it: `users`, `whatIf`, `asOf`, `knownAt`, each
where it was given.
"""

from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from core.ids import encode
from core.rules.enums import RuleStatus
from core.rules.results import RuleResult
from core.rules.words.catalogue import render
from core.storage.listing import fetch_page
from core.storage.pages import PageRequest
from core.storage.rows import LocationRow, UserRow
from core.storage.users import BY_ID, USERS
from resolvers import eligibility, filters, visibility, withholding
from resolvers.context import RequestContext
from resolvers.eligibility import EligibilityDecision
from resolvers.errors import BadInput
from resolvers.global_ids import given
from resolvers.moments import moment_of
from resolvers.references import load
from resolvers.rule_results import Known, remedied
from resolvers.what_if import overrides_of
from schema.user import UserFilter
from schema.what_if import FactOverride

AT_ONCE = 500
"""Users decided for at once: some hundred kilobytes of facts."""
_IN_THE_WAY = frozenset({RuleStatus.FAIL, RuleStatus.UNKNOWN, RuleStatus.PENDING})
_TIMES = ("asOf", "knownAt")


class NotAnswerable(Exception):
    """what is asked cannot be answered; `argument` says what of it, the message what to give"""

    def __init__(self, argument: str, message: str) -> None:
        """Name the argument, in GraphQL's spelling."""
        super().__init__(message)
        self.argument = argument


@dataclass(frozen=True, slots=True, kw_only=True)
class Denied:
    """A user who may not text.

    `causes`: the rules in the way that no other one implies; `reasons`, `remedies` and `owners` are theirs, in words.
    `denials`: every rule that fails.
    """

    id: str
    email: str | None
    display_name: str
    location: str
    decision: EligibilityDecision
    causes: tuple[str, ...]
    reasons: tuple[str, ...]
    remedies: tuple[str, ...]
    owners: tuple[str, ...]
    denials: tuple[str, ...]


def kept(
    context: RequestContext,
    *,
    users: UserFilter | None,
    what_if: Sequence[FactOverride] | None,
    as_of: datetime | None,
    known_at: datetime | None,
) -> dict[str, Any]:
    """Write what was asked. Raises `NotAnswerable`."""
    said: dict[str, Any] = {}
    if users is not None:
        with _about("users"):
            filters.decided(users)
        said["users"] = {name: value for name, value in vars(users).items() if given(value)}
    if what_if:
        with _about("whatIf"):
            overrides_of(context, what_if)
        said["whatIf"] = [
            {name: value for name, value in vars(each).items() if given(value) or name == "value"} for each in what_if
        ]
    for name, time in zip(_TIMES, (as_of, known_at), strict=True):
        if time is not None and time > context.now:
            raise NotAnswerable(name, f"`{name}` is `{time.isoformat()}`, which has not come: give a time until now")
        if time is not None:
            said[name] = time.isoformat()
    return said


@contextmanager
def _about(argument: str) -> Iterator[None]:
    try:
        yield
    except BadInput as error:
        raise NotAnswerable(argument, str(error)) from error


async def listed(
    context: RequestContext, said: Mapping[str, Any]
) -> AsyncGenerator[tuple[list[Denied], int, int], None]:
    """Give those of some users who may not text, by id; how many users were looked at by then, and of how many.

    Raises `BadInput` for what cannot be answered.
    """
    overrides = overrides_of(context, [FactOverride(**each) for each in said.get("whatIf", ())])
    as_of, known_at = (datetime.fromisoformat(said[name]) if name in said else None for name in _TIMES)
    moment = await moment_of(context, as_of, known_at)
    among = visibility.people(context) & await filters.users(context, UserFilter(**said.get("users", {})))
    request, seen, total = PageRequest(order=BY_ID, size=AT_ONCE), 0, 0
    has_more = True
    while has_more:
        page = await fetch_page(
            context.db.fetch, USERS, request, org=context.org_id, where=among, counted=request.after is None
        )
        ids = [user.id for user in page.nodes]
        decided = await eligibility.of_users(context, ids, overrides, moment, all_used=False)
        places = await load(context, "Location", {user.location_id for user in page.nodes})
        seen, total = seen + len(ids), max(total, page.total_count or 0, seen + len(ids))
        denied = [user for user in page.nodes if not decided[user.id].eligible]
        yield [_told(context, user, places, decided[user.id]) for user in denied], seen, total
        has_more = page.has_more
        if has_more:
            request = PageRequest(order=BY_ID, size=AT_ONCE, after=(ids[-1],))


def _told(
    context: RequestContext, user: UserRow, places: Mapping[UUID, LocationRow], decided: EligibilityDecision
) -> Denied:
    rules = decided.decision.rules
    causes = [each for each in rules if each.status in _IN_THE_WAY and not each.blocked_by]
    known = Known(hidden=withholding.hidden_from(context))
    remedies = [remedied(context, each, None, {}, known) for each in causes]
    return Denied(
        id=encode("User", context.org_id, user.id),
        email=user.email,
        display_name=user.display_name,
        location=places[user.location_id].name,
        decision=decided,
        causes=tuple(each.rule_id for each in causes),
        reasons=tuple(_reason(context, each) for each in causes),
        remedies=tuple(each.summary for each in remedies if each is not None),
        owners=tuple(each.owner for each in remedies if each is not None and each.owner is not None),
        denials=tuple(each.rule_id for each in decided.decision.denials),
    )


def _reason(context: RequestContext, found: RuleResult) -> str:
    return render(withholding.told(found, withholding.hidden_from(context)), context.language)
