"""Numbers go from user to user and from campaign to campaign, each step by what may follow."""

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any
from uuid import UUID, uuid4

import pytest

from core.commands.absent import ABSENT
from core.commands.campaigns import CampaignStatusChange, NewCampaign, record_campaign_status, submit_campaign
from core.commands.consents import NewConsent, record_consent
from core.commands.number_assignment import (
    AssignmentStatusChange,
    CampaignChoice,
    NumberAssignment,
    assign_campaign,
    assign_campaigns,
    assign_number,
    assign_numbers,
    record_assignment,
)
from core.commands.numbers import add_numbers
from core.commands.refusals import InvalidInput, NotFound, Refusal, WrongState
from core.commands.send_facts import load_consent
from core.commands.transaction import Answer, Store, perform
from core.commands.user_status import deactivate_user
from core.rules.consent import ConsentQuestion
from core.rules.default_policy import DEFAULT_POLICY
from core.rules.enums import (
    AssignmentStatus,
    CampaignStatus,
    ConsentAction,
    ConsentBasis,
    ConsentScope,
    NumberSource,
    PhoneNumberType,
)
from core.rules.states import ASSIGNMENT, may_become, may_begin_assignment
from core.storage.database import writing
from core.storage.fetching import inside
from tests.integration.commands.desk import Look, held, open_desk, statements, together
from tests.integration.commands.people import check_people
from tests.integration.commands.stored import Stored
from tests.integration.worlds import PROVIDER, Person, World, attempt, new_number, new_world

PRIMARY, ALTERNATE = PhoneNumberType.PRIMARY, PhoneNumberType.ALTERNATE
ROUTES: dict[AssignmentStatus, tuple[AssignmentStatus, ...]] = {
    AssignmentStatus.PENDING_ASSIGNMENT: (),
    AssignmentStatus.FAILED_ASSIGNMENT: (AssignmentStatus.FAILED_ASSIGNMENT,),
    AssignmentStatus.ASSIGNED: (AssignmentStatus.ASSIGNED,),
    AssignmentStatus.PENDING_UNASSIGNMENT: (AssignmentStatus.ASSIGNED, AssignmentStatus.PENDING_UNASSIGNMENT),
    AssignmentStatus.UNASSIGNED: (
        AssignmentStatus.ASSIGNED,
        AssignmentStatus.PENDING_UNASSIGNMENT,
        AssignmentStatus.UNASSIGNED,
    ),
    AssignmentStatus.FAILED_UNASSIGNMENT: (
        AssignmentStatus.ASSIGNED,
        AssignmentStatus.PENDING_UNASSIGNMENT,
        AssignmentStatus.FAILED_UNASSIGNMENT,
    ),
}
"""How an assignment gets where it stands, once it was asked for."""


@pytest.fixture
async def world(store: Store) -> World:
    return await new_world(store, people=2)


@pytest.fixture
def look(world: World, stored: Look) -> Stored:
    return stored(world.org_id)


async def spare(world: World, count: int = 1) -> list[UUID]:
    """Numbers that nobody holds."""
    listed = [new_number() for _ in range(count)]
    made = await world.answer(PROVIDER, lambda tx: add_numbers(tx, listed, NumberSource.CISCO_CALLING_PLAN))
    return [UUID(each) for each in made.refs["number_refs"] or ()]


async def assign(world: World, number_id: UUID, **told: Any) -> Answer | Refusal:
    wanted = NumberAssignment(id=number_id, **told)
    return await perform(world.store, attempt(world.org_id, world.org_admin), lambda tx: assign_number(tx, wanted))


async def choose(world: World, number_id: UUID, campaign_id: Any) -> Answer | Refusal:
    return await perform(
        world.store,
        attempt(world.org_id, world.org_admin),
        lambda tx: assign_campaign(tx, number_id, campaign_id),
    )


async def say(world: World, number_id: UUID, status: AssignmentStatus, **told: Any) -> Answer | Refusal:
    wanted = AssignmentStatusChange(
        **{"number_id": number_id, "campaign_id": world.campaign_id, "status": status, **told}
    )
    return await perform(world.store, attempt(world.org_id, PROVIDER), lambda tx: record_assignment(tx, wanted))


async def standing(world: World, status: AssignmentStatus) -> UUID:
    """A number whose assignment stands there."""
    [number_id] = await spare(world)
    for step in (AssignmentStatus.PENDING_ASSIGNMENT, *ROUTES[status]):
        if step == AssignmentStatus.PENDING_ASSIGNMENT:
            made = await choose(world, number_id, world.campaign_id)
        elif step == AssignmentStatus.PENDING_UNASSIGNMENT:
            made = await choose(world, number_id, None)
        else:
            made = await say(world, number_id, step)
        assert isinstance(made, Answer), made
    return number_id


def codes(found: Answer | Refusal) -> list[tuple[str, str]]:
    assert isinstance(found, InvalidInput), found
    return [(".".join(each.path), each.code) for each in found.problems]


async def test_a_number_is_taken_back_and_given_to_somebody_else(world: World, look: Stored) -> None:
    ana, bo = world.people
    async with look.only(record=1, fact_versions=2):
        made = await assign(world, bo.number_id, user_id=None)
    assert isinstance(made, Answer)
    record = await look.record(str(made.refs["record_ref"]))
    assert (record.action, record.target.id, record.target.name) == ("number:unassign", bo.number_id, bo.number)
    assert bo.user_id in record.involves
    assert (await look.row("users", bo.user_id))["primary_number_id"] is None
    await check_people(look)
    async with look.only(record=1, fact_versions=1):
        made = await assign(world, bo.number_id, user_id=ana.user_id, type=ALTERNATE)
    assert isinstance(made, Answer)
    record = await look.record(str(made.refs["record_ref"]))
    assert record.action == "number:assign"
    assert (record.after or {})["type"] == "ALTERNATE"
    assert (await look.row("users", ana.user_id))["primary_number_id"] == ana.number_id
    await check_people(look)


async def test_a_number_goes_straight_to_somebody_else(world: World, look: Stored) -> None:
    ana, bo = world.people
    assert isinstance(await assign(world, bo.number_id, user_id=None), Answer)
    made = await assign(world, ana.number_id, user_id=bo.user_id)
    assert isinstance(made, Answer)
    record = await look.record(str(made.refs["record_ref"]))
    assert {ana.user_id, bo.user_id} <= set(record.involves)
    rows = {row["id"]: row["primary_number_id"] for row in await look.rows("users")}
    assert rows == {ana.user_id: None, bo.user_id: ana.number_id}
    await check_people(look)


async def test_a_second_primary_number_is_refused_until_the_first_changes(world: World, look: Stored) -> None:
    ana = world.people[0]
    [number_id] = await spare(world)
    async with look.only(record=1):
        found = await assign(world, number_id, user_id=ana.user_id)
    assert codes(found) == [("type", "SECOND_PRIMARY")]
    assert "first" in found.message
    assert isinstance(await assign(world, ana.number_id, type=ALTERNATE), Answer)
    await check_people(look)
    assert isinstance(await assign(world, number_id, user_id=ana.user_id), Answer)
    assert codes(await assign(world, ana.number_id, type=PRIMARY)) == [("type", "SECOND_PRIMARY")]
    await check_people(look)


async def test_two_users_swap_their_numbers_at_once(world: World, look: Stored) -> None:
    ana, bo = world.people
    wanted = [
        NumberAssignment(id=ana.number_id, user_id=bo.user_id),
        NumberAssignment(id=bo.number_id, user_id=ana.user_id),
    ]
    async with look.only(record=2, fact_versions=4):
        await world.answer(world.org_admin, lambda tx: together(assign_numbers)(tx, wanted))
    rows = {row["id"]: row["primary_number_id"] for row in await look.rows("users")}
    assert rows == {ana.user_id: bo.number_id, bo.user_id: ana.number_id}
    await check_people(look)


async def test_two_numbers_at_once_cannot_both_be_primary(world: World) -> None:
    ana = world.people[0]
    numbers = await spare(world, 2)
    wanted = [
        NumberAssignment(id=ana.number_id, user_id=None),
        *(NumberAssignment(id=id, user_id=ana.user_id) for id in numbers),
    ]
    found = await world.refusal(world.org_admin, lambda tx: together(assign_numbers)(tx, wanted))
    assert codes(found) == [("1.type", "SECOND_PRIMARY"), ("2.type", "SECOND_PRIMARY")]


async def test_many_numbers_take_no_more_statements_than_two(store: Store, stored: Look) -> None:
    desk = await open_desk(store, stored)
    people = [await desk.create(PROVIDER, phone_numbers=(held(),)) for _ in range(20)]
    rows = {row["owner_id"]: row["id"] for row in await desk.look.rows("phone_numbers")}

    def round_table(some: list[UUID]) -> Any:
        following = zip(some, some[1:] + some[:1], strict=True)
        wanted = [NumberAssignment(id=rows[holder], user_id=user_id) for holder, user_id in following]
        return lambda tx: assign_numbers(tx, wanted)

    few = await statements(store, desk.org_id, round_table(people[:2]))
    assert await statements(store, desk.org_id, round_table(people[2:])) == few
    await check_people(desk.look)


async def test_who_holds_a_number_must_be_there_and_active(world: World, store: Store) -> None:
    ana, bo = world.people
    [number_id] = await spare(world)
    stranger = (await new_world(store)).people[0].user_id
    for user_id in (uuid4(), stranger):
        found = await assign(world, number_id, user_id=user_id)
        assert isinstance(found, NotFound)
        assert found.argument == "userId"
    assert isinstance(found := await assign(world, uuid4(), user_id=ana.user_id), NotFound)
    assert found.argument == "phoneNumberId"
    await world.answer(world.org_admin, lambda tx: deactivate_user(tx, bo.user_id))
    assert codes(await assign(world, number_id, user_id=bo.user_id, type=ALTERNATE)) == [("userId", "NOT_ACTIVE")]
    assert isinstance(await assign(world, bo.number_id, user_id=None), Answer)


async def test_a_faulty_assignment_is_refused(world: World) -> None:
    later = datetime.now(UTC) + timedelta(days=1)
    found = await assign(world, world.people[0].number_id, type=None, effective_from=later)
    assert codes(found) == [("type", "NOT_CLEARABLE"), ("effectiveFrom", "IN_THE_FUTURE")]


async def test_an_assignment_since_yesterday_counts_since_then(world: World, look: Stored) -> None:
    [number_id] = await spare(world)
    ana = world.people[0]
    since = datetime.now(UTC) - timedelta(days=1)
    assert isinstance(await assign(world, ana.number_id, user_id=None, effective_from=since), Answer)
    assert isinstance(await assign(world, number_id, user_id=ana.user_id, effective_from=since), Answer)
    assert (await look.facts(number_id, since))["owner_id"] == str(ana.user_id)
    assert (await look.facts(ana.user_id, since))["primary_number_id"] == str(number_id)
    await check_people(look)


async def test_told_later_since_when_a_holder_has_it_is_news(world: World, look: Stored) -> None:
    ana = world.people[0]
    since = datetime.now(UTC) - timedelta(days=9)
    assert isinstance(await assign(world, ana.number_id, user_id=ana.user_id, effective_from=since), Answer)
    assert (await look.facts(ana.number_id, since))["owner_id"] == str(ana.user_id)
    assert (await look.facts(ana.user_id, since))["primary_number_id"] == str(ana.number_id)
    await check_people(look)


async def test_a_campaign_is_asked_for_answered_and_ended(world: World, look: Stored) -> None:
    [number_id] = await spare(world)
    seen = []
    for step in (
        lambda: choose(world, number_id, world.campaign_id),
        lambda: say(world, number_id, AssignmentStatus.ASSIGNED, evidence={"id": "PN1", "codes": [1, None]}),
        lambda: choose(world, number_id, None),
        lambda: say(world, number_id, AssignmentStatus.UNASSIGNED),
        lambda: choose(world, number_id, world.campaign_id),
    ):
        async with look.only(record=1, fact_versions=1):
            made = await step()
        assert isinstance(made, Answer), made
        row = await look.row("phone_numbers", number_id)
        record = await look.record(str(made.refs["record_ref"]))
        assert row["assignment_audit_id"] == record.id
        assert world.campaign_id in record.involves
        seen.append((record.action, row["campaign_id"] == world.campaign_id, row["assignment_status"]))
        await check_people(look)
    assert seen == [
        ("number:campaign:assign", True, "PENDING_ASSIGNMENT"),
        ("number:campaign:record", True, "ASSIGNED"),
        ("number:campaign:unassign", True, "PENDING_UNASSIGNMENT"),
        ("number:campaign:record", True, "UNASSIGNED"),
        ("number:campaign:assign", True, "PENDING_ASSIGNMENT"),
    ]
    answered = (await look.records("number:campaign:record"))[-2]
    assert (answered.after or {})["evidence"] == {"id": "PN1", "codes": [1, None]}
    assert "PN1" not in answered.raw


@pytest.mark.parametrize(("before", "after"), list(product(AssignmentStatus, AssignmentStatus)))
async def test_an_answer_follows_the_state_machine(
    world: World, look: Stored, before: AssignmentStatus, after: AssignmentStatus
) -> None:
    number_id = await standing(world, before)
    found = await say(world, number_id, after)
    if may_become(ASSIGNMENT, before, after):
        assert isinstance(found, Answer)
        assert (await look.row("phone_numbers", number_id))["assignment_status"] == after
    else:
        assert isinstance(found, WrongState)
        assert found.state == before
        assert (await look.row("phone_numbers", number_id))["assignment_status"] == before
    await check_people(look)


@pytest.mark.parametrize("before", AssignmentStatus)
async def test_a_campaign_is_asked_for_only_where_none_stands(world: World, before: AssignmentStatus) -> None:
    number_id = await standing(world, before)
    found = await choose(world, number_id, world.campaign_id)
    if may_begin_assignment(before):
        assert isinstance(found, Answer)
    else:
        assert isinstance(found, WrongState)
        assert found.state == before


@pytest.mark.parametrize("before", AssignmentStatus)
async def test_only_an_assignment_that_stands_is_ended(world: World, before: AssignmentStatus) -> None:
    number_id = await standing(world, before)
    found = await choose(world, number_id, None)
    if may_become(ASSIGNMENT, before, AssignmentStatus.PENDING_UNASSIGNMENT):
        assert isinstance(found, Answer)
    else:
        assert isinstance(found, WrongState)
        assert found.state == before


async def test_a_number_without_a_campaign_has_nothing_to_end(world: World) -> None:
    [number_id] = await spare(world)
    found = await choose(world, number_id, None)
    assert isinstance(found, WrongState)
    assert found.state == "UNASSIGNED"


async def test_a_campaign_must_be_named_or_null(world: World) -> None:
    assert codes(await choose(world, world.people[0].number_id, ABSENT)) == [("campaignId", "MISSING")]


async def test_a_campaign_must_be_there(world: World, store: Store) -> None:
    [number_id] = await spare(world)
    for campaign_id in (uuid4(), (await new_world(store, people=0)).campaign_id):
        found = await choose(world, number_id, campaign_id)
        assert isinstance(found, NotFound)
        assert found.argument == "campaignId"


async def test_a_campaign_that_is_over_takes_nobody(world: World) -> None:
    [number_id] = await spare(world)
    over = CampaignStatusChange(campaign_id=world.campaign_id, status=CampaignStatus.DEACTIVATED)
    await world.answer(PROVIDER, lambda tx: record_campaign_status(tx, over))
    assert codes(await choose(world, number_id, world.campaign_id)) == [("campaignId", "CAMPAIGN_OVER")]


async def test_a_campaign_takes_so_many_numbers_and_no_more(world: World, look: Stored) -> None:
    limit = DEFAULT_POLICY.campaign_numbers_max.value
    numbers = await spare(world, limit)
    joining = [CampaignChoice(number_id=id, campaign_id=world.campaign_id) for id in numbers]
    found = await world.refusal(world.org_admin, lambda tx: together(assign_campaigns)(tx, joining))
    assert codes(found) == [(f"{at}.campaignId", "CAMPAIGN_FULL") for at in (limit - 2, limit - 1)]
    await world.answer(world.org_admin, lambda tx: together(assign_campaigns)(tx, joining[:-2]))
    assert codes(await choose(world, numbers[-1], world.campaign_id)) == [("campaignId", "CAMPAIGN_FULL")]
    assert isinstance(await say(world, numbers[0], AssignmentStatus.FAILED_ASSIGNMENT), Answer)
    assert isinstance(await choose(world, numbers[-1], world.campaign_id), Answer)
    await check_people(look)


async def test_an_answer_is_about_the_campaign_that_was_asked_for(world: World) -> None:
    other = NewCampaign(use_case="MARKETING", description="Offers", sample_messages=("Hello",))
    made = await world.answer(world.org_admin, lambda tx: submit_campaign(tx, other))
    number_id = await standing(world, AssignmentStatus.PENDING_ASSIGNMENT)
    theirs = UUID(str(made.refs["campaign_ref"]))
    found = await say(world, number_id, AssignmentStatus.ASSIGNED, campaign_id=theirs)
    assert codes(found) == [("campaignId", "OTHER_CAMPAIGN")]
    assert isinstance(await say(world, number_id, AssignmentStatus.ASSIGNED, campaign_id=uuid4()), NotFound)
    [never] = await spare(world)
    assert codes(await say(world, never, AssignmentStatus.ASSIGNED)) == [("campaignId", "OTHER_CAMPAIGN")]


@pytest.mark.parametrize(
    ("evidence", "where"),
    [
        ({"score": [1, 0.5]}, "evidence.score.1"),
        ({"a/b": "\0"}, "evidence.a/b"),
        ({"text": "x" * 20_000}, "evidence"),
        ({"_sd": 1}, "evidence"),
    ],
)
async def test_evidence_that_the_log_cannot_hold_is_refused(
    world: World, look: Stored, evidence: Any, where: str
) -> None:
    number_id = await standing(world, AssignmentStatus.PENDING_ASSIGNMENT)
    async with look.only(record=1):
        found = await say(world, number_id, AssignmentStatus.ASSIGNED, evidence=evidence)
    assert codes(found) == [(where, "NOT_CANONICAL")]


async def test_evidence_as_deep_as_allowed_is_kept(world: World) -> None:
    number_id = await standing(world, AssignmentStatus.PENDING_ASSIGNMENT)
    deep: Any = 1
    for _ in range(28):
        deep = [deep]
    assert isinstance(await say(world, number_id, AssignmentStatus.ASSIGNED, evidence=deep), Answer)
    assert (
        codes(await say(world, number_id, AssignmentStatus.ASSIGNED, evidence=[[[[[deep]]]]]))[0][1] == "NOT_CANONICAL"
    )


async def test_an_answer_stands_since_the_registry_says(world: World, look: Stored) -> None:
    number_id = await standing(world, AssignmentStatus.PENDING_ASSIGNMENT)
    since = datetime.now(UTC) - timedelta(days=2)
    assert isinstance(await say(world, number_id, AssignmentStatus.ASSIGNED, effective_from=since), Answer)
    assert (await look.row("phone_numbers", number_id))["assignment_since"] == since
    assert (await look.facts(number_id, since))["assignment_status"] == "ASSIGNED"
    later = datetime.now(UTC) + timedelta(days=2)
    found = await say(world, number_id, AssignmentStatus.PENDING_UNASSIGNMENT, effective_from=later)
    assert codes(found) == [("effectiveFrom", "IN_THE_FUTURE")]
    await check_people(look)


async def test_what_was_said_to_the_former_holder_ends_with_the_number(world: World) -> None:
    ana, bo = world.people

    async def opted_out(person: Person, recipient: str) -> bool:
        question = ConsentQuestion(recipient=recipient, sender=ana.number, user_id=person.user_id)
        async with writing(world.store.pool, world.org_id) as connection:
            return (await load_consent(inside(connection), world.org_id, question)).opted_out

    of_pair, of_number = new_number(), new_number()
    for recipient, scope in ((of_pair, ConsentScope.NUMBER_PAIR), (of_number, ConsentScope.SENDER_NUMBER)):
        said = NewConsent(
            subject=recipient,
            scope=scope,
            sender=ana.number,
            action=ConsentAction.OPT_OUT,
            basis=ConsentBasis.VOICE,
        )
        await world.answer(world.org_admin, lambda tx, said=said: record_consent(tx, said), action="consent:record")
        assert await opted_out(ana, recipient)
    assert isinstance(await assign(world, bo.number_id, user_id=None), Answer)
    assert isinstance(await assign(world, ana.number_id, user_id=bo.user_id), Answer)
    assert not await opted_out(bo, of_pair)
    assert await opted_out(bo, of_number)
