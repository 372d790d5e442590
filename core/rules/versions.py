"""Versions of the app (P4), compared component by component."""

import re
from dataclasses import dataclass
from functools import lru_cache

_VERSION = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9}){0,7}", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class AppVersion:
    """A version as its numeric components: 42.9 < 42.12 < 42.12.0.24485 < 43. Trailing zeros do not count."""

    components: tuple[int, ...]

    @classmethod
    def parse(cls, text: str | None) -> "AppVersion | None":
        """Read `42.12.0.24485`; blanks around it are trimmed. Anything else is `None`: unknown, not an error."""
        return _parse(text.strip()) if text is not None else None

    def __str__(self) -> str:
        """Write the components with dots; at least two, as the app does."""
        shown = self.components + (0,) * (2 - len(self.components))
        return ".".join(str(component) for component in shown)


@lru_cache(maxsize=4096)
def _parse(text: str) -> AppVersion | None:
    if not _VERSION.fullmatch(text):
        return None
    components = tuple(int(part) for part in text.split("."))
    while components and components[-1] == 0:
        components = components[:-1]
    return AppVersion(components)
