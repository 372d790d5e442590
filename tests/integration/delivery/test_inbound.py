"""Texts that come in: replies, keywords, and what is refused in this direction too (L4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from core.commands.writes import insert
from core.delivery.carriers.carrier import InboundText
from core.ids import SYSTEM_ORG_ID, uuid7
from core.rules.enums import ConsentScope
from core.rules.policy import PolicyValue
from core.storage.tables import ConsentEvents
from tests.integration.delivery.desk import ORG_NAME, Desk
from tests.integration.delivery.ether import Ether

PEER = "+14165550199"
OUT = f"{ORG_NAME}: You have opted out and will get no more texts. Reply START to get texts again."
IN = f"{ORG_NAME}: You will get texts again. Reply HELP for help, STOP to opt out."


async def settle(desk: Desk) -> None:
    """Let receipts, replies and what they cause come."""
    for _ in range(8):
        await desk.work(seconds=10)


async def test_a_reply_joins_the_conversation(desk: Desk) -> None:
    await desk.send(PEER, "#reply see you at 5")
    await settle(desk)
    assert await desk.thread(PEER) == [
        ("OUTBOUND", "#reply see you at 5", "DELIVERED"),
        ("INBOUND", "see you at 5", "RECEIVED"),
    ]
    (record,) = await desk.records("message:receive")
    assert record["actor"]["user"]["uid"] == "worker:dispatcher"
    assert record["updated_entity"]["data"]["status"] == "RECEIVED"
    assert await desk.ledger() == []


async def test_stop_enters_the_ledger_once_confirmed_and_stops_texts(desk: Desk) -> None:
    peer = "+14165550150"
    await desk.send(peer)
    await settle(desk)
    first, *repeated = await desk.ledger()
    assert first["recipient"] == peer
    assert (first["action"], first["basis"], first["evidence"]) == ("OPT_OUT", "KEYWORD", "STOP")
    assert (first["scope"], first["campaign_id"], first["sender"]) == ("CAMPAIGN", desk.campaign_id, None)
    assert first["due_by"] > first["occurred_at"]
    # The peer answers the confirmation with another STOP, which is entered and not confirmed.
    assert len(repeated) == 1
    thread = await desk.thread(peer)
    assert [(body, status) for direction, body, status in thread if direction == "OUTBOUND"] == [
        ("hello", "DELIVERED"),
        (OUT, "DELIVERED"),
    ]
    with pytest.raises(AssertionError, match="RECIPIENT_NOT_OPTED_OUT"):
        await desk.send(peer)


async def test_the_confirmation_is_a_send_of_the_users_with_its_own_record(desk: Desk) -> None:
    await desk.send("+14165550150")
    await settle(desk)
    record = next(
        each for each in await desk.records("message:send") if each["actor"]["user"]["uid"] == "worker:dispatcher"
    )
    assert record["kind"] == "SEND"
    assert record["actor"]["on_behalf_of"]
    assert record["updated_entity"]["data"]["answers"]
    assert str(desk.user_id) in record["involves"]


async def test_start_lifts_what_stop_said(desk: Desk) -> None:
    peer = "+14165550152"
    await desk.send(peer)
    await settle(desk)
    assert [entry["action"] for entry in await desk.ledger()][:2] == ["OPT_OUT", "OPT_IN"]
    sent = [body for direction, body, _ in await desk.thread(peer) if direction == "OUTBOUND"]
    # Each confirmation makes this peer text both words again: that must come to an end.
    assert sent == ["hello", OUT, IN]
    assert await desk.send(peer)


async def test_help_is_answered_once(desk: Desk) -> None:
    peer = "+14165550151"
    await desk.send(peer)
    await settle(desk)
    thread = await desk.thread(peer)
    answers = [(body, status) for direction, body, status in thread if direction == "OUTBOUND"][1:]
    assert len(answers) == 1
    assert answers[0][0].startswith(f"{ORG_NAME}: For help")
    assert answers[0][1] == "DELIVERED"
    assert [body for direction, body, _ in thread if direction == "INBOUND"] == ["HELP", "HELP"]
    assert await desk.ledger() == []


async def test_help_is_answered_again_an_hour_later(desk: Desk) -> None:
    ether = Ether(desk)
    await ether.text(PEER, "help!")
    await desk.work(hours=1, seconds=1)
    await ether.text(PEER, "INFO")
    assert [body[:4] for direction, body, _ in await desk.thread(PEER) if direction == "OUTBOUND"] == ["Acme", "Acme"]


@pytest.mark.parametrize("body", ["STOP 12345", "please stop", "yes", "start"])
async def test_what_is_no_request_changes_nothing(desk: Desk, body: str) -> None:
    await Ether(desk).text(PEER, body)
    assert await desk.ledger() == []
    assert await desk.thread(PEER) == [("INBOUND", body, "RECEIVED")]


async def test_stop_with_a_number_behind_it_is_no_keyword(desk: Desk) -> None:
    await desk.send("+14165550156")
    await settle(desk)
    assert await desk.ledger() == []
    assert (await desk.thread("+14165550156"))[-1] == ("INBOUND", "STOP 12345", "RECEIVED")


async def test_a_confirmation_is_stopped_by_every_other_rule(desk: Desk) -> None:
    await desk.admin.execute("UPDATE texting.orgs SET texting_enabled = false WHERE org_id = $1", desk.org_id)
    await Ether(desk).text(PEER, "STOP")
    assert [entry["action"] for entry in await desk.ledger()] == ["OPT_OUT"]
    assert await desk.thread(PEER) == [("INBOUND", "STOP", "RECEIVED"), ("OUTBOUND", OUT, "BLOCKED")]


async def test_start_does_not_lift_a_wider_opt_out(desk: Desk) -> None:
    row = {
        "org_id": desk.org_id,
        "id": uuid7(),
        "recipient": PEER,
        "scope": "ORG",
        "action": "OPT_OUT",
        "basis": "VOICE",
        "occurred_at": desk.now,
        "recorded_at": desk.now,
        "audit_id": uuid7(),
    }
    await insert(desk.admin, ConsentEvents, [row])
    await Ether(desk).text(PEER, "START")
    assert [(entry["action"], entry["scope"]) for entry in await desk.ledger()] == [
        ("OPT_OUT", "ORG"),
        ("OPT_IN", "CAMPAIGN"),
    ]
    assert await desk.thread(PEER) == [("INBOUND", "START", "RECEIVED")]


async def test_a_number_in_no_campaign_is_a_program_by_itself(desk: Desk) -> None:
    await desk.admin.execute(
        "UPDATE texting.phone_numbers SET campaign_id = NULL, assignment_status = NULL WHERE org_id = $1", desk.org_id
    )
    await Ether(desk).text(PEER, "Stop.")
    (entry,) = await desk.ledger()
    assert (entry["scope"], entry["sender"], entry["campaign_id"]) == ("SENDER_NUMBER", desk.number, None)
    assert entry["sender_user_id"] == desk.user_id


async def test_the_policy_may_give_keywords_the_whole_organization(desk: Desk) -> None:
    policy = desk.worker_store.policy
    wide: PolicyValue[ConsentScope] = replace(policy.keyword_scope, value=ConsentScope.ORG)
    desk.worker_store = replace(desk.worker_store, policy=replace(policy, keyword_scope=wide))
    await Ether(desk).text(PEER, "ARRÊT")
    (entry,) = await desk.ledger()
    assert (entry["scope"], entry["sender"], entry["campaign_id"]) == ("ORG", None, None)


@pytest.mark.parametrize(
    ("magic", "code", "rule"), [("54", "MEDIA", "NO_MEDIA"), ("55", "INTERNATIONAL", "DEST_COUNTRY_US_CA")]
)
async def test_pictures_and_foreign_texts_are_refused_and_recorded(
    desk: Desk, magic: str, code: str, rule: str
) -> None:
    peer = f"+141655501{magic}"
    await desk.send(peer)
    await settle(desk)
    assert [direction for direction, _, _ in await desk.thread(peer)] == ["OUTBOUND"]
    (record,) = await desk.records("message:receive")
    assert (record["kind"], record["status_code"], record["rule"]["uid"]) == ("DENIAL", code, rule)
    assert record["entity"]["type"] == "UserPhoneNumber"
    assert str(desk.user_id) in record["involves"]


async def test_a_picture_that_says_stop_is_refused_and_heeded(desk: Desk) -> None:
    await Ether(desk).text(PEER, "STOP", media_urls=("https://media.example/stop.gif",))
    assert await desk.thread(PEER) == []
    (entry,) = await desk.ledger()
    assert (entry["action"], entry["message_id"], entry["evidence"]) == ("OPT_OUT", None, "STOP")


async def test_a_short_code_is_a_domestic_sender_and_is_not_answered(desk: Desk) -> None:
    await Ether(desk).text("72975", "HELP")
    assert await desk.thread("72975") == [("INBOUND", "HELP", "RECEIVED")]


@pytest.mark.parametrize("sender", ["Acme Bank", "", "+15551234567"])
async def test_a_sender_that_is_no_number_is_refused(desk: Desk, sender: str) -> None:
    await Ether(desk).text(sender, "hello")
    (record,) = await desk.records("message:receive")
    assert (record["status_code"], record["rule"]["uid"]) == ("SENDER_UNREADABLE", "DEST_VALID")


@pytest.mark.parametrize(
    "how",
    ["UPDATE texting.phone_numbers SET owner_id = NULL", "UPDATE texting.users SET status = 'DEACTIVATED'"],
)
async def test_a_text_for_nobody_is_recorded_and_its_stop_is_heeded(desk: Desk, how: str) -> None:
    await desk.admin.execute(f"{how} WHERE org_id = $1", desk.org_id)
    await Ether(desk).text(PEER, "STOP")
    (record,) = await desk.records("message:receive")
    assert (record["kind"], record["status_id"], record["status_code"]) == ("FAILURE", 2, "NO_HOLDER")
    (entry,) = await desk.ledger()
    assert entry["sender_user_id"] is None


async def test_a_text_for_a_number_that_nobody_has_stands_in_the_providers_log(desk: Desk) -> None:
    before = len(await desk.records("message:receive", SYSTEM_ORG_ID))
    await Ether(desk, number="+12125550198").text(PEER, "hello")
    *_, last = await desk.records("message:receive", SYSTEM_ORG_ID)
    assert len(await desk.records("message:receive", SYSTEM_ORG_ID)) == before + 1
    assert last["status_code"] == "NUMBER_UNKNOWN"


async def test_a_text_that_comes_twice_is_taken_once(desk: Desk) -> None:
    ether = Ether(desk)
    await ether.text(PEER, "hello", carrier_message_id="same")
    await ether.text(PEER, "hello", carrier_message_id="same")
    assert await desk.thread(PEER) == [("INBOUND", "hello", "RECEIVED")]


async def test_what_no_store_can_hold_is_replaced(desk: Desk) -> None:
    await Ether(desk).text(PEER, "a\0b\ud83dc \N{BEER MUG}")
    (text,) = await desk.thread(PEER)
    assert text[1] == "a\ufffdb\ufffdc \N{BEER MUG}"


async def test_two_dispatchers_take_a_text_once(desk: Desk) -> None:
    await desk.send(PEER, "#reply hi")
    await desk.work()
    due = await desk.carrier.take(now=desk.now + timedelta(seconds=10), limit=500)
    (event,) = [each for each in due if isinstance(each, InboundText) and each.recipient == desk.number]
    ether = Ether(desk, carrier=desk.carrier)
    await ether.both_take(event)
    assert [direction for direction, _, _ in await desk.thread(PEER)] == ["OUTBOUND", "INBOUND"]
