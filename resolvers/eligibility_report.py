"""Who may text, of many users at once: from what is stored of their rules, or decided anew on facts of another time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from core.rules.report import Counted, LocationCount, OutcomeCount, Report, RuleCount, report, summary
from core.rules.what_if import Override
from core.storage.groups import decided_groups
from core.storage.listing import NOTHING, Where, fetch_page
from core.storage.pages import PAGE_SIZE, PAGE_SIZE_MAX, PageRequest
from core.storage.users import BY_ID, USERS
from engine import Info, Registry
from resolvers import eligibility, filters, visibility
from resolvers.context import RequestContext
from resolvers.errors import BadInput, ReportTooLarge
from resolvers.global_ids import enters
from resolvers.moments import Moment, moment_of
from resolvers.references import resolve_held
from resolvers.what_if import overrides_of
from schema.user import UserFilter
from schema.what_if import FactOverride

registry = Registry()

DECIDED_MAX = 5_000
"""For how many users one request decides on facts that are supposed, or of another time; more take an export."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EligibilityReport:
    """The numbers, at a moment (UTC)."""

    graphql_type: ClassVar[str] = "EligibilityReport"

    sums: Report
    computed_at: datetime

    @property
    def total(self) -> int:
        """How many users were counted."""
        return self.sums.total

    @property
    def by_outcome(self) -> Sequence[OutcomeCount]:
        """The outcomes that occur."""
        return self.sums.by_outcome

    @property
    def by_rule(self) -> Sequence[RuleCount]:
        """The results that occur."""
        return self.sums.by_rule


@registry.bind("Query.eligibility_report")
async def eligibility_report(
    parents: Sequence[None],
    info: Info,
    *,
    org_id: str | None,
    filter: UserFilter | None,
    as_of: datetime | None,
    known_at: datetime | None,
    what_if: Sequence[FactOverride] | None,
) -> list[EligibilityReport]:
    """Count the users whom the caller sees and the filter leaves."""
    context: RequestContext = info.context
    overrides, moment = overrides_of(context, what_if), await moment_of(context, as_of, known_at)
    among = visibility.people(context) & await filters.users(context, filter)
    if not enters(context, org_id):
        among = NOTHING
    is_stored = moment is None and not overrides
    counted = await (_stored(context, among) if is_stored else _decided(context, among, overrides, moment))
    return [EligibilityReport(sums=report(counted), computed_at=context.now)] * len(parents)


@registry.bind("EligibilityReport.by_location")
def by_location(parents: Sequence[EligibilityReport], info: Info, *, first: int | None) -> list[list[LocationCount]]:
    """Give the first locations."""
    places = PAGE_SIZE if first is None else first
    if not 1 <= places <= PAGE_SIZE_MAX:
        raise BadInput(f"`first` is `{first}`: give 1 to {PAGE_SIZE_MAX}")
    return [_first(each.sums.by_location, places) for each in parents]


@registry.bind("LocationCount.location")
async def location(parents: Sequence[LocationCount], info: Info) -> list[Any]:
    """Find the location: whoever sees a user sees where the user is."""
    return await resolve_held(info, "Location", [each.location_id for each in parents])


def _first(counts: Sequence[LocationCount], places: int) -> list[LocationCount]:
    wanted = set(list(dict.fromkeys(each.location_id for each in counts))[:places])
    return [each for each in counts if each.location_id in wanted]


async def _stored(context: RequestContext, among: Where) -> list[Counted]:
    groups = await decided_groups(context.db.fetch, context.org_id, context.policy, among)
    return [group.counted for group in groups]


async def _decided(
    context: RequestContext, among: Where, overrides: tuple[Override, ...], moment: Moment | None
) -> list[Counted]:
    request = PageRequest(order=BY_ID, size=DECIDED_MAX)
    page = await fetch_page(context.db.fetch, USERS, request, org=context.org_id, where=among, counted=False)
    if page.has_more:
        raise ReportTooLarge(
            f"more than {DECIDED_MAX} users would be decided for one by one: narrow the `filter`, or leave `whatIf`, "
            "`asOf` and `knownAt` out"
        )
    decided = await eligibility.of_users(context, [user.id for user in page.nodes], overrides, moment)
    return [Counted(location_id=user.location_id, decided=summary(decided[user.id].decision)) for user in page.nodes]
