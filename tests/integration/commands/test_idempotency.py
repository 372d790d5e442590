"""A key is one answer: the same for the same body, also at once; refused for another; free after a refusal."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from audit.actions import Action
from core.commands.idempotency import KEY_LENGTH_MAX, KEY_LIFE
from core.commands.locations import LocationChange, update_location
from core.commands.orgs import CreateOrg, UpdateOrg, create_org, update_org
from core.commands.refusals import IdempotencyConflict, InvalidInput, NotFound, Refusal
from core.commands.send_facts import Draft
from core.commands.sends import send_message
from core.commands.toggles import set_org_texting
from core.commands.transaction import Answer, Store, Transaction, perform
from core.ids import SYSTEM_ORG_ID
from core.principal import Role
from core.rules.enums import CustomerType
from tests.integration.commands.stored import Stored
from tests.integration.worlds import PROVIDER, World, attempt, member, new_location, new_org, new_world

KEY = "5b0c6c1e"
BODY, OTHER_BODY = b"\1" * 32, b"\2" * 32


async def rename(store: Store, org_id: UUID, name: str = "New", **said: object) -> Answer | Refusal:
    told = {"idempotency_key": KEY, "body_digest": BODY, "operation": "updateOrg", **said}
    who = attempt(org_id, told.pop("principal", PROVIDER), **told)  # type: ignore[arg-type]
    return await perform(store, who, lambda tx: update_org(tx, UpdateOrg(name=name)))


async def test_the_same_key_and_body_have_the_same_answer(store: Store, stored: Callable[[UUID], Stored]) -> None:
    org_id = await new_org(store)
    async with stored(org_id).only(record=1, idempotency_keys=1):
        first = await rename(store, org_id)
        again = await rename(store, org_id, "Never written")
    assert isinstance(first, Answer)
    assert again == first
    assert (await stored(org_id).row("orgs", org_id))["name"] == "New"


async def test_a_text_is_sent_once_however_often_and_at_once_it_is_asked_for(
    store: Store, stored: Callable[[UUID], Stored]
) -> None:
    world = await new_world(store, people=1)
    person = world.people[0]
    draft = Draft(user_id=person.user_id, to="+14155550123", body="hello")

    async def ask() -> Answer | Refusal:
        said = {"idempotency_key": KEY, "body_digest": BODY, "action": Action.MESSAGE_SEND}
        who = attempt(world.org_id, person.principal, **said)
        return await perform(store, who, lambda tx: send_message(tx, draft))

    async with stored(world.org_id).only(
        record=1, idempotency_keys=1, messages=1, message_events=2, conversations=1, outbox=1
    ):
        answers = await asyncio.gather(*(ask() for _ in range(6)))
    assert isinstance(answers[0], Answer)
    assert all(each == answers[0] for each in answers)


@pytest.mark.parametrize("said", [{"body_digest": OTHER_BODY}, {"operation": "setOrgEntitlements"}])
async def test_the_same_key_with_another_body_is_a_conflict(
    store: Store, stored: Callable[[UUID], Stored], said: dict[str, object]
) -> None:
    org_id = await new_org(store)
    await rename(store, org_id)
    async with stored(org_id).only(record=1):
        refused = await rename(store, org_id, "Other", **said)
    assert isinstance(refused, IdempotencyConflict)
    assert (await stored(org_id).row("orgs", org_id))["name"] == "New"
    record = await stored(org_id).record(refused.record_id)
    assert (record.outcome, record.status_code) == ("FAILED", "IDEMPOTENCY_CONFLICT")


async def test_bodies_that_differ_and_come_at_once_leave_one_answer(
    store: Store, stored: Callable[[UUID], Stored]
) -> None:
    org_id = await new_org(store)
    found = await asyncio.gather(
        *(rename(store, org_id, f"Name {at}", body_digest=bytes([at]) * 32) for at in range(5))
    )
    assert sorted(type(each).__name__ for each in found) == ["Answer", *["IdempotencyConflict"] * 4]
    assert (await stored(org_id).row("orgs", org_id))["version"] == 2


async def test_a_refused_attempt_leaves_its_key_free(store: Store, stored: Callable[[UUID], Stored]) -> None:
    org_id = await new_org(store)
    async with stored(org_id).only(record=1):
        assert isinstance(await rename(store, org_id, ""), InvalidInput)
    made = await rename(store, org_id, "Better", body_digest=OTHER_BODY)
    assert isinstance(made, Answer)
    assert await rename(store, org_id, "Better", body_digest=OTHER_BODY) == made


async def test_a_failed_attempt_leaves_its_key_free(store: Store) -> None:
    org_id = await new_org(store)

    async def fail(tx: Transaction) -> Answer:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await perform(store, attempt(org_id, PROVIDER, idempotency_key=KEY, body_digest=BODY), fail)
    assert isinstance(await rename(store, org_id), Answer)


async def test_a_question_takes_no_key(store: Store, stored: Callable[[UUID], Stored]) -> None:
    world = await new_world(store, people=0, enabled=False)
    for _ in range(2):
        made = await world.answer(
            world.org_admin,
            lambda tx: set_org_texting(tx, enabled=True),
            dry_run=True,
            idempotency_key=KEY,
            body_digest=BODY,
        )
        assert made.values["dry_run"] is True
    assert (await stored(world.org_id).counts())["texting.idempotency_keys"] == 0


async def test_keys_are_of_one_caller_in_one_organization(store: Store) -> None:
    org_id, other = await new_org(store), await new_org(store)
    elsewhere = replace(PROVIDER, issuer="https://id.example/realms/acme")
    answers = [
        await rename(store, org_id),
        await rename(store, other),
        await rename(store, org_id, principal=member(org_id, Role.ORG_ADMIN)),
        await rename(store, org_id, principal=elsewhere),
        await rename(store, org_id, principal=replace(elsewhere, issuer="https://id.example/realms/other")),
        await rename(store, org_id, principal=replace(PROVIDER, org_id=other)),
    ]
    assert len({str(each.refs["record_ref"]) for each in answers if isinstance(each, Answer)}) == len(answers)
    assert await rename(store, org_id, principal=elsewhere) == answers[3]


async def test_what_another_provider_s_subject_said_is_no_conflict(store: Store) -> None:
    org_id = await new_org(store)
    first = await rename(store, org_id, principal=replace(PROVIDER, issuer="https://id.example"))
    other = await rename(store, org_id, "Other", body_digest=OTHER_BODY)
    assert isinstance(first, Answer)
    assert isinstance(other, Answer)


async def test_a_key_is_forgotten_after_its_life(store: Store, stored: Callable[[UUID], Stored]) -> None:
    org_id = await new_org(store)
    long_ago = datetime.now(UTC) - KEY_LIFE - timedelta(minutes=1)
    first = await rename(store, org_id, now=long_ago)
    within = await rename(store, org_id, now=long_ago + KEY_LIFE - timedelta(seconds=1))
    assert within == first
    async with stored(org_id).only(record=1):
        later = await rename(store, org_id, "Other", body_digest=OTHER_BODY)
    assert isinstance(later, Answer)
    assert later != first
    assert await rename(store, org_id, "Other", body_digest=OTHER_BODY) == later


@pytest.mark.parametrize("key", ["", "x" * (KEY_LENGTH_MAX + 1), "a\nb", "a\0b", "\ud800"])
async def test_a_malformed_key_is_refused(store: Store, stored: Callable[[UUID], Stored], key: str) -> None:
    org_id = await new_org(store)
    async with stored(org_id).only(record=1):
        refused = await rename(store, org_id, idempotency_key=key)
    assert isinstance(refused, InvalidInput)
    assert [(each.path, each.code) for each in refused.problems] == [(("idempotencyKey",), "MALFORMED")]


async def test_the_longest_key_of_any_script_is_taken(store: Store) -> None:
    org_id = await new_org(store)
    key = "ключ-鍵-" * 36 + "abc"
    assert len(key) == KEY_LENGTH_MAX
    made = await rename(store, org_id, idempotency_key=key)
    assert isinstance(made, Answer)
    assert await rename(store, org_id, idempotency_key=key) == made


async def test_an_organization_is_created_once(store: Store, stored: Callable[[UUID], Stored]) -> None:
    wanted = CreateOrg(name="Once", customer_type=CustomerType.ENTERPRISE)

    async def create() -> Answer | Refusal:
        who = attempt(SYSTEM_ORG_ID, PROVIDER, idempotency_key=f"once-{id(wanted)}", body_digest=BODY)
        return await perform(store, who, lambda tx: create_org(tx, wanted))

    answers = await asyncio.gather(*(create() for _ in range(4)))
    assert isinstance(answers[0], Answer)
    assert all(each == answers[0] for each in answers)


async def test_whoever_may_not_or_names_nothing_gets_no_earlier_answer(store: Store) -> None:
    org_id = await new_org(store)
    world = World(store=store, org_id=org_id, location_ids=(), brand_id=org_id, campaign_id=org_id, people=())
    id = await new_location(store, org_id)
    said = {"idempotency_key": KEY, "body_digest": BODY}
    await world.answer(PROVIDER, lambda tx: update_location(tx, LocationChange(id=id, name="New")), **said)
    refused = await world.refusal(
        PROVIDER, lambda tx: update_location(tx, LocationChange(id=id)), **said, allowed_roles=(Role.ORG_ADMIN,)
    )
    assert not isinstance(refused, NotFound)
    assert refused.code == "NOT_ALLOWED"
