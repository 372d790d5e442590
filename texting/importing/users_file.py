"""Control Hub's `exported_users.csv`: one row a user, one TRUE/FALSE column a service (domain facts §10)."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.rules import numbers
from core.rules.enums import NumberSource
from core.rules.versions import AppVersion
from texting.importing.table import Fault, FileRefused, Line, Table

EMAIL = "User ID/Email (Required)"
LOCATION = "Location"
PHONE = "Phone Number"
STATUS = "User Status"
SERVICE_PREFIX = "Webex Calling"
"""A column that begins so and says TRUE makes the row a calling user."""
APP_VERSION = "App Version"
NUMBER_SOURCE = "Number Source"
CAMPAIGN = "Campaign"
_REQUIRED = (EMAIL, LOCATION)
_LONGEST_NAME = 256
_LONGEST_EMAIL = 254
_LEFT = {"inactive", "deactivated", "deleted"}


@dataclass(frozen=True, slots=True, kw_only=True)
class UserLine:
    """A calling user as the file tells it. `None`: the file does not say, so what is stored stays."""

    line: int
    email: str
    display_name: str
    location: str
    active: bool
    phone: numbers.PhoneNumber | None = None
    number_source: NumberSource | None = None
    campaign: str | None = None
    app_version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UsersFile:
    """What the file says: its calling users, how many rows are not such, and the refused rows."""

    users: tuple[UserLine, ...]
    skipped: int
    faults: tuple[Fault, ...]


def read_users(table: Table) -> UsersFile:
    """Read the rows. Raises `FileRefused` when a required column or every calling-service column is missing."""
    services = _services(table)
    users: list[UserLine] = []
    faults = list(table.faults)
    skipped = 0
    for line in table.lines:
        if not any(line.cells[service].upper() == "TRUE" for service in services):
            skipped += 1
            continue
        found = _user(line)
        if isinstance(found, UserLine):
            users.append(found)
        else:
            faults.extend(found)
    faults.extend(_twice(users))
    wrong = {fault.line for fault in faults}
    return UsersFile(
        users=tuple(user for user in users if user.line not in wrong),
        skipped=skipped,
        faults=tuple(sorted(faults, key=lambda fault: fault.line)),
    )


def _services(table: Table) -> list[str]:
    for required in _REQUIRED:
        if required not in table.headers:
            raise FileRefused(f"`{table.name}` has no column `{required}`: export the users from Control Hub again")
    services = [header for header in table.headers if header.startswith(SERVICE_PREFIX)]
    if not services:
        raise FileRefused(
            f"`{table.name}` has no column that begins with `{SERVICE_PREFIX}`: "
            "nothing in it says who is a calling user; export it with the services"
        )
    return services


def _user(line: Line) -> UserLine | list[Fault]:  # noqa: C901 - one check a column
    cells = line.cells
    faults: list[Fault] = []

    def fault(column: str, reason: str) -> None:
        faults.append(Fault(line=line.number, column=column, reason=reason))

    email = cells[EMAIL]
    if not _looks_like_email(email):
        fault(EMAIL, f"`{email[:80]}` is not an e-mail address" if email else "is empty; every user has an e-mail")
    name = _display_name(cells)
    if len(name) > _LONGEST_NAME:
        fault("Display Name", f"has {len(name)} characters; at most {_LONGEST_NAME} fit")
    if not cells[LOCATION]:
        fault(LOCATION, "is empty; every calling user has a location")
    phone: numbers.PhoneNumber | None = None
    if raw := cells.get(PHONE):
        match numbers.parse_imported(raw):
            case numbers.PhoneNumber() as parsed:
                phone = parsed
            case numbers.Problem() as problem:
                fault(PHONE, problem.message)
    source = cells.get(NUMBER_SOURCE) or None
    if source is not None and source.upper() not in NumberSource.__members__:
        fault(NUMBER_SOURCE, f"`{source}` is none of {', '.join(NumberSource)}")
        source = None
    version = cells.get(APP_VERSION) or None
    if version is not None and AppVersion.parse(version) is None:
        fault(APP_VERSION, f"`{version[:40]}` is not a version; write it as 42.12")
    if faults:
        return faults
    return UserLine(
        line=line.number,
        email=email,
        display_name=name or email,
        location=cells[LOCATION],
        active=cells.get(STATUS, "").lower() not in _LEFT,
        phone=phone,
        number_source=NumberSource(source.upper()) if source else None,
        campaign=cells.get(CAMPAIGN) or None,
        app_version=version,
    )


def _display_name(cells: Mapping[str, str]) -> str:
    full = " ".join(part for part in (cells.get("First Name", ""), cells.get("Last Name", "")) if part)
    return cells.get("Display Name", "") or full


def _looks_like_email(text: str) -> bool:
    local, at, domain = text.rpartition("@")
    shaped = bool(at and local and "." in domain.strip("."))
    return shaped and len(text) <= _LONGEST_EMAIL and not set(text) & set(' ,;"<>\n\r\t')


def _twice(users: list[UserLine]) -> list[Fault]:
    faults: list[Fault] = []
    emails: dict[str, int] = {}
    phones: dict[str, int] = {}
    for user in users:
        first = emails.setdefault(user.email.casefold(), user.line)
        if first != user.line:
            faults.append(Fault(line=user.line, column=EMAIL, reason=f"`{user.email}` stands on line {first} already"))
        if user.phone is not None:
            first = phones.setdefault(user.phone.e164, user.line)
            if first != user.line:
                reason = f"`{user.phone.e164}` is the number of line {first} already"
                faults.append(Fault(line=user.line, column=PHONE, reason=reason))
    return faults
