"""The data directory and its locks."""

import os
import stat
import time

import pytest

from texting.data_dir import Membership, exclusive, make, open_lock
from texting.startup_error import StartupError


def test_the_directory_is_made_for_its_owner_alone(tmp_path):
    folder = tmp_path / "a" / "b"
    make(folder)
    make(folder)
    assert stat.S_IMODE(folder.stat().st_mode) & 0o077 == 0
    assert list(folder.iterdir()) == []


def test_a_directory_that_cannot_be_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(StartupError, match=r"cannot be written .* choose another with --data-dir"):
            make(folder)


def test_a_lock_is_held_by_one_alone_and_released_at_the_end(tmp_path):
    path = tmp_path / "lock"
    with (
        exclusive(path, seconds=0),
        pytest.raises(StartupError, match="another process holds"),
        exclusive(path, seconds=0),
    ):
        pytest.fail("two hold the lock")
    with exclusive(path, seconds=0):
        pass


def test_a_lock_is_waited_for(tmp_path):
    path = tmp_path / "lock"
    started = time.monotonic()
    with exclusive(path, seconds=0), pytest.raises(StartupError), exclusive(path, seconds=0.1):
        pytest.fail("two hold the lock")
    assert 0.1 <= time.monotonic() - started < 5


def test_a_lock_is_released_when_its_block_fails(tmp_path):
    path = tmp_path / "lock"
    with pytest.raises(ZeroDivisionError), exclusive(path, seconds=0):
        raise ZeroDivisionError
    with exclusive(path, seconds=0):
        pass


def test_the_last_member_knows_that_it_is_the_last(tmp_path):
    path = tmp_path / "members"
    first, second = Membership(path), Membership(path)
    assert not first.is_last()
    second.leave()
    assert first.is_last()
    first.leave()


def test_no_child_inherits_a_lock(tmp_path):
    descriptor = open_lock(tmp_path / "lock")
    try:
        assert not os.get_inheritable(descriptor)
    finally:
        os.close(descriptor)


def test_a_lock_that_cannot_be_opened_is_refused(tmp_path):
    with pytest.raises(StartupError, match="cannot be opened"):
        open_lock(tmp_path / "nowhere" / "lock")
