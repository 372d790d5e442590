"""Settings with levels: USER over LOCATION over ORG over SYSTEM, and locks (O3, U3; levels of LOCATION are ours)."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Generic, TypeVar

from core.rules.enums import Level, SettingKey, SettingState, TextingMode
from core.rules.facts import SwitchFacts
from core.rules.results import Message, named, params

V = TypeVar("V")


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelValue(Generic[V]):
    """The explicit value of one level; `None` = it inherits. `locked` keeps every lower level from counting."""

    level: Level
    value: V | None
    locked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainLink(Generic[V]):
    """One level in the explanation. `why_not` is `None` for the one that wins."""

    level: Level
    value: V | None
    wins: bool
    why_not: Message | None
    locked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectiveSetting(Generic[V]):
    """A resolved setting and how it came about. `chain` runs from SYSTEM down to the level asked about.

    `inherited_value`: what it would be without the asked level's own value. `override_is_redundant`: the asked level
    has its own value and it equals that.
    """

    key: SettingKey
    value: V
    state: SettingState
    level: Level
    chain: tuple[ChainLink[V], ...]
    inherited_value: V
    override_is_redundant: bool
    locked_by: Level | None

    @property
    def enabled(self) -> bool | None:
        """The value of a switch; `None` for settings that are none."""
        return self.value if isinstance(self.value, bool) else None


def resolve(key: SettingKey, levels: Sequence[LevelValue[V]]) -> EffectiveSetting[V]:
    """Resolve a setting for the last of `levels`, which run from SYSTEM down, each once.

    ValueError when they do not start with a SYSTEM that has a value, or are out of order.
    """
    system = _checked(levels)
    asked = levels[-1]
    winner = _winner(levels)
    value = winner.value if winner.value is not None else system
    inherited = _winner(levels[:-1]).value if len(levels) > 1 else system
    inherited_value = inherited if inherited is not None else system
    lock = _lock_above(levels, len(levels) - 1)
    return EffectiveSetting(
        key=key,
        value=value,
        state=_state(winner.level, asked.level, lock),
        level=winner.level,
        chain=tuple(_link(levels, index, winner.level) for index in range(len(levels))),
        inherited_value=inherited_value,
        override_is_redundant=len(levels) > 1 and asked.value is not None and asked.value == inherited_value,
        locked_by=lock,
    )


def texting_levels(
    *,
    org_enabled: bool | None,
    location_mode: TextingMode | None = None,
    user_mode: TextingMode | None = None,
    org_locked: bool = False,
    location_locked: bool = False,
) -> tuple[LevelValue[bool], ...]:
    """Give BUSINESS_TEXTING's levels: a user's; without `user_mode` a location's; without both an organization's."""
    levels = [
        LevelValue(level=Level.SYSTEM, value=False),
        LevelValue(level=Level.ORG, value=org_enabled, locked=org_locked),
    ]
    if location_mode is not None or user_mode is not None:
        mode = location_mode if location_mode is not None else TextingMode.INHERIT
        levels.append(LevelValue(level=Level.LOCATION, value=mode_value(mode), locked=location_locked))
    if user_mode is not None:
        levels.append(LevelValue(level=Level.USER, value=mode_value(user_mode)))
    return tuple(levels)


@lru_cache(maxsize=256)
def switch_of(
    *,
    org_enabled: bool | None,
    location_mode: TextingMode,
    user_mode: TextingMode,
    org_locked: bool = False,
    location_locked: bool = False,
) -> SwitchFacts:
    """Resolve a user's switch to what the rule EFFECTIVE_SETTING_ENABLED reads."""
    levels = texting_levels(
        org_enabled=org_enabled,
        location_mode=location_mode,
        user_mode=user_mode,
        org_locked=org_locked,
        location_locked=location_locked,
    )
    setting = resolve(SettingKey.BUSINESS_TEXTING, levels)
    return SwitchFacts(enabled=setting.value, level=setting.level, locked_by=setting.locked_by)


def mode_value(mode: TextingMode) -> bool | None:
    """ON is `True`, OFF is `False`, INHERIT is `None`."""
    return None if mode == TextingMode.INHERIT else mode == TextingMode.ON


def _checked(levels: Sequence[LevelValue[V]]) -> V:
    order = [_ORDER.index(link.level) for link in levels]
    if not levels or levels[0].level is not Level.SYSTEM or levels[0].value is None:
        raise ValueError("the levels do not start with a SYSTEM that has a value; put the default first")
    if any(later <= earlier for earlier, later in pairwise(order)):
        raise ValueError(
            f"the levels `{', '.join(link.level for link in levels)}` are out of order; run from SYSTEM down"
        )
    return levels[0].value


_ORDER = (Level.SYSTEM, Level.ORG, Level.LOCATION, Level.USER)


def _winner(levels: Sequence[LevelValue[V]]) -> LevelValue[V]:
    """The lowest level with a value, not looking below the first lock."""
    found = levels[0]
    for link in levels:
        if link.value is not None:
            found = link
        if link.locked:
            break
    return found


def _lock_above(levels: Sequence[LevelValue[V]], index: int) -> Level | None:
    return next((link.level for link in levels[:index] if link.locked), None)


def _state(winner: Level, asked: Level, lock: Level | None) -> SettingState:
    if lock is not None:
        return SettingState.LOCKED
    if winner is Level.SYSTEM:
        return SettingState.DEFAULT
    return SettingState.OVERRIDDEN if winner is asked else SettingState.INHERITED


def _link(levels: Sequence[LevelValue[V]], index: int, winner: Level) -> ChainLink[V]:
    link = levels[index]
    lock = _lock_above(levels, index)
    why_not: Message | None = None
    if link.level is not winner:
        why_not = _why_not(link, lock, winner)
    return ChainLink(level=link.level, value=link.value, wins=link.level is winner, why_not=why_not, locked=link.locked)


def _why_not(link: LevelValue[V], lock: Level | None, winner: Level) -> Message:
    if link.value is None:
        return Message(id="SETTING.why_not.inherits", params=params(level=named(link.level)))
    if lock is not None:
        return Message(id="SETTING.why_not.locked", params=params(level=named(link.level), locked_by=named(lock)))
    return Message(id="SETTING.why_not.overridden", params=params(level=named(link.level), winner=named(winner)))
