"""What a person sees when a command fails."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from texting import failing
from texting.startup_error import StartupError
from texting.stopping import Stopped


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    # Not there yet, as before a first start.
    before = failing.folder.set(tmp_path / "data")
    yield tmp_path / "data"
    failing.folder.reset(before)


def _raising(error: BaseException) -> None:
    raise error


def test_a_command_that_ends_well_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert failing.guarded(lambda: None) == 0
    assert capsys.readouterr() == ("", "")


def test_a_known_reason_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert failing.guarded(lambda: _raising(StartupError("no port is free: free one"))) == 1
    assert capsys.readouterr() == ("", "texting: no port is free: free one\n")


@pytest.mark.parametrize("error", [Stopped(), KeyboardInterrupt()])
def test_an_interruption_is_told_and_has_its_own_status(
    error: BaseException, capsys: pytest.CaptureFixture[str]
) -> None:
    assert failing.guarded(lambda: _raising(error)) == 130
    assert capsys.readouterr().err == "texting: interrupted: what was committed stays\n"


def test_what_nobody_foresaw_is_one_sentence_and_a_traceback_in_a_file(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert failing.guarded(lambda: _raising(KeyError("a\nb"))) == 1
    told = capsys.readouterr().err
    assert told == f"texting: something failed inside (`KeyError: 'a\\nb'`): `{folder / 'errors.log'}` says where\n"
    log = folder / "errors.log"
    assert "in _raising" in log.read_text()
    assert stat.S_IMODE(log.stat().st_mode) == 0o600

    failing.guarded(lambda: _raising(ValueError("later")))
    assert log.read_text().count("Traceback") == 2


def test_a_traceback_that_cannot_be_kept_is_told_too(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "errors.log").mkdir(parents=True)
    assert failing.guarded(lambda: _raising(ValueError("x"))) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith("cannot be written: send this line to the people who run this service")
