"""The smallest sets of remediations that would let a user text, each verified by deciding again.

The search supposes that remediations succeed, one after another, and decides after each with the rules themselves.
Rules that no step for one of them could serve together are searched apart, and what is found is put together; a rule
that has one step and that no other step serves needs no search. A set is in an order in which it can be sent: what the
organization and the location need before what turns texting on.
"""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from heapq import heappop, heappush
from itertools import chain, islice, product
from uuid import UUID

from core.rules.enums import Level
from core.rules.fix_changes import NEW_CAMPAIGN, Reserve, Standing
from core.rules.fix_steps import STEPS, Step
from core.rules.neutral_step import neutral_steps
from core.rules.policy import Policy
from core.rules.registry import RULES
from core.rules.remedies import WITHHELD
from core.rules.results import RuleResult
from core.rules.rule_ids import RuleId
from core.rules.situation import Situation
from core.rules.unmet import unmet

LIMIT_MAX = 10
"""Sets in one answer."""
PATHS_MAX = 500
"""Paths that the search for one group goes on from: several times what the worst facts take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """Rules that a step for one of them may serve too, those first that are helped first.

    `levels`: those they read. `changes`: the facts of a standing that their steps change, and no other steps do.
    """

    rule_ids: tuple[str, ...]
    levels: frozenset[Level]
    changes: tuple[str, ...]


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
        changes=("campaigns", "number"),
    ),
    _Group(
        rule_ids=(
            RuleId.LOCATION_COUNTRY_US_CA,
            RuleId.LOCATION_PSTN_CISCO,
            RuleId.EFFECTIVE_SETTING_ENABLED,
        ),
        levels=frozenset({Level.LOCATION, Level.SYSTEM}),
        changes=("location", "switches"),
    ),
)
"""A new number, a campaign, another location serve several rules. No step for a rule of one group changes what a rule
of another reads."""
_ALONE = frozenset(rule.rule_id for rule in RULES) - {rule_id for group in _TOGETHER for rule_id in group.rule_ids}
"""Rules that have one step for each result, which serves no other rule: it is of every set."""
_LEVELS = (Level.ORG, Level.LOCATION, Level.NUMBER, Level.USER)
_PHASE: dict[str, int] = {
    **{rule.rule_id: _LEVELS.index(rule.level) for rule in RULES},
    RuleId.USER_PRIMARY_TN_PRESENT: _LEVELS.index(Level.NUMBER),
    RuleId.EFFECTIVE_SETTING_ENABLED: len(_LEVELS),
}
"""In which order steps of several groups are sent: turning on is refused while an earlier rule fails (U1, O1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """One remediation of a set: for which result, and how things stand when its turn comes."""

    result: RuleResult
    step: Step
    standing: Standing

    @property
    def campaign_id(self) -> UUID | None:
        """The campaign that a number can join then; `None` where there is none, or it has no id yet."""
        found = self.standing.campaign_id
        return None if found == NEW_CAMPAIGN else found


Fixes = tuple[Fix, ...]


@lru_cache(maxsize=4_096)
def minimal_fixes(
    situation: Situation, policy: Policy, reserve: Reserve, *, limit: int, hidden: frozenset[str] = frozenset()
) -> tuple[Fixes, ...]:
    """Give up to `limit` sets, the smallest first; none where everything holds, or where nothing helps.

    Each makes the outcome ALLOWED, and no part of it does. `hidden`: rules whose facts may not be told; whatever they
    found, one remediation that says nothing stands for each.
    """
    left = unmet(situation, policy)
    alone = [(result, _steps(result, hidden)) for result in left if result.rule_id in _ALONE]
    if not left or not all(steps for _, steps in alone):
        return ()
    beginning = Standing.of(situation, reserve)
    always = [Fix(result=result, step=step, standing=beginning) for result, (step,) in alone]
    searches = []
    for group in _TOGETHER:
        if any(result.rule_id in group.rule_ids for result in left):
            search = _Search(ways=_Ways(policy, reserve, _Place(beginning)), hidden=hidden, group=group)
            search.add(_Path(search.ways.beginning))
            searches.append(search)
    # Groups change different facts: what all of a set leaves is put together, and decided on as a whole.
    known = _Ways(policy, reserve, _Place(beginning)).along(always)[-1].standing
    verified = (
        _in_order(chain(always, *parts))
        for parts in _together(searches)
        if not unmet(_left_by(known, searches, parts), policy)
    )
    # They come in this order, unless a number is of a campaign that is not there.
    return tuple(sorted(islice(verified, limit), key=len))


def works(situation: Situation, fixes: Iterable[Fix], policy: Policy, reserve: Reserve) -> bool:
    """Say whether the fixes, in this order, make the outcome ALLOWED; one whose turn cannot come changes nothing."""
    ways = _Ways(policy, reserve, _Place(Standing.of(situation, reserve)))
    return not unmet(ways.along(fixes)[-1].standing, policy)


@dataclass(slots=True, eq=False)
class _Place:
    """A standing that steps led to, and where a further step leads, by the step's id: each way is gone once.

    `left`: what of a group is left to do there, those first that are helped first; `None`: not asked yet.
    """

    standing: Standing
    onward: "dict[int, _Place | None]" = field(default_factory=dict)
    left: list[RuleResult] | None = None


@dataclass(frozen=True, slots=True)
class _Ways:
    """All that can come of the beginning."""

    policy: Policy
    reserve: Reserve
    beginning: _Place

    def after(self, place: _Place, step: Step) -> _Place | None:
        """Give the place that a step leads to; `None` where its turn cannot come."""
        key, onward = id(step), place.onward
        if key not in onward:
            standing = step.change(place.standing, self.policy, self.reserve)
            onward[key] = None if standing is None else _Place(standing)
        return onward[key]

    def along(self, fixes: Iterable[Fix]) -> list[_Place]:
        """Give the places on the way, the beginning first; a fix whose turn cannot come leads nowhere else."""
        places = [self.beginning]
        for fix in fixes:
            places.append(self.after(places[-1], fix.step) or places[-1])
        return places


@dataclass(frozen=True, slots=True)
class _Path:
    """A place, the fixes that led there, and the keys of their steps."""

    place: _Place
    fixes: Fixes = ()
    keys: frozenset[Hashable] = frozenset()


@dataclass(slots=True, kw_only=True)
class _Search:
    """Looks for the sets that serve one group of rules, the smallest first. `sets`: those found; `paths`: to go on."""

    ways: _Ways
    hidden: frozenset[str]
    group: _Group
    sets: list[Fixes] = field(default_factory=list)
    paths: list[tuple[int, int, int, _Path]] = field(default_factory=list)
    seen: int = 0
    found: list[frozenset[Hashable]] = field(default_factory=list)

    def add(self, path: _Path) -> None:
        """Note a path to go on from: the one whose set can be the smallest comes first, of several the longest."""
        self.seen += 1
        heappush(self.paths, (len(path.fixes) + bool(self.left(path.place)), -len(path.fixes), self.seen, path))

    @property
    def size_next(self) -> int:
        """How many fixes the next set has at the least: of a path's, one may turn out not to be needed."""
        return self.paths[0][0] - 1

    @property
    def is_over(self) -> bool:
        """Whether there is nothing more to find, or enough."""
        return not self.paths or len(self.sets) == LIMIT_MAX or self.seen >= PATHS_MAX

    def go_on(self) -> bool:
        """Go on from one path; say whether that found a set."""
        path = heappop(self.paths)[-1]
        if self._holds_one(path.keys):
            return False
        if self.left(path.place):
            self._lengthen(path)
            return False
        fixes = self._least(path.fixes)
        keys = path.keys if fixes is path.fixes else frozenset(fix.step.key for fix in fixes)
        if self._holds_one(keys):
            return False
        self.sets.append(fixes)
        self.found.append(keys)
        return True

    def left(self, place: _Place) -> list[RuleResult]:
        """Say what of the group is left to do at a place, those first that are helped first."""
        if place.left is None:
            unmet_there = unmet(place.standing, self.ways.policy, self.group.levels)
            place.left = [each for rule_id in self.group.rule_ids for each in unmet_there if each.rule_id == rule_id]
        return place.left

    def _holds_one(self, keys: frozenset[Hashable]) -> bool:
        """Say whether all of a set that was found are among these: then they are no smallest ones."""
        return any(smaller <= keys for smaller in self.found)

    def _lengthen(self, path: _Path) -> None:
        """Add the paths that go on with a step for the first result that is left, unless it stays as it is."""
        result = self.left(path.place)[0]
        taken = set(path.keys - {WITHHELD})
        for step in _steps(result, self.hidden):
            after = None if step.key in taken else self.ways.after(path.place, step)
            if after is not None and (step.prepares or result not in self.left(after)):
                taken.add(step.key)
                fix = Fix(result=result, step=step, standing=path.place.standing)
                self.add(_Path(after, (*path.fixes, fix), path.keys | {step.key}))

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

    def _again(self, fixes: Fixes) -> Fixes | None:
        """Give the fixes as they are when their turns come without those that were left out, if that serves."""
        *places, last = self.ways.along(fixes)
        if self.left(last):
            return None
        return tuple(replace(fix, standing=place.standing) for fix, place in zip(fixes, places, strict=True))


def _left_by(known: Standing, searches: Iterable[_Search], parts: Iterable[Fixes]) -> Standing:
    """Give the standing with what each group's fixes make of the facts that they change."""
    for search, fixes in zip(searches, parts, strict=True):
        end = search.ways.along(fixes)[-1].standing
        known = known._replace(**{name: getattr(end, name) for name in search.group.changes})
    return known


def _steps(result: RuleResult, hidden: frozenset[str]) -> tuple[Step, ...]:
    return neutral_steps(result) if result.rule_id in hidden else STEPS.get(result.message_id, ())


def _together(searches: Sequence[_Search]) -> Iterator[tuple[Fixes, ...]]:
    """Put sets of all groups together, the smallest first; no group is searched further than what is taken needs."""
    for search in searches:
        while not search.is_over and (not search.sets or search.size_next < len(search.sets[0])):
            search.go_on()
            search.sets.sort(key=len)
        if not search.sets:
            return
    least = sum(len(search.sets[0]) for search in searches)
    # By size, then by which set of each group: those that are to be given yet.
    waiting: list[tuple[int, tuple[int, ...]]] = []
    _put(waiting, searches, (range(len(search.sets)) for search in searches))
    while True:
        nearest = min((search for search in searches if not search.is_over), key=_more, default=None)
        if waiting and (nearest is None or waiting[0][0] <= least + _more(nearest)):
            yield tuple(search.sets[at] for search, at in zip(searches, heappop(waiting)[1], strict=True))
        elif nearest is None:
            return
        elif nearest.go_on():
            new = (len(nearest.sets) - 1,)
            _put(waiting, searches, (new if each is nearest else range(len(each.sets)) for each in searches))


def _put(
    waiting: list[tuple[int, tuple[int, ...]]], searches: Sequence[_Search], sets: Iterable[Iterable[int]]
) -> None:
    """Note each way to put such sets together, one of each group, by size."""
    for places in product(*sets):
        size = sum(len(search.sets[at]) for search, at in zip(searches, places, strict=True))
        heappush(waiting, (size, places))


def _more(search: _Search) -> int:
    """Say by how much the next set of a group is larger than its first, at the least."""
    return search.size_next - len(search.sets[0])


def _in_order(fixes: Iterable[Fix]) -> Fixes:
    return tuple(sorted(fixes, key=lambda fix: _PHASE[fix.result.rule_id]))
