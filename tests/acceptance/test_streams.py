"""Subscriptions: everything once, in the order of the log, to those who may see it, from any place."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from audit.log import AuditLog
from audit.sealer import RecordSealer
from core.commands.transaction import Store
from core.principal import Principal, Role
from tests.acceptance.asking import Asker, Following
from tests.acceptance.mutating import PEER, Stage, new_key, new_stage
from tests.integration.audit.records import entered, record
from tests.integration.audit.sealed import KEYS, seal_all
from texting.auth import NotAuthenticated

RECORDS = """subscription($o: ID!, $f: AuditFilter, $after: String) {
  auditRecordSealed(orgId: $o, filter: $f, after: $after) {
    cursor record { id leafIndex sealState proof action actor { subject } } } }"""
STEPS = """subscription($o: ID, $u: ID, $after: String) {
  messageEvents(orgId: $o, userId: $u, after: $after) {
    cursor message { id status body user { id } } change { status occurredAt } } }"""
SEND = """mutation($input: SendMessageInput!) { sendMessage(input: $input) {
  ... on MessageAccepted { acceptedMessage { id } } } }"""


@pytest.fixture
async def stage(store: Store, worker_pool: asyncpg.Pool) -> Stage:
    made = await new_stage(store)
    await seal_all(worker_pool, made.org_id, uuid4())
    return made


async def send(ask: Asker, stage: Stage, who: str = "user") -> str:
    person = stage.world.people[0 if who == "user" else 1].principal
    given = {"userId": stage[who], "to": PEER, "body": "Hello", "idempotencyKey": new_key()}
    answer = await ask(person, SEND, input=given)
    id: str = answer["sendMessage"]["acceptedMessage"]["id"]
    return id


async def test_every_record_comes_once_and_in_order_whoever_writes_and_seals(
    ask: Asker, stage: Stage, pool: asyncpg.Pool, worker_pool: asyncpg.Pool, log: AuditLog
) -> None:
    committed: set[str] = set()

    async def write(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(10):
            async with pool.acquire() as connection:
                with suppress(ZeroDivisionError):
                    async with entered(connection, stage.org_id):
                        id = await log.append(connection, record(stage.org_id))
                        await asyncio.sleep(chance.random() / 50)
                        _ = 1 // (chance.random() >= 0.2)
                    committed.add(str(id))

    async def seal() -> None:
        sealer = RecordSealer(worker_pool, KEYS, anchor_id=uuid4(), batch=7)
        while True:
            if await sealer.seal(stage.org_id, KEYS.origin(stage.org_id)):
                await sealer.publish(stage.org_id)
            await asyncio.sleep(0.01)

    async with ask.follow(stage.person(Role.AUDITOR), RECORDS, o=stage["org"]) as following:
        sealing = asyncio.create_task(seal())
        writing = asyncio.gather(*(write(seed) for seed in range(20)))
        events: list[dict[str, Any]] = []
        await asyncio.sleep(0.2)
        while not writing.done() or len(events) < len(committed):
            events.append((await following.next())["auditRecordSealed"])
        sealing.cancel()
    places = [int(event["record"]["leafIndex"]) for event in events]
    assert places == list(range(places[0], places[0] + len(committed)))
    assert all(event["record"]["proof"].startswith("c2sp.org/tlog-proof@v1") for event in events)


async def test_one_that_comes_back_goes_on_behind_the_last_event_it_has(
    ask: Asker, stage: Stage, worker_pool: asyncpg.Pool
) -> None:
    user = stage.person(Role.USER)
    async with ask.follow(user, STEPS) as following:
        first = await send(ask, stage)
        await seal_all(worker_pool, stage.org_id, uuid4())
        seen = (await following.next())["messageEvents"]
    second = await send(ask, stage)
    await seal_all(worker_pool, stage.org_id, uuid4())
    async with ask.follow(user, STEPS, after=seen["cursor"]) as following:
        rest = [(await following.next())["messageEvents"] for _ in range(3)]
    told = [(event["message"]["id"], event["change"]["status"]) for event in [seen, *rest]]
    assert told == [(id, status) for id in (first, second) for status in ("ACCEPTED", "QUEUED")]
    assert rest[-1]["message"]["body"] == "Hello"


async def test_the_end_of_a_page_of_records_is_where_a_subscription_may_begin(
    ask: Asker, stage: Stage, worker_pool: asyncpg.Pool
) -> None:
    auditor = stage.person(Role.AUDITOR)
    page = await ask(
        auditor,
        "query($o: ID!) { auditRecords(orgId: $o, orderBy: { field: LEAF_INDEX, direction: ASC }, first: 2) {"
        " pageInfo { endCursor } } }",
        o=stage["org"],
    )
    cursor = page["auditRecords"]["pageInfo"]["endCursor"]
    async with ask.follow(auditor, RECORDS, o=stage["org"], after=cursor) as following:
        assert (await following.next())["auditRecordSealed"]["record"]["leafIndex"] == "2"


async def test_a_user_is_told_of_no_one_else_s_messages(ask: Asker, stage: Stage, worker_pool: asyncpg.Pool) -> None:
    async with ask.follow(stage.person(Role.USER), STEPS) as following:
        await send(ask, stage, "other")
        mine = await send(ask, stage)
        await seal_all(worker_pool, stage.org_id, uuid4())
        assert (await following.next())["messageEvents"]["message"]["id"] == mine


async def test_staff_follow_everybody_or_one_user_and_read_no_text(
    ask: Asker, stage: Stage, worker_pool: asyncpg.Pool
) -> None:
    admin = stage.person(Role.ORG_ADMIN)
    async with ask.follow(admin, STEPS) as everybody, ask.follow(admin, STEPS, u=stage["other"]) as one:
        ids = [await send(ask, stage), await send(ask, stage, "other")]
        await seal_all(worker_pool, stage.org_id, uuid4())
        event = await everybody.next()
        assert event.failed == {"messageEvents.message.body": "FORBIDDEN"}
        assert event.data is not None
        assert event.data["messageEvents"]["message"]["id"] == ids[0]
        told = await one.next()
        assert told.data is not None
        assert told.data["messageEvents"]["message"]["id"] == ids[1]


async def test_reading_another_s_text_over_a_subscription_is_recorded(
    ask: Asker, stage: Stage, worker_pool: asyncpg.Pool, admin: asyncpg.Connection
) -> None:
    async with ask.follow(stage.person(Role.COMPLIANCE_OFFICER), STEPS) as following:
        await send(ask, stage)
        await seal_all(worker_pool, stage.org_id, uuid4())
        assert (await following.next())["messageEvents"]["message"]["body"] == "Hello"
    count = "SELECT count(*) FROM audit.record WHERE org_id = $1 AND kind = 'READ'"
    assert await admin.fetchval(count, stage.org_id) == 1


async def test_a_filter_leaves_the_others_out(ask: Asker, stage: Stage, worker_pool: asyncpg.Pool) -> None:
    wanted = {"action": "message:send"}
    async with ask.follow(stage.person(Role.AUDITOR), RECORDS, o=stage["org"], f=wanted) as following:
        given = {"locationId": stage["location"], "mode": "ON"}
        await ask(
            stage.person(Role.ORG_ADMIN),
            "mutation($i: SetLocationTextingInput!) { setLocationTexting(input: $i) { __typename } }",
            i=given,
        )
        await send(ask, stage)
        await seal_all(worker_pool, stage.org_id, uuid4())
        assert (await following.next())["auditRecordSealed"]["record"]["action"] == "message:send"


@pytest.mark.parametrize(
    ("document", "variables", "code"),
    [
        (RECORDS, {"o": "nonsense"}, "NOT_FOUND"),
        (RECORDS, {"o": "T3JnOjAxOTA0ZmE2LTAwMDAtNzAwMC04MDAwLTAwMDAwMDAwMDAwMA"}, "NOT_FOUND"),
        (STEPS, {"u": "nonsense"}, "NOT_FOUND"),
        (STEPS, {"after": "nonsense"}, "BAD_USER_INPUT"),
    ],
)
async def test_what_cannot_be_followed_is_refused_at_once(
    ask: Asker, stage: Stage, document: str, variables: dict[str, Any], code: str
) -> None:
    given = {"o": stage["org"], **variables}
    async with ask.follow(stage.person(Role.AUDITOR), document, **given) as following:
        assert following.refusal is not None
        assert following.refusal.codes == [code]


async def test_what_is_no_cursor_is_told_where_to_get_one(ask: Asker, stage: Stage) -> None:
    async with ask.follow(stage.person(Role.AUDITOR), STEPS, o=stage["org"], after="nonsense") as following:
        assert following.refusal is not None
        (error,) = following.refusal.errors
        assert error["message"] == "`after` is no cursor: give the `cursor` of an event"


async def test_a_cursor_of_another_subscription_is_refused(ask: Asker, stage: Stage) -> None:
    page = await ask(
        stage.person(Role.AUDITOR),
        "query($o: ID!) { auditRecords(orgId: $o, orderBy: { field: LEAF_INDEX, direction: ASC }, first: 1) {"
        " pageInfo { endCursor } } }",
        o=stage["org"],
    )
    cursor = page["auditRecords"]["pageInfo"]["endCursor"]
    async with ask.follow(stage.person(Role.AUDITOR), STEPS, after=cursor) as following:
        assert following.refusal is not None
        assert following.refusal.codes == ["BAD_USER_INPUT"]


async def test_a_location_administrator_follows_no_messages(ask: Asker, stage: Stage) -> None:
    async with ask.follow(stage.person(Role.LOCATION_ADMIN), STEPS) as following:
        assert following.refusal is not None
        assert following.refusal.codes == ["FORBIDDEN"]


async def test_it_ends_when_the_token_does(stage: Stage, store: Store, worker_pool: asyncpg.Pool) -> None:
    asked = 0

    async def authenticate(_: datetime) -> Principal:
        nonlocal asked
        asked += 1
        if asked > 2:
            raise NotAuthenticated("the token has expired: sign in again")
        return stage.person(Role.USER)

    ask = Asker(store=store, authenticate=authenticate)
    async with ask.follow(stage.person(Role.USER), STEPS) as following:
        await send(Asker(store=store), stage)
        await seal_all(worker_pool, stage.org_id, uuid4())
        with pytest.raises(NotAuthenticated):
            await _to_the_end(following)


async def test_nothing_is_open_while_it_waits(ask: Asker, stage: Stage, pool: asyncpg.Pool) -> None:
    async with ask.follow(stage.person(Role.USER), STEPS) as following:
        waiting = asyncio.create_task(following.next())
        await asyncio.sleep(0.1)
        assert pool.get_idle_size() == pool.get_size()
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)


async def _to_the_end(following: Following) -> None:
    while True:
        await following.next()
