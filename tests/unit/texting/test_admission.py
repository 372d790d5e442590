"""Callers may ask so often and so much at once; who asks more is told which limit it was."""

from uuid import UUID

import pytest

from core.principal import Principal
from texting import admission
from texting.admission import Admission, Buckets
from texting.request_failure import RequestFailure

ANA, BEN = (Principal(subject=name, name=None, org_id=UUID(int=1), grants=()) for name in ("ana", "ben"))


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
        free.begin(ANA)


@pytest.mark.parametrize(
    ("limits", "ask", "setting"),
    [
        ({"of_address": 1}, lambda it: it.arrive("192.0.2.1"), "TEXTING_ADDRESS_OPERATIONS_A_SECOND"),
        ({"of_principal": 1}, lambda it: it.ask(ANA), "TEXTING_OPERATIONS_A_SECOND"),
        ({"at_once": 2}, lambda it: it.begin(ANA), "TEXTING_OPERATIONS_AT_ONCE"),
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
        limited.begin(ANA)
        limited.begin(BEN)
        with pytest.raises(RequestFailure):
            limited.begin(ANA)
        limited.end(ANA)
        limited.end(BEN)
    assert not limited._running
