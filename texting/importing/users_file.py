"""Control Hub's `exported_users.csv`: one row a user, one TRUE/FALSE column a service (domain facts §10)."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.commands.emails import EMAIL_LENGTH_MAX
from core.commands.orgs import NAME_LENGTH_MAX
from core.rules import numbers
from core.rules.enums import NumberSource
from core.rules.names import email_key, is_email
from core.rules.versions import AppVersion
from texting.importing.cells import checked, one_line
from texting.importing.table import Fault, FileRefused, Line, Table

NAME = "Display Name"
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
    """What the file says: its calling users, how many rows are not such, and the refused rows.

    `named`: the e-mail keys of all rows, whatever becomes of them. `nameless`: lines of rows that nobody can be told
    from: with one of them, who is missing from the file is not known.
    """

    users: tuple[UserLine, ...]
    skipped: int
    faults: tuple[Fault, ...]
    named: frozenset[str]
    nameless: tuple[int, ...]


def read_users(table: Table) -> UsersFile:
    """Read the rows. Raises `FileRefused` when a required column or every calling-service column is missing."""
    services = _services(table)
    users: list[UserLine] = []
    faults = list(table.faults)
    nameless = [fault.line for fault in table.faults]
    skipped = 0
    for line in table.lines:
        if not _looks_like_email(line.cells[EMAIL]):
            nameless.append(line.number)
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
        named=frozenset(email_key(line.cells[EMAIL]) for line in table.lines),
        nameless=tuple(sorted(nameless)),
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


def _user(line: Line) -> UserLine | list[Fault]:
    cells = line.cells
    faults: list[Fault] = []

    def fault(column: str, reason: str) -> None:
        faults.append(Fault(line=line.number, column=column, reason=reason))

    email = cells[EMAIL]
    if not _looks_like_email(email):
        fault(EMAIL, f"`{email[:80]}` is not an e-mail address" if email else "is empty; every user has an e-mail")
    told = _display_name(cells)
    name = checked(told, NAME, longest=NAME_LENGTH_MAX, blame=fault) if told else email
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
        fault(APP_VERSION, f"`{version[:40]}` is not a version: write it as 42.12")
    if faults:
        return faults
    return UserLine(
        line=line.number,
        email=email,
        display_name=name,
        location=one_line(cells[LOCATION]),
        active=cells.get(STATUS, "").lower() not in _LEFT,
        phone=phone,
        number_source=NumberSource(source.upper()) if source else None,
        campaign=cells.get(CAMPAIGN) or None,
        app_version=version,
    )


def _display_name(cells: Mapping[str, str]) -> str:
    full = " ".join(part for part in (cells.get("First Name", ""), cells.get("Last Name", "")) if part)
    return cells.get(NAME, "") or full


def _looks_like_email(text: str) -> bool:
    return is_email(text) and len(text) <= EMAIL_LENGTH_MAX and text.isprintable()


def _twice(users: list[UserLine]) -> list[Fault]:
    faults: list[Fault] = []
    emails: dict[str, int] = {}
    phones: dict[str, int] = {}
    for user in users:
        first = emails.setdefault(email_key(user.email), user.line)
        if first != user.line:
            faults.append(Fault(line=user.line, column=EMAIL, reason=f"`{user.email}` stands on line {first} already"))
        if user.phone is not None and user.active:
            first = phones.setdefault(user.phone.e164, user.line)
            if first != user.line:
                reason = f"`{user.phone.e164}` is the number of line {first} already"
                faults.append(Fault(line=user.line, column=PHONE, reason=reason))
    return faults
