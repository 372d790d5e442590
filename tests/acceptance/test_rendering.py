"""What the database writes is what would be completed here: `ask` executes a query both ways and compares the two."""

from __future__ import annotations

import os
import random
import re

import asyncpg
import pytest

from core.principal import Role
from core.storage.database import writing
from tests.acceptance.asking import Asker
from tests.acceptance.directories import Directory, change, directory

DOCUMENTS = int(os.environ.get("RENDERED_DOCUMENTS", "300"))
"""How many made documents are tried."""

LEAVES = {
    "Org": ["id", "name", "createdAt", "version", "textingEnabled", "__typename", "customerType", "handlesPhi"],
    "Location": ["id", "name", "timeZone", "pstnConnectionType", "texting", "version", "__typename"],
    "User": [
        "id", "displayName", "email", "status", "appVersion", "appVersionSeenAt", "texting", "version", "createdAt",
        "__typename",
    ],
    "UserPhoneNumber": [
        "id", "phoneNumber", "type", "assignedBy", "region", "valid", "state", "tollFreeNumber", "__typename",
    ],
}  # fmt: skip
OBJECTS = {
    "Org": {},
    "Location": {"org": "Org"},
    "User": {
        "location": "Location", "org": "Org", "primaryNumber": "UserPhoneNumber", "phoneNumbers": "UserPhoneNumber",
    },
    "UserPhoneNumber": {"owner": "User"},
}  # fmt: skip
PAGES = {
    "Org": {"users": "User", "locations": "Location"},
    "Location": {"users": "User"},
    "User": {},
    "UserPhoneNumber": {},
}
COMPLETED = {
    "Org": ["brand { legalName }", "effectiveSettings { key }", "phoneNumbers(first: 2) { edges { node { id } } }"],
    "Location": ["address { country }", "effectiveSettings { key value }"],
    "User": [
        "eligibility { outcome evaluatedAt }",
        "eligibility { outcome simulated }",
        "effectiveSettings { key source { level } }",
    ],
    "UserPhoneNumber": ["campaignAssignment { status }"],
}
"""What the database does not write."""
RULED = [
    "eligibility { outcome prerequisites enabled }",
    "eligibility { __typename eligible policyVersion policyDigest }",
    "eligibility { outcome decidedBy { ruleId status } denials { ruleId level required } }",
    "why: eligibility { rootCauses { ruleId } rules { of: ruleId status blockedBy __typename } }",
    "supposed: eligibility(whatIf: []) { eligible }",
    "effectiveSettings { key value state __typename }",
    "effectiveSettings { enabled inheritedValue overrideIsRedundant }",
    "effectiveSetting(key: BUSINESS_TEXTING) { value enabled }",
    "days: effectiveSetting(key: $key) { key value enabled }",
]
"""What rules say of a user, of which the database writes the facts."""


class Made:
    """A document made by chance."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.fragments: list[str] = []

    def object(self, type_name: str, depth: int) -> str:
        chance = self.chance
        wanted = [self.leaf(name) for name in chance.sample(LEAVES[type_name], chance.randint(1, 5))]
        if depth:
            for name, below in OBJECTS[type_name].items():
                if chance.random() < 0.4:
                    wanted.append(f"{name} {self.object(below, depth - 1)}")
            for name, below in PAGES[type_name].items():
                if chance.random() < 0.5:
                    wanted.append(f"{name}{self.page_arguments(filters=below == 'User')} {self.page(below, depth - 1)}")
        if type_name == "User" and chance.random() < 0.4:
            wanted.append(chance.choice(RULED))
        if chance.random() < 0.15:
            wanted.append(chance.choice(COMPLETED[type_name]))
        chance.shuffle(wanted)
        body = "{ " + " ".join(wanted) + " }"
        if chance.random() < 0.2:
            self.fragments.append(f"fragment F{len(self.fragments)} on {type_name} {body}")
            return f"{{ ...F{len(self.fragments) - 1} }}"
        return body

    def leaf(self, name: str) -> str:
        picked = self.chance.random()
        if picked < 0.15:
            return f"a{self.chance.randint(0, 10**9)}: {name}"
        if picked < 0.3:
            return f"{name} @include(if: ${self.chance.choice(['yes', 'no'])})"
        return name

    def page_arguments(self, *, filters: bool) -> str:
        given = ["(first: 2, filter: {status: ACTIVE, texting: INHERIT})", "(filter: {search: $search})",
                 "(first: 2)", "(first: $first)", "(first: $first, after: $none)", "", "(first: $none2)", "(last: 2)",
                 "(first: 0)", "(after: $bad)"]  # fmt: skip
        weights = [2, 2, 5, 5, 3, 3, 2, 2, 0.3, 0.3]
        return self.chance.choices(given if filters else given[2:], weights if filters else weights[2:])[0]

    def page(self, below: str, depth: int) -> str:
        chance = self.chance
        parts = [f"edges {{ {chance.choice(['', 'cursor', '__typename'])} node {self.object(below, depth)} }}"]
        parts += chance.sample(
            ["pageInfo { hasNextPage hasPreviousPage startCursor endCursor }", "totalCount", "__typename",
             "more: pageInfo { endCursor __typename }", "again: edges { cursor }"],
            chance.randint(0, 3),
        )  # fmt: skip
        chance.shuffle(parts)
        return "{ " + " ".join(parts) + " }"

    def document(self) -> str:
        roots = {"org(id: $org)": "Org", "location(id: $location)": "Location", "user(id: $user)": "User"}
        root, type_name = self.chance.choice(list(roots.items()))
        if self.chance.random() < 0.2:
            body = f"users{self.page_arguments(filters=True)} {self.page('User', 2)}"
        else:
            body = f"{root} {self.object(type_name, 3)}"
        declared = "$org: ID!, $location: ID!, $user: ID!, $first: Int, $none: String, $none2: Int, $bad: String, "
        declared += "$yes: Boolean!, $no: Boolean!, $search: String, $key: SettingKey!"
        return f"query Q({declared}) {{ {body} }} " + " ".join(self.fragments)


@pytest.fixture
async def acme(pool: asyncpg.Pool) -> Directory:
    """Users with and without everything that may be missing, with names that JSON has to escape."""
    made = await directory(pool, users=4, texting_enabled=True)
    first, second, third, *_ = made.users
    await change(pool, made, "users", first, display_name='Zoë "the\\\n\t\x01 boss" 🦊</script>', app_version="43\n.1")
    await change(pool, made, "users", second, email=None, email_key=None, app_version=None, status="DEACTIVATED")
    await change(pool, made, "users", third, texting="OFF", primary_number_id=None)
    async with writing(pool, made.org_id) as connection:
        await connection.execute("UPDATE texting.phone_numbers SET owner_id = NULL WHERE owner_id = $1", third)
    return made


async def test_made_documents_have_the_same_answers(ask: Asker, acme: Directory) -> None:
    given = {
        "org": acme.gid("Org"), "location": acme.gid("Location", acme.locations[0]),
        "first": 2, "none": None, "none2": None, "bad": "nonsense", "yes": True, "no": False, "search": "per",
        "key": "MESSAGE_RETENTION_DAYS",
    }  # fmt: skip
    rendered = 0
    for seed in range(DOCUMENTS):
        chance = random.Random(seed)
        document = Made(chance).document()
        role = chance.choice([Role.ORG_ADMIN, Role.AUDITOR, Role.PROVIDER_ADMIN, Role.LOCATION_ADMIN, Role.USER])
        user = acme.gid("User", chance.choice(acme.users))
        answer = await ask(acme.person(role), _trimmed(document), user=user, **given)
        assert not any("VALIDATION" in code or "PARSE" in code for code in answer.codes), document
        rendered += answer.rendered_statements is not None
    assert rendered > DOCUMENTS / 4


def _trimmed(document: str) -> str:
    """Declare only the variables that are used: others are refused."""
    head, body = document.split(") {", 1)
    declared = [each for each in head.removeprefix("query Q(").split(", ") if each.split(":")[0] in _names(body)]
    return f"query Q({', '.join(declared)}) {{{body}" if declared else f"query Q {{{body}"


def _names(body: str) -> set[str]:
    return set(re.findall(r"\$\w+", body))


async def test_a_card_and_pages_take_one_statement(ask: Asker, acme: Directory) -> None:
    card = "query($id: ID!) { user(id: $id) { id displayName location { id name } primaryNumber { phoneNumber } } }"
    pages = """query($id: ID!) { org(id: $id) { name locations(first: 5) { edges { node { name
      users(first: 2) { totalCount edges { cursor node { displayName phoneNumbers { type } } }
      pageInfo { hasNextPage endCursor } } } } } } }"""
    for document, id in ((card, acme.gid("User", acme.users[0])), (pages, acme.gid("Org"))):
        answer = await ask(acme.admin, document, id=id)
        assert answer.rendered_statements == 1
        assert answer.statements > 1


@pytest.mark.parametrize(("fields", "statements"), [(16, 1), (17, None)])
async def test_what_rules_say_is_put_in_for_so_many_fields(
    ask: Asker, acme: Directory, fields: int, statements: int | None
) -> None:
    wanted = " ".join(f"e{at}: eligibility {{ outcome denials {{ ruleId }} }}" for at in range(fields))
    answer = await ask(
        acme.admin, f"query($id: ID!) {{ user(id: $id) {{ {wanted} }} }}", id=acme.gid("User", acme.users[0])
    )
    assert len(answer["user"]) == fields
    assert answer.rendered_statements == statements


async def test_cursors_of_both_lead_on(ask: Asker, acme: Directory) -> None:
    document = """query($after: String) { users(first: 1, after: $after) { edges { node { id } }
      pageInfo { hasNextPage hasPreviousPage endCursor } } }"""
    seen, after = [], None
    while True:
        page = (await ask(acme.admin, document, after=after))["users"]
        seen += [edge["node"]["id"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert seen == [acme.gid("User", id) for id in sorted(acme.users)]


async def test_pages_below_what_is_completed_are_written_too(ask: Asker, acme: Directory) -> None:
    document = """query($id: ID!) { org(id: $id) { brand { legalName }
      locations(first: 5) { edges { node { id users(first: 2) { edges { node { id } } } } } } } }"""
    answer = await ask(acme.admin, document, id=acme.gid("Org"))
    assert answer.rendered_statements is not None
    assert answer.rendered_statements < answer.statements


@pytest.mark.parametrize(("role", "seen"), [(Role.USER, 1), (Role.LOCATION_ADMIN, 4), (Role.AUDITOR, 8)])
async def test_who_sees_only_some_is_written_only_those(ask: Asker, acme: Directory, role: Role, seen: int) -> None:
    document = """query($id: ID!) { org(id: $id) { locations { totalCount edges { node { id
      users { totalCount edges { node { id } } } } } } users { totalCount edges { node { id } } } } }"""
    answer = await ask(acme.person(role), document, id=acme.gid("Org"))
    assert answer.rendered_statements == 1
    assert answer["org"]["users"]["totalCount"] == len(answer["org"]["users"]["edges"]) == seen
    assert answer["org"]["locations"]["totalCount"] == (2 if role is Role.AUDITOR else 1)


@pytest.mark.parametrize("role", [Role.USER, Role.LOCATION_ADMIN])
async def test_what_the_caller_does_not_see_is_not_written(ask: Asker, acme: Directory, role: Role) -> None:
    hidden = {"user": acme.gid("User", acme.users[-1]), "location": acme.gid("Location", acme.locations[1])}
    document = "query($user: ID!, $location: ID!) { user(id: $user) { id } location(id: $location) { id } }"
    answer = await ask(acme.person(role), document, **hidden)
    assert answer.data == {"user": None, "location": None}
    assert answer.rendered_statements is None


@pytest.mark.parametrize(
    ("filter", "found"),
    [
        ({"status": "ACTIVE"}, 7),
        ({"texting": "OFF"}, 1),
        ({"search": "no such name"}, 0),
        ({"overrideIsRedundant": False}, None),
        ({"locationId": "nonsense"}, 0),
    ],
)
async def test_filters_are_written_too(ask: Asker, acme: Directory, filter: dict[str, object], found: int) -> None:
    document = "query($filter: UserFilter) { users(filter: $filter) { totalCount edges { node { id } } } }"
    answer = await ask(acme.admin, document, filter=filter)
    assert answer["users"]["totalCount"] == len(answer["users"]["edges"])
    assert found is None or answer["users"]["totalCount"] == found
    assert answer.rendered_statements == (None if "locationId" in filter else 1)


async def test_what_many_rows_share_is_not_counted_for_each(ask: Asker, acme: Directory) -> None:
    document = "{ users { edges { node { location { users(first: 1) { totalCount edges { node { id } } } } } } } }"
    answer = await ask(acme.admin, document)
    # The users, their locations, a page of each location and its count.
    assert answer.statements == 4
    assert answer.rendered_statements is not None
    assert answer.rendered_statements > 1


async def test_an_id_of_nobody_is_null(ask: Asker, acme: Directory) -> None:
    document = "query($id: ID!) { user(id: $id) { id } }"
    for id in (acme.gid("User", acme.locations[0]), acme.gid("Location", acme.locations[0]), "nonsense"):
        assert (await ask(acme.admin, document, id=id))["user"] is None
