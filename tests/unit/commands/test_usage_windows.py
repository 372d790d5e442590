"""When a limit's window begins and when it empties."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.commands.usage import window_end, window_start
from core.rules.default_policy import DEFAULT_POLICY

BURST, DAILY = (DEFAULT_POLICY.limit(name) for name in ("user.burst", "org.daily"))
assert BURST is not None
assert DAILY is not None


def at(month, day, hour, minute=0):
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def test_a_sliding_window_began_its_length_ago_and_never_empties_at_once():
    assert window_start(BURST, at(3, 1, 12)) == at(3, 1, 12) - timedelta(seconds=60)
    assert window_end(BURST, at(3, 1, 12)) is None


@pytest.mark.parametrize(
    ("now", "began", "empties"),
    [
        (at(3, 1, 12), at(3, 1, 8), at(3, 2, 8)),
        (at(3, 1, 7, 59), at(2, 28, 8), at(3, 1, 8)),
        (at(3, 1, 8), at(3, 1, 8), at(3, 2, 8)),
        # The day on which summer time begins in California has 23 hours, the one on which it ends 25.
        (at(3, 8, 12), at(3, 8, 8), at(3, 9, 7)),
        (at(11, 1, 12), at(11, 1, 7), at(11, 2, 8)),
    ],
)
def test_a_window_that_resets_daily_goes_from_midnight_to_midnight_at_its_place(now, began, empties):
    assert (window_start(DAILY, now), window_end(DAILY, now)) == (began, empties)


def test_the_length_of_a_window_that_resets_daily_does_not_matter():
    assert window_start(replace(DAILY, window_s=1), at(3, 1, 12)) == at(3, 1, 8)
