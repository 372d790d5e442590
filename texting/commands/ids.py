"""Ids as a person gives them on the command line: the API's global ids, or plain UUIDs."""

from __future__ import annotations

import os
import pwd
from uuid import UUID

from core.ids import decode
from texting.startup_error import StartupError


def org_of(text: str) -> UUID:
    """Read the id of an organization. Raises `StartupError`."""
    return id_of("Org", text)


def id_of(type_name: str, text: str, *, org_id: UUID | None = None) -> UUID:
    """Read the id of an object, which must be of that organization where the id itself names one.

    Raises:
        StartupError: it is none, or names something else.
    """
    found = decode(text)
    if found is None:
        try:
            return UUID(text)
        except ValueError:
            raise StartupError(f"`{text[:80]}` is no id: copy it from an answer of the API") from None
    if found.type != type_name:
        raise StartupError(f"`{text[:80]}` is the id of a {found.type}: give one of a {type_name}")
    if org_id is not None and found.org_id != org_id:
        raise StartupError(f"`{text[:80]}` is of another organization than --org")
    return found.id


def account() -> str:
    """Name the account of this machine that runs the command, for the audit log."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid-{os.getuid()}"
