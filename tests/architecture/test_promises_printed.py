"""What the command line, the settings and the access declarations promise is printed, and compared."""

from __future__ import annotations

from texting.printing import ACCESS, COMMANDS, OPERATING, access, commands, with_settings

AGAIN = "print it again: python -m texting.printing"


def test_the_commands_are_documented_as_they_help() -> None:
    assert COMMANDS.read_text(encoding="utf-8") == commands(), AGAIN


def test_the_settings_are_documented_as_they_are() -> None:
    document = OPERATING.read_text(encoding="utf-8")
    assert document.count("`TEXTING_DATA_DIR`") == 1
    assert with_settings(document) == document, AGAIN


def test_who_may_read_and_call_what_is_documented_as_it_is_declared() -> None:
    assert ACCESS.read_text(encoding="utf-8") == access(), AGAIN
