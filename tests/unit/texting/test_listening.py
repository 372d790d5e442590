"""Taking the address before anything is started."""

from __future__ import annotations

import errno
import socket

import pytest

from texting import listening
from texting.startup_error import StartupError


def test_a_free_port_is_taken_and_cannot_be_taken_again_once_it_is_listened_at() -> None:
    (taken,) = listening.bind("127.0.0.1", 0)
    with taken:
        taken.listen()
        port = listening.port_of([taken])
        with pytest.raises(StartupError, match=f"port `{port}` of `127.0.0.1` is in use"):
            listening.bind("127.0.0.1", port)


def test_every_address_of_a_name_gets_the_same_port() -> None:
    taken = listening.bind("localhost", 0)
    try:
        assert len({each.getsockname()[1] for each in taken}) == 1
        assert len({each.family for each in taken}) == len(taken)
    finally:
        for each in taken:
            each.close()


def test_nothing_stays_taken_when_one_address_cannot_be() -> None:
    with pytest.raises(StartupError, match="is no address of this machine: choose another with --host"):
        listening.bind("192.0.2.1", 0)


def test_what_is_to_be_changed_is_named_as_the_caller_says() -> None:
    named = listening.Named(host="TEXTING_HEALTH_HOST", port="TEXTING_HEALTH_PORT")
    (taken,) = listening.bind("127.0.0.1", 0)
    with taken:
        taken.listen()
        with pytest.raises(StartupError, match=r"is in use: .* or choose another with TEXTING_HEALTH_PORT$"):
            listening.bind("127.0.0.1", listening.port_of([taken]), named)
    with pytest.raises(StartupError, match=r"choose another with TEXTING_HEALTH_HOST$"):
        listening.bind("nowhere.invalid", 0, named)


@pytest.mark.parametrize("host", ["nowhere.invalid", "a" * 70])
def test_a_name_without_an_address_is_told(host: str) -> None:
    with pytest.raises(StartupError, match=f"`{host}` has no address to listen at"):
        listening.bind(host, 0)


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (errno.EACCES, "port `80` needs rights that this user does not have: choose one above 1023 with --port"),
        (errno.ENETDOWN, "port `80` of `h` cannot be had (`Network is down`): choose another with --port"),
    ],
)
def test_other_reasons_are_told_in_words(number: int, told: str) -> None:
    assert listening.refusal(OSError(number, "Network is down"), "h", 80) == told


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),
        ("::", "http://[::1]:8000"),
        ("::1", "http://[::1]:8000"),
        ("texting.example", "http://texting.example:8000"),
    ],
)
def test_the_address_is_one_that_a_client_here_can_use(host: str, url: str) -> None:
    assert listening.url(host, 8000) == url


def test_a_port_left_by_connections_that_just_ended_is_free() -> None:
    (first,) = listening.bind("127.0.0.1", 0)
    assert first.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR)
    first.close()
