"""`extensions.plan`: how an operation was executed, for administrators who ask."""

from dataclasses import replace

import asyncpg
import pytest

from core.principal import Role
from tests.acceptance.asking import Asker
from tests.acceptance.directories import Directory, directory

USERS = "{ users(first: 3) { edges { node { location { name } phoneNumbers { type } } } } }"


@pytest.fixture
async def acme(pool: asyncpg.Pool) -> Directory:
    return await directory(pool)


async def test_levels_fields_statements_and_rows(ask: Asker, acme: Directory):
    answer = await replace(ask, wants_plan=True)(acme.person(Role.ORG_ADMIN), USERS)
    plan = answer.extensions["plan"]
    assert [level["fields"] for level in plan["levels"]] == [
        [{"field": "Query.users", "parents": 1}],
        [{"field": "User.location", "parents": 3}, {"field": "User.phoneNumbers", "parents": 3}],
    ]
    assert plan["statements"] == answer.statements
    assert [level["statements"] for level in plan["levels"]] == [1, 2]
    # One row more than the page holds tells of the next page.
    assert plan["levels"][0]["rows"] == 4
    assert plan["rows"] == sum(level["rows"] for level in plan["levels"])
    assert 0 < plan["levels"][0]["milliseconds"] <= plan["milliseconds"]


async def test_what_the_database_wrote(ask: Asker, acme: Directory):
    answer = await replace(ask, wants_plan=True)(acme.person(Role.ORG_ADMIN), USERS)
    (level,) = answer.rendered_plan["levels"]
    assert level["fields"] == [{"field": "Query.users", "parents": 1, "rendered": 1}]
    assert (level["statements"], level["rows"]) == (1, 1)


async def test_what_the_database_wrote_below_what_was_completed(ask: Asker, acme: Directory):
    document = "query($id: ID!) { org(id: $id) { brand { id } users(first: 1) { edges { cursor } } } }"
    answer = await replace(ask, wants_plan=True)(acme.person(Role.ORG_ADMIN), document, id=acme.gid("Org"))
    first, second = answer.rendered_plan["levels"]
    assert first["fields"] == [{"field": "Query.org", "parents": 1}]
    assert {"field": "Org.users", "parents": 1, "rendered": 1} in second["fields"]


async def test_a_mutation_has_levels_of_its_own(ask: Asker, acme: Directory):
    change = """mutation Rename($id: ID!) { updateLocation(input: {locationId: $id, name: "Elsewhere"}) {
      __typename ... on LocationUpdated { location { org { name } } } } }"""
    location = acme.gid("Location", acme.locations[0])
    answer = await replace(ask, wants_plan=True)(acme.person(Role.ORG_ADMIN), change, id=location)
    assert answer["updateLocation"]["location"] == {"org": {"name": acme.name}}
    first, *below = answer.extensions["plan"]["levels"]
    assert first["fields"] == [{"field": "Mutation.updateLocation", "parents": 1}]
    # The change is a transaction of its own; what is counted is the reading of the answer.
    assert (first["statements"], first["rows"]) == (0, 0)
    assert [(level["statements"], level["rows"]) for level in below] == [(1, 1)] * 2


@pytest.mark.parametrize("role", [Role.USER, Role.LOCATION_ADMIN, Role.AUDITOR, Role.COMPLIANCE_OFFICER])
async def test_nobody_else_is_shown_one(ask: Asker, acme: Directory, role: Role):
    assert (await replace(ask, wants_plan=True)(acme.person(role), USERS)).extensions is None


async def test_an_administrator_who_does_not_ask_is_shown_none(ask: Asker, acme: Directory):
    assert (await ask(acme.person(Role.ORG_ADMIN), USERS)).extensions is None
