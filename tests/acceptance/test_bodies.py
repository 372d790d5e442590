"""What was written: one's own, and anybody's for a compliance officer, whose reading leaves one record a request."""

from typing import Any

import asyncpg
import orjson
import pytest

from audit.log import AuditLog
from core.commands.body_reads import NAMED_MAX
from core.ids import decode, encode
from core.principal import Grant, Role
from schema.access import BODIES, CORRESPONDENCE
from tests.acceptance.asking import Asker
from tests.acceptance.correspondence import PEER, message, wish
from tests.acceptance.directories import Directory, change, directory, person

ONE = "query($id: ID!) { node(id: $id) { ... on Message { body bodyState } } }"
LIST = "query($n: Int!) { messages(first: $n) { edges { node { id body } } } }"
STATES = "query { messages { edges { node { bodyState } } } }"


@pytest.fixture
async def acme(pool: asyncpg.Pool) -> Directory:
    return await directory(pool)


async def readings(admin: asyncpg.Connection, made: Directory) -> list[dict[str, Any]]:
    """The entries of the records of reading, the oldest first."""
    sql = "SELECT entry FROM audit.record WHERE org_id = $1 AND kind = 'READ' ORDER BY id"
    return [orjson.loads(bytes(row["entry"])) for row in await admin.fetch(sql, made.org_id)]


def named(entry: dict[str, Any]) -> list[str]:
    """What a record says was read."""
    read: list[str] = entry["updated_entity"]["data"]["read"]
    return read


@pytest.mark.parametrize("role", list(Role))
async def test_a_role_reads_what_it_may(
    ask: Asker, acme: Directory, pool: asyncpg.Pool, admin: asyncpg.Connection, role: Role
):
    sent = await message(pool, acme, body="see you at ten")
    answer = await ask(acme.person(role), ONE, id=acme.gid("Message", sent))
    if role not in CORRESPONDENCE:
        assert answer["node"] is None
    elif role in BODIES:
        assert answer["node"] == {"body": "see you at ten", "bodyState": "AVAILABLE"}
    else:
        assert answer.data == {"node": {"body": None, "bodyState": "WITHHELD"}}
        assert answer.failed == {"node.body": "FORBIDDEN"}
    assert len(await readings(admin, acme)) == (role is Role.COMPLIANCE_OFFICER)


async def test_an_administrator_who_texts_reads_the_own_texts_alone(ask: Asker, acme: Directory, pool: asyncpg.Pool):
    own, other = await message(pool, acme), await message(pool, acme, user=1)
    both = person(
        Grant(role=Role.ORG_ADMIN, org_id=acme.org_id),
        Grant(role=Role.USER, org_id=acme.org_id, user_id=acme.users[0]),
        home=acme.org_id,
    )
    assert (await ask(both, ONE, id=acme.gid("Message", own)))["node"] == {"body": "hello", "bodyState": "AVAILABLE"}
    assert (await ask(both, ONE, id=acme.gid("Message", other)))["node"] == {"body": None, "bodyState": "WITHHELD"}


async def test_reading_others_is_recorded_once_however_it_is_asked(
    ask: Asker, acme: Directory, pool: asyncpg.Pool, admin: asyncpg.Connection
):
    officer = acme.person(Role.COMPLIANCE_OFFICER)
    written = [await message(pool, acme, user=user) for user in (0, 0, 1)]
    entry = await wish(pool, acme, message_id=written[0])
    document = """query($org: ID!, $id: ID!) {
      a: messages(first: 2) { edges { node { body } } }
      b: messages(first: 1) { edges { node { body } } }
      message(id: $id) { body user { conversations { edges { node { lastMessage { body } } } } } }
      org(id: $org) { consentEvents { edges { node { evidence } } } } }"""
    answer = await ask(officer, document, org=acme.gid("Org"), id=acme.gid("Message", written[2]))
    assert not answer.errors
    (record,) = await readings(admin, acme)
    read = {acme.gid("Message", id) for id in written} | {acme.gid("ConsentEvent", entry)}
    assert set(named(record)) == read
    assert len(named(record)) == len(read)
    assert set(record["involves"]) >= {str(id) for id in (*written, entry, *acme.users[:2])}
    assert (record["action"], record["actor"]["user"]["uid"]) == ("message:body:read", officer.subject)
    assert record["entity"] == {"type": "Org", "uid": str(acme.org_id)}
    assert record["api"]["request"]["uid"].startswith("test_")


async def test_one_text_is_named_as_what_was_acted_on(
    ask: Asker, acme: Directory, pool: asyncpg.Pool, admin: asyncpg.Connection
):
    sent = await message(pool, acme)
    await ask(acme.person(Role.COMPLIANCE_OFFICER), ONE, id=acme.gid("Message", sent))
    (record,) = await readings(admin, acme)
    assert record["entity"] == {"type": "Message", "uid": str(sent)}


@pytest.mark.parametrize("columns", [{"body": None, "body_state": "ERASED"}, {"body_state": "WITHHELD"}])
async def test_what_cannot_be_read_is_no_reading(
    ask: Asker, acme: Directory, pool: asyncpg.Pool, admin: asyncpg.Connection, columns: dict[str, Any]
):
    sent = await message(pool, acme)
    await change(pool, acme, "messages", sent, **columns)
    officer = acme.person(Role.COMPLIANCE_OFFICER)
    told = (await ask(officer, ONE, id=acme.gid("Message", sent)))["node"]
    assert told == {"body": None, "bodyState": columns["body_state"]}
    await ask(officer, STATES)
    assert await readings(admin, acme) == []


async def test_an_officer_s_own_texts_are_nobody_else_s(
    ask: Asker, acme: Directory, pool: asyncpg.Pool, admin: asyncpg.Connection
):
    own, other = await message(pool, acme), await message(pool, acme, user=1)
    both = person(
        Grant(role=Role.COMPLIANCE_OFFICER, org_id=acme.org_id),
        Grant(role=Role.USER, org_id=acme.org_id, user_id=acme.users[0]),
        home=acme.org_id,
    )
    await ask(both, ONE, id=acme.gid("Message", own))
    assert await readings(admin, acme) == []
    await ask(both, LIST, n=10)
    assert [named(record) for record in await readings(admin, acme)] == [[acme.gid("Message", other)]]


async def test_unless_it_can_be_recorded_nothing_is_answered(
    ask: Asker, acme: Directory, pool: asyncpg.Pool, admin: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
):
    sent = await message(pool, acme)

    async def full(*_: Any) -> None:
        raise OSError("no space is left")

    monkeypatch.setattr(AuditLog, "append_many", full)
    with pytest.raises(OSError, match="no space"):
        await ask(acme.person(Role.COMPLIANCE_OFFICER), ONE, id=acme.gid("Message", sent))
    assert await readings(admin, acme) == []
    assert (await ask(acme.person(Role.USER), ONE, id=acme.gid("Message", sent)))["node"]["body"] == "hello"


async def test_many_texts_take_several_records_that_find_each_other(
    ask: Asker, acme: Directory, pool: asyncpg.Pool, admin: asyncpg.Connection
):
    peers = [f"+1415555{at:04}" for at in range(NAMED_MAX + 1)]
    written = [await message(pool, acme, peer=peer) for peer in peers]
    document = """query { a: messages(first: 100) { edges { node { body } } }
      b: messages(last: 2) { edges { node { body } } } }"""
    await ask(acme.person(Role.COMPLIANCE_OFFICER), document)
    records = await readings(admin, acme)
    assert [len(named(record)) for record in records] == [NAMED_MAX, 1]
    assert {gid for record in records for gid in named(record)} == {acme.gid("Message", id) for id in written}
    assert {record["metadata"]["correlation_uid"] for record in records} == {records[0]["metadata"]["uid"]}


async def test_a_record_of_reading_is_found_by_what_was_read(ask: Asker, acme: Directory, pool: asyncpg.Pool):
    sent = await message(pool, acme, peer=PEER)
    await message(pool, acme)
    officer = acme.person(Role.COMPLIANCE_OFFICER)
    await ask(officer, LIST, n=10)
    document = """query($f: AuditFilter) { auditRecords(filter: $f) { edges { node {
      kind action outcome after actor { subject } } } } }"""
    user = encode("User", acme.org_id, acme.users[0])
    (edge,) = (await ask(acme.person(Role.AUDITOR), document, f={"involves": user}))["auditRecords"]["edges"]
    record = edge["node"]
    assert (record["kind"], record["action"], record["outcome"]) == ("READ", "message:body:read", "ALLOWED")
    assert record["actor"]["subject"] == officer.subject
    assert {decode(gid).id for gid in record["after"]["read"]} >= {sent}  # type: ignore[union-attr]
