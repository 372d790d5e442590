"""Which media type an answer has (GraphQL over HTTP §6.2, RFC 9110 §12.5.1)."""

import pytest

from texting.media import GRAPHQL, JSON, choose, is_json


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, JSON),
        ("", JSON),
        ("  ", JSON),
        ("*/*", JSON),
        ("application/json", JSON),
        ("APPLICATION/JSON", JSON),
        ("application/*", JSON),
        (GRAPHQL, GRAPHQL),
        (f"{GRAPHQL}, application/json", JSON),
        (f"{GRAPHQL}, application/json;q=0.9", GRAPHQL),
        (f"application/json;q=0.5,{GRAPHQL};q=0.4", JSON),
        ("application/json;q=0, */*", GRAPHQL),
        (f"{GRAPHQL};q=0, */*;q=0.1", JSON),
        ("text/event-stream, application/json", JSON),
        ("text/html, */*;q=0.8", JSON),
        ("application/*;q=0.2, application/json;q=0.1", GRAPHQL),
        (f"application/json ; q = 0.2 , {GRAPHQL}; charset=utf-8", GRAPHQL),
        (f"application/json;q=nonsense, {GRAPHQL};q=0.5", JSON),
        ("application/json;q=2", JSON),
        (f"{GRAPHQL}, ,", GRAPHQL),
    ],
)
def test_the_most_wanted_type_that_is_offered(accept, chosen):
    assert choose(accept) == chosen


@pytest.mark.parametrize(
    "accept", ["text/html", "text/*", "application/json;q=0", "*/*;q=0", "application/xml", ";q=1"]
)
def test_a_client_that_takes_neither_gets_none(accept):
    assert choose(accept) is None


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "Application/JSON",
        " application/json ; charset=utf-8",
        'application/json; charset="UTF-8"',
        "application/json; charset=utf8",
        "application/json; version=1",
    ],
)
def test_a_body_in_json(content_type):
    assert is_json(content_type)


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/jsonp",
        "application/json; charset=latin-1",
        "application/x-www-form-urlencoded",
        GRAPHQL,
    ],
)
def test_a_body_in_something_else(content_type):
    assert not is_json(content_type)
