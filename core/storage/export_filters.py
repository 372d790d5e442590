"""Which records an export picks: the conditions of `audit_records.where` as JSON, as they are kept with it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from core.storage import audit_records
from core.storage.listing import Where

_READ: Mapping[str, Callable[[str], Any]] = {
    "target_id": UUID,
    "location_id": UUID,
    "involves": UUID,
    "occurred_from": datetime.fromisoformat,
    "occurred_to": datetime.fromisoformat,
}
"""The conditions that are no texts."""


def to_json(conditions: Mapping[str, Any]) -> dict[str, Any] | None:
    """Write the conditions that ask anything; `None` when none does, which is all records."""
    return {name: _plain(value) for name, value in sorted(conditions.items()) if value is not None} or None


def of_json(kept: Mapping[str, Any]) -> Where:
    """Read what `to_json` wrote: the records that the conditions pick."""
    return audit_records.where(**{name: _read(name, value) for name, value in kept.items()})


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _read(name: str, value: Any) -> Any:
    read = _READ.get(name)
    return value if read is None else read(value)
