"""The caller, and the directory of the organizations that the caller may enter."""

from uuid import uuid4

import asyncpg
import pytest

from core.ids import SYSTEM_ORG_ID, encode
from core.principal import Grant, Principal, Role
from tests.acceptance.asking import Asker
from tests.acceptance.directories import Directory, directory, person

ORGS = """
query Orgs($first: Int, $after: String, $last: Int, $before: String, $search: String) {
  orgs(first: $first, after: $after, last: $last, before: $before, search: $search) {
    totalCount edges { node { name } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""
VIEWER = "{ viewer { subject roles org { name } user { displayName } grants { role scope { __typename id } } } }"
PROVIDER = Principal(subject="provider", name=None, org_id=SYSTEM_ORG_ID, grants=(Grant(role=Role.PROVIDER_ADMIN),))


@pytest.fixture
async def acme(pool: asyncpg.Pool) -> Directory:
    return await directory(pool)


@pytest.fixture
def prefix() -> str:
    """How the names of a test's own organizations begin."""
    return f"{uuid4().hex[:12]} "


def names(answer: object) -> list[str]:
    return [edge["node"]["name"].split(" ", 1)[1] for edge in answer["orgs"]["edges"]]  # type: ignore[index]


async def test_a_user_sees_the_own_organization_self_and_grant(ask: Asker, acme: Directory):
    answer = await ask(acme.person(Role.USER), VIEWER)
    assert answer["viewer"] == {
        "subject": f"user@{acme.name}",
        "roles": ["USER"],
        "org": {"name": acme.name},
        "user": {"displayName": "Person 004"},
        "grants": [{"role": "USER", "scope": {"__typename": "User", "id": acme.gid("User", acme.users[0])}}],
    }


async def test_a_location_administrator_sees_which_location(ask: Asker, acme: Directory):
    answer = await ask(acme.person(Role.LOCATION_ADMIN), VIEWER)
    scope = {"__typename": "Location", "id": acme.gid("Location", acme.locations[0])}
    assert answer["viewer"]["grants"] == [{"role": "LOCATION_ADMIN", "scope": scope}]
    assert answer["viewer"]["user"] is None


async def test_a_providers_role_holds_everywhere(ask: Asker, acme: Directory):
    answer = await ask(PROVIDER, VIEWER)
    assert answer["viewer"] == {
        "subject": "provider",
        "roles": ["PROVIDER_ADMIN"],
        "org": {"name": "Provider"},
        "user": None,
        "grants": [{"role": "PROVIDER_ADMIN", "scope": None}],
    }
    document = "query($id: ID!) { org(id: $id) { name } viewer { roles org { name } } }"
    answer = await ask(PROVIDER, document, id=acme.gid("Org"))
    assert answer["org"] == {"name": acme.name}
    assert answer["viewer"] == {"roles": ["PROVIDER_ADMIN"], "org": {"name": "Provider"}}


async def test_roles_are_those_of_the_organization_entered(ask: Asker, pool: asyncpg.Pool, acme: Directory):
    other = await directory(pool)
    somebody = person(
        Grant(role=Role.USER, org_id=acme.org_id, user_id=acme.users[0]),
        Grant(role=Role.ORG_ADMIN, org_id=acme.org_id),
        Grant(role=Role.AUDITOR, org_id=other.org_id),
        home=acme.org_id,
    )
    document = "query($id: ID!) { org(id: $id) { name } viewer { roles org { name } } }"
    home = await ask(somebody, document, id=acme.gid("Org"))
    away = await ask(somebody, document, id=other.gid("Org"))
    assert home["viewer"] == {"roles": ["ORG_ADMIN", "USER"], "org": {"name": acme.name}}
    assert away["viewer"] == {"roles": ["AUDITOR"], "org": {"name": acme.name}}
    assert away["org"] == {"name": other.name}


async def test_what_lies_in_another_organization_is_told_by_its_id(ask: Asker, pool: asyncpg.Pool, acme: Directory):
    other = await directory(pool)
    somebody = person(
        Grant(role=Role.USER, org_id=acme.org_id, user_id=acme.users[0]),
        Grant(role=Role.LOCATION_ADMIN, org_id=other.org_id, location_id=other.locations[1]),
        Grant(role=Role.AUDITOR, org_id=other.org_id),
        home=acme.org_id,
    )
    grants = (await ask(somebody, VIEWER))["viewer"]["grants"]
    assert [grant["scope"]["id"] for grant in grants] == [
        acme.gid("User", acme.users[0]),
        other.gid("Location", other.locations[1]),
        other.gid("Org"),
    ]
    scope = "... on User { displayName } ... on Location { name } ... on Org { title: name }"
    answer = await ask(somebody, f"{{ viewer {{ grants {{ scope {{ {scope} }} }} }} }}")
    assert answer.data is not None
    assert [grant["scope"] for grant in answer.data["viewer"]["grants"]] == [
        {"displayName": "Person 004"},
        None,
        {"title": other.name},
    ]
    assert answer.failed == {"viewer.grants.1.scope": "ONE_ORG_PER_OPERATION"}
    document = "query($id: ID!) { org(id: $id) { name } viewer { user { displayName } } }"
    away = await ask(somebody, document, id=other.gid("Org"))
    assert away.data == {"org": {"name": other.name}, "viewer": {"user": None}}
    assert away.failed == {"viewer.user": "ONE_ORG_PER_OPERATION"}


async def test_a_grant_of_what_is_gone_has_no_scope(ask: Asker, acme: Directory):
    somebody = person(
        Grant(role=Role.USER, org_id=acme.org_id, user_id=uuid4()),
        Grant(role=Role.AUDITOR, org_id=uuid4()),
        home=acme.org_id,
    )
    viewer = (await ask(somebody, VIEWER))["viewer"]
    assert viewer["user"] is None
    assert [grant["scope"] for grant in viewer["grants"]] == [None, None]


async def test_somebody_without_a_grant_has_no_organization(ask: Asker, acme: Directory):
    nobody = person(home=acme.org_id)
    answer = await ask(nobody, VIEWER)
    assert answer["viewer"] == {"subject": nobody.subject, "roles": [], "org": None, "user": None, "grants": []}
    assert (await ask(nobody, ORGS))["orgs"]["edges"] == []
    document = "query($id: ID!) { org(id: $id) { name } users { totalCount } node(id: $id) { id } }"
    answer = await ask(nobody, document, id=acme.gid("Org"))
    assert answer.data == {"org": None, "users": {"totalCount": 0}, "node": None}


async def test_the_provider_pages_through_every_customer_by_name(ask: Asker, pool: asyncpg.Pool, prefix: str):
    for name in ("beta", "Alpha", "Gamma", "alpha two"):
        await directory(pool, name=prefix + name)
    forward: list[str] = []
    after = None
    for _ in range(2):
        page = await ask(PROVIDER, ORGS, search=prefix, first=2, after=after)
        forward += names(page)
        after = page["orgs"]["pageInfo"]["endCursor"]
        assert page["orgs"]["totalCount"] == 4
    assert forward == ["Alpha", "alpha two", "beta", "Gamma"]
    assert page["orgs"]["pageInfo"]["hasNextPage"] is False
    assert names(await ask(PROVIDER, ORGS, search=prefix.upper(), last=3)) == ["alpha two", "beta", "Gamma"]
    assert names(await ask(PROVIDER, ORGS, search=prefix + "ALPHA")) == ["Alpha", "alpha two"]
    assert names(await ask(PROVIDER, ORGS, search=prefix + "%")) == []
    everybody = await ask(PROVIDER, "{ orgs(first: 100) { edges { node { id } } } }")
    assert encode("Org", SYSTEM_ORG_ID, SYSTEM_ORG_ID) not in {
        edge["node"]["id"] for edge in everybody["orgs"]["edges"]
    }


async def test_others_page_through_the_organizations_they_have_grants_for(ask: Asker, pool: asyncpg.Pool, prefix: str):
    made = [await directory(pool, name=prefix + name) for name in ("beta", "Alpha", "Gamma", "alpha two", "not theirs")]
    granted = [Grant(role=Role.AUDITOR, org_id=each.org_id) for each in made[:4]]
    # A grant inside the provider's own organization opens no directory.
    somebody = person(*granted, Grant(role=Role.AUDITOR, org_id=SYSTEM_ORG_ID), home=made[0].org_id)
    page = await ask(somebody, ORGS)
    assert names(page) == ["Alpha", "alpha two", "beta", "Gamma"]
    assert page["orgs"]["totalCount"] == 4
    first = await ask(somebody, ORGS, first=3)
    assert names(first) == ["Alpha", "alpha two", "beta"]
    assert first["orgs"]["pageInfo"]["hasNextPage"] is True
    rest = await ask(somebody, ORGS, first=3, after=first["orgs"]["pageInfo"]["endCursor"])
    assert names(rest) == ["Gamma"]
    assert (rest["orgs"]["pageInfo"]["hasNextPage"], rest["orgs"]["pageInfo"]["hasPreviousPage"]) == (False, True)
    last = await ask(somebody, ORGS, last=2)
    assert names(last) == ["beta", "Gamma"]
    assert last["orgs"]["pageInfo"]["hasPreviousPage"] is True
    before = await ask(somebody, ORGS, last=1, before=last["orgs"]["pageInfo"]["startCursor"])
    assert names(before) == ["alpha two"]
    assert names(await ask(somebody, ORGS, search=prefix + "alpha")) == ["Alpha", "alpha two"]
    inside_system = "query($id: ID!) { node(id: $id) { id } orgs { edges { node { name } } } }"
    entered = await ask(somebody, inside_system, id=encode("Org", SYSTEM_ORG_ID, SYSTEM_ORG_ID))
    assert names(entered) == ["Alpha", "alpha two", "beta", "Gamma"]


async def test_a_user_of_one_organization_sees_that_one(ask: Asker, acme: Directory):
    answer = await ask(acme.person(Role.USER), "{ orgs { totalCount edges { node { name } } } }")
    assert answer["orgs"] == {"totalCount": 1, "edges": [{"node": {"name": acme.name}}]}


async def test_only_the_organization_entered_has_lists(ask: Asker, pool: asyncpg.Pool, prefix: str):
    acme, other = await directory(pool, name=prefix + "a"), await directory(pool, name=prefix + "b")
    somebody = person(
        Grant(role=Role.ORG_ADMIN, org_id=acme.org_id),
        Grant(role=Role.ORG_ADMIN, org_id=other.org_id),
        home=acme.org_id,
    )
    for listed in (
        "users { totalCount }",
        "locations { totalCount }",
        "phoneNumbers { totalCount }",
        "campaigns { totalCount }",
        "consentEvents { totalCount }",
        "effectiveSettings { key }",
    ):
        answer = await ask(somebody, f"{{ orgs {{ edges {{ node {{ name {listed} }} }} }} }}")
        assert answer.data is not None
        own, others = answer.data["orgs"]["edges"]
        assert own["node"]["name"] == acme.name
        assert others["node"] is None
        assert answer.codes == ["ONE_ORG_PER_OPERATION"]
    selection = "name brand { legalName } textingAddOn { totalUnits consumedUnits }"
    answer = await ask(somebody, f"{{ orgs {{ edges {{ node {{ {selection} }} }} }} }}")
    assert answer.data is not None
    assert [edge["node"] for edge in answer.data["orgs"]["edges"]] == [
        {
            "name": acme.name,
            "brand": {"legalName": f"{acme.name} LLC"},
            "textingAddOn": {"totalUnits": 100, "consumedUnits": 0},
        },
        {"name": other.name, "brand": None, "textingAddOn": None},
    ]
    assert set(answer.failed.values()) == {"ONE_ORG_PER_OPERATION"}
    answer = await ask(PROVIDER, f'{{ orgs(search: "{prefix}") {{ edges {{ node {{ {selection} }} }} }} }}')
    assert answer.data is not None
    assert [edge["node"]["name"] for edge in answer.data["orgs"]["edges"]] == [acme.name, other.name]
    assert set(answer.failed.values()) == {"ONE_ORG_PER_OPERATION"}
    assert answer.statements == 0


async def test_what_was_sold_is_told_where_one_may_read_it(ask: Asker, pool: asyncpg.Pool, prefix: str):
    acme, other = await directory(pool, name=prefix + "a"), await directory(pool, name=prefix + "b")
    somebody = person(
        Grant(role=Role.AUDITOR, org_id=acme.org_id),
        Grant(role=Role.USER, org_id=other.org_id, user_id=other.users[0]),
        home=acme.org_id,
    )
    fields = ("callingPlan { provider }", "textingAddOn { totalUnits }", "handlesPhi", "healthcare")
    answer = await ask(somebody, f"{{ orgs {{ edges {{ node {{ {' '.join(fields)} }} }} }} }}")
    assert answer.data is not None
    audited, used = (edge["node"] for edge in answer.data["orgs"]["edges"])
    assert audited == {
        "callingPlan": {"provider": "Cisco"},
        "textingAddOn": {"totalUnits": 100},
        "handlesPhi": False,
        "healthcare": None,
    }
    assert used == dict.fromkeys(("callingPlan", "textingAddOn", "handlesPhi", "healthcare"))
    assert answer.failed == {
        f"orgs.edges.1.node.{name}": "FORBIDDEN" for name in ("callingPlan", "textingAddOn", "handlesPhi", "healthcare")
    }
