"""A text is queued whole, with its record and its place in the outbox; a denied one leaves its record alone."""

import asyncio
from collections.abc import Callable
from uuid import UUID, uuid4

import pytest

from audit.actions import Action
from core.commands.refusals import InvalidInput, NotAllowed, NotFound, Refusal, SendDenied
from core.commands.send_facts import Draft
from core.commands.sends import send_message
from core.commands.toggles import set_org_texting
from core.commands.transaction import Answer, Store, perform
from core.ids import encode
from core.principal import Principal, Role
from tests.integration.commands.stored import Stored
from tests.integration.worlds import World, attempt, member, new_world

PEER = "+14155550123"
QUEUED = {"messages": 1, "message_events": 2, "outbox": 1}


@pytest.fixture
async def world(store: Store) -> World:
    return await new_world(store, people=2)


async def perform_send(
    world: World, to: str = PEER, body: str = "hello", *, at: int = 0, by: Principal | None = None, **more: object
) -> Answer | Refusal:
    person = world.people[at]
    draft = Draft(**{"user_id": person.user_id, "to": to, "body": body, **more})  # type: ignore[arg-type]
    who = attempt(world.org_id, by or person.principal, operation="sendMessage", action=Action.MESSAGE_SEND)
    return await perform(world.store, who, lambda tx: send_message(tx, draft))


async def send(world: World, *args: str, **more: object) -> Answer:
    found = await perform_send(world, *args, **more)  # type: ignore[arg-type]
    assert isinstance(found, Answer), found
    return found


async def test_a_text_is_queued_with_its_record(world: World, stored: Callable[[UUID], Stored]) -> None:
    person = world.people[0]
    async with stored(world.org_id).only(record=1, conversations=1, **QUEUED):
        made = await send(world, "+1 (415) 555-0123", "hello there")
    assert made.type == "MessageAccepted"
    id, record_id = UUID(str(made.refs["message_ref"])), UUID(str(made.refs["record_ref"]))
    row = await stored(world.org_id).row("messages", id)
    assert (row["user_id"], row["direction"], row["status"]) == (person.user_id, "OUTBOUND", "QUEUED")
    assert (row["from_number"], row["to_number"], row["body"]) == (person.number, PEER, "hello there")
    assert (row["segments"], row["encoding"], row["campaign_id"]) == (1, "GSM7", world.campaign_id)
    assert (row["expires_at"] - row["created_at"]).days == 400
    assert row["last_audit_id"] == record_id
    events = await stored(world.org_id).rows("message_events")
    assert [(each["message_id"], each["status"]) for each in events] == [(id, "ACCEPTED"), (id, "QUEUED")]
    [conversation] = await stored(world.org_id).rows("conversations")
    assert (conversation["id"], conversation["peer"]) == (row["conversation_id"], PEER)
    assert (conversation["user_id"], conversation["last_message_id"]) == (person.user_id, id)
    record = await stored(world.org_id).record(record_id)
    assert (record.kind, record.action, record.outcome) == ("SEND", "message:send", "ALLOWED")
    assert (record.target.type, record.target.id, record.correlation_id) == ("Message", id, str(id))
    assert record.after is not None
    assert (record.after["body"], record.after["to"], record.after["from"]) == ("hello there", PEER, person.number)
    assert (record.location_id, record.actor.on_behalf_of) == (world.location_id, None)
    assert (record.policy_version, record.policy_digest) == (world.store.policy.version, world.store.policy.digest)
    assert {person.user_id, person.number_id, world.store.audit.pseudonym(world.org_id, PEER)} <= set(record.involves)
    for personal in ("hello there", PEER, person.number):
        assert personal not in record.raw


async def test_a_second_text_continues_the_conversation(world: World, stored: Callable[[UUID], Stored]) -> None:
    await send(world)
    async with stored(world.org_id).only(record=1, **QUEUED):
        made = await send(world, PEER, "again")
    [conversation] = await stored(world.org_id).rows("conversations")
    assert conversation["last_message_id"] == UUID(str(made.refs["message_ref"]))
    async with stored(world.org_id).only(record=1, conversations=1, **QUEUED):
        await send(world, at=1)


@pytest.mark.parametrize(
    ("told", "rule"),
    [
        ({"to": "+442071838750"}, "DEST_COUNTRY_US_CA"),
        ({"to": "+15551234567"}, "DEST_VALID"),
        ({"to": "nobody"}, "DEST_VALID"),
        ({"media_urls": ("https://example.com/a.png",)}, "NO_MEDIA"),
        ({"body": " \n "}, "BODY_PRESENT"),
        ({"body": "x" * 1_601}, "BODY_LENGTH_MAX"),
    ],
)
async def test_a_denied_text_leaves_its_record_and_nothing_else(
    world: World, stored: Callable[[UUID], Stored], told: dict[str, object], rule: str
) -> None:
    async with stored(world.org_id).only(record=1):
        refused = await perform_send(world, **told)  # type: ignore[arg-type]
    assert isinstance(refused, SendDenied)
    assert refused.user_id == world.people[0].user_id
    assert refused.decision.decided_by.rule_id == rule
    record = await stored(world.org_id).record(refused.record_id)
    assert (record.kind, record.outcome, record.rule) == ("DENIAL", "DENIED", rule)
    assert record.status_code == "SEND_DENIED"
    assert record.after is not None
    assert record.after["to"] == told.get("to", PEER)
    assert record.after["body"] == told.get("body", "hello")
    assert record.after.get("mediaCount") == (1 if "media_urls" in told else None)
    assert PEER not in record.raw


async def test_whoever_is_switched_off_sends_nothing(world: World, stored: Callable[[UUID], Stored]) -> None:
    await world.answer(world.org_admin, lambda tx: set_org_texting(tx, enabled=False))
    async with stored(world.org_id).only(record=1):
        refused = await perform_send(world)
    assert isinstance(refused, SendDenied)
    failing = [each.rule_id for each in refused.decision.eligibility.rules if each.status == "FAIL"]
    assert failing == ["EFFECTIVE_SETTING_ENABLED"]


async def test_every_rule_that_says_no_is_in_the_record(world: World, stored: Callable[[UUID], Stored]) -> None:
    refused = await perform_send(world, "+442071838750", "", media_urls=("https://example.com/a.png",))
    assert isinstance(refused, SendDenied)
    record = await stored(world.org_id).record(refused.record_id)
    assert record.status_detail == "DEST_COUNTRY_US_CA; NO_MEDIA; BODY_PRESENT"


async def test_a_denied_text_of_any_length_fits_into_the_log(world: World, stored: Callable[[UUID], Stored]) -> None:
    refused = await perform_send(world, PEER, "x" * 200_000)
    assert isinstance(refused, SendDenied)
    record = await stored(world.org_id).record(refused.record_id)
    assert record.after is not None
    assert (record.after["bodyLength"], "body" in record.after) == (200_000, False)


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        ({"body": "a\0b"}, (("body",), "NUL_CHARACTER")),
        ({"body": "a\ud800"}, (("body",), "NOT_UNICODE")),
        ({"to": "+1415\0"}, (("to",), "NUL_CHARACTER")),
    ],
)
async def test_a_text_that_no_store_can_hold_is_refused_and_recorded(
    world: World, stored: Callable[[UUID], Stored], told: dict[str, str], problem: tuple[tuple[str], str]
) -> None:
    async with stored(world.org_id).only(record=1):
        refused = await perform_send(world, **told)
    assert isinstance(refused, InvalidInput)
    assert [(each.path, each.code) for each in refused.problems] == [problem]


async def test_one_sends_for_oneself_alone(world: World, stored: Callable[[UUID], Stored]) -> None:
    async with stored(world.org_id).only(record=1):
        refused = await perform_send(world, by=world.people[1].principal)
    assert isinstance(refused, NotAllowed)
    assert refused.message.endswith(" is for what is the caller's own alone: ask the user whose it is")


async def test_the_provider_sends_on_behalf_of_a_user_and_the_record_says_so(
    world: World, stored: Callable[[UUID], Stored]
) -> None:
    made = await send(world, by=world.provider)
    record = await stored(world.org_id).record(str(made.refs["record_ref"]))
    assert record.actor.subject == "provider"
    assert record.actor.on_behalf_of == encode("User", world.org_id, world.people[0].user_id)


async def test_a_user_who_is_not_there_is_not_found_whoever_asks(
    world: World, store: Store, stored: Callable[[UUID], Stored]
) -> None:
    other = await new_world(store, people=1)
    for unknown in (uuid4(), other.people[0].user_id):
        for principal in (world.provider, world.people[0].principal, member(world.org_id, Role.USER, user_id=uuid4())):
            draft = Draft(user_id=unknown, to=PEER, body="hello")
            async with stored(world.org_id).only(record=1):
                refused = await world.refusal(principal, lambda tx, draft=draft: send_message(tx, draft))
            assert isinstance(refused, NotFound)
            assert refused.argument == "userId"


async def test_texts_sent_at_once_are_all_queued_once(world: World, stored: Callable[[UUID], Stored]) -> None:
    many = 24
    async with stored(world.org_id).only(
        record=many, conversations=1, messages=many, message_events=2 * many, outbox=many
    ):
        made = await asyncio.gather(*(send(world, PEER, f"text {at}") for at in range(many)))
    ids = {UUID(str(each.refs["message_ref"])) for each in made}
    rows = await stored(world.org_id).rows("messages")
    assert {row["id"] for row in rows} == ids
    assert {row["body"] for row in rows} == {f"text {at}" for at in range(many)}
    [conversation] = await stored(world.org_id).rows("conversations")
    assert conversation["last_message_id"] == max(ids)


async def test_a_burst_is_stopped_by_its_limit(world: World, stored: Callable[[UUID], Stored]) -> None:
    limit = world.store.policy.limit("user.burst")
    assert limit is not None
    for at in range(limit.count):
        await send(world, PEER, f"text {at}")
    async with stored(world.org_id).only(record=1):
        refused = await perform_send(world)
    assert isinstance(refused, SendDenied)
    assert refused.decision.decided_by.rule_id == "NO_BURST"
    await send(world, at=1)
