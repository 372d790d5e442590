"""Lists by named conditions: what a combination is, and how rows become pages."""

from uuid import UUID

import pytest

from core.storage.audit_records import NEWEST_FIRST, RECORDS
from core.storage.listing import (
    EVERYTHING,
    NOTHING,
    Shape,
    Where,
    condition,
    conditions,
    count_statement,
    fetch_by,
    fetch_ids,
    fetch_page,
    fetch_pages,
    fetch_where,
    lookup_statement,
    page_statement,
)
from core.storage.pages import page_request
from core.storage.users import BY_ID, BY_NAME, USERS, where

ORG, A, B, C = (UUID(int=number) for number in range(4))


class Fetched:
    """Answers what it was given, and remembers what it was asked."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []

    async def __call__(self, statement, /, *, row=None, **values):
        statement.arguments(values)
        self.asked.append((statement, row, values))
        return self.answers.pop(0)


def request(order=BY_ID, **arguments):
    return page_request(order, **({"first": None, "after": None, "last": None, "before": None} | arguments))


def test_conditions_are_those_that_are_given():
    assert conditions({"a": 1, "b": None, "c": False}) == Where(
        names=frozenset({"a", "c"}), values={"a": 1, "c": False}
    )
    assert conditions({}) == EVERYTHING


def test_both_of_two_conditions_hold():
    both = condition("a", x=1) & condition("b", y=2)
    assert both == Where(names=frozenset({"a", "b"}), values={"x": 1, "y": 2})
    assert (both & NOTHING).nothing
    assert (NOTHING & both).nothing
    assert both & EVERYTHING == both


def test_one_combination_is_compiled_once_whatever_its_values_are():
    shape = Shape(names=frozenset({"status"}), order=BY_ID)
    assert page_statement(USERS, shape) is page_statement(USERS, Shape(names=frozenset({"status"}), order=BY_ID))
    assert page_statement(USERS, shape) is not page_statement(USERS, Shape(names=frozenset(), order=BY_ID))


@pytest.mark.parametrize("statement", [count_statement, lookup_statement])
def test_every_statement_names_the_organization(statement):
    assert "org_id = $" in statement(USERS, Shape(names=frozenset())).sql


@pytest.mark.parametrize(
    ("backward", "descending", "after", "before", "order", "compared"),
    [
        (False, False, True, False, "ASC", ">"),
        (False, False, False, True, "ASC", "<"),
        (True, False, False, True, "DESC", "<"),
        (True, False, True, False, "DESC", ">"),
        (False, True, True, False, "DESC", "<"),
        (False, True, False, True, "DESC", ">"),
        (True, True, False, True, "ASC", ">"),
        (True, True, True, False, "ASC", "<"),
    ],
)
def test_a_bound_lies_on_its_side_in_every_direction(backward, descending, after, before, order, compared):
    made = type(BY_ID)(name="x", keys=("id",), descending=descending)
    shape = Shape(names=frozenset(), order=made, backward=backward, after=after, before=before)
    sql = " ".join(page_statement(USERS, shape).sql.split())
    assert f"ORDER BY texting.users.id {order} LIMIT" in sql
    side = "after_0" if after else "before_0"
    place = page_statement(USERS, shape).names.index(side) + 1
    assert f"texting.users.id {compared} ${place}" in sql


async def test_a_page_asks_for_one_row_more_and_counts_only_when_wanted():
    fetch = Fetched([{"id": A}, {"id": B}, {"id": C}], [{"total": 9}])
    wanted = request(first=2)
    page = await fetch_page(fetch, USERS, wanted, org=ORG, where=where(status="ACTIVE"), counted=True)
    assert ([node["id"] for node in page.nodes], page.has_more, page.total_count) == ([A, B], True, 9)
    [(_, kind, values), (_, _, counted)] = fetch.asked
    assert kind is USERS.row
    assert (values["page_size"], values["org_id"], values["status"]) == (3, ORG, "ACTIVE")
    assert "page_size" not in counted
    fetch = Fetched([])
    assert (await fetch_page(fetch, USERS, wanted, org=ORG, where=where(), counted=False)).total_count is None


async def test_the_values_of_a_bound_are_given_by_place():
    fetch = Fetched([])
    after = f"{0:08x}"
    wanted = type(request())(order=BY_NAME, size=5, after=(after, A))
    await fetch_page(fetch, USERS, wanted, org=ORG, where=where(), counted=False)
    assert (fetch.asked[0][2]["after_0"], fetch.asked[0][2]["after_1"]) == (after, A)


async def test_each_parent_gets_its_page_in_the_order_asked_for():
    rows = [{"parent": 1, "id": C}, {"parent": 2, "id": B}, {"parent": 1, "id": A}]
    fetch = Fetched(rows, [{"parent": 2, "total": 1}, {"parent": 1, "total": 7}, {"parent": 3, "total": 0}])
    pages = await fetch_pages(
        fetch,
        USERS,
        request(first=1),
        org=ORG,
        by="location_id",
        parents=[B, A, B, C],
        where=where(),
        counted=True,
    )
    assert [[node["id"] for node in page.nodes] for page in pages] == [[C], [B], [C], []]
    assert [page.has_more for page in pages] == [True, False, True, False]
    assert [page.total_count for page in pages] == [7, 1, 7, 0]
    assert fetch.asked[0][2]["parents"] == [B, A, C]


async def test_parents_that_are_named_by_text_are_asked_for_as_text():
    fetch = Fetched([{"parent": 1, "id": C}], [{"parent": 1, "total": 1}])
    pages = await fetch_pages(
        fetch,
        RECORDS,
        request(NEWEST_FIRST),
        org=ORG,
        by="correlation_id",
        parents=[A, B, A],
        where=EVERYTHING,
        counted=True,
    )
    assert [[node["id"] for node in page.nodes] for page in pages] == [[C], [], [C]]
    assert fetch.asked[0][2]["parents"] == [str(A), str(B)]
    assert all("unnest($1::TEXT[])" in statement.sql for statement, _, _ in fetch.asked)


def test_a_page_is_sorted_by_the_table_that_a_condition_joins():
    shape = Shape(names=frozenset({"involves"}), order=NEWEST_FIRST, after=True)
    sql = " ".join(page_statement(RECORDS, shape).sql.split())
    assert "FROM audit.record, audit.involvement WHERE" in sql
    assert "audit.involvement.record_id < $" in sql
    assert "ORDER BY audit.involvement.record_id DESC" in sql
    alone = " ".join(page_statement(RECORDS, Shape(names=frozenset(), order=NEWEST_FIRST)).sql.split())
    assert "ORDER BY audit.record.id DESC" in alone


async def test_what_nothing_can_satisfy_is_not_asked():
    fetch = Fetched()
    assert (await fetch_page(fetch, USERS, request(), org=ORG, where=NOTHING, counted=True)).total_count == 0
    for parents, which in (([A], NOTHING), ([], EVERYTHING)):
        pages = await fetch_pages(
            fetch, USERS, request(), org=ORG, by="location_id", parents=parents, where=which, counted=True
        )
        assert [page.total_count for page in pages] == [0] * len(parents)
    assert await fetch_by(fetch, USERS, "id", [A], org=ORG, where=NOTHING) == []
    assert await fetch_by(fetch, USERS, "id", [], org=ORG, where=EVERYTHING) == []
    assert await fetch_ids(fetch, USERS, [None], org=ORG, where=EVERYTHING) == {}
    assert await fetch_where(fetch, USERS, org=ORG, where=NOTHING) == []
    assert fetch.asked == []


async def test_rows_by_id_are_asked_for_once_each():
    fetch = Fetched([{"id": B}, {"id": A}])
    assert list(await fetch_ids(fetch, USERS, [A, None, B, A], org=ORG, where=EVERYTHING)) == [B, A]
    assert fetch.asked[0][2]["keys"] == [A, B]


def test_a_search_for_blanks_asks_nothing():
    assert where(search="  ") == EVERYTHING
    assert where(search="An").names == {"search"}
    assert where(override_is_redundant=False).names == {"not_redundant"}


@pytest.mark.parametrize(("listing", "by", "named"), [(USERS, "location_id", A), (RECORDS, "correlation_id", str(A))])
async def test_a_parent_that_is_alone_is_asked_for_by_itself(listing, by, named):
    fetch = Fetched([{"id": B}, {"id": C}], [{"total": 9}])
    order = BY_ID if listing is USERS else NEWEST_FIRST
    asked = {"org": ORG, "by": by, "parents": [A, A], "where": EVERYTHING, "counted": True}
    pages = await fetch_pages(fetch, listing, request(order, first=1), **asked)
    assert [([node["id"] for node in page.nodes], page.has_more, page.total_count) for page in pages] == [
        ([B], True, 9),
        ([B], True, 9),
    ]
    assert all(values["parent"] == named for _, _, values in fetch.asked)
    assert all("unnest" not in statement.sql for statement, _, _ in fetch.asked)


async def test_a_value_that_is_alone_is_looked_up_by_itself():
    fetch = Fetched([{"id": A}], [{"id": A}, {"id": B}])
    assert list(await fetch_ids(fetch, USERS, [A, None, A], org=ORG, where=EVERYTHING)) == [A]
    assert list(await fetch_ids(fetch, USERS, [A, B], org=ORG, where=EVERYTHING)) == [A, B]
    (one, _, values), (several, _, more) = fetch.asked
    assert (values["key"], more["keys"]) == (A, [A, B])
    assert ("ANY" in one.sql, "ANY" in several.sql) == (False, True)
