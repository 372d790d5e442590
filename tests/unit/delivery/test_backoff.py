from datetime import timedelta
from itertools import pairwise
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from core.delivery.backoff import FIRST_S, LONGEST_S, SPREAD, rest


@given(st.integers(min_value=-1, max_value=10**9), st.uuids())
def test_a_rest_is_never_shorter_than_the_first_nor_longer_than_the_longest(attempts, message_id):
    assert timedelta(seconds=FIRST_S) <= rest(attempts, message_id) <= timedelta(seconds=LONGEST_S * (1 + SPREAD))


@given(st.uuids())
def test_each_rest_is_at_least_as_long_as_the_one_before(message_id):
    rests = [rest(attempts, message_id) for attempts in range(1, 30)]
    assert all(later >= earlier for earlier, later in pairwise(rests))
    assert rests[0] < rests[5] < rests[-1]


def test_texts_that_were_throttled_together_do_not_come_back_together():
    assert len({rest(3, UUID(int=number)) for number in range(256)}) == 256
