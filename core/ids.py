"""Ids: uuidv7 for rows, and the global ids that carry the organization."""

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from uuid import UUID

import uuid_utils

SYSTEM_ORG_ID = UUID("00000000-0000-7000-8000-000000000000")
"""The provider's own organization: what belongs to no customer lives under it."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_GLOBAL_ID = re.compile(
    r"([A-Za-z]{1,40}):([0-9a-f-]{36})(?::([0-9a-f-]{36})(?::([A-Za-z0-9._-]{1,160}(?:~[A-Za-z0-9_-]{1,8000})?))?)?"
)
_WEBEX_ID = re.compile(r"ciscospark://[a-z]+/(PEOPLE|ORGANIZATION|LOCATION)/([0-9a-fA-F-]{36})")
_WEBEX_TYPES = {"PEOPLE": "User", "ORGANIZATION": "Org", "LOCATION": "Location"}
_LONGEST_ID = 12_000
"""A decision's id holds all that was supposed."""
_REMEMBERED = 400
_READ_KEPT = 1_024
"""Ids that stay read: each one in a request is asked for its organization first and for its object later."""
_PADDING_MAX = 2
_DETAILED = frozenset({"EffectiveSetting", "EligibilityDecision"})
"""What is worked out rather than stored: its id names the row it is about, and after that what else it depends on."""


@dataclass(frozen=True, slots=True)
class GlobalId:
    """A parsed global id. For an `Org`, `id` equals `org_id`. `detail`: of decisions and settings only."""

    type: str
    org_id: UUID
    id: UUID
    detail: str | None = None

    def __str__(self) -> str:
        """Encode as base64url of `Type:<org>:<id>` without padding."""
        return encode(self.type, self.org_id, self.id, self.detail)


def encode(type_name: str, org_id: UUID, id: UUID, detail: str | None = None) -> str:
    """Encode a global id; an `Org` is `Org:<uuid>`, a decision or setting has a detail at its end."""
    if detail is not None:
        return base64.urlsafe_b64encode(f"{type_name}:{org_id}:{id}:{detail}".encode()).rstrip(b"=").decode()
    if type_name == "Org":
        return _base64(f"Org:{org_id}")
    start, rest = beginning(type_name, org_id)
    return start + _base64(f"{rest}{id}")


@lru_cache(maxsize=1_024)
def beginning(type_name: str, org_id: UUID) -> tuple[str, str]:
    """Give how the global ids of a type in an organization begin, as `split` does."""
    return split(f"{type_name}:{org_id}:")


def split(beginning: str) -> tuple[str, str]:
    """Give the base64 of as much of a beginning as does not depend on what follows, and the rest of it as it is."""
    whole = len(beginning) // 3 * 3
    return _base64(beginning[:whole]), beginning[whole:]


def _base64(text: str) -> str:
    # None of the characters in an id gives a `+` or a `/`, so base64 is base64url.
    return binascii.b2a_base64(text.encode(), newline=False).rstrip(b"=").decode()


def decode(text: str, *, home: UUID | None = None) -> GlobalId | None:
    """Parse a global id or a Webex id; `None` when it is neither.

    A Webex id (base64 of `ciscospark://us/PEOPLE/<uuid>`) names no organization, so it is taken to be of `home`.
    """
    raw, found = _read(text) if len(text) <= _REMEMBERED else _read.__wrapped__(text)
    if raw is not None and home is not None and (match := _WEBEX_ID.fullmatch(raw)):
        own_id = _uuid(match[2].lower())
        type_name = _WEBEX_TYPES[match[1]]
        if own_id is None or (type_name == "Org" and own_id != home):
            return None
        return GlobalId(type_name, home, own_id)
    return found


@lru_cache(maxsize=_READ_KEPT)
def _read(text: str) -> tuple[str | None, GlobalId | None]:
    """Give what the base64 says, and the global id that it is, if it is one."""
    raw = _unbase64(text)
    match = _GLOBAL_ID.fullmatch(raw) if raw is not None else None
    if match is None:
        return raw, None
    type_name, org, id, detail = match.groups()
    if (id is None) != (type_name == "Org") or (detail is None) != (type_name not in _DETAILED):
        return raw, None
    org_id, own_id = _uuid(org), _uuid(id or org)
    return raw, GlobalId(type_name, org_id, own_id, detail) if org_id and own_id else None


def uuid7(now: datetime | None = None) -> UUID:
    """Make a uuidv7; `now` sets its time, which is otherwise the clock's."""
    if now is None:
        return UUID(bytes=uuid_utils.uuid7().bytes)
    return UUID(bytes=uuid_utils.uuid7(nanoseconds=_milliseconds(now) * 1_000_000).bytes)


def uuid7_text() -> str:
    """Make a uuidv7 of now, as text alone."""
    return str(uuid_utils.uuid7())


def uuid7_floor(moment: datetime) -> UUID:
    """Give the lowest uuidv7 of `moment`: a bound for ranges of ids by time. None is older than 1970."""
    return _lowest(_milliseconds(moment))


def uuid7_after(moment: datetime, *, lag: timedelta = timedelta(0)) -> UUID:
    """Give the lowest uuidv7 above all of `moment`: the bound of a range that ends there.

    `lag`: how much later the id of something that happened then may have been made.
    """
    return _lowest(_milliseconds(moment) + lag // _MILLISECOND + 1)


def uuid7_time(id: UUID) -> datetime:
    """Read the time a uuidv7 carries, to the millisecond, UTC."""
    return datetime.fromtimestamp((id.int >> 80) / 1000, tz=UTC)


def _milliseconds(moment: datetime) -> int:
    # In whole numbers: a float of seconds is off by a millisecond now and then.
    return max((moment - _EPOCH) // _MILLISECOND, 0)


def _lowest(milliseconds: int) -> UUID:
    return UUID(int=milliseconds << 80 | 0x7 << 76 | 0x2 << 62)


def _unbase64(text: str) -> str | None:
    if not 0 < len(text) <= _LONGEST_ID:
        return None
    bare = text.rstrip("=")
    if len(text) - len(bare) > _PADDING_MAX:
        return None
    try:
        padded = bare + "=" * (-len(bare) % 4)
        return base64.b64decode(padded.translate(str.maketrans("+/", "-_")), altchars=b"-_", validate=True).decode(
            "ascii"
        )
    except (binascii.Error, ValueError):
        return None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
