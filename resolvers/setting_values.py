"""What a setting amounts to at an organization, a location or a user: worked out from what each level stores."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, ClassVar
from uuid import UUID

from core.ids import GlobalId, encode
from core.rules.enums import Level, SettingKey, SettingState, TextingMode
from core.rules.policy import Policy
from core.rules.results import Message
from core.rules.retention import retention_levels
from core.rules.settings import EffectiveSetting, LevelValue, resolve
from core.storage import switches
from core.storage.rows import LocationRow, OrgRow, UserRow
from core.storage.switches import Switches
from resolvers import references
from resolvers.context import RequestContext
from resolvers.references import Ref

Entity = OrgRow | LocationRow | UserRow
"""What settings are asked of."""

SETTING = "EffectiveSetting"

RESOLVED_MAX = 1_024
"""Resolved settings kept: how many combinations of levels there are, with locks, is far below."""

_TYPES = {Level.ORG: "Org", Level.LOCATION: "Location", Level.USER: "User"}
_LEVELS = {name: level for level, name in _TYPES.items()}
_DETAILS = {f"{level}.{key}": (level, key) for level in _TYPES for key in SettingKey}
"""How the end of a setting's id names the level and the setting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One level of a setting: whose value it is. The topmost level is nobody's.

    `row`: the object itself, where it is known already. The rest says where its own value comes from.
    """

    ref: Ref | None
    row: Entity | None = None
    set_at: datetime | None = None
    set_by: str | None = None
    audit_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One effective setting. `stored`: the switches behind it; `None` where none are asked."""

    graphql_type: ClassVar[str] = SETTING

    entity: Entity
    effective: EffectiveSetting[Any]
    stored: Switches | None

    @property
    def global_id(self) -> str:
        """The global id: names the object asked about, the level and the setting."""
        level = _LEVELS[self.entity.graphql_type]
        return encode(SETTING, self.entity.org_id, self.entity.id, f"{level}.{self.key}")

    @property
    def key(self) -> SettingKey:
        """Which setting."""
        return self.effective.key

    @property
    def value(self) -> Any:
        """What holds."""
        return self.effective.value

    @property
    def state(self) -> SettingState:
        """How that came about."""
        return self.effective.state

    @property
    def inherited_value(self) -> Any:
        """What would hold without the asked level's own value."""
        return self.effective.inherited_value

    @property
    def override_is_redundant(self) -> bool:
        """Whether the asked level's own value says what would be inherited anyway."""
        return self.effective.override_is_redundant

    @property
    def source(self) -> "Source":
        """The level that holds."""
        level = self.effective.level
        return Source(level=level, place=_place(self.entity, level, self.stored))

    @property
    def chain(self) -> list["ChainLevel"]:
        """Every level, the strongest first."""
        return [
            ChainLevel(
                level=link.level,
                place=_place(self.entity, link.level, self.stored),
                value=link.value,
                wins=link.wins,
                why_not=link.why_not,
                locked=link.locked,
            )
            for link in reversed(self.effective.chain)
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where an effective value comes from."""

    graphql_type: ClassVar[str] = "SettingSource"

    level: Level
    place: Place

    @property
    def set_at(self) -> datetime | None:
        """When it was set, UTC."""
        return self.place.set_at

    @property
    def set_by(self) -> str | None:
        """The subject that set it."""
        return self.place.set_by


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainLevel:
    """What one level says. `why_not` `None` = it wins."""

    graphql_type: ClassVar[str] = "SettingLevelValue"

    level: Level
    place: Place
    value: Any
    wins: bool
    why_not: Message | None
    locked: bool


async def of_entities(
    context: RequestContext, entities: Sequence[Entity], keys: Sequence[SettingKey]
) -> list[list[Setting]]:
    """Work out settings of objects of one type, of the organization entered, in one statement for all of them."""
    if not entities:
        return []
    level = _LEVELS[entities[0].graphql_type]
    stored: Mapping[UUID, Switches] = {}
    if SettingKey.BUSINESS_TEXTING in keys:
        ids = (each.id for each in entities)
        stored = await switches.load(context.db.fetch, context.org_id, level, ids)
    policy = context.policy
    return [[_setting(policy, each, key, stored.get(each.id)) for key in keys] for each in entities]


TOLD = frozenset({"key", "value", "state", "inherited_value", "override_is_redundant"})
"""What is told of a setting without saying whose it is, or who set it."""


async def of_users(
    context: RequestContext, users: Sequence[UserRow], keys: Sequence[SettingKey]
) -> list[list[Setting]]:
    """Work out what `TOLD` names, for users whose `texting` is known: one row for each location is read, not each user.

    Users of one location who chose the same share their settings: whose these are must not be asked.
    """
    stored = await switches.load(context.db.fetch, context.org_id, Level.LOCATION, (each.location_id for each in users))
    made: dict[tuple[UUID, str], list[Setting]] = {}
    for each in users:
        shared = made.get((each.location_id, each.texting))
        if shared is None:
            own = stored[each.location_id].of_user(TextingMode(each.texting))
            shared = [_setting(context.policy, each, key, own) for key in keys]
            made[each.location_id, each.texting] = shared
    return [made[each.location_id, each.texting] for each in users]


async def find(context: RequestContext, wanted: Iterable[GlobalId]) -> dict[GlobalId, Setting]:
    """Find visible settings by their ids, in two statements for each level; what cannot be found is missing."""
    asked = {each: _DETAILS[each.detail] for each in wanted if each.detail in _DETAILS}
    found: dict[GlobalId, Setting] = {}
    for level in dict.fromkeys(level for level, _ in asked.values()):
        of_level = [each for each, (at, _) in asked.items() if at is level]
        rows = await references.load(context, _TYPES[level], (each.id for each in of_level))
        settings = await of_entities(context, list(rows.values()), list(SettingKey))
        by_id = {(setting.entity.id, setting.key): setting for each in settings for setting in each}
        for each in of_level:
            setting = by_id.get((each.id, asked[each][1]))
            if setting is not None:
                found[each] = setting
    return found


def effective(
    policy: Policy, key: SettingKey, level: Level, texting: tuple[LevelValue[bool], ...]
) -> EffectiveSetting[Any]:
    """Work out a setting at a level, from the stored levels of the switch; equal ones share what comes out."""
    if key is SettingKey.MESSAGE_RETENTION_DAYS:
        # Nobody but the provider sets it yet (L2): the levels are known without asking.
        return _resolved(key, retention_levels(policy, level))
    return _resolved(key, texting)


def _setting(policy: Policy, entity: Entity, key: SettingKey, stored: Switches | None) -> Setting:
    if key is SettingKey.MESSAGE_RETENTION_DAYS:
        stored = None
    else:
        assert stored is not None, "an object of the snapshot has its switch in the snapshot"
    levels = () if stored is None else stored.levels()
    return Setting(entity=entity, effective=effective(policy, key, _LEVELS[entity.graphql_type], levels), stored=stored)


def _place(entity: Entity, level: Level, stored: Switches | None) -> Place:
    if level is Level.SYSTEM:
        return Place(ref=None)
    row = entity if _LEVELS[entity.graphql_type] is level else None
    id = entity.org_id if level is Level.ORG else entity.location_id if row is None else entity.id
    ref = Ref(_TYPES[level], id)
    switch = stored.at(level) if stored is not None else None
    if switch is None:
        return Place(ref=ref, row=row)
    return Place(ref=ref, row=row, set_at=switch.set_at, set_by=switch.set_by, audit_id=switch.audit_id)


@lru_cache(maxsize=RESOLVED_MAX)
def _resolved(key: SettingKey, levels: tuple[LevelValue[Any], ...]) -> EffectiveSetting[Any]:
    return resolve(key, levels)
