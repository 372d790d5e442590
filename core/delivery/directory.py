"""Whose number it is: the provider-wide directory routes what comes in, the organization says who holds the number."""

from dataclasses import dataclass
from uuid import UUID

import asyncpg

from core.delivery.work import Work
from core.rules.enums import PhoneNumberType, UserStatus

_FIND = "SELECT org_id, number_id FROM texting.number_directory WHERE phone_number = $1"
_LOAD = """
SELECT n.id, n.phone_number, n.type, n.campaign_id, u.id AS user_id, u.location_id, o.name AS org_name
FROM texting.phone_numbers n
JOIN texting.orgs o ON o.org_id = n.org_id
LEFT JOIN texting.users u ON u.org_id = n.org_id AND u.id = n.owner_id AND u.status = $3
WHERE n.org_id = $1 AND n.id = $2
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One of our numbers, and the organization that holds it."""

    org_id: UUID
    number_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """The active user who holds a number, and where the user works."""

    user_id: UUID
    location_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class OurNumber:
    """A number of the organization. `holder` `None`: nobody holds it, or nobody who is active."""

    id: UUID
    phone_number: str
    type: PhoneNumberType
    campaign_id: UUID | None
    org_name: str
    holder: Holder | None


async def line_of(pool: asyncpg.Pool, number: str) -> Line | None:
    """Find a number, in E.164, across organizations; `None` when none has it."""
    row = await pool.fetchrow(_FIND, number)
    return Line(**row) if row is not None else None


async def our_number(work: Work, number_id: UUID) -> OurNumber:
    """Read a number that the directory says is the organization's. Raises `LookupError` when it is not."""
    row = await work.connection.fetchrow(_LOAD, work.org_id, number_id, UserStatus.ACTIVE)
    if row is None:
        raise LookupError(f"number `{number_id}` is in the directory and not in its organization")
    holder = Holder(user_id=row["user_id"], location_id=row["location_id"]) if row["user_id"] is not None else None
    return OurNumber(
        id=row["id"],
        phone_number=row["phone_number"],
        type=PhoneNumberType(row["type"]),
        campaign_id=row["campaign_id"],
        org_name=row["org_name"],
        holder=holder,
    )
