"""What the headers of a request say besides the operation."""

from uuid import UUID

import pytest

from tests.unit.texting.requests_made import made
from texting import request_facts
from texting.request_failure import RequestFailure


def with_header(name, value):
    return made(headers={name: value})


@pytest.mark.parametrize(
    ("header", "token"),
    [("Bearer abc", "abc"), ("bearer abc", "abc"), ("BEARER  abc ", "abc"), ("Bearer a b", "a b")],
)
def test_the_bearer_token_is_read_whatever_the_case_of_its_scheme(header, token):
    assert request_facts.bearer_token(with_header("Authorization", header)) == token


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic abc", "abc", "Bearerabc"])
def test_without_a_token_the_caller_is_told_how_to_send_one(header):
    with pytest.raises(RequestFailure, match="Authorization: Bearer") as failure:
        request_facts.bearer_token(with_header("Authorization", header))
    assert (failure.value.status, failure.value.code) == (401, "UNAUTHENTICATED")
    assert failure.value.headers == {"WWW-Authenticate": 'Bearer realm="texting"'}


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("fr-CA,fr;q=0.9", "fr-CA"),
        ("de;q=0.5", "en"),
        ("de, ja;q=0.5", "ja"),
        (" ja ", "ja"),
        ("", "en"),
        ("*", "en"),
        ("../../en", "en"),
        ("x" * 9, "en"),
        ("en;" + "x" * 1_000, "en"),
    ],
)
def test_the_language_liked_best(header, language):
    assert request_facts.language(with_header("Accept-Language", header)) == language


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("wait=3", 3),
        ("respond-async, wait=3", 3),
        ("WAIT = 3", 3),
        ('wait="3"; foo', 3),
        ("wait=0", 0),
        ("wait=999999", request_facts.WAIT_MAX_S),
        ("", 0),
        ("wait", 0),
        ("wait=-1", 0),
        ("wait=3s", 0),
        ("await=3", 0),
        ("wait=1e3", 0),
        ("wait=9999999", 0),
    ],
)
def test_how_long_the_caller_would_wait(header, seconds):
    assert request_facts.wait_s(with_header("Prefer", header)) == seconds


def test_the_callers_address_is_the_connections():
    assert request_facts.ip(made()) == "192.0.2.1"
    assert request_facts.ip(made(client=None)) is None


@pytest.mark.parametrize(
    ("header", "program"),
    [("curl/8", "curl/8"), ("", None), ("a\tb\x7fc", "abc"), ("x" * 500, "x" * 400), ("\t", None)],
)
def test_the_callers_program_is_shortened_and_printable(header, program):
    assert request_facts.user_agent(with_header("User-Agent", header)) == program


def test_each_tracking_id_is_another_uuidv7():
    one, other = request_facts.tracking_id(), request_facts.tracking_id()
    assert one != other
    assert UUID(one.removeprefix("BTM_")).version == 7
