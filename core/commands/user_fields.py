"""What is told of a user: name, e-mail, app version, each checked and stored with its normal form."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from core.commands import emails
from core.commands.absent import Absent, Given
from core.commands.orgs import NAME_LENGTH_MAX
from core.commands.problems import Path, Problems
from core.rules.enums import UserStatus
from core.rules.names import email_key, sort_name
from core.storage.rows import UserRow

APP_VERSION_LENGTH_MAX = 100
"""What an app says of itself is kept as reported, readable or not, up to this length."""


def name(problems: Problems, path: Path, value: Given[str | None]) -> dict[str, Any]:
    """Check a name and give its columns."""
    if isinstance(value, Absent):
        return {}
    text = problems.required_text(path, value, longest=NAME_LENGTH_MAX)
    return {"display_name": text, "sort_name": sort_name(text)}


def email(problems: Problems, path: Path, value: Given[str | None]) -> dict[str, Any]:
    """Check an e-mail and give its columns."""
    if isinstance(value, Absent):
        return {}
    problems.not_null(path, value)
    text = "" if value is None else emails.read(problems, path, value)
    return {"email": text, "email_key": email_key(text)}


def app_version(problems: Problems, path: Path, value: Given[str | None], seen_at: datetime) -> dict[str, Any]:
    """Check what an app reported and give its columns; null: it never reported anything."""
    if isinstance(value, Absent):
        return {}
    text = problems.optional_text(path, value, longest=APP_VERSION_LENGTH_MAX)
    return {"app_version": text, "app_version_seen_at": None if text is None else seen_at}


def refuse_departed(problems: Problems, users: Iterable[tuple[Path, UserRow]]) -> None:
    """Note users that are with the organization no more; `path`: where the input names them."""
    for path, user in users:
        if user.status != UserStatus.ACTIVE:
            problems.add(
                path, "NOT_ACTIVE", f"the user is `{user.status}`, which is final: choose another one, or create one"
            )
