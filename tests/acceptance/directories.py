"""An organization written row by row: what is read does not depend on who wrote it. And one person for each role."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import UUID

import asyncpg

from core.commands.writes import insert
from core.ids import SYSTEM_ORG_ID, encode, uuid7
from core.principal import Grant, Principal, Role
from core.rules.names import email_key, sort_name
from core.storage.database import writing
from core.storage.tables import Brands, Campaigns, Locations, Orgs, PhoneNumbers, Users

SINCE = datetime(2026, 3, 3, 12, tzinfo=UTC)
"""When everything was written."""
_serial = count(1)
_numbers = count(3_000_000)


@dataclass(frozen=True, kw_only=True)
class Directory:
    """The ids of an organization with two locations, in the order they were made.

    `users` are first the first location's, then the second's. Each holds an alternate number, made first, and a
    primary one. Nobody holds the spare one.
    """

    org_id: UUID
    name: str
    locations: tuple[UUID, ...]
    users: tuple[UUID, ...]
    primaries: tuple[UUID, ...]
    alternates: tuple[UUID, ...]
    spare: UUID
    brand: UUID
    campaign: UUID

    def gid(self, type_name: str, id: UUID | None = None) -> str:
        """A global id of this organization; without `id` its own."""
        return encode(type_name, self.org_id, id or self.org_id)

    def one_of_each(self) -> dict[str, str]:
        """The global ids of the first object of each type."""
        firsts = {
            "Org": self.org_id,
            "Location": self.locations[0],
            "User": self.users[0],
            "UserPhoneNumber": self.primaries[0],
            "Brand": self.brand,
            "Campaign": self.campaign,
        }
        return {name: self.gid(name, id) for name, id in firsts.items()}

    def person(self, role: Role) -> Principal:
        """Who has one role here and nothing else: of the first location, the first user."""
        grants = {
            Role.PROVIDER_ADMIN: Grant(role=role),
            Role.LOCATION_ADMIN: Grant(role=role, org_id=self.org_id, location_id=self.locations[0]),
            Role.USER: Grant(role=role, org_id=self.org_id, user_id=self.users[0]),
        }
        home = SYSTEM_ORG_ID if role is Role.PROVIDER_ADMIN else self.org_id
        grant = grants.get(role, Grant(role=role, org_id=self.org_id))
        return Principal(subject=f"{role.lower()}@{self.name}", name=None, org_id=home, grants=(grant,))

    @property
    def admin(self) -> Principal:
        """The organization's administrator."""
        return self.person(Role.ORG_ADMIN)


def person(*grants: Grant, home: UUID) -> Principal:
    """Somebody with several grants."""
    return Principal(subject=f"somebody-{next(_serial)}", name=None, org_id=home, grants=grants)


async def directory(pool: asyncpg.Pool, *, users: int = 2, name: str | None = None, **org: Any) -> Directory:
    """Write an organization with `users` users in each of two locations; `org` are columns of its own row."""
    made = _ids(users, name or f"Org {next(_serial)}")
    async with writing(pool, made.org_id) as connection:
        await insert(connection, Orgs, [_org(made, org)])
        await insert(connection, Locations, [_location(made, id, at) for at, id in enumerate(made.locations)])
        await insert(connection, Users, [_user(made, id, at) for at, id in enumerate(made.users)])
        await insert(connection, Brands, [_brand(made)])
        await insert(connection, Campaigns, [_campaign(made)])
        await insert(connection, PhoneNumbers, _inventory(made))
    return made


async def change(pool: asyncpg.Pool, made: Directory, table: str, id: UUID, **columns: Any) -> None:
    """Set columns of one row."""
    setting = ", ".join(f"{name} = ${at}" for at, name in enumerate(columns, start=3))
    key = "org_id" if table == "orgs" else "id"
    async with writing(pool, made.org_id) as connection:
        sql = f"UPDATE texting.{table} SET {setting} WHERE org_id = $1 AND {key} = $2"
        assert await connection.execute(sql, made.org_id, id, *columns.values()) == "UPDATE 1"


def _ids(users: int, name: str) -> Directory:
    def some(many: int) -> tuple[UUID, ...]:
        return tuple(uuid7() for _ in range(many))

    return Directory(
        org_id=uuid7(),
        name=name,
        locations=some(2),
        users=some(2 * users),
        alternates=some(2 * users),
        primaries=some(2 * users),
        spare=uuid7(),
        brand=uuid7(),
        campaign=uuid7(),
    )


def _made(made: Directory) -> Mapping[str, Any]:
    return {"org_id": made.org_id, "created_at": SINCE, "last_audit_id": made.org_id}


def _org(made: Directory, more: Mapping[str, Any]) -> dict[str, Any]:
    sold = {
        "customer_type": "ENTERPRISE",
        "calling_plan_provider": "Cisco",
        "calling_plan_countries": ["US", "CA"],
        "add_on_name": "Business texting",
        "add_on_units": 100,
        "handles_phi": False,
        "healthcare": None,
    }
    return {**_made(made), "name": made.name, "signature": "", **sold, **more}


def _location(made: Directory, id: UUID, at: int) -> dict[str, Any]:
    return {
        **_made(made),
        "id": id,
        "name": ("New York", "Boston")[at],
        "country": "US",
        "region": ("NY", "MA")[at],
        "city": ("New York", "Boston")[at],
        "line1": None,
        "postal_code": ("10001", "02108")[at],
        "time_zone": "America/New_York",
        "pstn_connection_type": "CISCO_PSTN",
        "signature": "",
    }


def _user(made: Directory, id: UUID, at: int) -> dict[str, Any]:
    # Names run against the order of the ids, so that the two orders differ.
    name = f"Person {len(made.users) - at:03}"
    email = f"Person{at:03}@Example.com"
    return {
        **_made(made),
        "id": id,
        "location_id": made.locations[at * 2 // len(made.users)],
        "display_name": name,
        "sort_name": sort_name(name),
        "email": email,
        "email_key": email_key(email),
        "app_version": "42.12",
        "app_version_seen_at": SINCE,
        "primary_number_id": made.primaries[at],
        "signature": "",
    }


def _brand(made: Directory) -> dict[str, Any]:
    stands = {"registration": "APPROVED", "identity": "VERIFIED", "score": 80, "feedback": ["TAX_ID"]}
    website = "https://example.com"
    return {
        **_made(made),
        "id": made.brand,
        "legal_name": f"{made.name} LLC",
        "website": website,
        "since": SINCE,
        **stands,
    }


def _campaign(made: Directory) -> dict[str, Any]:
    return {
        **_made(made),
        "id": made.campaign,
        "brand_id": made.brand,
        "use_case": "CUSTOMER_CARE",
        "description": "Appointments",
        "sample_messages": ["See you at ten."],
        "status": "ACTIVE",
        "since": SINCE,
        "carriers": [{"carrier": "att", "status": "APPROVED", "since": "2026-03-02T08:00:00.000Z"}],
    }


def _inventory(made: Directory) -> list[dict[str, Any]]:
    held = [
        _number(made, id, type_name, owner)
        for type_name, ids in (("ALTERNATE", made.alternates), ("PRIMARY", made.primaries))
        for id, owner in zip(ids, made.users, strict=True)
    ]
    return [*held, _number(made, made.spare, "PRIMARY", None)]


def _number(made: Directory, id: UUID, type_name: str, owner: UUID | None) -> dict[str, Any]:
    assigned = type_name == "PRIMARY" and owner is not None
    return {
        **_made(made),
        "id": id,
        "phone_number": f"+1212{next(_numbers)}",
        "type": type_name,
        "assigned_by": "CISCO_CALLING_PLAN",
        "region": "US",
        "valid": True,
        "toll_free_number": False,
        "owner_id": owner,
        "campaign_id": made.campaign if assigned else None,
        "assignment_status": "ASSIGNED" if assigned else None,
        "assignment_since": SINCE if assigned else None,
        "signature": "",
    }
