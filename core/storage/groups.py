"""How many users of an organization are alike, for reports and for the impact of a switch: one GROUP BY, no user read.

Users of one group get equal decisions: it names the location, the user's own switch, and the stored statuses of the
rules of user and number.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from core.rules.enums import TextingMode
from core.storage.fetching import Fetch
from core.storage.selecting import columns, org_id, uuid
from core.storage.statements import Statement, compiled
from core.storage.tables import Users

_users = columns(Users)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """`count` users alike. `signature` is the user's, which holds the primary number's too."""

    location_id: UUID
    mode: TextingMode
    signature: str
    count: int


def _grouped(*where: Any) -> Statement:
    key = (_users.location_id, _users.texting, _users.signature)
    return compiled(select(*key, func.count().label("alike")).where(_users.org_id == org_id(), *where).group_by(*key))


OF_ORG = _grouped()
OF_LOCATION = _grouped(_users.location_id == uuid("location_id"))


async def load_groups(fetch: Fetch, org: UUID, *, location_id: UUID | None = None) -> list[Group]:
    """Count the users that are alike, of the whole organization or of one location, in one statement."""
    if location_id is None:
        rows = await fetch(OF_ORG, org_id=org)
    else:
        rows = await fetch(OF_LOCATION, org_id=org, location_id=location_id)
    return [
        Group(
            location_id=row["location_id"],
            mode=TextingMode(row["texting"]),
            signature=row["signature"],
            count=row["alike"],
        )
        for row in rows
    ]
