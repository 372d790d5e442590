"""Pages by keyset: what a client may ask for, cursors, and where a page stands in its list."""

import base64
from contextlib import suppress
from uuid import UUID

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rules.names import SORT_NAME_LENGTH_MAX
from core.storage.pages import (
    PAGE_SIZE,
    PAGE_SIZE_MAX,
    Order,
    PageError,
    cursor,
    empty,
    page_request,
    take,
)

BY_ID = Order(name="things.id", keys=("id",))
NEWEST = Order(name="things.id", keys=("id",), descending=True)
BY_NAME = Order(name="things.name", keys=("sort_name", "id"), types=(str, UUID))
sort_names = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=SORT_NAME_LENGTH_MAX)


def row(number, name="n"):
    return {"id": UUID(int=number), "sort_name": name}


def ask(order=BY_ID, **arguments):
    return page_request(order, **({"first": None, "after": None, "last": None, "before": None} | arguments))


def forged(*content):
    return base64.urlsafe_b64encode(orjson.dumps(content)).rstrip(b"=").decode()


@given(st.uuids(), sort_names)
def test_a_cursor_reads_back_as_the_place_it_names(id, name):
    place = cursor(BY_NAME, {"id": id, "sort_name": name})
    assert ask(BY_NAME, after=place).after == (name, id)
    assert ask(BY_NAME, before=place).before == (name, id)


def test_the_longest_names_fit_into_a_cursor():
    name = "\N{GRINNING FACE}" * SORT_NAME_LENGTH_MAX
    assert ask(BY_NAME, after=cursor(BY_NAME, row(1, name))).after == (name, UUID(int=1))


@pytest.mark.parametrize(
    ("arguments", "size", "backward"),
    [
        ({}, PAGE_SIZE, False),
        ({"first": 1}, 1, False),
        ({"first": PAGE_SIZE_MAX}, PAGE_SIZE_MAX, False),
        ({"last": 7}, 7, True),
    ],
)
def test_how_many_and_from_which_end(arguments, size, backward):
    request = ask(**arguments)
    assert (request.size, request.backward, request.after, request.before) == (size, backward, None, None)


@pytest.mark.parametrize(
    "arguments",
    [{"first": 0}, {"first": -1}, {"first": PAGE_SIZE_MAX + 1}, {"last": 0}, {"last": 101}, {"first": 1, "last": 1}],
)
def test_a_size_that_is_none_is_refused_by_its_argument(arguments):
    with pytest.raises(PageError, match=f"`{next(iter(arguments))}`"):
        ask(**arguments)


@pytest.mark.parametrize("argument", ["after", "before"])
@pytest.mark.parametrize("order", [NEWEST, BY_NAME, Order(name="others.id", keys=("id",))])
def test_a_cursor_of_another_list_or_order_is_refused(order, argument):
    with pytest.raises(PageError, match=f"`{argument}` is a cursor of another list or order"):
        ask(**{argument: cursor(order, row(1))})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "!" * 20,
        "é",
        "A" * 2_001,
        base64.urlsafe_b64encode(b"things.id+").decode(),
        forged(),
        forged(1),
        forged("things.id+", 1),
        forged("things.id+", None),
        forged("things.id+", "no id"),
        forged("things.id+", ""),
        base64.urlsafe_b64encode(b'"things.id+"').decode(),
        base64.urlsafe_b64encode(b'{"things.id+": 1}').decode(),
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
    ],
)
def test_garbage_is_no_cursor(text):
    with pytest.raises(PageError, match="`after` is no cursor: give the `endCursor` or `startCursor` of a page"):
        ask(after=text)


@pytest.mark.parametrize("content", [["things.id+"], ["things.id+", str(UUID(int=1)), "x"]])
def test_a_cursor_with_too_few_or_too_many_values_is_of_another_list(content):
    with pytest.raises(PageError, match="of another list"):
        ask(after=forged(*content))


def test_a_forged_cursor_holds_no_text_that_the_database_could_not_take():
    with pytest.raises(PageError, match="`after` is no cursor"):
        ask(BY_NAME, after=forged("things.name+", "a\0b", str(UUID(int=1))))


@given(st.text(max_size=60) | st.binary(max_size=60).map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_any_text_is_a_cursor_or_refused(text):
    with suppress(PageError):
        assert ask(after=text).after is not None


@given(st.lists(st.integers(0, 99), unique=True, max_size=12), st.integers(1, 10), st.booleans())
def test_one_row_more_than_a_page_tells_that_there_is_another(numbers, size, backward):
    request = ask(last=size) if backward else ask(first=size)
    rows = [row(number) for number in sorted(numbers, reverse=backward)][: size + 1]
    page = take(request, rows)
    assert [node["id"].int for node in page.nodes] == sorted(numbers)[-size if backward else 0 :][:size]
    assert page.has_more == (len(numbers) > size)
    info = page.page_info
    assert (info.has_previous_page, info.has_next_page) == (
        (page.has_more, False) if backward else (False, page.has_more)
    )
    cursors = [edge.cursor for edge in page.edges]
    assert (info.start_cursor, info.end_cursor) == ((cursors[0], cursors[-1]) if cursors else (None, None))


def test_a_bound_tells_of_the_side_beyond_it():
    place = cursor(BY_ID, row(5))
    forward = take(ask(first=1, after=place), [row(6)])
    assert (forward.page_info.has_previous_page, forward.page_info.has_next_page) == (True, False)
    backward = take(ask(last=1, before=place), [row(4)])
    assert (backward.page_info.has_previous_page, backward.page_info.has_next_page) == (False, True)


def test_an_empty_page_has_no_cursors_and_nothing_to_count():
    page = empty(ask())
    assert (page.edges, page.total_count, page.page_info.end_cursor) == ([], 0, None)
