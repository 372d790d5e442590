"""How long the sealer rests between rounds."""

from audit.sealer import BATCH
from audit.sealing import BUSY, INTERVAL_S, PERIOD_S, rest_s


def test_it_rests_a_moment_while_little_is_written() -> None:
    assert [rest_s(count, 0.01) for count in (0, 1, BUSY - 1)] == [INTERVAL_S] * 3


def test_rounds_of_many_records_begin_a_period_apart_however_long_they_take() -> None:
    assert [rest_s(count, 0.05) for count in (BUSY, BATCH - 1)] == [PERIOD_S - 0.05] * 2
    assert rest_s(BUSY, 3.0) == 0


def test_it_does_not_rest_while_more_is_waiting_than_a_round_takes() -> None:
    assert rest_s(BATCH, 0.05) == rest_s(3 * BATCH, 0.05) == 0


def test_a_seal_comes_four_times_a_second() -> None:
    assert INTERVAL_S < PERIOD_S <= 0.25
