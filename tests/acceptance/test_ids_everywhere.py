"""Wherever a query or a subscription takes an id, another organization's is answered as one of nobody.

The places come from the schema: one that is new is walked by itself, or fails here until `BESIDE` and `WAYS` say how
it is asked. Ids in the inputs of mutations are walked in `test_mutations_ids`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from uuid import uuid4

import asyncpg
import orjson
import pytest

from core.ids import decode, encode
from core.principal import Role
from tests.acceptance.asking import Asked, Asker
from tests.acceptance.mutating import PEER, Stage, contents, new_stage, records, store_of
from tests.acceptance.schema_places import Place, cursor_places, id_places, operation_of
from texting.operations import OperationRefused

ROLES = [role for role in Role if role is not Role.PROVIDER_ADMIN]
"""The provider's may enter every organization: no id is another's to them."""

WAYS = {
    "Query": None,
    "Subscription": None,
    "Org": ("org(id: $way)", "org"),
    "User": ("user(id: $way)", "user"),
    "Location": ("location(id: $way)", "location"),
    "Campaign": ("node(id: $way) { ... on Campaign", "campaign"),
}
"""How objects of a type are reached, and whose id leads there."""
NESTED = {
    "EffectiveSetting.history",
    "Conversation.messages",
    "Message.auditRecords",
    "UsersTextingSet.auditRecords",
}
"""Pages two levels down, whose cursors are of the list that they stand in: `test_histories` and `test_messages`."""
FILLED = {"users", "locations", "phoneNumbers", "numbers", "campaigns", "auditRecords"}
"""Lists that are not empty in what `new_stage` makes."""
NAMED = {
    "userId": "User",
    "ownerId": "User",
    "locationId": "Location",
    "campaignId": "Campaign",
    "orgId": "Org",
    "entityId": "User",
    "targetId": "User",
    "involves": "User",
}
ROOTS = {"org": "Org", "location": "Location", "user": "User", "message": "Message", "auditRecord": "AuditRecord"}
"""What the argument `id` of a root field names; elsewhere anything."""
STAGED = {"Org": "org", "Location": "location", "User": "user", "Campaign": "campaign"}

PLACES = list(id_places())
CURSORS = [place for place in cursor_places() if f"{place.type}.{place.field}" not in NESTED]


@pytest.fixture(scope="module")
async def stage(pool: asyncpg.Pool, worker_pool: asyncpg.Pool) -> Stage:
    return await new_stage(store_of(pool), worker_pool)


@pytest.fixture(scope="module")
async def elsewhere(pool: asyncpg.Pool, worker_pool: asyncpg.Pool) -> Stage:
    return await new_stage(store_of(pool), worker_pool)


def beside(stage: Stage) -> dict[str, Any]:
    """What has to be said along with an id, by argument."""
    return {
        "userId": stage["user"],
        "orgId": stage["org"],
        "peer": PEER,
        "phoneNumber": stage.world.people[0].number,
        "recipient": PEER,
        "from": "2026-03-01T00:00:00Z",
        "to": "2026-03-02T00:00:00Z",
        "whatIf": [{"ruleId": "CLIENT_VERSION_MIN", "value": "42.12"}],
        "input": {"userId": stage["user"], "to": PEER, "body": "Hello"},
        "fromSize": 1,
    }


def type_named(place: Place) -> str:
    """The type that an id at a place names."""
    return NAMED.get(place.path[-1]) or ROOTS.get(place.field, "User")


async def asked(ask: Asker, stage: Stage, role: Role, place: Place, given: str) -> Asked:
    """Ask with an id or a cursor at a place; of a subscription, its refusal or that it was opened."""
    reached = WAYS[place.type]
    way = reached and reached[0]
    document, values = operation_of(place, way, beside(stage), given)
    if way and "{" in way:
        document += " }"
    variables = values | ({"way": stage[reached[1]]} if reached else {})
    if place.type != "Subscription":
        return await ask(stage.person(role), document, **variables)
    try:
        async with ask.follow(stage.person(role), document, **variables) as following:
            return following.refusal or Asked(data={"opened": None})
    except OperationRefused as refused:
        return Asked(data=None, errors=[{"message": str(refused), "extensions": {"code": refused.code}}])


def said(answer: Asked, given: str) -> bytes:
    """What was answered, as bytes, but for the id or its beginning, which is the caller's own word."""
    return re.sub(f"{given[:20]}[\\w-]*…?", "(the id)", orjson.dumps([answer.data, answer.errors]).decode()).encode()


def strangers(place: Place, stage: Stage, elsewhere: Stage) -> Mapping[str, str]:
    """Ids of nobody and of another organization."""
    type_name, nowhere = type_named(place), uuid4()
    staged = STAGED.get(type_name)
    theirs = elsewhere[staged] if staged else encode(type_name, elsewhere.org_id, uuid4())
    unknown = encode(type_name, nowhere, nowhere if type_name == "Org" else uuid4())
    return {"unknown": unknown, "another organization's": theirs}


def test_a_type_whose_fields_take_ids_or_cursors_can_be_reached() -> None:
    assert {place.type for place in [*PLACES, *CURSORS]} <= set(WAYS)
    assert {str(place) for place in cursor_places()} > {str(place) for place in CURSORS}
    assert len(PLACES) > 30


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("place", PLACES, ids=str)
async def test_anothers_id_is_answered_as_an_unknown_one(
    place: Place,
    role: Role,
    stage: Stage,
    elsewhere: Stage,
    ask: Asker,
    admin: asyncpg.Connection,
    statements: Callable[[], list[str]],
) -> None:
    held = await contents(admin, stage.org_id, elsewhere.org_id)
    logs = await records(admin, elsewhere.org_id)
    answers, run = {}, {}
    for kind, id in strangers(place, stage, elsewhere).items():
        statements()
        answer = await asked(ask, stage, role, place, id)
        answers[kind], run[kind] = said(answer, id), statements()
        assert "INTERNAL" not in answer.codes
        assert all(decode(found).org_id == stage.org_id for found in ids_in(answer.data))
    assert answers["another organization's"] == answers["unknown"]
    assert run["another organization's"] == run["unknown"]
    for kind, id in {"malformed": "rubbish", "empty": "", "of no type": encode("Nothing", uuid4(), uuid4())}.items():
        answer = await asked(ask, stage, role, place, id)
        assert "INTERNAL" not in answer.codes, kind
        assert not set(ids_in(answer.data)) - {stage[name] for name in stage.ids}, kind
    assert await contents(admin, stage.org_id, elsewhere.org_id) == held
    assert await records(admin, elsewhere.org_id) == logs


def ids_in(value: Any) -> list[str]:
    """Every global id in an answer."""
    if isinstance(value, list):
        return [id for each in value for id in ids_in(each)]
    if not isinstance(value, dict):
        return []
    own = [value["id"]] if isinstance(value.get("id"), str) else []
    return own + [id for each in value.values() for id in ids_in(each)]


def cursors_in(value: Any) -> list[str]:
    """Every cursor in an answer."""
    if isinstance(value, list):
        return [cursor for each in value for cursor in cursors_in(each)]
    if not isinstance(value, dict):
        return []
    own = [value["cursor"]] if isinstance(value.get("cursor"), str) else []
    return own + [cursor for each in value.values() for cursor in cursors_in(each)]


@pytest.mark.parametrize("place", CURSORS, ids=str)
async def test_a_cursor_of_another_organization_leads_to_nothing_of_it(
    place: Place, stage: Stage, elsewhere: Stage, ask: Asker
) -> None:
    given = await theirs(ask, place, elsewhere)
    assert given or place.field not in FILLED
    for role in ROLES:
        for cursor in (*given, "rubbish", "", "AA", "é" * 9):
            answer = await asked(ask, stage, role, place, cursor)
            assert set(answer.codes) <= {"BAD_USER_INPUT", "FORBIDDEN", "ONE_ORG_PER_OPERATION"}, answer.errors
            found = [decode(id) for id in ids_in(answer.data)]
            assert all(each is not None and each.org_id == stage.org_id for each in found)


async def theirs(ask: Asker, place: Place, elsewhere: Stage) -> list[str]:
    """Cursors that the other organization's own people were given for the same list."""
    if place.type == "Subscription":
        return []
    first = replace(place, path=("first",)) if "first" in place.declared.args else place
    reached = WAYS[place.type]
    document, values = operation_of(first, reached and reached[0], beside(elsewhere), 2)
    document += " }" if reached and "{" in reached[0] else ""
    way = {"way": elsewhere[reached[1]]} if reached else {}
    answer = await ask(elsewhere.person(Role.COMPLIANCE_OFFICER), document, **values, **way)
    return cursors_in(answer.data)
