"""Links to files: each good for one file, one person in certain roles, and a while, and opaque to everybody else."""

from base64 import urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import orjson
from cryptography.fernet import Fernet, InvalidToken

from core.principal import Principal, Role

LIFE = timedelta(minutes=10)
"""Long enough to be followed, too short to be passed around."""

_PATH = "/exports/{}?token={}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link that holds: whose it is, as far as the token that asked for it tells, and in which roles."""

    caller: Principal
    roles: frozenset[Role]


class Links:
    """Writes and reads links. `key`: 32 bytes that only the servers of this deployment have."""

    def __init__(self, key: bytes) -> None:
        """Take the key."""
        self._fernet = Fernet(urlsafe_b64encode(key))

    def write(self, name: str, *, caller: Principal, roles: Iterable[Role], now: datetime) -> str:
        """Write a link to the file called `name`, such as `x.zip`: a path with a query."""
        token = [caller.org_id, caller.token_id, caller.issuer, caller.is_service]
        said = orjson.dumps([name, sorted(roles), caller.subject, *token])
        return _PATH.format(name, self._fernet.encrypt_at_time(said, int(now.timestamp())).decode())

    def read(self, name: str, token: str, now: datetime) -> Link | None:
        """Read a link's token; `None` when it is none of ours, not for that file, or over."""
        life_s, time_s = int(LIFE.total_seconds()), int(now.timestamp())
        try:
            said = orjson.loads(self._fernet.decrypt_at_time(token.encode(), life_s, time_s))
            named, roles, subject, org_id, token_id, issuer, is_service = said
        except (InvalidToken, ValueError):
            return None
        caller = Principal(
            subject=subject,
            name=None,
            org_id=UUID(org_id),
            grants=(),
            token_id=None if token_id is None else UUID(token_id),
            issuer=issuer,
            is_service=is_service,
        )
        return Link(caller=caller, roles=frozenset(map(Role, roles))) if named == name else None
