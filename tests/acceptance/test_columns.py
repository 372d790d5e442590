"""Rows are read with the columns that are selected: a field asked alone answers what it answers among all others."""

from collections.abc import Mapping
from typing import Any

import asyncpg
import pytest
from graphql import GraphQLField, GraphQLObjectType, get_named_type, is_leaf_type, is_required_argument

from schema.api import build_schema
from tests.acceptance.asking import Asker
from tests.acceptance.directories import Directory, directory

CORE = build_schema()._schema
DEPTH = 2
PLACES = {
    "User": 'node(id: "{id}") {{ ... on User {{ {selection} }} }}',
    "Location": 'node(id: "{id}") {{ ... on Location {{ {selection} }} }}',
    "Org": 'node(id: "{id}") {{ ... on Org {{ {selection} }} }}',
    "UserPhoneNumber": 'node(id: "{id}") {{ ... on UserPhoneNumber {{ {selection} }} }}',
}
AGAIN = "{ entity { ... on User { displayName email } ... on Location { name } ... on Org { name } } }"


@pytest.fixture
async def acme(pool: asyncpg.Pool) -> Directory:
    return await directory(pool)


@pytest.mark.parametrize("type_name", PLACES)
async def test_a_field_asked_alone_is_what_it_is_among_others(ask: Asker, acme: Directory, type_name: str):
    id = acme.one_of_each()[type_name]
    alone: dict[str, Any] = {}
    fields = selections(type_name)
    for selection in fields:
        alone |= (await ask(acme.admin, asked(type_name, id, selection)))["node"]
    together = (await ask(acme.admin, asked(type_name, id, " ".join(fields))))["node"]
    assert without_moments(together) == without_moments(alone)


async def test_an_object_that_a_setting_names_again_has_what_is_selected_there(ask: Asker, acme: Directory):
    id = acme.gid("User", acme.users[0])
    answer = await ask(
        acme.admin,
        f'{{ user(id: "{id}") {{ effectiveSetting(key: BUSINESS_TEXTING) {{ source {AGAIN} chain {AGAIN} }} }} }}',
    )
    named = [level["entity"] for level in answer["user"]["effectiveSetting"]["chain"]]
    known = (await ask(acme.admin, f'{{ user(id: "{id}") {{ displayName email location {{ name }} }} }}'))["user"]
    assert named[0] == {"displayName": known["displayName"], "email": known["email"]}
    assert named[1] == known["location"]


PLAIN = "eligibility { outcome eligible prerequisites enabled policyVersion simulated }"
SETTINGS = "effectiveSettings { key value enabled state inheritedValue overrideIsRedundant }"


async def test_outcomes_asked_alone_are_those_that_come_with_reasons(ask: Asker, acme: Directory):
    page = "{ users(first: 20) { edges { node { displayName %s %s } } } }"
    alone = (await ask(acme.admin, page % (PLAIN, SETTINGS)))["users"]
    reasons = PLAIN.replace("{", "{ denials { ruleId }"), SETTINGS.replace("{", "{ source { level }")
    together = (await ask(acme.admin, page % reasons))["users"]
    for edge in together["edges"]:
        del edge["node"]["eligibility"]["denials"]
        for setting in edge["node"]["effectiveSettings"]:
            del setting["source"]
    assert alone == together


async def test_a_page_sorted_by_a_column_that_nobody_selected_goes_on(ask: Asker, acme: Directory):
    page = (
        "{ users(first: 1, orderBy: {field: DISPLAY_NAME, direction: ASC}, after: %s) "
        "{ edges { node { status } } pageInfo { endCursor } } }"
    )
    first = (await ask(acme.admin, page % "null"))["users"]
    second = (await ask(acme.admin, page % f'"{first["pageInfo"]["endCursor"]}"'))["users"]
    assert second["edges"]
    assert second["pageInfo"]["endCursor"] != first["pageInfo"]["endCursor"]


def asked(type_name: str, id: str, selection: str) -> str:
    return f"{{ {PLACES[type_name].format(id=id, selection=selection)} }}"


def selections(type_name: str) -> list[str]:
    """Every field that can be asked without arguments, with what is below it."""
    type_ = CORE.type_map[type_name]
    assert isinstance(type_, GraphQLObjectType)
    return [text for name, field in type_.fields.items() if (text := selection_of(name, field, DEPTH)) is not None]


def selection_of(name: str, field: GraphQLField, depth: int) -> str | None:
    if any(is_required_argument(argument) for argument in field.args.values()):
        return None
    named = get_named_type(field.type)
    if is_leaf_type(named):
        return name
    if not isinstance(named, GraphQLObjectType) or depth == 0:
        return f"{name} {{ __typename }}"
    below = (selection_of(each, under, depth - 1) for each, under in named.fields.items())
    return f"{name} {{ {' '.join(text for text in below if text is not None)} }}"


def without_moments(answer: Mapping[str, Any]) -> Any:
    """The answer without the times at which decisions were made, which differ from request to request."""
    if isinstance(answer, list):
        return [without_moments(each) for each in answer]
    if not isinstance(answer, dict):
        return answer
    return {key: without_moments(value) for key, value in answer.items() if key not in MOMENTS}


MOMENTS = frozenset({"evaluatedAt", "asOf", "knownAt"})
