"""E-mails: how one must look, and that each is one user's within the organization."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from core.commands.problems import Path, Problems, shown
from core.commands.transaction import Transaction
from core.rules.names import email_key, is_email

EMAIL_LENGTH_MAX = 254
"""The longest address that mail can be delivered to (RFC 5321 §4.5.3.1.3)."""

_HOLDERS = "SELECT id, email_key, status FROM texting.users WHERE org_id = $1 AND email_key = ANY ($2::text[])"


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedEmail:
    """An e-mail that a user shall have. `path`: where the input says so; `user_id` `None` = the user is new."""

    path: Path
    email: str
    user_id: UUID | None = None


def read(problems: Problems, path: Path, value: str) -> str:
    """Check an e-mail's shape and give it trimmed, in normal form C."""
    found = len(problems.found)
    email = problems.text(path, value, longest=EMAIL_LENGTH_MAX)
    if len(problems.found) == found and not is_email(email):
        problems.add(
            path, "NOT_AN_EMAIL", f"`{shown(email)}` is no e-mail address: write one such as `ana@example.com`"
        )
    return email


async def refuse_taken(tx: Transaction, problems: Problems, wanted: Sequence[WantedEmail]) -> None:
    """Note every e-mail that another user has, or that the input names twice, in one statement."""
    if not wanted:
        return
    keys = [email_key(each.email) for each in wanted]
    rows = await tx.connection.fetch(_HOLDERS, tx.org_id, keys)
    holders = {row["email_key"]: row for row in rows}
    times = Counter(keys)
    for each, key in zip(wanted, keys, strict=True):
        holder = holders.get(key)
        if holder is not None and holder["id"] != each.user_id:
            whose = f"a user's here, who is {holder['status']}"
            problems.add(each.path, "EMAIL_TAKEN", f"`{each.email}` is already {whose}: give another one")
        elif times[key] > 1:
            problems.add(
                each.path, "EMAIL_TAKEN", f"`{each.email}` is named {times[key]} times: each user needs an own"
            )
