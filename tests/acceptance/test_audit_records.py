"""The audit log, read: who finds which records, what they tell, and what of it stays hidden."""

from base64 import b64decode
from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import Any

import asyncpg
import orjson
import pytest

from audit.actions import Action
from audit.record import Actor, AuditKind, AuditOutcome, Erasable, Record, Target
from core.commands.send_facts import Draft
from core.commands.sends import send_message
from core.commands.toggles import set_location_texting, set_user_texting
from core.commands.transaction import Store
from core.commands.users import UserChange, update_user
from core.ids import SYSTEM_ORG_ID, encode
from core.principal import Principal, Role
from core.rules.enums import TextingMode
from core.storage.database import writing
from schema.access import AUDIT
from tests.acceptance.asking import Asked, Asker
from tests.acceptance.correspondence import PEER
from tests.acceptance.directories import SINCE, Directory, directory
from tests.integration.worlds import PROVIDER, World, member, new_world

RECORD = """id occurredAt loggedAt action kind outcome rule reason requestId correlationId policyVersion before after
actor { subject name roles onBehalfOf orgId } target { type id name node { __typename id } }
org { id } decision { id }"""
LIST = f"""query($org: ID, $f: AuditFilter, $by: AuditOrder, $first: Int, $after: String) {{
  auditRecords(orgId: $org, filter: $f, orderBy: $by, first: $first, after: $after) {{
    totalCount pageInfo {{ hasNextPage endCursor }} edges {{ node {{ {RECORD} }} }} }} }}"""
IDS = """query($org: ID, $f: AuditFilter, $by: AuditOrder) {
  auditRecords(orgId: $org, filter: $f, orderBy: $by) { edges { node { id } } } }"""


def records(answer: Asked) -> list[dict[str, Any]]:
    return [edge["node"] for edge in answer["auditRecords"]["edges"]]


def auditor(org_id: Any, role: Role = Role.AUDITOR) -> Principal:
    return member(org_id, role)


@pytest.fixture
async def world(store: Store) -> World:
    return await new_world(store)


async def test_a_change_tells_who_what_and_why(ask: Asker, world: World):
    user = world.people[0]
    await world.answer(
        world.org_admin,
        lambda tx: update_user(tx, UserChange(id=user.user_id, display_name="Grace")),
        action=Action.USER_UPDATE,
        reason="married",
        tracking_id="track-1",
    )
    (record,) = records(await ask(auditor(world.org_id), LIST, f={"requestId": "track-1"}))
    gid = encode("User", world.org_id, user.user_id)
    assert record["before"]["displayName"] == "Person " + record["before"]["displayName"].split()[1]
    assert record["after"]["displayName"] == "Grace"
    assert (record["action"], record["kind"], record["outcome"], record["reason"]) == (
        "user:update",
        "CHANGE",
        "ALLOWED",
        "married",
    )
    assert record["actor"] == {
        "subject": world.org_admin.subject,
        "name": "Org_Admin",
        "roles": ["ORG_ADMIN"],
        "onBehalfOf": None,
        "orgId": None,
    }
    assert (record["target"]["type"], record["target"]["id"]) == ("User", gid)
    assert record["target"]["node"] == {"__typename": "User", "id": gid}
    assert record["org"] == {"id": encode("Org", world.org_id, world.org_id)}
    assert record["decision"] is None
    one = "query($id: ID!) { auditRecord(id: $id) { id } node(id: $id) { id ... on AuditRecord { action } } }"
    found = await ask(auditor(world.org_id), one, id=record["id"])
    assert found["auditRecord"] == {"id": record["id"]}
    assert found["node"] == {"id": record["id"], "action": "user:update"}


async def test_the_provider_s_acts_name_its_own_organization(ask: Asker, world: World):
    system = encode("Org", SYSTEM_ORG_ID, SYSTEM_ORG_ID)
    found = records(await ask(auditor(world.org_id), LIST, f={"actor": PROVIDER.subject}))
    assert {record["actor"]["orgId"] for record in found} == {system}
    gid = encode("Org", world.org_id, world.org_id)
    own = records(await ask(PROVIDER, IDS, org=gid))
    assert [each["id"] for each in own] == [each["id"] for each in found]


async def test_the_bytes_that_were_logged_are_given_with_their_leaf(ask: Asker, world: World):
    document = "query { auditRecords { edges { node { raw leafHash action } } } }"
    found = records(await ask(auditor(world.org_id), document))
    assert len(found) > 5
    for record in found:
        assert b64decode(record["leafHash"]) == sha256(b"\0" + record["raw"].encode()).digest()
        assert orjson.loads(record["raw"])["action"] == record["action"]
        assert not {"Person", "@example.com"} & set(record["raw"].split())


@pytest.mark.parametrize("role", list(Role))
async def test_whoever_does_not_read_the_log_finds_what_they_did_themselves(ask: Asker, world: World, role: Role):
    location_id, user = world.location_id, world.people[0]
    people = {
        Role.PROVIDER_ADMIN: PROVIDER,
        Role.LOCATION_ADMIN: world.location_admin(location_id),
        Role.USER: user.principal,
    }
    off: Callable[[Any], Awaitable[Any]] = lambda tx: set_location_texting(tx, location_id, mode=TextingMode.OFF)  # noqa: E731
    await world.answer(world.location_admin(location_id), off, action=Action.LOCATION_TEXTING_DISABLE)
    caller = people.get(role, member(world.org_id, role))
    gid = encode("Org", world.org_id, world.org_id)
    every = {each["id"] for each in records(await ask(auditor(world.org_id), IDS))}
    found = records(await ask(caller, LIST, org=gid, first=100))
    if role in AUDIT:
        assert {each["id"] for each in found} == every
    else:
        assert {each["actor"]["subject"] for each in found} <= {caller.subject}
        assert bool(found) == (role in {Role.PROVIDER_ADMIN, Role.ORG_ADMIN, Role.LOCATION_ADMIN})
    document = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    nodes = (await ask(caller, document, ids=sorted(every)))["nodes"]
    assert {node["id"] for node in nodes if node} == {each["id"] for each in found}


async def test_of_another_organization_there_are_no_records(ask: Asker, world: World, store: Store):
    other = await new_world(store)
    (first, *_) = records(await ask(auditor(other.org_id), IDS))
    gid = encode("Org", other.org_id, other.org_id)
    assert records(await ask(auditor(world.org_id), IDS, org=gid)) == []
    document = "query($id: ID!) { auditRecord(id: $id) { id } }"
    assert (await ask(auditor(world.org_id), document, id=first["id"]))["auditRecord"] is None


async def test_pages_meet_in_both_orders(ask: Asker, world: World):
    caller = auditor(world.org_id)
    newest = [each["id"] for each in records(await ask(caller, IDS))]
    for direction, expected in (("DESC", newest), ("ASC", newest[::-1])):
        by = {"field": "OCCURRED_AT", "direction": direction}
        walked: list[str] = []
        after = None
        while True:
            answer = await ask(caller, LIST, by=by, first=4, after=after)
            walked += [each["id"] for each in records(answer)]
            assert answer["auditRecords"]["totalCount"] == len(expected)
            page = answer["auditRecords"]["pageInfo"]
            if not page["hasNextPage"]:
                break
            after = page["endCursor"]
        assert walked == expected


async def test_each_filter_finds_only_the_records_it_names(ask: Asker, world: World):
    user, caller = world.people[0], auditor(world.org_id)
    turn: Callable[[Any], Awaitable[Any]] = lambda tx: set_user_texting(tx, user.user_id, mode=TextingMode.OFF)  # noqa: E731
    await world.answer(world.org_admin, turn, action=Action.USER_TEXTING_DISABLE, tracking_id="track-2")
    await world.refusal(
        user.principal,
        lambda tx: send_message(tx, Draft(user_id=user.user_id, to=PEER, body="hello")),
        action=Action.MESSAGE_SEND,
        target_type="User",
        target_id=user.user_id,
    )
    every = [each["id"] for each in records(await ask(caller, IDS))]
    gid = encode("User", world.org_id, user.user_id)

    async def chosen(**wanted: Any) -> list[str]:
        return [each["action"] for each in records(await ask(caller, LIST, f=wanted))]

    assert await chosen(requestId="track-2") == ["user:texting:disable"]
    assert await chosen(action="user:texting:disable") == ["user:texting:disable"]
    assert await chosen(actions=["user:texting:disable", "message:send"]) == ["message:send", "user:texting:disable"]
    assert await chosen(kinds=["DENIAL"]) == await chosen(rule="SEND_ELIGIBLE") == ["message:send"]
    assert await chosen(outcome="DENIED", actor=user.principal.subject) == ["message:send"]
    assert set(await chosen(targetId=gid, targetType="User")) >= {"user:texting:disable", "user:create"}
    assert await chosen(targetId=gid, targetType="Location") == []
    of_user = await chosen(involves=gid)
    assert {"user:create", "message:send", "user:texting:disable"} <= set(of_user) < {*(await chosen())}
    location = encode("Location", world.org_id, world.location_id)
    assert "user:create" in await chosen(locationId=location)
    for nothing in ({"targetId": "x"}, {"involves": "x"}, {"locationId": gid}, {"actions": []}):
        assert await chosen(**nothing) == []
    (newest, *_) = records(await ask(caller, LIST))
    assert len(await chosen(occurredFrom=newest["occurredAt"])) >= 1
    assert len(await chosen(occurredTo=newest["occurredAt"])) < len(every)


async def test_fifty_cost_as_many_statements_as_five(ask: Asker, pool: asyncpg.Pool, store: Store):
    made = await directory(pool)
    acts = [_act(made, f"name {at}") for at in range(50)]
    async with writing(pool, made.org_id) as connection:
        await store.audit.append_many(connection, acts)
    for many in (5, 50):
        answer = await ask(made.person(Role.AUDITOR), LIST, first=many)
        found = records(answer)
        assert [each["after"]["displayName"] for each in found] == [f"name {at}" for at in range(50)][::-1][:many]
        assert answer.statements == 4


async def test_names_of_people_out_of_sight_are_withheld_in_one_s_own_records(
    ask: Asker, pool: asyncpg.Pool, store: Store
):
    made = await directory(pool)
    caller = made.person(Role.LOCATION_ADMIN)
    acts = [_act(made, name, user=user, subject=caller.subject) for name, user in (("Ada", 0), ("Bob", 2))]
    async with writing(pool, made.org_id) as connection:
        await store.audit.append_many(connection, acts)
    found = records(await ask(caller, LIST))
    assert [(each["after"]["displayName"], each["target"]["name"]) for each in found] == [(None, None), ("Ada", "Ada")]
    assert [each["target"]["node"] is None for each in found] == [True, False]
    auditors = records(await ask(made.person(Role.AUDITOR), LIST))
    assert [each["after"]["displayName"] for each in auditors] == ["Bob", "Ada"]


def _act(made: Directory, name: str, *, user: int = 0, subject: str = "acct-1") -> Record:
    target = made.users[user]
    return Record(
        org_id=made.org_id,
        action=Action.USER_UPDATE,
        kind=AuditKind.CHANGE,
        outcome=AuditOutcome.ALLOWED,
        actor=Actor(subject=subject),
        target=Target(type="User", id=target, name=Erasable(name, target)),
        occurred_at=SINCE,
        after={"displayName": Erasable(name, target)},
    )
