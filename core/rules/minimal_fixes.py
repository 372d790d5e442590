"""The smallest sets of remediations that would let a user text, each verified by deciding again.

The search supposes that remediations succeed, one after another, and decides after each with the rules themselves.
Rules that no step for one of them could serve together are searched apart, and what is found is put together. A set is
in an order in which it can be sent: what the organization and the location need before what turns texting on.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from heapq import heappop, heappush
from itertools import chain, islice, product
from uuid import UUID

from core.rules.eligibility import unmet
from core.rules.enums import Level
from core.rules.fix_changes import NEW_CAMPAIGN, Held, Reserve, Standing
from core.rules.fix_steps import STEPS, Step
from core.rules.neutral_step import neutral_steps
from core.rules.policy import Policy
from core.rules.registry import RULES
from core.rules.remedies import WITHHELD
from core.rules.results import RuleResult
from core.rules.rule_ids import RuleId
from core.rules.situation import Situation

LIMIT_MAX = 10
"""Sets in one answer."""
PATHS_MAX = 500
"""Paths that the search for one group goes on from: several times what the worst facts take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """Rules that a step for one of them may serve too, those first that are helped first, and the levels they read."""

    rule_ids: tuple[str, ...]
    levels: frozenset[Level]


_TOGETHER = (
    # A campaign is active before a number joins it.
    _Group(
        rule_ids=(
            RuleId.ORG_CAMPAIGN_ACTIVE,
            RuleId.USER_PRIMARY_TN_PRESENT,
            RuleId.USER_TN_FROM_CALLING_PLAN,
            RuleId.USER_TN_COUNTRY_US_CA,
            RuleId.NUMBER_CAMPAIGN_ASSIGNED,
        ),
        levels=frozenset({Level.ORG, Level.USER, Level.NUMBER}),
    ),
    _Group(
        rule_ids=(
            RuleId.LOCATION_COUNTRY_US_CA,
            RuleId.LOCATION_PSTN_CISCO,
            RuleId.EFFECTIVE_SETTING_ENABLED,
        ),
        levels=frozenset({Level.LOCATION, Level.SYSTEM}),
    ),
)
"""A new number, a campaign, another location serve several rules. No step for a rule of one group changes what a rule
of another reads."""
_GROUPS = (
    *(
        _Group(rule_ids=(rule.rule_id,), levels=frozenset({rule.level}))
        for rule in RULES
        if not any(rule.rule_id in group.rule_ids for group in _TOGETHER)
    ),
    *_TOGETHER,
)
"""Every other rule is a group of its own."""
_LEVELS = (Level.ORG, Level.LOCATION, Level.NUMBER, Level.USER)
_PHASE: dict[str, int] = {
    **{rule.rule_id: _LEVELS.index(rule.level) for rule in RULES},
    RuleId.USER_PRIMARY_TN_PRESENT: _LEVELS.index(Level.NUMBER),
    RuleId.EFFECTIVE_SETTING_ENABLED: len(_LEVELS),
}
"""In which order steps of several groups are sent: turning on is refused while an earlier rule fails (U1, O1)."""


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


Fixes = tuple[Fix, ...]


@lru_cache(maxsize=4_096)
def minimal_fixes(
    situation: Situation, policy: Policy, reserve: Reserve, *, limit: int, hidden: frozenset[str] = frozenset()
) -> tuple[Fixes, ...]:
    """Give up to `limit` sets, the smallest first; none where everything holds, or where nothing helps.

    Each makes the outcome ALLOWED, and no part of it does. `hidden`: rules whose facts may not be told; whatever they
    found, one remediation that says nothing stands for each.
    """
    left = unmet(situation.subject, policy)
    searches = []
    for group in _GROUPS:
        if of_group := [result for result in left if result.rule_id in group.rule_ids]:
            search = _Search(situation=situation, policy=policy, reserve=reserve, hidden=hidden, group=group)
            search.add(_Path(_beginning(situation), (), of_group))
            searches.append(search)
    found = (_in_order(chain.from_iterable(parts)) for parts in _together(searches))
    verified = (fixes for fixes in found if works(situation, fixes, policy, reserve))
    # They come in this order, unless a number is of a campaign that is not there.
    return tuple(sorted(islice(verified, limit), key=len))


def works(situation: Situation, fixes: Iterable[Fix], policy: Policy, reserve: Reserve) -> bool:
    """Say whether the fixes, in this order, make the outcome ALLOWED; one whose turn cannot come changes nothing."""
    return not _left(situation, fixes, policy, reserve)


@dataclass(frozen=True, slots=True)
class _Path:
    """A standing, the fixes that led there, and what is left to do."""

    standing: Standing
    fixes: Fixes
    left: list[RuleResult]


@dataclass(slots=True, kw_only=True)
class _Search:
    """Looks for the sets that serve one group of rules, the smallest first. `sets`: those found; `paths`: to go on."""

    situation: Situation
    policy: Policy
    reserve: Reserve
    hidden: frozenset[str]
    group: _Group
    sets: list[Fixes] = field(default_factory=list)
    paths: list[tuple[int, int, int, _Path]] = field(default_factory=list)
    seen: int = 0

    def add(self, path: _Path) -> None:
        """Note a path to go on from: the one whose set can be the smallest comes first, of several the longest."""
        self.seen += 1
        heappush(self.paths, (len(path.fixes) + bool(path.left), -len(path.fixes), self.seen, path))

    @property
    def size_next(self) -> int:
        """How many fixes the next set has at the least."""
        return self.paths[0][0]

    @property
    def is_over(self) -> bool:
        """Whether there is nothing more to find, or enough."""
        return not self.paths or len(self.sets) == LIMIT_MAX or self.seen >= PATHS_MAX

    def go_on(self) -> None:
        """Go on from one path."""
        path = heappop(self.paths)[-1]
        if any(_is_part(smaller, path.fixes) for smaller in self.sets):
            return
        if path.left:
            for longer in self._longer(path):
                self.add(longer)
            return
        fixes = self._least(path.fixes)
        if not any(_is_part(smaller, fixes) for smaller in self.sets):
            self.sets.append(fixes)

    def _longer(self, path: _Path) -> list[_Path]:
        """Give the paths that go on with a step for the first result that is left, unless it stays as it is."""
        result = min(path.left, key=lambda each: self.group.rule_ids.index(each.rule_id))
        steps = neutral_steps(result) if result.rule_id in self.hidden else STEPS.get(result.message_id, ())
        taken = {fix.step.key for fix in path.fixes} - {WITHHELD}
        longer: list[_Path] = []
        for step in steps:
            after = step.change(path.standing, self.policy, self.reserve)
            if after is None or step.key in taken:
                continue
            # A rule that is a group of its own has one step, which is verified with the whole set.
            left = self._unmet(after) if len(self.group.rule_ids) > 1 else []
            if result not in left:
                taken.add(step.key)
                longer.append(_Path(after, (*path.fixes, _fix(path.standing, result, step)), left))
        return longer

    def _least(self, fixes: Fixes) -> Fixes:
        """Leave out what is not needed: a later step may have served an earlier one's rule too.

        Leaving out one at a time is enough: a step serves its own rule and what comes after it, so that where several
        can be left out, one of them can.
        """
        for at in range(len(fixes) if len(fixes) > 1 else 0):
            fewer = self._again((*fixes[:at], *fixes[at + 1 :]))
            if fewer is not None:
                return self._least(fewer)
        return fixes

    def _again(self, fixes: Iterable[Fix]) -> Fixes | None:
        """Give the fixes as they are when their turns come without those that were left out, if that serves."""
        standing, found = _beginning(self.situation), list[Fix]()
        for fix in fixes:
            found.append(_fix(standing, fix.result, fix.step))
            standing = fix.step.change(standing, self.policy, self.reserve) or standing
        return None if self._unmet(standing) else tuple(found)

    def _unmet(self, standing: Standing) -> list[RuleResult]:
        left = unmet(standing.situation.subject, self.policy, self.group.levels)
        return [result for result in left if result.rule_id in self.group.rule_ids]


def _together(searches: Sequence[_Search]) -> Iterator[tuple[Fixes, ...]]:
    """Put sets of all groups together, the smallest first; no group is searched further than what is taken needs."""
    for search in searches:
        while not search.sets and not search.is_over:
            search.go_on()
        if not search.sets:
            return
    given: set[tuple[int, ...]] = set()
    least = sum(len(search.sets[0]) for search in searches)
    while searches:
        every = product(*(search.sets for search in searches))
        waiting = (parts for parts in every if tuple(map(id, parts)) not in given)
        best = min(waiting, key=_size, default=None)
        nearest = min((search for search in searches if not search.is_over), key=_more, default=None)
        if best is not None and (nearest is None or _size(best) <= least + _more(nearest)):
            given.add(tuple(map(id, best)))
            yield best
        elif nearest is not None:
            nearest.go_on()
        else:
            return


def _more(search: _Search) -> int:
    """Say by how much the next set of a group is larger than its first, at the least."""
    return search.size_next - len(search.sets[0])


def _size(parts: Iterable[Fixes]) -> int:
    return sum(len(fixes) for fixes in parts)


def _in_order(fixes: Iterable[Fix]) -> Fixes:
    return tuple(sorted(fixes, key=lambda fix: _PHASE[fix.result.rule_id]))


def _beginning(situation: Situation) -> Standing:
    return Standing(situation=situation, number=None if situation.number is None else Held.OWN)


def _left(situation: Situation, fixes: Iterable[Fix], policy: Policy, reserve: Reserve) -> list[RuleResult]:
    standing = _beginning(situation)
    for fix in fixes:
        standing = fix.step.change(standing, policy, reserve) or standing
    return unmet(standing.situation.subject, policy)


def _fix(standing: Standing, result: RuleResult, step: Step) -> Fix:
    campaign_id = standing.campaign_id
    return Fix(
        result=result,
        step=step,
        number=standing.number,
        moved=standing.moved,
        campaign_id=None if campaign_id == NEW_CAMPAIGN else campaign_id,
    )


def _is_part(smaller: Fixes, fixes: Fixes) -> bool:
    """Say whether all of one set are in another: then that is no smallest one."""
    return {fix.step.key for fix in smaller} <= {fix.step.key for fix in fixes}
