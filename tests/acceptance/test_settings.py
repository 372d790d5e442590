"""Effective settings: what holds, from whom, why the others lose, and what would hold without."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from core.commands.transaction import Store
from core.ids import encode
from core.principal import Role
from core.rules.enums import Level
from core.storage import facts, switches
from core.storage.database import Reader
from tests.acceptance.asking import Asker
from tests.acceptance.directories import Directory, change, directory

SETTING = "id key value state enabled inheritedValue overrideIsRedundant"
FULL = f"""
{SETTING}
source {{ level setAt setBy entity {{ __typename id }} }}
chain {{ level value wins whyNot locked entity {{ __typename id }} }}
"""
OF_USER = f"query($id: ID!, $key: SettingKey!) {{ user(id: $id) {{ effectiveSetting(key: $key) {{ {FULL} }} }} }}"
OF_ALL = f"""query($org: ID!) {{ org(id: $org) {{
  effectiveSettings {{ {FULL} }}
  locations(first: 1) {{ edges {{ node {{ effectiveSettings {{ {FULL} }} }} }} }}
  users(first: 1) {{ edges {{ node {{ effectiveSettings {{ {FULL} }} }} }} }}
}} }}"""
WHEN = datetime(2026, 4, 1, 8, 30, tzinfo=UTC)
NOBODY = {"level": "SYSTEM", "setAt": None, "setBy": None, "entity": None}


@pytest.fixture
async def acme(pool: asyncpg.Pool) -> Directory:
    return await directory(pool)


async def switch(pool: asyncpg.Pool, acme: Directory, *, org: Any = None, location: Any = None, user: Any = None):
    """Store switches, each with its own time and person; an organization's `None` was never set."""
    stamp = {"texting_set_at": WHEN, "texting_set_by": "somebody", "texting_audit_id": uuid4()}
    if org is not None:
        await change(pool, acme, "orgs", acme.org_id, texting_enabled=org, **stamp)
    if location is not None:
        await change(pool, acme, "locations", acme.locations[0], texting=location, **stamp)
    if user is not None:
        await change(pool, acme, "users", acme.users[0], texting=user, **stamp)


async def of_user(ask: Asker, acme: Directory, key: str = "BUSINESS_TEXTING") -> dict[str, Any]:
    """The first user's setting."""
    answer = await ask(acme.admin, OF_USER, id=acme.gid("User", acme.users[0]), key=key)
    return answer["user"]["effectiveSetting"]


async def of_all(ask: Asker, acme: Directory) -> dict[str, dict[str, Any]]:
    """The texting settings of the organization, of its first location and of its first user."""
    org = (await ask(acme.admin, OF_ALL, org=acme.gid("Org")))["org"]
    settings = {
        "ORG": org["effectiveSettings"],
        "LOCATION": org["locations"]["edges"][0]["node"]["effectiveSettings"],
        "USER": org["users"]["edges"][0]["node"]["effectiveSettings"],
    }
    return {level: each for level, found in settings.items() for each in found if each["key"] == "BUSINESS_TEXTING"}


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        ((None, None, None), (False, "DEFAULT", "SYSTEM", False, False)),
        ((False, None, None), (False, "INHERITED", "ORG", False, False)),
        ((True, None, None), (True, "INHERITED", "ORG", True, False)),
        ((True, "OFF", None), (False, "INHERITED", "LOCATION", False, False)),
        ((False, "ON", None), (True, "INHERITED", "LOCATION", True, False)),
        ((True, None, "OFF"), (False, "OVERRIDDEN", "USER", True, False)),
        ((True, None, "ON"), (True, "OVERRIDDEN", "USER", True, True)),
        ((None, None, "OFF"), (False, "OVERRIDDEN", "USER", False, True)),
        ((False, "ON", "ON"), (True, "OVERRIDDEN", "USER", True, True)),
        ((True, "OFF", "ON"), (True, "OVERRIDDEN", "USER", False, False)),
        ((None, None, "INHERIT"), (False, "DEFAULT", "SYSTEM", False, False)),
    ],
)
async def test_a_user_has_what_the_lowest_level_with_a_value_says(
    ask: Asker,
    pool: asyncpg.Pool,
    acme: Directory,
    stored: tuple[bool | None, str | None, str | None],
    expected: tuple[bool, str, str, bool, bool],
):
    org, location, user = stored
    await switch(pool, acme, org=org, location=location, user=user)
    setting = await of_user(ask, acme)
    source = setting["source"]["level"]
    told = (setting["value"], setting["state"], source, setting["inheritedValue"], setting["overrideIsRedundant"])
    assert told == expected
    assert setting["enabled"] is setting["value"]
    assert [link["level"] for link in setting["chain"]] == ["USER", "LOCATION", "ORG", "SYSTEM"]
    assert [link["level"] for link in setting["chain"] if link["wins"]] == [source]
    assert [link["level"] for link in setting["chain"] if link["whyNot"] is None] == [source]


async def test_every_level_says_what_it_has_and_why_it_loses(ask: Asker, pool: asyncpg.Pool, acme: Directory):
    await switch(pool, acme, org=True, user="OFF")
    setting = await of_user(ask, acme)
    user, location = acme.gid("User", acme.users[0]), acme.gid("Location", acme.locations[0])
    assert setting["source"] == {
        "level": "USER",
        "setAt": "2026-04-01T08:30:00.000Z",
        "setBy": "somebody",
        "entity": {"__typename": "User", "id": user},
    }
    assert setting["chain"] == [
        {
            "level": "USER",
            "value": False,
            "wins": True,
            "whyNot": None,
            "locked": False,
            "entity": {"__typename": "User", "id": user},
        },
        {
            "level": "LOCATION",
            "value": None,
            "wins": False,
            "whyNot": "The location has no value of its own.",
            "locked": False,
            "entity": {"__typename": "Location", "id": location},
        },
        {
            "level": "ORG",
            "value": True,
            "wins": False,
            "whyNot": "The user's value takes precedence over the organization's.",
            "locked": False,
            "entity": {"__typename": "Org", "id": acme.gid("Org")},
        },
        {
            "level": "SYSTEM",
            "value": False,
            "wins": False,
            "whyNot": "The user's value takes precedence over the system's.",
            "locked": False,
            "entity": None,
        },
    ]


async def test_an_organization_and_a_location_have_the_levels_down_to_their_own(
    ask: Asker, pool: asyncpg.Pool, acme: Directory
):
    await switch(pool, acme, org=True, location="OFF", user="ON")
    found = await of_all(ask, acme)
    told = {level: (each["value"], each["state"], each["source"]["level"]) for level, each in found.items()}
    assert told == {
        "ORG": (True, "OVERRIDDEN", "ORG"),
        "LOCATION": (False, "OVERRIDDEN", "LOCATION"),
        "USER": (True, "OVERRIDDEN", "USER"),
    }
    chains = {level: [link["level"] for link in each["chain"]] for level, each in found.items()}
    assert chains == {
        "ORG": ["ORG", "SYSTEM"],
        "LOCATION": ["LOCATION", "ORG", "SYSTEM"],
        "USER": ["USER", "LOCATION", "ORG", "SYSTEM"],
    }
    assert {level: each["inheritedValue"] for level, each in found.items()} == {
        "ORG": False,
        "LOCATION": True,
        "USER": False,
    }


async def test_nobody_set_the_default(ask: Asker, acme: Directory):
    assert {level: each["source"] for level, each in (await of_all(ask, acme)).items()} == {
        "ORG": NOBODY,
        "LOCATION": NOBODY,
        "USER": NOBODY,
    }


async def test_texts_are_kept_400_days_everywhere_and_nobody_below_the_provider_changes_that(
    ask: Asker, acme: Directory
):
    setting = await of_user(ask, acme, "MESSAGE_RETENTION_DAYS")
    assert (setting["value"], setting["inheritedValue"], setting["enabled"]) == (400, 400, None)
    assert (setting["state"], setting["overrideIsRedundant"]) == ("DEFAULT", False)
    assert setting["source"] == NOBODY
    assert [(link["level"], link["value"]) for link in setting["chain"]] == [
        ("USER", None),
        ("LOCATION", None),
        ("ORG", None),
        ("SYSTEM", 400),
    ]


async def test_a_regulatory_minimum_keeps_texts_longer(ask: Asker, store: Store, acme: Directory):
    minimum = replace(store.policy.regulatory_retention_days, value=2_190)
    policy = replace(store.policy, regulatory_retention_days=minimum)
    setting = await of_user(replace(ask, store=replace(store, policy=policy)), acme, "MESSAGE_RETENTION_DAYS")
    assert setting["value"] == 2_190


async def test_a_language_without_a_catalogue_is_answered_in_english(ask: Asker, acme: Directory):
    setting = await of_user(replace(ask, language="de"), acme)
    assert setting["chain"][0]["whyNot"] == "The user has no value of its own."
    setting = await of_user(replace(ask, language="ja"), acme)
    assert setting["chain"][0]["whyNot"] == "ユーザーには独自の値がありません。"


async def test_a_setting_is_found_again_by_its_id(ask: Asker, pool: asyncpg.Pool, acme: Directory):
    await switch(pool, acme, org=True, user="OFF")
    org = (await ask(acme.admin, OF_ALL, org=acme.gid("Org")))["org"]
    settings = [
        *org["effectiveSettings"],
        *org["locations"]["edges"][0]["node"]["effectiveSettings"],
        *org["users"]["edges"][0]["node"]["effectiveSettings"],
    ]
    ids = [setting["id"] for setting in settings]
    assert len(set(ids)) == 6
    document = f"query($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on EffectiveSetting {{ {FULL} }} }} }}"
    answer = await ask(acme.admin, document, ids=ids)
    assert answer["nodes"] == settings
    for id, setting in zip(ids, settings, strict=True):
        document = f"query($id: ID!) {{ node(id: $id) {{ ... on EffectiveSetting {{ {FULL} }} }} }}"
        assert (await ask(acme.admin, document, id=id))["node"] == setting


@pytest.mark.parametrize(
    "detail", ["USER.NOTHING", "USER", "user.BUSINESS_TEXTING", "SYSTEM.BUSINESS_TEXTING", "ORG.BUSINESS_TEXTING"]
)
async def test_an_id_of_no_setting_is_null(ask: Asker, acme: Directory, detail: str):
    document = "query($id: ID!) { node(id: $id) { id } }"
    id = encode("EffectiveSetting", acme.org_id, acme.users[0], detail)
    assert (await ask(acme.admin, document, id=id))["node"] is None


async def test_a_setting_of_somebody_else_is_not_found(ask: Asker, acme: Directory):
    def id(user: UUID) -> str:
        return encode("EffectiveSetting", acme.org_id, user, "USER.BUSINESS_TEXTING")

    document = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    answer = await ask(acme.person(Role.USER), document, ids=[id(acme.users[0]), id(acme.users[1]), id(uuid4())])
    assert answer["nodes"] == [{"id": id(acme.users[0])}, None, None]


async def test_a_user_reads_the_whole_chain_of_the_own_setting(ask: Asker, pool: asyncpg.Pool, acme: Directory):
    await switch(pool, acme, org=True, location="OFF")
    document = """query($id: ID!) { user(id: $id) { effectiveSetting(key: BUSINESS_TEXTING) {
      source { entity { ... on Location { name } } }
      chain { entity { ... on User { displayName } ... on Location { name } ... on Org { name } } }
    } } }"""
    answer = await ask(acme.person(Role.USER), document, id=acme.gid("User", acme.users[0]))
    setting = answer["user"]["effectiveSetting"]
    assert setting["source"] == {"entity": {"name": "New York"}}
    names = [{"displayName": "Person 004"}, {"name": "New York"}, {"name": acme.name}, None]
    assert [link["entity"] for link in setting["chain"]] == names


@pytest.mark.parametrize("org", [None, False, True])
@pytest.mark.parametrize("location", ["INHERIT", "ON", "OFF"])
async def test_settings_and_eligibility_read_the_same_levels(
    pool: asyncpg.Pool, acme: Directory, org: bool | None, location: str
):
    reader = Reader(pool, acme.org_id)
    for user in ("INHERIT", "ON", "OFF"):
        await switch(pool, acme, org=org, location=location, user=user)
        told = await facts.load(reader.fetch, acme.org_id, acme.users)
        stored = await switches.load(reader.fetch, acme.org_id, Level.USER, acme.users)
        await reader.close()
        assert told is not None
        assert {id: each.levels() for id, each in stored.items()} == {
            id: each.levels(told.org) for id, each in told.users.items()
        }


async def test_settings_are_one_statement_and_what_is_known_none(ask: Asker, acme: Directory):
    async def statements(selection: str) -> int:
        document = f"query($org: ID!) {{ org(id: $org) {{ users {{ edges {{ node {{ {selection} }} }} }} }} }}"
        return (await ask(acme.admin, document, org=acme.gid("Org"))).statements - 2

    assert await statements("effectiveSettings { value chain { whyNot } }") == 1
    assert await statements("effectiveSetting(key: BUSINESS_TEXTING) { value source { entity { id } } }") == 1
    assert await statements("effectiveSetting(key: MESSAGE_RETENTION_DAYS) { value chain { entity { id } } }") == 0
    assert await statements("effectiveSettings { chain { entity { ... on User { displayName } } } }") == 3
