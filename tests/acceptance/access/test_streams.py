"""Every subscription, as everybody: events as they are declared for a role, or one refusal; of one's own alone."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from graphql import get_named_type

from core.ids import encode
from core.principal import Role
from core.storage.audit_records import IN_TREE
from core.storage.message_steps import BY_LEAF
from core.storage.pages import cursor
from tests.acceptance.access.declared import CORE, STREAMS, compared, readers
from tests.acceptance.access.scene import EVERYBODY, MEMBERS, Caller, Scene
from tests.acceptance.access.tokens import Kind
from tests.acceptance.access.written import moment, written_since
from tests.acceptance.schema_places import Place, id_places
from tests.unit.schema.operations import operation
from tests.unit.texting.test_sockets import PROTOCOL, Client

PLACES = [place for place in id_places() if place.type == "Subscription" and len(place.path) == 1]
"""Ids in filters are read as those of `auditRecords` are, in `test_ids`: nobody's give a stream without an event."""
BEGINNING = {
    "messageEvents": cursor(BY_LEAF, {"leaf_index": -1, "id": UUID(int=0)}),
    "auditRecordSealed": cursor(IN_TREE, {"leaf_index": -1}),
}
"""Where everything that happened so far is behind."""


async def first(scene: Scene, caller: Caller, field: str, **given: str) -> dict[str, Any]:
    """The first answer of a subscription to the organization, from its beginning, unless something else is `given`."""
    text = operation(CORE, "subscription", field)
    values = scene.values(text, {**scene.given, f"{field}_after": BEGINNING[field]})
    values |= {name: given[said] for name in values if (said := name.rpartition("_")[2]) in given}
    async with Client(scene.app, PROTOCOL, None) as client:  # type: ignore[arg-type] # serves sockets, among others
        client.send({"type": "connection_init", "payload": {"Authorization": f"Bearer {caller.token}"}})
        assert (await client.receive())["type"] == "connection_ack"
        client.send({"type": "subscribe", "id": "1", "payload": {"query": text, "variables": values}})
        answered = await client.receive()
    assert answered["type"] == "next"
    found: dict[str, Any] = answered["payload"]
    return found


def refusal(answer: dict[str, Any], field: str) -> tuple[str, str]:
    """The code and the words of a subscription that was not opened."""
    (error,) = answer["errors"]
    assert (error["path"], answer.get("data")) == ([field], None)
    return error["extensions"]["code"], error["message"]


@pytest.mark.parametrize(("role", "kind"), EVERYBODY)
@pytest.mark.parametrize("field", STREAMS)
async def test_events_are_as_they_are_declared(
    scene: Scene, admin: asyncpg.Connection, field: str, role: Role, kind: Kind
) -> None:
    caller, before = scene.callers[role, kind], await moment(admin)
    answer = await first(scene, caller, field)
    if role in readers("Subscription", field):
        event = get_named_type(CORE.subscription_type.fields[field].type)  # type: ignore[union-attr]
        missing = {(event.name, each) for each in event.fields} - compared(answer, "Subscription", role)  # type: ignore[union-attr]
        assert not missing
    else:
        assert refusal(answer, field)[0] == "FORBIDDEN"
        assert (await written_since(admin, before)).tables == set()


@pytest.mark.parametrize(("role", "kind"), MEMBERS)
@pytest.mark.parametrize("place", PLACES, ids=str)
async def test_another_organizations_id_opens_as_little_as_an_unknown_one(
    scene: Scene, admin: asyncpg.Connection, place: Place, role: Role, kind: Kind
) -> None:
    caller, field, before = scene.callers[role, kind], place.field, await moment(admin)
    (argument,) = place.path
    nowhere = uuid4()
    unknown = {"orgId": encode("Org", nowhere, nowhere), "userId": encode("User", nowhere, uuid4())}[argument]
    ids = (scene.elsewhere["org" if argument == "orgId" else "user"], unknown, "rubbish")
    told = {refusal(await first(scene, caller, field, **{argument: id}), field) for id in ids}
    assert len(told) == 1
    ((code, _),) = told
    assert code == ("NOT_FOUND" if role in readers("Subscription", field) else "FORBIDDEN")
    assert (await written_since(admin, before)).tables == set()


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("field", STREAMS)
async def test_what_is_no_cursor_opens_nothing(scene: Scene, field: str, role: Role) -> None:
    due = "BAD_USER_INPUT" if role in readers("Subscription", field) else "FORBIDDEN"
    for text in ("rubbish", "", "AA", "é" * 9):
        answer = await first(scene, scene.callers[role, Kind.LOCAL], field, after=text)
        assert refusal(answer, field)[0] == due
