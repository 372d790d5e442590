"""Whatever order receipts come in, the message ends where the state machine says, and never falls back."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from core.rules.enums import MessageStatus as Status
from core.rules.states import MESSAGE, MESSAGE_RANK, after_receipt, is_terminal

reports = st.lists(st.sampled_from((Status.SENT, Status.DELIVERED, Status.UNDELIVERED, Status.DELIVERY_UNKNOWN)))
listening = st.sampled_from((Status.QUEUED, Status.SENDING, Status.SENT))
ENDS = (Status.DELIVERED, Status.UNDELIVERED)


def path(start, reported):
    statuses = [start]
    for status in reported:
        statuses.append(after_receipt(statuses[-1], status))
    return statuses


@given(listening, reports)
def test_the_first_end_that_is_reported_holds_whatever_comes_before_and_after(start, reported):
    first = next((status for status in reported if status in ENDS), None)
    reached = Status.SENT if Status.SENT in reported else start
    assert path(start, reported)[-1] == (first or reached)


@given(st.sampled_from(Status), reports)
def test_no_receipt_lowers_a_message(start, reported):
    assert all(MESSAGE_RANK[before] <= MESSAGE_RANK[after] for before, after in pairwise(path(start, reported)))


@given(st.sampled_from([status for status in Status if is_terminal(MESSAGE, status)]), reports)
def test_a_message_that_is_over_hears_nothing(start, reported):
    assert set(path(start, reported)) == {start}


@given(reports, st.randoms())
def test_a_message_given_up_is_replaced_by_delivered_alone_in_any_order(reported, chance):
    shuffled = chance.sample(reported, len(reported))
    wanted = Status.DELIVERED if Status.DELIVERED in reported else Status.DELIVERY_UNKNOWN
    assert path(Status.DELIVERY_UNKNOWN, reported)[-1] == path(Status.DELIVERY_UNKNOWN, shuffled)[-1] == wanted


@given(listening, reports)
def test_a_receipt_that_comes_again_changes_nothing(start, reported):
    assert path(start, reported)[-1] == path(start, [status for status in reported for _ in range(2)])[-1]
