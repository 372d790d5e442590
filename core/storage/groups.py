"""How many users of an organization are alike, for reports and for the impact of a switch: one GROUP BY, no user read.

Users with equal groups get equal decisions: a group names the location, the user's own switch, and the stored
statuses of the rules of user and number.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, select

from core.rules.enums import PhoneNumberType, TextingMode
from core.storage.fetching import Fetch
from core.storage.selecting import columns, inlined, org_id, uuid
from core.storage.statements import Statement, compiled
from core.storage.tables import PhoneNumbers, Users

_users, _numbers = columns(Users), columns(PhoneNumbers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """`count` users alike. `number_signature` `None` = they have no primary number."""

    location_id: UUID
    mode: TextingMode
    user_signature: str
    number_signature: str | None
    count: int


def _grouped(*where: Any) -> Statement:
    key = (_users.location_id, _users.texting, _users.signature, _numbers.signature)
    primary = and_(
        _numbers.org_id == _users.org_id,
        _numbers.owner_id == _users.id,
        _numbers.type == inlined(PhoneNumberType.PRIMARY),
    )
    return compiled(
        select(*key[:-1], key[-1].label("number_signature"), func.count().label("alike"))
        .select_from(Users)
        .outerjoin(PhoneNumbers, primary)
        .where(_users.org_id == org_id(), *where)
        .group_by(*key)
    )


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
            user_signature=row["signature"],
            number_signature=row["number_signature"],
            count=row["alike"],
        )
        for row in rows
    ]
