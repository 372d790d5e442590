"""The smallest sets of remediations that would let a user text, each verified by deciding again.

The search supposes that remediations succeed, one after another, and decides after each with the rules themselves. A
set is in an order in which it can be sent: what the organization and the location need before what turns texting on.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from core.rules.eligibility import unmet
from core.rules.fix_changes import NEW_CAMPAIGN, Held, Reserve, Standing
from core.rules.fix_steps import STEPS, Step
from core.rules.neutral_step import neutral_steps
from core.rules.policy import Policy
from core.rules.results import RuleResult
from core.rules.rule_ids import RuleId
from core.rules.situation import Situation

LIMIT_MAX = 10
"""Sets in one answer."""
STANDINGS_MAX = 1_000
"""Standings that one search looks at: several times what the worst facts take."""

_SENT_FIRST = (
    RuleId.ORG_CALLING_PLAN_US_CA,
    RuleId.ORG_CUSTOMER_TYPE_ENTERPRISE,
    RuleId.ORG_ADDON_LICENSED,
    RuleId.ORG_BRAND_REGISTERED,
    RuleId.ORG_CAMPAIGN_ACTIVE,
    RuleId.ORG_NOT_HIPAA,
    RuleId.LOCATION_COUNTRY_US_CA,
    RuleId.LOCATION_PSTN_CISCO,
    RuleId.USER_ACTIVE,
    RuleId.USER_PRIMARY_TN_PRESENT,
    RuleId.USER_TN_FROM_CALLING_PLAN,
    RuleId.USER_TN_COUNTRY_US_CA,
    RuleId.NUMBER_CAMPAIGN_ASSIGNED,
    RuleId.CLIENT_VERSION_MIN,
    RuleId.EFFECTIVE_SETTING_ENABLED,
)
"""A campaign is active before a number joins it, and turning on is refused while an earlier rule fails (U1, O1)."""
_RANK: dict[str, int] = {rule_id: rank for rank, rule_id in enumerate(_SENT_FIRST)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """One remediation of a set: for which result, and whom it is about when its turn comes.

    `campaign_id`: the campaign that a number can join then; `None` where there is none, or it has no id yet.
    """

    result: RuleResult
    step: Step
    number: Held | None
    moved: bool
    campaign_id: UUID | None


@dataclass(frozen=True, slots=True)
class _Path:
    """A standing, the fixes that led there, and the standings before it."""

    standing: Standing
    fixes: tuple[Fix, ...] = ()
    before: tuple[Standing, ...] = ()


@lru_cache(maxsize=4_096)
def minimal_fixes(
    situation: Situation, policy: Policy, reserve: Reserve, *, limit: int, hidden: frozenset[str] = frozenset()
) -> tuple[tuple[Fix, ...], ...]:
    """Give up to `limit` sets, the smallest first; none where everything holds, or where nothing helps.

    Each makes the outcome ALLOWED, and no part of it does. `hidden`: rules whose facts may not be told; whatever they
    found, one remediation that says nothing stands for each.
    """
    paths = deque([_Path(_beginning(situation))])
    found: list[tuple[Fix, ...]] = []
    seen = 0
    while paths and len(found) < limit and seen < STANDINGS_MAX:
        path = paths.popleft()
        seen += 1
        result = _next(path.standing, policy)
        if result is None:
            fixes = _least(situation, path.fixes, policy, reserve)
            if fixes and not any(_same(fixes, other) for other in found):
                found.append(fixes)
            continue
        steps = neutral_steps(result) if result.rule_id in hidden else STEPS.get(result.message_id, ())
        paths.extend(_taken(path, result, steps, policy, reserve))
    return tuple(sorted(found, key=len))


def works(situation: Situation, fixes: Sequence[Fix], policy: Policy, reserve: Reserve) -> bool:
    """Say whether the fixes, in this order, make the outcome ALLOWED; one whose turn cannot come changes nothing."""
    standing = _beginning(situation)
    for fix in fixes:
        standing = fix.step.change(standing, policy, reserve) or standing
    return _next(standing, policy) is None


def _beginning(situation: Situation) -> Standing:
    return Standing(situation=situation, number=None if situation.number is None else Held.OWN)


def _taken(path: _Path, result: RuleResult, steps: Sequence[Step], policy: Policy, reserve: Reserve) -> list[_Path]:
    """Give the paths that go on with a step; one that leaves the result as it is, or leads back, is no way on."""
    standing = path.standing
    taken = []
    for step in steps:
        after = step.change(standing, policy, reserve)
        if after is None or after in (standing, *path.before):
            continue
        if result not in unmet(after.situation.subject, policy):
            taken.append(_Path(after, (*path.fixes, _fix(standing, result, step)), (*path.before, standing)))
    return taken


def _fix(standing: Standing, result: RuleResult, step: Step) -> Fix:
    campaign_id = standing.campaign_id
    return Fix(
        result=result,
        step=step,
        number=standing.number,
        moved=standing.moved,
        campaign_id=None if campaign_id == NEW_CAMPAIGN else campaign_id,
    )


def _least(situation: Situation, fixes: tuple[Fix, ...], policy: Policy, reserve: Reserve) -> tuple[Fix, ...]:
    """Leave out what is not needed: a later step may have served an earlier one's rule too.

    Leaving out one at a time is enough: a step serves its own rule and what comes after it, so that where several can
    be left out, one of them can.
    """
    for at in range(len(fixes)):
        fewer = (*fixes[:at], *fixes[at + 1 :])
        if works(situation, fewer, policy, reserve):
            return _least(situation, _again(situation, fewer, policy, reserve), policy, reserve)
    return fixes


def _again(situation: Situation, fixes: Sequence[Fix], policy: Policy, reserve: Reserve) -> tuple[Fix, ...]:
    """Give the fixes as they are when their turns come without those that were left out."""
    standing = _beginning(situation)
    found = []
    for fix in fixes:
        found.append(_fix(standing, fix.result, fix.step))
        standing = fix.step.change(standing, policy, reserve) or standing
    return tuple(found)


def _same(fixes: Sequence[Fix], other: Sequence[Fix]) -> bool:
    return {fix.step.remedy.message_id for fix in fixes} == {fix.step.remedy.message_id for fix in other}


def _next(standing: Standing, policy: Policy) -> RuleResult | None:
    """Give the result to be helped next; `None` when everything holds."""
    left = unmet(standing.situation.subject, policy)
    return min(left, key=lambda result: _RANK[result.rule_id], default=None)
