"""Files in the shape of Control Hub's exports, for trying the import: the same files for the same number of users.

Most users can text once the organization is on; some cannot, each for one reason that the explanation should name.
The numbers are the fictional 555-0100 to 555-0199 of every area code, so nobody real is ever meant.
"""

import csv
from collections.abc import Iterable, Iterator
from io import StringIO

from core.rules import numbers
from core.rules.default_policy import DEFAULT_POLICY

USERS_MAX = 30_000
"""There are some 330 area codes in the US and Canada with 100 fictional numbers each."""

_GIVEN = ("Ana", "Ben", "Chloé", "Dev", "Eve", "Farid", "Grace", "Hiro", "Iris", "Jules", "Kofi", "Lena", "Max", "Noor")
_FAMILY = ("Álvarez", "Brown", "Chen", "Dubois", "Evans", "Fischer", "Garcia", "Haddad", "Ito", "Jones", "O'Brien")
_LOCATIONS = (
    ("Boston", "US", "MA", "02108", "America/New_York", "CISCO_PSTN"),
    ("Chicago", "US", "IL", "60601", "America/Chicago", "CISCO_PSTN"),
    ("Denver", "US", "CO", "80202", "America/Denver", "CISCO_PSTN"),
    ("Seattle", "US", "WA", "98101", "America/Los_Angeles", "CISCO_PSTN"),
    ("Toronto", "CA", "ON", "M5H 2N2", "America/Toronto", "CISCO_PSTN"),
    ("Montréal, Centre", "CA", "QC", "H3B 1A7", "America/Toronto", "CISCO_PSTN"),
    ("Phoenix", "US", "AZ", "85003", "America/Phoenix", "LOCAL_GATEWAY"),
    ("London", "GB", "", "EC1A 1BB", "Europe/London", "CISCO_PSTN"),
)
_NAMED_DIFFERENTLY = 3
"""Of ten users, the one who has a display name."""
_WITHOUT_CALLING = 199
"""Of two hundred users, the one without a calling service."""
_USER_HEADER = (
    "First Name",
    "Last Name",
    "Display Name",
    "User ID/Email (Required)",
    "User Status",
    "Extension",
    "Phone Number",
    "Caller ID Number",
    "Location",
    "Time zone",
    "Address country",
    "Webex Calling VAR Professional [sample]",
    "Webex Messaging [sample]",
    "App Version",
    "Number Source",
    "Campaign",
)
_PHONE = _USER_HEADER.index("Phone Number")
_CALLING = _USER_HEADER.index("Webex Calling VAR Professional [sample]")
_LOCATION_HEADER = (
    "Location Name",
    "Address Country",
    "Address Line 1",
    "City",
    "State",
    "Postal Code",
    "Time Zone",
    "PSTN Connection",
)


def locations_csv() -> bytes:
    """Make the locations file."""
    rows = [
        (name, country, "1 Main Street", name.split(",")[0], state, postal, zone, pstn)
        for name, country, state, postal, zone, pstn in _LOCATIONS
    ]
    return _csv(_LOCATION_HEADER, rows)


def users_csv(count: int, *, campaign: str = "") -> bytes:
    """Make a users file: BOM, CRLF, quoted cells, numbers that lost their `+`.

    `campaign` fills that column for the first numbers, as many as a campaign takes.
    """
    if not 0 < count <= USERS_MAX:
        raise ValueError(f"`{count}` users: ask for 1 to {USERS_MAX:,}")
    rows = [_user(place, number) for place, number in zip(range(count), _fictional(), strict=False)]
    return _csv(_USER_HEADER, list(_with_campaign(rows, campaign)))


def _with_campaign(rows: list[tuple[str, ...]], campaign: str) -> Iterator[tuple[str, ...]]:
    room = DEFAULT_POLICY.campaign_numbers_max.value
    for row in rows:
        joins = room > 0 and bool(row[_PHONE]) and row[_CALLING] == "TRUE"
        room -= joins
        yield (*row, campaign if joins else "")


def _user(place: int, number: str) -> tuple[str, ...]:
    given, family = _GIVEN[place % len(_GIVEN)], _FAMILY[place // len(_GIVEN) % len(_FAMILY)]
    name, country, _state, _postal, zone, _pstn = _LOCATIONS[0 if place % 50 else place // 50 % len(_LOCATIONS)]
    version, source, phone = "44.3.0.28744", "CISCO_CALLING_PLAN", number
    calling = place % 200 != _WITHOUT_CALLING
    match place % 100:
        case 7:
            version = "42.9"
        case 13:
            source = "LOCAL_GATEWAY"
        case 21:
            phone, source = "", ""
        case 34:
            version = ""
    return (
        given,
        family,
        f"{family}, {given}" if place % 10 == _NAMED_DIFFERENTLY else "",
        f"user{place:05d}@sample.example",
        "Active",
        str(10_000 + place),
        phone,
        phone,
        name,
        zone,
        country,
        "TRUE" if calling else "FALSE",
        "TRUE",
        version,
        source,
    )


def _fictional() -> Iterator[str]:
    for area in range(201, 990):
        probe = numbers.parse(f"+1{area}5550100")
        if isinstance(probe, numbers.PhoneNumber) and probe.valid and probe.region in ("US", "CA"):
            for line in range(100):
                yield f"1{area}55501{line:02d}"


def _csv(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> bytes:
    out = StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue().encode("utf-8-sig")
