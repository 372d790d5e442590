"""What the command line and the settings promise is printed into the documents, and compared."""

from __future__ import annotations

from texting.printing import COMMANDS, OPERATING, commands, with_settings

AGAIN = "print it again: python -m texting.printing"


def test_the_commands_are_documented_as_they_help() -> None:
    assert COMMANDS.read_text(encoding="utf-8") == commands(), AGAIN


def test_the_settings_are_documented_as_they_are() -> None:
    document = OPERATING.read_text(encoding="utf-8")
    assert document.count("`TEXTING_DATA_DIR`") == 1
    assert with_settings(document) == document, AGAIN
