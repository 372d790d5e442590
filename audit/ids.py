"""uuidv7 ids for records: the id carries the record's time, and ids made together keep their order."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from uuid import UUID

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_VERSION = 0x7 << 76
_VARIANT = 0b10 << 62
_LOW_BITS = 62


def milliseconds(moment: datetime) -> int:
    """Give an aware datetime as whole milliseconds since 1970, rounded down."""
    return (moment - _EPOCH) // _MILLISECOND


def moment(epoch_ms: int) -> datetime:
    """Give epoch milliseconds as a datetime, UTC."""
    return _EPOCH + epoch_ms * _MILLISECOND


def record_ids(times_ms: list[int]) -> list[UUID]:
    """Make one uuidv7 for each time; those of one call that share a millisecond sort as given."""
    rand_a = secrets.randbits(12) << 64
    # Half the range is left above the start, so that counting up never runs over.
    low = secrets.randbits(_LOW_BITS - 1)
    return [UUID(int=time << 80 | _VERSION | rand_a | _VARIANT | low + at) for at, time in enumerate(times_ms)]


def id_time_ms(id: UUID) -> int:
    """Read the milliseconds a uuidv7 carries."""
    return id.int >> 80
