"""What a toggle may do: no turning on where texting is not available (U1, O1), no overriding where it is locked."""

from collections.abc import Iterable
from dataclasses import dataclass

from core.rules.enums import Level, RuleStatus, TextingMode
from core.rules.results import RuleResult


@dataclass(frozen=True, slots=True, kw_only=True)
class ToggleVerdict:
    """`blockers`: prerequisites that fail (NotEligible). `locked_by`: the level that forbids it (SettingLocked)."""

    blockers: tuple[RuleResult, ...] = ()
    locked_by: Level | None = None

    @property
    def allowed(self) -> bool:
        """Whether the toggle may do it."""
        return not self.blockers and self.locked_by is None


def judge_org(mode: TextingMode, *, org: Iterable[RuleResult]) -> ToggleVerdict:
    """Judge the organization's switch by the organization's results."""
    return ToggleVerdict(blockers=_blockers(mode, org))


def judge_location(
    mode: TextingMode, *, org: Iterable[RuleResult], location: Iterable[RuleResult], org_locked: bool = False
) -> ToggleVerdict:
    """Judge a location's switch by the organization's and that location's results."""
    return ToggleVerdict(
        blockers=_blockers(mode, (*org, *location)), locked_by=_lock(mode, org_locked=org_locked, location_locked=False)
    )


def judge_user(
    mode: TextingMode,
    *,
    org: Iterable[RuleResult],
    location: Iterable[RuleResult],
    org_locked: bool = False,
    location_locked: bool = False,
) -> ToggleVerdict:
    """Judge a user's switch: what fails at the user or the number stops nobody, and is counted as still blocked."""
    return ToggleVerdict(
        blockers=_blockers(mode, (*org, *location)),
        locked_by=_lock(mode, org_locked=org_locked, location_locked=location_locked),
    )


def _blockers(mode: TextingMode, results: Iterable[RuleResult]) -> tuple[RuleResult, ...]:
    """Only FAIL refuses, and only turning on: OFF and INHERIT are always possible."""
    if mode != TextingMode.ON:
        return ()
    return tuple(result for result in results if result.status is RuleStatus.FAIL)


def _lock(mode: TextingMode, *, org_locked: bool, location_locked: bool) -> Level | None:
    """A lock refuses turning on. Off and inherit are always possible; what is off under a lock waits for its end."""
    if mode != TextingMode.ON:
        return None
    if org_locked:
        return Level.ORG
    return Level.LOCATION if location_locked else None
