"""What recipients asked for enters the ledger as it was said, with its record, and decides the next send."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from audit.actions import Action
from core.commands.consents import NewConsent, record_consent
from core.commands.number_assignment import NumberAssignment, assign_number
from core.commands.refusals import InvalidInput, NotFound, SendDenied
from core.commands.send_facts import Draft
from core.commands.sends import send_message
from core.commands.transaction import Answer, Store, perform
from core.principal import Role
from core.rules.business_days import add_business_days
from core.rules.enums import ConsentAction, ConsentBasis, ConsentScope
from tests.integration.commands.stored import Stored
from tests.integration.worlds import World, attempt, member, new_location, new_org, new_person, new_world, registered

PEER = "+14155550123"
OUT, IN = ConsentAction.OPT_OUT, ConsentAction.OPT_IN
ORG, CAMPAIGN, SENDER, PAIR = (
    ConsentScope.ORG,
    ConsentScope.CAMPAIGN,
    ConsentScope.SENDER_NUMBER,
    ConsentScope.NUMBER_PAIR,
)


@pytest.fixture
async def world(store: Store) -> World:
    return await new_world(store, people=2)


def consent(scope: ConsentScope, world: World, **told: object) -> NewConsent:
    """An opt-out of that scope, about the first person's number or the campaign."""
    about: dict[str, object] = {}
    if scope in (PAIR, SENDER):
        about["sender"] = world.people[0].number
    if scope is CAMPAIGN:
        about["campaign_id"] = world.campaign_id
    wanted = {"subject": PEER, "scope": scope, "action": OUT, "basis": ConsentBasis.VOICE, **about, **told}
    return NewConsent(**wanted)  # type: ignore[arg-type]


async def enter(world: World, wanted: NewConsent, **said: object) -> Answer:
    officer = member(world.org_id, Role.COMPLIANCE_OFFICER)
    return await world.answer(officer, lambda tx: record_consent(tx, wanted), action=Action.CONSENT_RECORD, **said)


async def refuse(world: World, wanted: NewConsent):
    officer = member(world.org_id, Role.COMPLIANCE_OFFICER)
    return await world.refusal(officer, lambda tx: record_consent(tx, wanted), action=Action.CONSENT_RECORD)


async def may_text(world: World, at: int = 0) -> bool:
    """Whether that person's next text goes; why it does not can only be the opt-out."""
    person = world.people[at]
    draft = Draft(user_id=person.user_id, to=PEER, body="hello")
    who = attempt(world.org_id, person.principal, action=Action.MESSAGE_SEND)
    found = await perform(world.store, who, lambda tx: send_message(tx, draft))
    if isinstance(found, Answer):
        return True
    assert isinstance(found, SendDenied), found
    assert [each.rule_id for each in found.decision.rules if each.status == "FAIL"] == ["RECIPIENT_NOT_OPTED_OUT"]
    return False


@pytest.mark.parametrize("scope", list(ConsentScope))
async def test_an_opt_out_enters_the_ledger_with_its_record(
    world: World, stored: Callable[[UUID], Stored], scope: ConsentScope
) -> None:
    said_at = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
    wanted = consent(scope, world, occurred_at=said_at, evidence="please\nstop, Ana")
    async with stored(world.org_id).only(record=1, consent_events=1):
        made = await enter(world, wanted)
    assert made.type == "ConsentRecorded"
    event_id, record_id = UUID(str(made.refs["event_ref"])), UUID(str(made.refs["record_ref"]))
    row = await stored(world.org_id).row("consent_events", event_id)
    assert (row["recipient"], row["scope"], row["action"], row["basis"]) == (PEER, scope, "OPT_OUT", "VOICE")
    assert (row["sender"], row["campaign_id"]) == (wanted.sender, wanted.campaign_id)
    holder = world.people[0].user_id if scope in (PAIR, SENDER) else None
    assert (row["sender_user_id"], row["message_id"], row["audit_id"]) == (holder, None, record_id)
    assert (row["occurred_at"], row["due_by"]) == (said_at, add_business_days(said_at, 10))
    assert row["honored_at"] == row["recorded_at"] > said_at
    record = await stored(world.org_id).record(record_id)
    assert (record.action, record.target.type, record.target.id) == ("consent:record", "ConsentEvent", event_id)
    assert record.after is not None
    assert (record.after["recipient"], record.after["evidence"]) == (PEER, "please\nstop, Ana")
    assert record.after.get("sender") == wanted.sender
    for personal in (PEER, world.people[0].number, "Ana"):
        assert personal not in record.raw
    assert world.store.audit.pseudonym(world.org_id, PEER) in record.involves
    assert holder is None or holder in record.involves


async def test_an_opt_in_is_due_to_nobody(world: World, stored: Callable[[UUID], Stored]) -> None:
    made = await enter(world, consent(ORG, world, action=IN))
    row = await stored(world.org_id).row("consent_events", UUID(str(made.refs["event_ref"])))
    assert (row["due_by"], row["honored_at"], row["evidence"]) == (None, None, None)
    assert row["occurred_at"] == row["recorded_at"]


@pytest.mark.parametrize(("scope", "other_may"), [(PAIR, True), (SENDER, True), (CAMPAIGN, False), (ORG, False)])
async def test_an_opt_out_stops_whom_its_scope_contains_until_it_is_lifted(
    world: World, scope: ConsentScope, *, other_may: bool
) -> None:
    assert await may_text(world)
    await enter(world, consent(scope, world))
    assert not await may_text(world, 0)
    assert await may_text(world, 1) is other_may
    await enter(world, consent(scope, world, action=IN))
    assert await may_text(world, 0)
    assert await may_text(world, 1)


async def test_what_was_said_of_a_pair_ends_when_the_number_changes_hands(world: World) -> None:
    await enter(world, consent(PAIR, world))
    assert not await may_text(world)
    first, second = world.people
    for number_id, user_id in ((second.number_id, None), (first.number_id, second.user_id)):
        wanted = NumberAssignment(id=number_id, user_id=user_id)
        await world.answer(world.provider, lambda tx, wanted=wanted: assign_number(tx, wanted))
    assert await may_text(world, 1)
    await enter(world, consent(SENDER, world))
    assert not await may_text(world, 1)


async def test_a_number_that_nobody_holds_can_still_be_spoken_of(
    world: World, stored: Callable[[UUID], Stored]
) -> None:
    number_id = world.people[0].number_id
    await world.answer(world.provider, lambda tx: assign_number(tx, NumberAssignment(id=number_id, user_id=None)))
    made = await enter(world, consent(SENDER, world))
    row = await stored(world.org_id).row("consent_events", UUID(str(made.refs["event_ref"])))
    assert (row["sender"], row["sender_user_id"]) == (world.people[0].number, None)


async def test_numbers_are_stored_as_e164_however_they_are_written(
    world: World, stored: Callable[[UUID], Stored]
) -> None:
    number = world.people[0].number
    written = f"+1 ({number[2:5]}) {number[5:8]}-{number[8:]}"
    made = await enter(world, consent(PAIR, world, subject=" +1 (415) 555-0123 ", sender=written))
    row = await stored(world.org_id).row("consent_events", UUID(str(made.refs["event_ref"])))
    assert (row["recipient"], row["sender"]) == (PEER, number)


@pytest.mark.parametrize(
    ("subject", "code"),
    [
        ("", "EMPTY"),
        ("4155550123", "NO_COUNTRY_CODE"),
        ("12345", "NO_COUNTRY_CODE"),
        ("+1 415 CALL ME", "LETTERS"),
        ("+999 12345", "COUNTRY_CODE"),
        ("+1415555012345678", "TOO_LONG"),
        ("+1\x00415", "NOT_A_NUMBER"),
    ],
)
async def test_a_recipient_who_has_no_number_is_refused(world: World, subject: str, code: str) -> None:
    refused = await refuse(world, consent(ORG, world, subject=subject))
    assert isinstance(refused, InvalidInput)
    assert [(each.path, each.code) for each in refused.problems] == [(("subject",), code)]


@pytest.mark.parametrize(
    ("scope", "told", "problem"),
    [
        (PAIR, {"sender": None}, ("sender", "MISSING")),
        (SENDER, {"sender": None}, ("sender", "MISSING")),
        (CAMPAIGN, {"campaign_id": None}, ("campaignId", "MISSING")),
        (ORG, {"sender": "+14155550100"}, ("sender", "SUPERFLUOUS")),
        (CAMPAIGN, {"sender": "+14155550100"}, ("sender", "SUPERFLUOUS")),
        (ORG, {"campaign_id": UUID(int=1)}, ("campaignId", "SUPERFLUOUS")),
        (PAIR, {"campaign_id": UUID(int=1)}, ("campaignId", "SUPERFLUOUS")),
        (PAIR, {"sender": "415 555 0100"}, ("sender", "NO_COUNTRY_CODE")),
        (ORG, {"evidence": "x" * 4_001}, ("evidence", "TOO_LONG")),
        (ORG, {"evidence": "a\0"}, ("evidence", "NUL_CHARACTER")),
        (ORG, {"occurred_at": datetime(2999, 1, 1, tzinfo=UTC)}, ("occurredAt", "IN_THE_FUTURE")),
        (ORG, {"occurred_at": datetime.min.replace(tzinfo=UTC)}, ("occurredAt", "TOO_EARLY")),
    ],
)
async def test_what_the_scope_is_not_about_is_refused_by_name(
    world: World,
    stored: Callable[[UUID], Stored],
    scope: ConsentScope,
    told: dict[str, object],
    problem: tuple[str, str],
) -> None:
    async with stored(world.org_id).only(record=1):
        refused = await refuse(world, consent(scope, world, **told))
    assert isinstance(refused, InvalidInput)
    assert [(each.path[0], each.code) for each in refused.problems] == [problem]


async def test_everything_wrong_is_listed(world: World) -> None:
    refused = await refuse(world, consent(PAIR, world, subject="x", sender=None, campaign_id=uuid4(), evidence="\0"))
    assert isinstance(refused, InvalidInput)
    assert [each.path[0] for each in refused.problems] == ["subject", "sender", "campaignId", "evidence"]


async def test_the_sender_must_be_a_number_of_ours_and_the_campaign_too(world: World, store: Store) -> None:
    other = await new_org(store)
    _, campaign_id = await registered(store, other)
    stranger = await new_person(store, other, await new_location(store, other), campaign_id)
    for sender in (stranger.number, "+14155550199"):
        refused = await refuse(world, consent(SENDER, world, sender=sender))
        assert isinstance(refused, InvalidInput)
        assert [(each.path, each.code) for each in refused.problems] == [(("sender",), "NOT_OURS")]
    for unknown in (campaign_id, uuid4()):
        missing = await refuse(world, consent(CAMPAIGN, world, campaign_id=unknown))
        assert isinstance(missing, NotFound)
        assert missing.argument == "campaignId"


async def test_a_wish_of_long_ago_is_kept_with_the_day_it_was_due(
    world: World, stored: Callable[[UUID], Stored]
) -> None:
    said_at = datetime(2025, 12, 19, 22, 30, tzinfo=UTC)
    made = await enter(world, consent(ORG, world, occurred_at=said_at, basis=ConsentBasis.EMAIL))
    row = await stored(world.org_id).row("consent_events", UUID(str(made.refs["event_ref"])))
    # Friday, then ten weekdays without Christmas and New Year.
    assert row["due_by"] == datetime(2026, 1, 6, 22, 30, tzinfo=UTC)
    assert row["honored_at"] > row["due_by"]
