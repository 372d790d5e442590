"""Whose act an entry tells, besides the subject: found in its text, for parsing it takes ten times as long.

What stands before `USER` is what the entry says of its actor's identity. Canonical JSON makes sure of that: keys are
sorted, so nothing that a caller wrote comes before it but texts, and a quote inside a text is escaped, so that no text
passes for a key.
"""

from __future__ import annotations

from uuid import UUID

from audit.canonical import encode_plain

USER = '"user":{'
"""Where the actor's own part begins: the first such object of an entry, `audit.entry` has none before it."""

PROVIDER, HOME = '"idp":', '"org_uid":'
"""What is there for a subject that an identity provider named, and for an actor of another organization."""


def provider(issuer: str) -> str:
    """Give what an entry says of an actor whom that identity provider named."""
    return PROVIDER + encode_plain({"uid": issuer}).decode()


def home(org_id: UUID) -> str:
    """Give what an entry says of an actor of that organization, where the record is another one's."""
    return HOME + encode_plain(str(org_id)).decode()
