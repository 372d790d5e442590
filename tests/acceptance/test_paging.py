"""Pages of a list: there and back, their cursors, their limits, and what is counted."""

import base64
from typing import Any
from uuid import uuid4

import asyncpg
import orjson
import pytest

from tests.acceptance.asking import Asker
from tests.acceptance.directories import Directory, directory

USERS = """
query Users($first: Int, $after: String, $last: Int, $before: String, $order: UserOrder) {
  users(first: $first, after: $after, last: $last, before: $before, orderBy: $order) {
    edges { cursor node { id } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""
BY_NAME = {"field": "DISPLAY_NAME", "direction": "ASC"}


@pytest.fixture
async def acme(pool: asyncpg.Pool) -> Directory:
    """Ten users."""
    return await directory(pool, users=5)


def places(acme: Directory, connection: dict[str, Any]) -> list[int]:
    """Which users are on the page."""
    ids = [acme.gid("User", id) for id in acme.users]
    return [ids.index(edge["node"]["id"]) for edge in connection["edges"]]


def cursor(*content: str) -> str:
    """A cursor as a forger writes it."""
    return base64.urlsafe_b64encode(orjson.dumps(content)).rstrip(b"=").decode()


@pytest.mark.parametrize("order", [None, BY_NAME, {**BY_NAME, "direction": "DESC"}])
async def test_forward_every_object_is_met_once(ask: Asker, acme: Directory, order: dict[str, str] | None):
    met: list[int] = []
    after = None
    while True:
        page = (await ask(acme.admin, USERS, first=4, after=after, order=order))["users"]
        met += places(acme, page)
        info = page["pageInfo"]
        assert info["hasPreviousPage"] is (after is not None)
        assert (info["startCursor"], info["endCursor"]) == (page["edges"][0]["cursor"], page["edges"][-1]["cursor"])
        if not info["hasNextPage"]:
            break
        after = info["endCursor"]
    assert met == (list(range(10))[::-1] if order == BY_NAME else list(range(10)))


@pytest.mark.parametrize("order", [None, BY_NAME])
async def test_backward_every_object_is_met_once_and_each_page_keeps_the_order(
    ask: Asker, acme: Directory, order: dict[str, str] | None
):
    met: list[int] = []
    before = None
    while True:
        page = (await ask(acme.admin, USERS, last=4, before=before, order=order))["users"]
        met = places(acme, page) + met
        assert page["pageInfo"]["hasNextPage"] is (before is not None)
        if not page["pageInfo"]["hasPreviousPage"]:
            break
        before = page["pageInfo"]["startCursor"]
    assert met == (list(range(10))[::-1] if order == BY_NAME else list(range(10)))


async def test_a_page_may_be_bounded_on_both_sides(ask: Asker, acme: Directory):
    edges = (await ask(acme.admin, USERS))["users"]["edges"]
    bounds = {"after": edges[1]["cursor"], "before": edges[6]["cursor"]}
    assert places(acme, (await ask(acme.admin, USERS, **bounds))["users"]) == [2, 3, 4, 5]
    assert places(acme, (await ask(acme.admin, USERS, last=2, **bounds))["users"]) == [4, 5]


async def test_a_page_beyond_the_end_is_empty(ask: Asker, acme: Directory):
    end = (await ask(acme.admin, USERS))["users"]["pageInfo"]["endCursor"]
    page = (await ask(acme.admin, USERS, after=end))["users"]
    assert page["edges"] == []
    assert page["pageInfo"] == {
        "hasNextPage": False,
        "hasPreviousPage": True,
        "startCursor": None,
        "endCursor": None,
    }


async def test_fifty_are_given_when_no_number_is(ask: Asker, pool: asyncpg.Pool):
    many = await directory(pool, users=26)
    page = (await ask(many.admin, USERS))["users"]
    assert len(page["edges"]) == 50
    assert page["pageInfo"]["hasNextPage"]
    assert len((await ask(many.admin, USERS, first=100))["users"]["edges"]) == 52


@pytest.mark.parametrize(
    "arguments",
    [
        {"first": 0},
        {"first": -1},
        {"first": 101},
        {"last": 0},
        {"last": 101},
        {"first": 1, "last": 1},
        {"after": ""},
        {"after": "nonsense"},
        {"before": "é"},
        {"after": cursor("users.id+", "not an id")},
        {"after": cursor("users.id+")},
        {"after": cursor("users.id-", str(uuid4()))},
        {"after": cursor("users.name+", "person", str(uuid4()))},
        {"after": cursor("users.name+", "per\0son", str(uuid4())), "order": BY_NAME},
        {"after": cursor("locations.id+", str(uuid4()))},
        {"after": cursor("users.name+", "p" * 3_000, str(uuid4())), "order": BY_NAME},
        {"after": base64.urlsafe_b64encode(b'{"users.id+": 1}').decode()},
        {"after": base64.urlsafe_b64encode(b'["users.id+", 1]').decode()},
    ],
)
async def test_arguments_that_choose_no_page_are_told(ask: Asker, acme: Directory, arguments: dict[str, Any]):
    answer = await ask(acme.admin, USERS, **arguments)
    assert answer.data is None
    assert answer.failed == {"users": "BAD_USER_INPUT"}
    assert answer.statements == 0


async def test_a_cursor_of_one_order_or_list_is_none_of_another(ask: Asker, acme: Directory):
    end = (await ask(acme.admin, USERS, first=1))["users"]["pageInfo"]["endCursor"]
    answer = await ask(acme.admin, USERS, after=end, order=BY_NAME)
    assert answer.codes == ["BAD_USER_INPUT"]
    document = "query($org: ID!, $after: String) { org(id: $org) { locations(after: $after) { totalCount } } }"
    answer = await ask(acme.admin, document, org=acme.gid("Org"), after=end)
    assert answer.data == {"org": None}
    assert answer.failed == {"org.locations": "BAD_USER_INPUT"}


@pytest.mark.parametrize("listed", ["locations", "users", "phoneNumbers", "campaigns"])
async def test_a_list_is_counted_only_when_the_count_is_selected(ask: Asker, acme: Directory, listed: str):
    document = f"query($org: ID!) {{ org(id: $org) {{ {listed}(first: 1) {{ edges {{ node {{ id }} }} %s }} }} }}"
    plain = await ask(acme.admin, document % "", org=acme.gid("Org"))
    counted = await ask(acme.admin, document % "totalCount", org=acme.gid("Org"))
    assert (plain.statements, counted.statements) == (2, 3)
    assert (
        counted["org"][listed]["totalCount"]
        == {"locations": 2, "users": 10, "phoneNumbers": 21, "campaigns": 1}[listed]
    )
    assert len(counted["org"][listed]["edges"]) == 1


async def test_a_page_of_each_parent_is_one_statement(ask: Asker, acme: Directory):
    document = """query($org: ID!, $after: String) { org(id: $org) { locations { edges { node {
      users(first: 3, after: $after) { totalCount edges { node { id } } pageInfo { hasNextPage endCursor } }
    } } } } }"""
    answer = await ask(acme.admin, document, org=acme.gid("Org"))
    pages = [edge["node"]["users"] for edge in answer["org"]["locations"]["edges"]]
    assert [places(acme, page) for page in pages] == [[0, 1, 2], [5, 6, 7]]
    assert [page["totalCount"] for page in pages] == [5, 5]
    assert all(page["pageInfo"]["hasNextPage"] for page in pages)
    assert answer.statements == 4
    after = pages[0]["pageInfo"]["endCursor"]
    answer = await ask(acme.admin, document, org=acme.gid("Org"), after=after)
    pages = [edge["node"]["users"] for edge in answer["org"]["locations"]["edges"]]
    assert [places(acme, page) for page in pages] == [[3, 4], [5, 6, 7]]


async def test_a_page_of_a_parent_that_has_nothing_is_empty(ask: Asker, acme: Directory):
    document = """query($org: ID!) { org(id: $org) { locations { edges { node {
      users(filter: {search: "nobody"}) { totalCount edges { node { id } } pageInfo { hasNextPage } }
    } } } } }"""
    answer = await ask(acme.admin, document, org=acme.gid("Org"))
    empty = {"totalCount": 0, "edges": [], "pageInfo": {"hasNextPage": False}}
    assert [edge["node"]["users"] for edge in answer["org"]["locations"]["edges"]] == [empty, empty]
