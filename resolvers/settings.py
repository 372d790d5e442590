"""Effective settings: what holds for an organization, a location or a user, from whom, and why the others lose."""

from collections.abc import Sequence
from typing import Any

from core.rules.enums import SettingKey
from core.rules.words.catalogue import render
from core.storage.rows import LocationRow, OrgRow, UserRow
from engine import Info, Registry
from resolvers.errors import OtherOrganization
from resolvers.references import resolve_held_any
from resolvers.setting_values import SETTING, TOLD, ChainLevel, Place, Setting, Source, of_entities, of_users

registry = Registry()

_ALL = tuple(SettingKey)


@registry.bind("Org.effective_settings", reads=(), again=("source.entity", "chain.entity"))
async def org_settings(parents: Sequence[OrgRow], info: Info) -> list[Any]:
    """Give one setting for each key, of the organization entered."""
    context = info.context
    entered = [each for each in parents if each.org_id == context.org_id]
    of_org = await of_entities(context, entered, _ALL)
    other = OtherOrganization("only the settings of the organization that the operation enters can be read")
    return [of_org[0] if each.org_id == context.org_id else other for each in parents]


@registry.bind("Location.effective_settings", reads=(), again=("source.entity", "chain.entity"))
async def location_settings(parents: Sequence[LocationRow], info: Info) -> list[list[Setting]]:
    """Give one setting for each key."""
    return await of_entities(info.context, parents, _ALL)


@registry.bind("User.effective_settings", reads=("location_id", "texting"), again=("source.entity", "chain.entity"))
async def user_settings(parents: Sequence[UserRow], info: Info) -> list[list[Setting]]:
    """Give one setting for each key."""
    return await _of_users(info, parents, _ALL)


@registry.bind("User.effective_setting", reads=("location_id", "texting"), again=("source.entity", "chain.entity"))
async def user_setting(parents: Sequence[UserRow], info: Info, *, key: SettingKey) -> list[Setting]:
    """Give the setting asked for."""
    return [setting for (setting,) in await _of_users(info, parents, (key,))]


async def _of_users(info: Info, users: Sequence[UserRow], keys: Sequence[SettingKey]) -> list[list[Setting]]:
    read = info.reads(SETTING)
    if read is not None and read <= TOLD and SettingKey.BUSINESS_TEXTING in keys:
        return await of_users(info.context, users, keys)
    return await of_entities(info.context, users, keys)


@registry.bind("EffectiveSetting.enabled", reads=("value",))
def enabled(parents: Sequence[Setting], info: Info) -> list[bool | None]:
    """Give the value of a switch; a number is none."""
    return [each.effective.enabled for each in parents]


@registry.bind("EffectiveSetting.source")
def source(parents: Sequence[Setting], info: Info) -> list[Source]:
    """Give the level that holds."""
    return [each.source for each in parents]


@registry.bind("EffectiveSetting.chain")
def chain(parents: Sequence[Setting], info: Info) -> list[list[ChainLevel]]:
    """Give every level, the strongest first."""
    return [each.chain for each in parents]


@registry.bind("SettingSource.entity")
async def source_entity(parents: Sequence[Source], info: Info) -> list[Any]:
    """Find the object that set it."""
    return await _entities(info, [each.place for each in parents])


@registry.bind("SettingLevelValue.entity")
async def level_entity(parents: Sequence[ChainLevel], info: Info) -> list[Any]:
    """Find the object of the level."""
    return await _entities(info, [each.place for each in parents])


@registry.bind("SettingLevelValue.why_not")
def why_not(parents: Sequence[ChainLevel], info: Info) -> list[str | None]:
    """Say why it does not win, in the caller's language."""
    language = info.context.language
    return [None if each.why_not is None else render(each.why_not, language) for each in parents]


async def _entities(info: Info, places: Sequence[Place]) -> list[Any]:
    """Give the objects of levels: those that the setting was asked of are known already."""
    unknown = [place.ref if place.row is None else None for place in places]
    found = await resolve_held_any(info, unknown)
    return [place.row if place.row is not None else other for place, other in zip(places, found, strict=True)]
