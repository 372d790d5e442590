"""Callers may ask so often and so much at once; who asks more is told which limit it was."""

from dataclasses import replace
from uuid import UUID

import pytest

from core.principal import Principal
from texting import admission
from texting.admission import Admission, Buckets
from texting.request_failure import RequestFailure

ANA, BEN = (Principal(subject=name, name=None, org_id=UUID(int=1), grants=()) for name in ("ana", "ben"))

LASTING = []


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


def test_a_quiet_caller_has_a_burst_and_then_its_rate():
    clock = Clock()
    buckets = Buckets(8, clock)
    assert [buckets.take("a") for _ in range(17)] == [True] * 16 + [False]
    clock.now += 0.125
    assert [buckets.take("a") for _ in range(2)] == [True, False]
    clock.now += 1_000
    assert [buckets.take("a") for _ in range(17)] == [True] * 16 + [False]


def test_callers_do_not_use_each_others_rate():
    buckets = Buckets(1, Clock())
    assert [buckets.take("a"), buckets.take("a"), buckets.take("a"), buckets.take("b")] == [True, True, False, True]


def test_only_so_many_callers_are_remembered(monkeypatch):
    monkeypatch.setattr(admission, "CALLERS_KEPT", 3)
    buckets = Buckets(1, Clock())
    for number in range(100):
        buckets.take(number)
    assert len(buckets._left) == 3


def test_no_limit_is_none():
    free = Admission()
    for _ in range(10_000):
        free.arrive("192.0.2.1")
        free.ask(ANA)
        with free.stream(), free.running(ANA), free.running(ANA, follows=True), free.socket("192.0.2.1") as socket:
            socket.belongs_to(ANA)


def run(admission, who=ANA, *, follows=False):
    """Let one operation run until the test is over."""
    running = admission.running(who, follows=follows)
    running.__enter__()
    LASTING.append(running)


def stream(admission):
    """Leave an event stream open until the test is over."""
    opened = admission.stream()
    opened.__enter__()
    LASTING.append(opened)


def connect(admission, who=ANA, *, address="192.0.2.1"):
    """Leave a socket open until the test is over, signed in or, without a caller, not."""
    socket = admission.socket(address)
    socket.__enter__()
    if who is not None:
        socket.belongs_to(who)
    LASTING.append(socket)


@pytest.fixture(autouse=True)
def lasting():
    yield
    LASTING.clear()


@pytest.mark.parametrize(
    ("limits", "ask", "setting"),
    [
        ({"of_address": 1}, lambda it: it.arrive("192.0.2.1"), "TEXTING_ADDRESS_OPERATIONS_A_SECOND"),
        ({"of_principal": 1}, lambda it: it.ask(ANA), "TEXTING_OPERATIONS_A_SECOND"),
        ({"at_once": 2}, run, "TEXTING_OPERATIONS_AT_ONCE"),
        ({"followed": 2}, lambda it: run(it, follows=True), "TEXTING_SUBSCRIPTIONS_AT_ONCE"),
        ({"sockets": 2}, connect, "of one caller at once .TEXTING_SOCKETS_AT_ONCE"),
        ({"sockets": 2}, lambda it: connect(it, None), "of one address not signed in .TEXTING_SOCKETS_AT_ONCE"),
        ({"all_sockets": 2}, lambda it: connect(it, ANA), "TEXTING_PROCESS_SOCKETS_AT_ONCE"),
        ({"all_streams": 2}, stream, "TEXTING_PROCESS_STREAMS_AT_ONCE"),
    ],
)
def test_a_refusal_says_which_limit_and_when_to_come_again(limits, ask, setting):
    limited = Admission(**limits, clock=Clock())
    ask(limited)
    ask(limited)
    with pytest.raises(RequestFailure, match=setting) as refused:
        ask(limited)
    assert (refused.value.status, refused.value.headers) == (429, {"Retry-After": "1"})


def test_what_has_ended_makes_room():
    limited = Admission(at_once=1)
    for _ in range(3):
        with limited.running(ANA), limited.running(BEN), pytest.raises(RequestFailure), limited.running(ANA):
            pass
    assert not limited._running


@pytest.mark.parametrize("limits", [{"sockets": 1}, {"all_sockets": 1}])
@pytest.mark.parametrize("who", [ANA, None])
def test_a_socket_that_has_ended_or_was_never_let_in_holds_no_place(limits, who):
    limited = Admission(**limits)
    for _ in range(3):
        with limited.socket("192.0.2.1") as first:
            if who is not None:
                first.belongs_to(who)
            with pytest.raises(RequestFailure), limited.socket("192.0.2.1") as second:
                second.belongs_to(ANA)
    assert not limited._running


def test_a_socket_is_its_address_s_until_it_signs_in_and_then_its_caller_s():
    limited = Admission(sockets=1)
    with limited.socket("192.0.2.1") as first:
        with limited.socket("192.0.2.2") as second, pytest.raises(RequestFailure):
            connect(limited, None, address="192.0.2.1")
        first.belongs_to(ANA)
        with limited.socket("192.0.2.1") as second:
            with pytest.raises(RequestFailure):
                second.belongs_to(ANA)
            second.belongs_to(BEN)


def test_sockets_leave_room_for_what_runs():
    limited = Admission(at_once=1, followed=1, sockets=1, all_sockets=1, all_streams=1)
    connect(limited)
    stream(limited)
    run(limited)
    run(limited, follows=True)


def test_what_lasts_leaves_room_for_what_ends():
    limited = Admission(at_once=1, followed=1)
    with limited.running(ANA, follows=True), limited.running(ANA), pytest.raises(RequestFailure):
        run(limited, follows=True)


def test_a_subject_is_another_caller_in_another_organization_or_of_another_provider():
    limited = Admission(of_principal=1, at_once=1, clock=Clock())
    for who in (ANA, replace(ANA, org_id=UUID(int=2)), replace(ANA, issuer="https://id.example")):
        limited.ask(who)
        limited.ask(who)
        run(limited, who)


async def test_queries_of_one_caller_take_turns_and_nobody_else_waits_for_them(monkeypatch):
    monkeypatch.setattr(admission, "TURN_WAIT_S", 0.01)
    limited = Admission(turns=1)
    with limited.running(ANA), limited.running(ANA), limited.running(BEN):
        async with limited.turn(ANA):
            async with limited.turn(BEN):
                pass
            with pytest.raises(RequestFailure, match="1 queries of one caller side by side") as refused:
                async with limited.turn(ANA):
                    pass
        assert refused.value.status == 429
        async with limited.turn(ANA):
            pass
    assert not limited._queues
