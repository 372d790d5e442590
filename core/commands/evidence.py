"""What a registry or carrier answered, as it was given: any JSON that the log can keep (`audit.canonical`)."""

from typing import Any

from audit.canonical import CanonicalError, canonical_free
from core.commands.absent import Given, or_none
from core.commands.problems import Path, Problems


def read(problems: Problems, path: Path, value: Given[Any]) -> Any:
    """Check evidence and give it; `None` when there is none. `path` names the input field."""
    evidence = or_none(value)
    if evidence is None:
        return None
    try:
        canonical_free(evidence, path=path[-1])
    except CanonicalError as error:
        inner = (_unescaped(each) for each in error.path.split("/")[1:])
        problems.add((*path, *inner), "NOT_CANONICAL", str(error))
    return evidence


def _unescaped(token: str) -> str:
    return token.replace("~1", "/").replace("~0", "~")
