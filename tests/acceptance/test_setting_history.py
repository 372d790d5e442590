"""Who switched what and when: the record behind an effective setting, and those of the changes before it."""

from typing import Any

import pytest

from core.commands.transaction import Store
from core.ids import encode
from core.principal import Principal, Role
from tests.acceptance.asking import Asker
from tests.integration.worlds import World, member, new_world

SWITCH = """mutation($input: SetUserTextingInput!) { setUserTexting(input: $input) {
  ... on TextingSet { auditRecord { id } } ... on Refusal { code }
} }"""
SETTING = """query($id: ID!, $first: Int, $after: String) { user(id: $id) {
  effectiveSetting(key: BUSINESS_TEXTING) {
    source { level setBy auditRecord { id } }
    history(first: $first, after: $after) {
      totalCount edges { node { id action actor { subject } } } pageInfo { hasNextPage endCursor }
    }
  }
} }"""


@pytest.fixture
async def world(store: Store) -> World:
    return await new_world(store, people=3)


def user_id(world: World, at: int = 0) -> str:
    return encode("User", world.org_id, world.people[at].user_id)


async def switch(ask: Asker, world: World, who: Principal, mode: str, at: int = 0) -> str:
    """Set a user's switch; the id of the record of that."""
    answer = await ask(who, SWITCH, input={"userId": user_id(world, at), "mode": mode})
    return answer["setUserTexting"]["auditRecord"]["id"]


async def setting(ask: Asker, world: World, who: Principal, **paging: Any) -> dict[str, Any]:
    """The first user's texting setting."""
    return (await ask(who, SETTING, id=user_id(world), **paging))["user"]["effectiveSetting"]


async def test_the_newest_change_is_the_source_and_comes_first(ask: Asker, world: World):
    auditor, manager = member(world.org_id, Role.AUDITOR), world.location_admin(world.location_id)
    first = await switch(ask, world, world.org_admin, "OFF")
    await switch(ask, world, world.org_admin, "OFF", at=1)
    second = await switch(ask, world, manager, "ON")
    found = await setting(ask, world, auditor)
    assert found["source"] == {"level": "USER", "setBy": manager.subject, "auditRecord": {"id": second}}
    assert found["history"]["totalCount"] == 2
    assert [edge["node"] for edge in found["history"]["edges"]] == [
        {"id": second, "action": "user:texting:enable", "actor": {"subject": manager.subject}},
        {"id": first, "action": "user:texting:disable", "actor": {"subject": world.org_admin.subject}},
    ]
    page = await setting(ask, world, auditor, first=1)
    rest = await setting(ask, world, auditor, first=1, after=page["history"]["pageInfo"]["endCursor"])
    assert [edge["node"]["id"] for edge in rest["history"]["edges"]] == [first]
    assert rest["history"]["pageInfo"]["hasNextPage"] is False


async def test_an_attempt_that_was_refused_changed_nothing(ask: Asker, world: World):
    own = world.people[0].principal
    refused = await ask(own, SWITCH, input={"userId": user_id(world), "mode": "OFF"})
    assert refused["setUserTexting"] == {"code": "NOT_ALLOWED"}
    found = await setting(ask, world, member(world.org_id, Role.COMPLIANCE_OFFICER))
    assert found["history"] == {"totalCount": 0, "edges": [], "pageInfo": {"hasNextPage": False, "endCursor": None}}
    assert found["source"]["level"] == "ORG"


async def test_who_may_not_read_the_log_reads_what_they_did_themselves(ask: Asker, world: World):
    manager = world.location_admin(world.location_id)
    await switch(ask, world, world.org_admin, "OFF")
    mine = await switch(ask, world, manager, "ON")
    for who, seen in ((manager, [mine]), (world.people[0].principal, [])):
        found = await setting(ask, world, who)
        assert [edge["node"]["id"] for edge in found["history"]["edges"]] == seen
        assert found["source"]["auditRecord"] == ({"id": mine} if seen else None)
        assert found["source"]["setBy"] == manager.subject


async def test_each_level_has_a_history_of_its_own_and_retention_none(ask: Asker, world: World):
    await switch(ask, world, world.org_admin, "ON")
    history = "effectiveSettings { key history { edges { node { action } } } }"
    answer = await ask(
        world.org_admin,
        f"""query($org: ID!) {{ org(id: $org) {{ {history}
          locations {{ edges {{ node {{ {history} }} }} }} users(first: 1) {{ edges {{ node {{ {history} }} }} }}
        }} }}""",
        org=encode("Org", world.org_id, world.org_id),
    )
    org = answer["org"]
    levels = [org, org["locations"]["edges"][0]["node"], org["users"]["edges"][0]["node"]]
    assert [
        {
            each["key"]: [edge["node"]["action"] for edge in each["history"]["edges"]]
            for each in level["effectiveSettings"]
        }
        for level in levels
    ] == [
        {"BUSINESS_TEXTING": ["org:texting:enable"], "MESSAGE_RETENTION_DAYS": []},
        {"BUSINESS_TEXTING": [], "MESSAGE_RETENTION_DAYS": []},
        {"BUSINESS_TEXTING": ["user:texting:enable"], "MESSAGE_RETENTION_DAYS": []},
    ]


async def test_histories_of_a_page_are_read_together(ask: Asker, world: World):
    auditor = member(world.org_id, Role.AUDITOR)
    document = """query($first: Int) { users(first: $first) { edges { node { effectiveSettings {
      source { auditRecord { action } } history { edges { node { action target { name } } } }
    } } } } }"""
    for at in range(3):
        await switch(ask, world, world.org_admin, "ON", at=at)
    one, three = await ask(auditor, document, first=1), await ask(auditor, document, first=3)
    assert len(three["users"]["edges"]) == 3
    assert one.statements == three.statements == 6
