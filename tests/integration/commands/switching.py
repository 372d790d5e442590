"""Switching an organization, its locations and users; what makes texting unavailable to them."""

from typing import Any

from core.commands.bulk_toggles import GivenUser, set_users_texting
from core.commands.entitlements import SetEntitlements
from core.commands.locations import Address, LocationChange, update_location
from core.commands.orgs import set_entitlements
from core.commands.refusals import Refusal
from core.commands.toggles import set_location_texting, set_org_texting, set_user_texting
from core.commands.transaction import Answer
from core.rules.enums import PstnConnectionType, TextingMode
from tests.integration.worlds import World

ON, OFF, INHERIT = TextingMode.ON, TextingMode.OFF, TextingMode.INHERIT
NOTHING = dict.fromkeys(("turned_on", "turned_off", "unchanged", "kept_by_override", "still_blocked"), 0)


def impact(**counted: int) -> dict[str, int]:
    return {**NOTHING, **counted}


async def org_to(world: World, *, enabled: bool, **said: object) -> Answer:
    return await world.answer(world.org_admin, lambda tx: set_org_texting(tx, enabled=enabled), **said)


async def user_to(world: World, at: int, mode: TextingMode, **said: object) -> Answer:
    id = world.people[at].user_id
    return await world.answer(world.org_admin, lambda tx: set_user_texting(tx, id, mode=mode), **said)


async def location_to(world: World, mode: TextingMode, at: int = 0, **said: object) -> Answer:
    id = world.location_ids[at]
    return await world.answer(world.org_admin, lambda tx: set_location_texting(tx, id, mode=mode), **said)


def given(world: World) -> list[GivenUser]:
    return [GivenUser(given=str(each.user_id), id=each.user_id) for each in world.people]


async def bulk_to(world: World, users: list[GivenUser], mode: TextingMode, **said: object) -> Answer:
    return await world.answer(world.org_admin, lambda tx: set_users_texting(tx, users, mode=mode), **said)


async def bulk_refused(world: World, users: list[GivenUser], mode: TextingMode, **said: Any) -> Refusal:
    who = said.pop("principal", world.org_admin)
    return await world.refusal(who, lambda tx: set_users_texting(tx, users, mode=mode), **said)


async def without_add_on(world: World) -> None:
    await world.answer(world.provider, lambda tx: set_entitlements(tx, SetEntitlements(texting_add_on=None)))


async def move_abroad(world: World, at: int = 0) -> None:
    change = LocationChange(
        id=world.location_ids[at],
        address=Address(country="MX"),
        pstn_connection_type=PstnConnectionType.LOCAL_GATEWAY,
    )
    await world.answer(world.org_admin, lambda tx: update_location(tx, change))
