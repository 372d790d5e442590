"""How long the sealer rests between rounds."""

from audit.sealer import BATCH
from audit.sealing import BUSY, BUSY_INTERVAL_S, INTERVAL_S, rest_s


def test_the_sealer_rests_longer_where_writers_are_busy_and_not_at_all_behind_a_whole_batch() -> None:
    assert [rest_s(count) for count in (0, 1, BUSY - 1)] == [INTERVAL_S] * 3
    assert [rest_s(count) for count in (BUSY, BATCH - 1)] == [BUSY_INTERVAL_S] * 2
    assert rest_s(BATCH) == rest_s(3 * BATCH) == 0
    assert INTERVAL_S < BUSY_INTERVAL_S < 0.5
