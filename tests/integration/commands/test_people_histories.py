"""Whatever is done to users and numbers, in any order: signatures, fact versions, pointers and the log agree."""

import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from core.commands.number_assignment import (
    AssignmentStatusChange,
    NumberAssignment,
    assign_campaign,
    assign_number,
    assign_numbers,
    record_assignment,
)
from core.commands.numbers import NumberChange, add_numbers, update_number
from core.commands.transaction import Answer, Store, Transaction, perform
from core.commands.user_status import deactivate_user, report_app_version
from core.commands.users import NewUser, UserChange, create_user, update_user
from core.rules.enums import AssignmentStatus, NumberSource, NumberState, PhoneNumberType, TextingMode
from tests.integration.commands.desk import Look, held, together
from tests.integration.commands.people import check_people
from tests.integration.commands.stored import Stored
from tests.integration.worlds import PROVIDER, World, attempt, new_email, new_number, new_world

STEPS = 60
CHECKED_EVERY = 6


class Chance:
    """Draws the next change out of what there is."""

    def __init__(self, world: World, look: Stored, draw: random.Random) -> None:
        self.world, self.look, self.draw = world, look, draw
        self.users: list[UUID] = []
        self.numbers: list[UUID] = []

    async def step(self) -> bool:
        """Try one change; says whether it was made."""
        self.users = [row["id"] for row in await self.look.rows("users")]
        self.numbers = [row["id"] for row in await self.look.rows("phone_numbers")]
        kinds = (
            self.create,
            self.update,
            self.report,
            self.add,
            self.hold,
            self.swap,
            self.change,
            self.join,
            self.answer,
        )
        kind = self.draw.choices((*kinds, self.leave), weights=(3, 3, 4, 2, 8, 3, 4, 4, 6, 1))[0]
        found = await perform(self.world.store, attempt(self.world.org_id, PROVIDER), kind())
        return isinstance(found, Answer)

    def since(self) -> datetime | None:
        ago = timedelta(minutes=self.draw.randrange(1, 100))
        return self.draw.choice((None, datetime.now(UTC) - ago))

    def create(self) -> Callable[[Transaction], Awaitable[Answer]]:
        kinds = self.draw.sample(list(PhoneNumberType), self.draw.randrange(3))
        campaigns = (None, self.world.campaign_id)
        wanted = NewUser(
            location_id=self.draw.choice(self.world.location_ids),
            display_name="Ana",
            email=new_email(),
            app_version=self.draw.choice((None, "42.9", "42.12")),
            texting=self.draw.choice(list(TextingMode)),
            phone_numbers=tuple(held(type=kind, campaign_id=self.draw.choice(campaigns)) for kind in kinds),
        )
        return lambda tx: create_user(tx, wanted)

    def update(self) -> Callable[[Transaction], Awaitable[Answer]]:
        told: dict[str, Any] = {"location_id": self.draw.choice(self.world.location_ids), "display_name": "Bo"}
        if self.draw.random() < 0.3:
            told["app_version"] = self.draw.choice(("41.0", "44.4"))
        wanted = UserChange(id=self.draw.choice(self.users), effective_from=self.since(), **told)
        return lambda tx: update_user(tx, wanted)

    def report(self) -> Callable[[Transaction], Awaitable[Answer]]:
        user_id, version, seen_at = self.draw.choice(self.users), self.draw.choice(("42.9", "42.12", "?")), self.since()
        return lambda tx: report_app_version(tx, user_id, app_version=version, seen_at=seen_at)

    def leave(self) -> Callable[[Transaction], Awaitable[Answer]]:
        user_id = self.draw.choice(self.users)
        return lambda tx: deactivate_user(tx, user_id)

    def add(self) -> Callable[[Transaction], Awaitable[Answer]]:
        listed, source = [new_number(), new_number()], self.draw.choice(list(NumberSource))
        return lambda tx: add_numbers(tx, listed, source)

    def hold(self) -> Callable[[Transaction], Awaitable[Answer]]:
        told: dict[str, Any] = {"user_id": self.draw.choice((None, *self.users))}
        if self.draw.random() < 0.5:
            told["type"] = self.draw.choice(list(PhoneNumberType))
        wanted = NumberAssignment(id=self.draw.choice(self.numbers), effective_from=self.since(), **told)
        return lambda tx: assign_number(tx, wanted)

    def swap(self) -> Callable[[Transaction], Awaitable[Answer]]:
        several = self.draw.sample(self.numbers, 3)
        people = (None, *self.draw.sample(self.users, 2))
        since = self.since()
        wanted = [
            NumberAssignment(id=id, user_id=user_id, effective_from=since)
            for id, user_id in zip(several, people, strict=True)
        ]
        return lambda tx: together(assign_numbers)(tx, wanted)

    def change(self) -> Callable[[Transaction], Awaitable[Answer]]:
        wanted = NumberChange(
            id=self.draw.choice(self.numbers),
            state=self.draw.choice(list(NumberState)),
            assigned_by=self.draw.choice(list(NumberSource)),
            effective_from=self.since(),
        )
        return lambda tx: update_number(tx, wanted)

    def join(self) -> Callable[[Transaction], Awaitable[Answer]]:
        number_id, campaign_id = self.draw.choice(self.numbers), self.draw.choice((None, self.world.campaign_id))
        return lambda tx: assign_campaign(tx, number_id, campaign_id)

    def answer(self) -> Callable[[Transaction], Awaitable[Answer]]:
        wanted = AssignmentStatusChange(
            number_id=self.draw.choice(self.numbers),
            campaign_id=self.world.campaign_id,
            status=self.draw.choice(list(AssignmentStatus)),
            effective_from=self.since(),
        )
        return lambda tx: record_assignment(tx, wanted)


@pytest.mark.parametrize("seed", range(6))
async def test_all_that_is_stored_agrees_after_any_changes(store: Store, stored: Look, seed: int) -> None:
    world = await new_world(store, people=3, locations=2)
    look = stored(world.org_id)
    chance = Chance(world, look, random.Random(seed))
    made = 0
    for at in range(STEPS):
        made += await chance.step()
        if at % CHECKED_EVERY == 0:
            await check_people(look)
    await check_people(look)
    await look.check_signatures()
    # A run in which everything is refused would show nothing.
    assert made > STEPS / 4
