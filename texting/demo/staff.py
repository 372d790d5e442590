"""The demo's locations and people, their numbers, and the switches of some."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from uuid import UUID

from audit.actions import Action
from core.commands import locations, number_assignment, numbers, toggles, user_status, users
from core.commands.bulk_toggles import GivenUser, set_users_texting
from core.commands.number_assignment import AssignmentStatusChange
from core.commands.numbers import NumberChange
from core.commands.transaction import Answer, Command, Transaction
from core.commands.users import NewNumber, NewUser
from core.rules.enums import AssignmentStatus, NumberSource, NumberState, PhoneNumberType, TextingMode
from texting.demo.maker import Maker, Step
from texting.demo.people import APP_VERSION, CLOSED, PILOT, SITES, Person, Trait, people
from texting.demo.registration import CARE, ORDERS, REMINDERS

_CAMPAIGN_OF = (CARE, CARE, ORDERS, ORDERS, ORDERS, ORDERS)
"""By location; one campaign has room for 49 numbers."""

_MODES = {Trait.SWITCHED_ON: TextingMode.ON, Trait.SWITCHED_OFF: TextingMode.OFF}


async def hire(maker: Maker, campaign_ids: Mapping[str, UUID]) -> None:
    """Make the locations and everybody who works there."""
    location_ids = [await _open(maker, at) for at in range(len(SITES))]
    everybody = list(people())
    wanted = [_new_user(person, location_ids[person.place], campaign_ids) for person in everybody]
    made = await maker.change(
        maker.provider,
        Step(name="people", action=Action.USER_CREATE, type="Org", id=maker.org_id),
        _creating(wanted),
        reason="taken over from the old telephone system",
    )
    of_person = dict(zip(everybody, map(UUID, made["user_refs"]), strict=True))
    await _answer_assignments(maker, of_person)
    await _switch(maker, location_ids, of_person)
    for person, id in _with(of_person, Trait.DEACTIVATED):
        step = Step(name=f"{person.name} leaves", action=Action.USER_DEACTIVATE, type="User", id=id)
        await maker.change(
            maker.admin, step, partial(user_status.deactivate_user, user_id=id), reason="left the company"
        )


async def _open(maker: Maker, at: int) -> UUID:
    wanted = SITES[at].location
    step = Step(name=f"location {wanted.name}", action=Action.LOCATION_CREATE, type="Org", id=maker.org_id)
    made = await maker.change(maker.admin, step, lambda tx: locations.create_location(tx, wanted))
    return UUID(made["location_ref"])


def _new_user(person: Person, location_id: UUID, campaign_ids: Mapping[str, UUID]) -> NewUser:
    version: str | None = APP_VERSION
    if person.trait in (Trait.OLD_APP, Trait.UNKNOWN_APP):
        version = "42.9" if person.trait is Trait.OLD_APP else None
    user = NewUser(location_id=location_id, display_name=person.name, email=person.email, app_version=version)
    if person.number is None:
        return user
    campaign = REMINDERS if person.trait is Trait.SUSPENDED_CAMPAIGN else _CAMPAIGN_OF[person.place]
    is_gateways = person.trait is Trait.GATEWAY_NUMBER
    number = NewNumber(
        phone_number=person.number,
        type=PhoneNumberType.ALTERNATE if person.trait is Trait.ALTERNATE_NUMBER else PhoneNumberType.PRIMARY,
        assigned_by=NumberSource.LOCAL_GATEWAY if is_gateways else NumberSource.CISCO_CALLING_PLAN,
        campaign_id=None if person.trait is Trait.NO_CAMPAIGN else campaign_ids[campaign],
    )
    return replace(user, phone_numbers=(number,))


def _creating(wanted: Sequence[NewUser]) -> Command:
    async def create(tx: Transaction) -> Answer:
        made = await users.create_users(tx, wanted)
        return Answer(type="UsersCreated", refs={"user_refs": [str(each.id) for each in made]})

    return create


async def _answer_assignments(maker: Maker, of_person: Mapping[Person, UUID]) -> None:
    """Record the registry's answers about the numbers, and the one that went out of service."""
    held = {row["owner_id"]: row for row in await maker.read(_NUMBERS)}
    answers = [
        AssignmentStatusChange(number_id=held[id]["id"], campaign_id=held[id]["campaign_id"], status=status)
        for person, id in of_person.items()
        if id in held and (status := _answered(person)) is not None
    ]
    await maker.change(
        maker.provider,
        Step(name="assignments", action=Action.NUMBER_CAMPAIGN_RECORD, type="Org", id=maker.org_id),
        _recording(answers),
        reason="the registry's answers",
    )
    for person, id in _with(of_person, Trait.INACTIVE_NUMBER):
        change = NumberChange(id=held[id]["id"], state=NumberState.INACTIVE)
        step = Step(name=f"number of {person.name}", action=Action.NUMBER_UPDATE, type="UserPhoneNumber", id=change.id)
        await maker.change(maker.provider, step, partial(numbers.update_number, wanted=change), reason="ported away")


def _answered(person: Person) -> AssignmentStatus | None:
    if person.trait is Trait.PENDING_CAMPAIGN:
        return None
    failed = person.trait is Trait.FAILED_CAMPAIGN
    return AssignmentStatus.FAILED_ASSIGNMENT if failed else AssignmentStatus.ASSIGNED


def _recording(answers: Sequence[AssignmentStatusChange]) -> Command:
    async def record(tx: Transaction) -> Answer:
        made = await number_assignment.record_assignments(tx, answers)
        return Answer(type="PhoneNumbersUpdated", refs={"record_refs": [str(each) for each in made]})

    return record


async def _switch(maker: Maker, location_ids: Sequence[UUID], of_person: Mapping[Person, UUID]) -> None:
    pilot, closed = location_ids[PILOT], location_ids[CLOSED]
    for id, mode, action, reason in (
        (pilot, TextingMode.ON, Action.LOCATION_TEXTING_ENABLE, "pilot approved"),
        (closed, TextingMode.OFF, Action.LOCATION_TEXTING_DISABLE, "not before the works council agrees"),
    ):
        step = Step(name=f"location {mode}", action=action, type="Location", id=id)
        await maker.change(
            maker.admin, step, partial(toggles.set_location_texting, location_id=id, mode=mode), reason=reason
        )
    for trait, action, reason in (
        (Trait.SWITCHED_ON, Action.USER_TEXTING_ENABLE, "asked to join the pilot"),
        (Trait.SWITCHED_OFF, Action.USER_TEXTING_DISABLE, "does not want to text"),
    ):
        given = [GivenUser(given=person.email, id=id) for person, id in _with(of_person, trait)]
        step = Step(name=f"people {trait.name}", action=action, type="Org", id=maker.org_id)
        await maker.change(
            maker.admin, step, partial(set_users_texting, users=given, mode=_MODES[trait]), reason=reason
        )


def _with(of_person: Mapping[Person, UUID], trait: Trait) -> Iterable[tuple[Person, UUID]]:
    return [(person, id) for person, id in of_person.items() if person.trait is trait]


_NUMBERS = "SELECT id, owner_id, campaign_id FROM texting.phone_numbers WHERE org_id = $1 AND campaign_id IS NOT NULL"
