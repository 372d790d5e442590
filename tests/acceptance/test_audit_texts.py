"""What was written in a text, in the records of its being sent: for whom it belongs to, and for compliance officers."""

from typing import Any
from uuid import UUID

import asyncpg
import pytest

from audit.actions import Action
from audit.record import Actor, AuditKind, AuditOutcome, Erasable, Record, Target
from core.commands.send_facts import Draft
from core.commands.sends import send_message
from core.commands.transaction import Store
from core.ids import encode, uuid7
from core.principal import Grant, Principal, Role
from core.storage.database import writing
from tests.acceptance.asking import Asked, Asker
from tests.acceptance.correspondence import PEER
from tests.acceptance.directories import SINCE
from tests.integration.worlds import PROVIDER, World, member, new_world

SENT = """query($org: ID) { auditRecords(orgId: $org, filter: { action: "message:send" }) {
  edges { node { id after disclosures { name state value } } } } }"""
AFTER = """query($org: ID) { auditRecords(orgId: $org, filter: { action: "message:send" }) {
  edges { node { id after } } } }"""
BEFORE = AFTER.replace("after", "before")
VALUES = AFTER.replace("after", "disclosures { value }")
STATES = AFTER.replace("after", "disclosures { state } raw")
CONSENT = AFTER.replace("message:send", "consent:record")


@pytest.fixture
async def world(store: Store) -> World:
    return await new_world(store, people=2)


async def send(world: World, principal: Principal, body: str = "see you at ten") -> None:
    """Have a text of the first user sent, or denied."""
    draft = Draft(user_id=world.people[0].user_id, to=PEER, body=body)
    said = {"action": Action.MESSAGE_SEND, "target_type": "User", "target_id": draft.user_id}
    if body.strip():
        await world.answer(principal, lambda tx: send_message(tx, draft), **said)
    else:
        await world.refusal(principal, lambda tx: send_message(tx, draft), **said)


def told(answer: Asked) -> dict[str, Any]:
    """What the one record found says."""
    (edge,) = answer["auditRecords"]["edges"]
    found: dict[str, Any] = edge["node"]
    return found


async def readings(ask: Asker, world: World) -> list[dict[str, Any]]:
    """What the records of reading name."""
    document = """query { auditRecords(filter: { action: "message:body:read" }) { edges { node { after } } } }"""
    edges = (await ask(member(world.org_id, Role.AUDITOR), document))["auditRecords"]["edges"]
    return [edge["node"]["after"]["read"] for edge in edges]


@pytest.mark.parametrize("body", ["see you at ten", " "])
async def test_a_text_is_read_by_its_sender_and_by_compliance_officers(ask: Asker, world: World, body: str):
    sender = world.people[0].principal
    await send(world, sender, body)
    readers = {
        sender: body,
        member(world.org_id, Role.COMPLIANCE_OFFICER): body,
        member(world.org_id, Role.AUDITOR): None,
    }
    for reader, expected in readers.items():
        record = told(await ask(reader, SENT))
        assert record["after"]["body"] == expected
        assert record["after"]["to"] == PEER
        states = {each["name"].rpartition("/")[2]: (each["state"], each["value"]) for each in record["disclosures"]}
        assert states["body"] == ("WITHHELD" if expected is None else "DISCLOSED", expected)
        assert states["to"] == ("DISCLOSED", PEER)


async def test_whoever_sends_on_behalf_of_somebody_reads_no_texts(ask: Asker, world: World):
    await send(world, PROVIDER)
    record = told(await ask(PROVIDER, AFTER, org=encode("Org", world.org_id, world.org_id)))
    assert (record["after"]["body"], record["after"]["to"]) == (None, PEER)


@pytest.mark.parametrize(
    ("document", "recorded"), [(AFTER, True), (VALUES, True), (SENT, True), (BEFORE, False), (STATES, False)]
)
async def test_an_officer_s_reading_is_recorded_where_a_text_is_shown(
    ask: Asker, world: World, document: str, recorded: bool
):
    await send(world, world.people[0].principal)
    record = told(await ask(member(world.org_id, Role.COMPLIANCE_OFFICER), document))
    assert await readings(ask, world) == ([[record["id"]]] if recorded else [])


async def test_an_officer_who_texts_reads_the_own_texts_unrecorded(ask: Asker, world: World):
    await send(world, world.people[0].principal)
    grants = (
        Grant(role=Role.COMPLIANCE_OFFICER, org_id=world.org_id),
        Grant(role=Role.USER, org_id=world.org_id, user_id=world.people[0].user_id),
    )
    both = Principal(subject="both", name=None, org_id=world.org_id, grants=grants)
    assert told(await ask(both, AFTER))["after"]["body"] == "see you at ten"
    assert await readings(ask, world) == []


async def test_a_keyword_in_the_ledger_is_a_text_and_a_note_is_none(
    ask: Asker, world: World, pool: asyncpg.Pool, store: Store
):
    for basis, evidence in (("KEYWORD", "STOP"), ("VOICE", "call 17")):
        await _record_wish(pool, store, world.org_id, basis, evidence)
    for role, expected in ((Role.AUDITOR, ["call 17", None]), (Role.COMPLIANCE_OFFICER, ["call 17", "STOP"])):
        edges = (await ask(member(world.org_id, role), CONSENT))["auditRecords"]["edges"]
        assert sorted((edge["node"]["after"]["evidence"] for edge in edges), key=str, reverse=True) == expected
    assert [len(read) for read in await readings(ask, world)] == [1]


async def _record_wish(pool: asyncpg.Pool, store: Store, org_id: UUID, basis: str, evidence: str) -> None:
    outside = store.audit.pseudonym(org_id, PEER)
    record = Record(
        org_id=org_id,
        action=Action.CONSENT_RECORD,
        kind=AuditKind.CHANGE,
        outcome=AuditOutcome.ALLOWED,
        actor=Actor(subject="worker:dispatcher"),
        target=Target(type="ConsentEvent", id=uuid7()),
        occurred_at=SINCE,
        after={"basis": basis, "evidence": Erasable(evidence, outside)},
    )
    async with writing(pool, org_id) as connection:
        await store.audit.append(connection, record)
