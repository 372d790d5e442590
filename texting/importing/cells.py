"""Cells as they will be stored: checked by the rules that every change is checked by, so that none is refused later."""

import unicodedata
from collections.abc import Callable

from core.commands.problems import Problems

Blame = Callable[[str, str], None]
"""Told a column and why its cell is refused."""


def one_line(cell: str) -> str:
    """Give a cell in normal form C; line breaks in it are layout, as blanks are."""
    return " ".join(unicodedata.normalize("NFC", cell).split())


def checked(cell: str, column: str, *, longest: int, blame: Blame) -> str:
    """Give a cell's text, and blame its column for what no text may be."""
    problems = Problems()
    text = problems.text((column,), one_line(cell), longest=longest)
    for problem in problems.found:
        blame(column, problem.message)
    return text
