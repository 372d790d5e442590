"""What a change of switches does to users, before it is made."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from core.rules.enums import Level, Outcome, SettingKey, TextingMode
from core.rules.facts import SwitchFacts
from core.rules.settings import LevelValue, resolve, switch_of, texting_levels


@dataclass(frozen=True, slots=True, kw_only=True)
class Switches:
    """The stored switches that a user's value comes from."""

    org_enabled: bool | None
    location_mode: TextingMode
    user_mode: TextingMode
    org_locked: bool = False
    location_locked: bool = False

    def resolved(self) -> SwitchFacts:
        """Give what the rule EFFECTIVE_SETTING_ENABLED reads."""
        return switch_of(
            org_enabled=self.org_enabled,
            location_mode=self.location_mode,
            user_mode=self.user_mode,
            org_locked=self.org_locked,
            location_locked=self.location_locked,
        )

    def levels(self) -> tuple[LevelValue[bool], ...]:
        """Give them as levels, from SYSTEM down to USER."""
        return texting_levels(
            org_enabled=self.org_enabled,
            location_mode=self.location_mode,
            user_mode=self.user_mode,
            org_locked=self.org_locked,
            location_locked=self.location_locked,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ImpactGroup:
    """`count` users that are alike, before and after. `prerequisites`: as decided for them, the switch apart."""

    before: Switches
    after: Switches
    prerequisites: Outcome
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """How many users. The first four add up to all of them; `still_blocked` are those of `turned_on` that cannot text.

    `kept_by_override`: unchanged, and against what the changed level now says, because a lower level has its own value.
    """

    turned_on: int = 0
    turned_off: int = 0
    unchanged: int = 0
    kept_by_override: int = 0
    still_blocked: int = 0


def impact(groups: Iterable[ImpactGroup], *, changed: Level) -> Impact:
    """Count what a change at the level `changed` (ORG, LOCATION or USER) does."""
    totals = dict.fromkeys(("turned_on", "turned_off", "unchanged", "kept_by_override", "still_blocked"), 0)
    for group in groups:
        kind = _kind(group, changed)
        totals[kind] += group.count
        if kind == "turned_on" and group.prerequisites is not Outcome.ALLOWED:
            totals["still_blocked"] += group.count
    return Impact(**totals)


def _kind(group: ImpactGroup, changed: Level) -> str:
    levels = group.after.levels()
    before = resolve(SettingKey.BUSINESS_TEXTING, group.before.levels()).value
    after = resolve(SettingKey.BUSINESS_TEXTING, levels).value
    if before != after:
        return "turned_on" if after else "turned_off"
    until_changed = levels[: [link.level for link in levels].index(changed) + 1]
    said = resolve(SettingKey.BUSINESS_TEXTING, until_changed).value
    return "unchanged" if after == said else "kept_by_override"


def user_group(switches: Switches, mode: TextingMode, prerequisites: Outcome) -> ImpactGroup:
    """Give the group of one user whose own switch is set to `mode`."""
    after = replace(switches, user_mode=mode)
    return ImpactGroup(before=switches, after=after, prerequisites=prerequisites)
