"""What a registry or carrier answered, as it was given: any JSON that the log can keep (`audit.canonical`)."""

from typing import Any

from audit.canonical import CanonicalError, canonical_free
from core.commands.absent import Given, or_none
from core.commands.problems import Path, Problems

_LEVELS = 4
"""Levels of the record around what it holds, and one to spare."""


def read(problems: Problems, path: Path, value: Given[Any]) -> Any:
    """Check evidence and give it; `None` when there is none. `path` names the input field."""
    evidence = or_none(value)
    if evidence is None:
        return None
    try:
        # As deep as the log will keep it: a record holds it some levels down.
        canonical_free([[[[evidence]]]], path=path[-1])
    except CanonicalError as error:
        _, *steps = error.path.split("/")
        where = (*path, *(_unescaped(step) for step in steps[_LEVELS:]))
        problems.add(where, "NOT_CANONICAL", f"`{'.'.join(where)}` {error.problem}")
    return evidence


def _unescaped(token: str) -> str:
    return token.replace("~1", "/").replace("~0", "~")
