"""Ids and names as a person gives them on the command line; ids are the API's global ones, or plain UUIDs."""

from __future__ import annotations

import os
import pwd
from uuid import UUID

from core.ids import decode
from texting.startup_error import StartupError

SAID_MAX = 255


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
        raise StartupError(f"`{text[:80]}` is the id of another type, {found.type}: give one of {type_name}")
    if org_id is not None and found.org_id != org_id:
        raise StartupError(f"`{text[:80]}` is of another organization than --org")
    return found.id


def check_said(option: str, text: str, *, longest: int = SAID_MAX) -> None:
    """Check what a holder is called. Raises `StartupError` where a list or a log could not show it on one line."""
    if not text.strip() or not text.isprintable() or len(text) > longest:
        raise StartupError(f"{option} takes 1 to {longest} printable characters: give another one")


def account() -> str:
    """Name the account of this machine that runs the command, for the audit log."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid-{os.getuid()}"
