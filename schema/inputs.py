"""What inputs share: optional fields that tell absent from null, and the descriptions said in each of them."""

from typing import Any

import strawberry

REASON = "Why this is done, in words for the audit log."
EXPECTED_VERSION = (
    "The version the change was made upon; refused with VersionConflict when it is no longer the current one."
)
EFFECTIVE_FROM = "Since when the fact holds, not in the future; absent or null: from now."
IDEMPOTENCY_KEY = (
    "A key of the caller's choice, kept 7 days: the same key and input again give the same answer "
    "without doing it twice."
)
DRY_RUN = "True: answer what would happen, change nothing and record nothing."
EVIDENCE = "What the registry or carrier sent, kept with the record. No fractions; well below 64 kB."


def optional(description: str) -> Any:
    """Declare an input field that may be absent: it is then `strawberry.UNSET`, which is not null."""
    return strawberry.field(default=strawberry.UNSET, description=description)
