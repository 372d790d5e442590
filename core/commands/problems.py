"""Everything that is wrong with an input, gathered before it is refused, so that one answer lists it all."""

import re
import unicodedata
from datetime import datetime

from core.commands.refusals import InvalidInput, Problem, Refused

Path = tuple[str, ...]

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_CONTROL_IN_LINES = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SHOWN = 40
_UNSEEN = frozenset({"Cc", "Cf", "Zl", "Zp", "Zs"})
"""Categories of characters of which nothing is drawn (Unicode §4.5)."""


class Problems:
    """The faults found so far. Paths are in GraphQL's spelling, list positions as decimal strings."""

    def __init__(self) -> None:
        """Start with none."""
        self.found: list[Problem] = []

    def add(self, path: Path, code: str, message: str) -> None:
        """Note one fault; `message` names the value and says what to do next."""
        self.found.append(Problem(path=path, code=code, message=message))

    def refuse(self) -> None:
        """Raise `Refused` with every fault found; do nothing when there is none."""
        if not self.found:
            return
        first = self.found[0].message
        message = first if len(self.found) == 1 else f"{len(self.found)} problems, the first: {first}"
        raise Refused(InvalidInput(message=message, problems=tuple(self.found)))

    def text(self, path: Path, value: str, *, longest: int, lines: bool = False) -> str:
        """Check a text and give it trimmed, in normal form C. `lines`: may have line breaks and tabs."""
        name = path[-1]
        if _is_broken(value):
            self.add(path, "NOT_UNICODE", f"`{name}` holds half a character: remove lone surrogates")
            return ""
        text = unicodedata.normalize("NFC", value).strip()
        if "\0" in value:
            self.add(path, "NUL_CHARACTER", f"`{shown(value)}` holds a NUL character: remove it from `{name}`")
        elif (_CONTROL_IN_LINES if lines else _CONTROL).search(text):
            self.add(path, "CONTROL_CHARACTER", f"`{shown(value)}` holds a control character: remove it from `{name}`")
        elif not _shows(text):
            self.add(path, "EMPTY", f"`{name}` is `{shown(value)}`, which is empty: give 1 to {longest} characters")
        elif len(text) > longest:
            self.add(path, "TOO_LONG", f"`{shown(text)}` has {len(text)} characters: `{name}` takes at most {longest}")
        return text

    def required_text(self, path: Path, value: str | None, *, longest: int, lines: bool = False) -> str:
        """Check a text that cannot be cleared."""
        self.not_null(path, value)
        return "" if value is None else self.text(path, value, longest=longest, lines=lines)

    def optional_text(self, path: Path, value: str | None, *, longest: int, lines: bool = False) -> str | None:
        """Check a text that may be null; one of blanks alone is null too."""
        if value is None or (not value.strip() and "\0" not in value):
            return None
        return self.text(path, value, longest=longest, lines=lines)

    def not_null(self, path: Path, value: object) -> None:
        """Check that a value which cannot be cleared was not given as null."""
        if value is None:
            self.add(path, "NOT_CLEARABLE", f"`null` would clear `{path[-1]}`, which always has a value: leave it out")

    def not_future(self, path: Path, moment: datetime | None, now: datetime) -> None:
        """Check that a time has come."""
        if moment is not None and moment > now:
            self.add(
                path,
                "IN_THE_FUTURE",
                f"`{moment.isoformat()}` is in the future: give a time until `{now.isoformat()}`",
            )


def place(at: int, count: int) -> Path:
    """Give what the paths of one of `count` things begin with: its position, unless it is the only one."""
    return () if count == 1 else (str(at),)


def shown(value: object) -> str:
    """Cut a value to what a message can repeat: one line, at most 40 characters, no backticks."""
    text = str(value).encode("utf-8", "replace").decode()
    one_line = _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text).replace("`", "'")
    return one_line if len(one_line) <= _SHOWN else one_line[:_SHOWN] + "…"


def _shows(text: str) -> bool:
    """Say whether anything of a text can be seen: blanks, joiners and marks of direction alone cannot."""
    return any(unicodedata.category(char) not in _UNSEEN for char in text)


def _is_broken(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return True
    return False
