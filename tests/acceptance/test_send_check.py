"""Whether a message could go: asked without sending, decided like a send, kept with what it stopped."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from core.commands.send_facts import Draft
from core.commands.sends import judge
from core.commands.transaction import Store
from core.ids import decode, encode, uuid7
from core.principal import Grant, Role
from core.rules.enums import MessageStatus
from core.rules.send_record import stored
from core.storage.database import Reader
from schema.access import CORRESPONDENCE
from tests.acceptance.asking import Asker
from tests.acceptance.correspondence import PEER, message, step, wish
from tests.acceptance.directories import SINCE, Directory, change, directory, person
from tests.acceptance.mutating import contents
from tests.integration.worlds import new_world

RULE = "ruleId status level subject { __typename id } observed required message blockedBy withheld"
RULES = f"outcome decidedBy {{ ruleId }} rules {{ {RULE} }} segments encoding nextAllowedAt policyVersion"
CHECK = f"query($input: SendCheckInput!) {{ sendCheck(input: $input) {{ {RULES} eligibility {{ outcome }} }} }}"
SHORT = "query($input: SendCheckInput!) { sendCheck(input: $input) { outcome } }"
SEND = f"""mutation($input: SendMessageInput!) {{ sendMessage(input: $input) {{ __typename
  ... on SendDenied {{ decision {{ {RULES} }} eligibility {{ outcome decidedBy {{ ruleId }} }} }} }} }}"""


@pytest.fixture
async def acme(pool: asyncpg.Pool) -> Directory:
    return await directory(pool, texting_enabled=True)


def draft(made: Directory, **more: Any) -> dict[str, Any]:
    """A text of the first user."""
    return {"userId": made.gid("User", made.users[0]), "to": PEER, "body": "hello", **more}


async def test_a_check_writes_nothing(ask: Asker, acme: Directory, admin: asyncpg.Connection):
    before = await contents(admin, acme.org_id, audit=True)
    allowed = (await ask(acme.person(Role.USER), CHECK, input=draft(acme)))["sendCheck"]
    denied = (await ask(acme.person(Role.USER), CHECK, input=draft(acme, body="", to="nobody")))["sendCheck"]
    assert (allowed["outcome"], allowed["decidedBy"], denied["outcome"]) == ("ALLOWED", None, "DENIED")
    assert await contents(admin, acme.org_id, audit=True) == before


@pytest.mark.parametrize(
    ("wanted", "rule"),
    [
        ({}, None),
        ({"to": "12"}, "DEST_VALID"),
        ({"to": "+442079460000"}, "DEST_COUNTRY_US_CA"),
        ({"mediaUrls": ["https://example.com/a.png"]}, "NO_MEDIA"),
        ({"mediaUrls": None}, None),
        ({"body": " "}, "BODY_PRESENT"),
        ({"body": "x" * 1_601}, "BODY_LENGTH_MAX"),
    ],
)
async def test_a_check_says_what_a_send_is_told(ask: Asker, store: Store, wanted: dict[str, Any], rule: str | None):
    world = await new_world(store)
    sender = world.people[0]
    text = {"userId": encode("User", world.org_id, sender.user_id), "to": PEER, "body": "hello", **wanted}
    checked = (await ask(sender.principal, CHECK, input=text))["sendCheck"]
    assert checked.pop("eligibility") == {"outcome": "ALLOWED"}
    sent = (await ask(sender.principal, SEND, input={**text, "idempotencyKey": "key"}))["sendMessage"]
    assert checked["decidedBy"] == (None if rule is None else {"ruleId": rule})
    assert sent["__typename"] == ("MessageAccepted" if rule is None else "SendDenied")
    if rule is not None:
        assert sent["decision"] == checked
        assert sent["eligibility"] == {"outcome": "ALLOWED", "decidedBy": None}


async def test_every_rule_names_whom_it_looked_at(ask: Asker, acme: Directory):
    rules = (await ask(acme.person(Role.USER), CHECK, input=draft(acme)))["sendCheck"]["rules"]
    kinds = {rule["ruleId"]: rule["subject"] and rule["subject"]["__typename"] for rule in rules}
    assert {name: kind for name, kind in kinds.items() if kind} == {
        "SEND_ELIGIBLE": "User",
        "NOT_BLOCKED": "Org",
        "WITHIN_LIMITS": "Org",
        "NO_BURST": "User",
    }


async def test_who_cannot_text_is_told_why(ask: Asker, acme: Directory, pool: asyncpg.Pool):
    await change(pool, acme, "users", acme.users[0], app_version="42.9")
    found = (await ask(acme.person(Role.USER), CHECK, input=draft(acme)))["sendCheck"]
    assert (found["decidedBy"], found["eligibility"]) == ({"ruleId": "SEND_ELIGIBLE"}, {"outcome": "DENIED"})
    assert found["rules"][0]["blockedBy"] == ["CLIENT_VERSION_MIN"]
    assert "version 42.9" in found["rules"][0]["message"]


async def test_a_recipient_s_wish_is_asked_for(ask: Asker, acme: Directory, pool: asyncpg.Pool):
    await wish(pool, acme)
    found = (await ask(acme.person(Role.USER), CHECK, input=draft(acme)))["sendCheck"]
    assert (found["decidedBy"], found["nextAllowedAt"]) == ({"ruleId": "RECIPIENT_NOT_OPTED_OUT"}, None)


@pytest.mark.parametrize("role", list(Role))
async def test_it_is_for_those_who_read_the_sender_s_correspondence(ask: Asker, acme: Directory, role: Role):
    own = await ask(acme.person(role), SHORT, input=draft(acme))
    assert (own.data == {"sendCheck": {"outcome": "ALLOWED"}}, own.codes == ["FORBIDDEN"]) == (
        role in CORRESPONDENCE,
        role not in CORRESPONDENCE,
    )
    if role is Role.USER:
        other = draft(acme, userId=acme.gid("User", acme.users[1]))
        assert (await ask(acme.person(role), SHORT, input=other))["sendCheck"] is None


async def test_who_administers_a_location_and_texts_checks_the_own_texts_only(ask: Asker, acme: Directory):
    both = person(
        Grant(role=Role.LOCATION_ADMIN, org_id=acme.org_id, location_id=acme.locations[0]),
        Grant(role=Role.USER, org_id=acme.org_id, user_id=acme.users[0]),
        home=acme.org_id,
    )
    assert (await ask(both, SHORT, input=draft(acme)))["sendCheck"] == {"outcome": "ALLOWED"}
    other = draft(acme, userId=acme.gid("User", acme.users[1]))
    assert (await ask(both, SHORT, input=other))["sendCheck"] is None


async def test_of_nobody_there_is_nothing_to_check(ask: Asker, acme: Directory, pool: asyncpg.Pool):
    other = await directory(pool)
    ids = (acme.gid("User", uuid7()), acme.gid("Location", acme.locations[0]), "x", other.gid("User", other.users[0]))
    for id in ids:
        assert (await ask(acme.admin, SHORT, input=draft(acme, userId=id)))["sendCheck"] is None


async def test_what_stopped_a_message_reads_as_it_was_decided(
    ask: Asker, acme: Directory, pool: asyncpg.Pool, store: Store
):
    await change(pool, acme, "orgs", acme.org_id, add_on_units=0)
    decided_at = datetime(2026, 5, 1, 9, tzinfo=UTC)
    reader = Reader(pool, acme.org_id)
    text = Draft(user_id=acme.users[0], to=PEER, body="hello")
    judged = await judge(reader.fetch, acme.org_id, text, store.policy, now=decided_at)
    await reader.close()
    assert judged is not None
    blocked = await message(
        pool, acme, status=MessageStatus.BLOCKED, failure_layer="POLICY", decision=stored(judged.decision)
    )
    await step(pool, acme, blocked, MessageStatus.BLOCKED, occurred_at=decided_at)
    gone = await message(pool, acme)
    checked = (await ask(acme.admin, CHECK, input=draft(acme)))["sendCheck"]
    await change(pool, acme, "orgs", acme.org_id, add_on_units=9)
    document = f"""query($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on Message {{ status decision {{
      {RULES} eligibility {{ id outcome asOf evaluatedAt rules {{ observedAt }} }} }} }} }} }}"""
    ids = [acme.gid("Message", each) for each in (blocked, gone)]
    kept, none = (await ask(acme.admin, document, ids=ids))["nodes"]
    assert (kept["status"], none["decision"]) == ("BLOCKED", None)
    eligibility = kept["decision"].pop("eligibility")
    assert (eligibility["outcome"], checked.pop("eligibility")) == ("DENIED", {"outcome": "DENIED"})
    assert eligibility["asOf"] == eligibility["evaluatedAt"] == "2026-05-01T09:00:00.000Z"
    assert {rule["observedAt"] for rule in eligibility["rules"]} == {None}
    of_message = {"__typename": "Message", "id": acme.gid("Message", blocked)}
    for then, now in zip(kept["decision"]["rules"], checked["rules"], strict=True):
        assert then["subject"] == (of_message if then["level"] == "MESSAGE" else now["subject"])
        then["subject"] = now["subject"] = None
    assert kept["decision"] == checked
    again = "query($id: ID!) { node(id: $id) { id ... on EligibilityDecision { outcome asOf evaluatedAt } } }"
    found = (await ask(acme.admin, again, id=eligibility["id"]))["node"]
    assert found == {name: eligibility[name] for name in found}
    read = decode(eligibility["id"])
    assert read is not None
    other = encode(read.type, read.org_id, acme.users[1], read.detail)
    assert (await ask(acme.admin, again, id=other))["node"] is None


async def test_what_stopped_fifty_costs_as_many_statements_as_what_stopped_five(
    ask: Asker, pool: asyncpg.Pool, store: Store
):
    made = await directory(pool)
    reader = Reader(pool, made.org_id)
    text = Draft(user_id=made.users[0], to=PEER, body="hello")
    judged = await judge(reader.fetch, made.org_id, text, store.policy, now=SINCE)
    await reader.close()
    assert judged is not None
    for _ in range(50):
        await message(pool, made, status=MessageStatus.BLOCKED, decision=stored(judged.decision))
    document = f"query($n: Int!) {{ messages(first: $n) {{ edges {{ node {{ decision {{ {RULES} }} }} }} }} }}"
    for many in (5, 50):
        answer = await ask(made.admin, document, n=many)
        decided = [edge["node"]["decision"] for edge in answer["messages"]["edges"]]
        assert ([each["outcome"] for each in decided], answer.statements) == (["DENIED"] * many, 2)


async def test_another_language_is_spoken_where_there_is_one(ask: Asker, acme: Directory):
    spoken = {
        "de": "The sender may use business texting.",
        "fr-CA": "L'expéditeur peut utiliser la messagerie texte d'affaires.",
        "ja": "送信者はビジネス テキスト メッセージを使用できます。",
    }
    for language, said in spoken.items():
        answer = await replace(ask, language=language)(acme.person(Role.USER), CHECK, input=draft(acme))
        assert answer["sendCheck"]["rules"][0]["message"] == said
