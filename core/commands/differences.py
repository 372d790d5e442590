"""What a change alters, and how a record shows it: the API's names and ids, personal values erasable."""

from collections.abc import Mapping
from functools import cache
from typing import Any, Protocol
from uuid import UUID

from audit.record import Erasable
from core.commands.refusals import Refused, VersionConflict
from core.commands.transaction import Transaction
from core.storage.rows import Row

_PERSONAL = frozenset({"display_name", "email", "phone_number", "tax_id", "recipient", "sender", "evidence"})
_HIDDEN = frozenset({"sort_name", "email_key", "add_on_id", "assignment_audit_id"})
"""Columns that follow from others and say nothing of their own."""
_REFERENCES = {
    "location_id": "Location",
    "owner_id": "User",
    "primary_number_id": "UserPhoneNumber",
    "campaign_id": "Campaign",
    "brand_id": "Brand",
}


class Columns(Protocol):
    """What is read by a column's name: a row of the database, or a mapping."""

    def __getitem__(self, name: str, /) -> Any:
        """Give a column's value."""


def difference(stored: Columns, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Keep what is not as it is stored; lists are compared by their items."""
    return {name: value for name, value in wanted.items() if _plain(stored[name]) != _plain(value)}


def before_of(stored: Columns, changed: Mapping[str, Any]) -> dict[str, Any]:
    """Give what stands stored of the columns that change."""
    return {name: stored[name] for name in changed}


def shown(tx: Transaction, columns: Mapping[str, Any], subject: UUID | None = None) -> dict[str, Any]:
    """Turn columns into what a record says. `subject`: whose erasure destroys the personal values among them."""
    return {_camel(name): _value(tx, name, value, subject) for name, value in columns.items() if name not in _HIDDEN}


def check_version(stored: Row, expected: int | None) -> None:
    """Refuse a change that was made upon another version."""
    if expected is None or expected == stored.version:
        return
    raise Refused(
        VersionConflict(
            message=f"version `{expected}` is not the current one, which is `{stored.version}`: read it and try again",
            current_version=stored.version,
            type=stored.graphql_type,
            id=stored.id,
        )
    )


def _value(tx: Transaction, name: str, value: Any, subject: UUID | None) -> Any:
    if name in _PERSONAL:
        if subject is None:
            raise ValueError(f"`{name}` is personal: name the subject whose erasure destroys it")
        return Erasable(value, subject)
    if name in _REFERENCES:
        return tx.global_id(_REFERENCES[name], value)
    return value


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, list | tuple) else value


@cache
def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
