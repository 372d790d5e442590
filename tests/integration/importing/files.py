"""Files as administrators have them, and an organization that they are imported into."""

import csv
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID

from core.commands.transaction import Store
from core.ids import SYSTEM_ORG_ID
from core.principal import Grant, Principal, Role
from tests.integration.commands.stored import Stored
from texting.importing.outcome import ImportResult
from texting.importing.run import import_locations, import_users

OPERATOR = Principal(subject="cli:tests", name=None, org_id=SYSTEM_ORG_ID, grants=(Grant(role=Role.PROVIDER_ADMIN),))
COLUMNS = (
    "First Name",
    "Last Name",
    "Display Name",
    "User ID/Email (Required)",
    "User Status",
    "Phone Number",
    "Location",
    "Webex Calling VAR Professional [site]",
    "App Version",
    "Number Source",
    "Campaign",
)


class Office:
    """An organization and the folder that its files lie in."""

    def __init__(self, store: Store, org_id: UUID, folder: Path, look: Stored, location: str) -> None:
        self.store, self.org_id, self.folder, self.look, self.location = store, org_id, folder, look, location

    def row(self, email: str, phone: str = "", *, status: str = "Active", **told: str) -> dict[str, str]:
        """One user's row; `told` by the first word of a column, in lower case."""
        given = {
            "display": email.partition("@")[0].title(),
            "user id/email": email,
            "user status": status,
            "phone": phone,
            "location": self.location,
            "webex": "TRUE",
            "number": "CISCO_CALLING_PLAN" if phone else "",
            **told,
        }
        return {
            column: next((value for name, value in given.items() if column.lower().startswith(name)), "")
            for column in COLUMNS
        }

    def write(self, *rows: dict[str, str], bom: bool = True, end: str = "\r\n", name: str = "users.csv") -> Path:
        """Write rows as a file."""
        out = StringIO(newline="")
        writer = csv.DictWriter(out, COLUMNS, lineterminator=end)
        writer.writeheader()
        writer.writerows(rows)
        path = self.folder / name
        path.write_bytes(out.getvalue().encode("utf-8-sig" if bom else "utf-8"))
        return path

    async def users(self, *rows: dict[str, str], **how: Any) -> ImportResult:
        """Import rows."""
        return await self.users_file(self.write(*rows), **how)

    async def users_file(self, path: Path, **how: Any) -> ImportResult:
        """Import a file of users."""
        return await import_users(self.store, self.org_id, path, principal=OPERATOR, **how)

    async def locations_file(self, content: str, **how: Any) -> ImportResult:
        """Import a file of locations."""
        path = self.folder / "locations.csv"
        path.write_text(content, encoding="utf-8")
        return await import_locations(self.store, self.org_id, path, principal=OPERATOR, **how)

    async def people(self) -> dict[str, dict[str, Any]]:
        """Users by e-mail, each with the number that is the primary one."""
        numbers = {row["id"]: row["phone_number"] for row in await self.look.rows("phone_numbers")}
        return {
            row["email"]: {**row, "number": numbers.get(row["primary_number_id"])}
            for row in await self.look.rows("users")
        }


def counts(result: ImportResult) -> dict[str, int]:
    """The counts that are not zero."""
    names = ("created", "updated", "moved", "changed", "deactivated", "unchanged", "skipped")
    return {name: count for name in names if (count := getattr(result, name))}


def faults(result: ImportResult) -> list[tuple[int, str]]:
    """Where rows were refused."""
    return [(fault.line, fault.column) for fault in result.faults]
