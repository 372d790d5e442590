"""A file of locations: `Location Name`, the address, the time zone and the PSTN connection."""

import re
from dataclasses import dataclass
from functools import cache
from zoneinfo import available_timezones

from core.rules.enums import PstnConnectionType
from texting.importing.table import Fault, FileRefused, Line, Table

NAME = "Location Name"
COUNTRY = "Address Country"
TIME_ZONE = "Time Zone"
PSTN = "PSTN Connection"
_REQUIRED = (NAME, COUNTRY, TIME_ZONE, PSTN)
_LONGEST_NAME = 256
# What Control Hub's pages call them, beside Webex's own names.
_PSTN_WORDS = {
    "CISCO PSTN": PstnConnectionType.CISCO_PSTN,
    "CISCO CALLING PLAN": PstnConnectionType.CISCO_PSTN,
    "PREMISES-BASED PSTN": PstnConnectionType.LOCAL_GATEWAY,
    "LOCAL GATEWAY": PstnConnectionType.LOCAL_GATEWAY,
    "CLOUD CONNECTED PSTN": PstnConnectionType.INTEGRATED_CCP,
    "NOT CONFIGURED": PstnConnectionType.NOT_CONFIGURED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationLine:
    """A location as the file tells it. `country`: ISO 3166 alpha-2; `time_zone`: IANA."""

    line: int
    name: str
    country: str
    region: str | None
    city: str | None
    line1: str | None
    postal_code: str | None
    time_zone: str
    pstn_connection_type: PstnConnectionType


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationsFile:
    """What the file says, and its refused rows."""

    locations: tuple[LocationLine, ...]
    faults: tuple[Fault, ...]


def read_locations(table: Table) -> LocationsFile:
    """Read the rows. Raises `FileRefused` when a required column is missing."""
    for required in _REQUIRED:
        if required not in table.headers:
            raise FileRefused(f"`{table.name}` has no column `{required}`: locations need {', '.join(_REQUIRED)}")
    locations: list[LocationLine] = []
    faults = list(table.faults)
    names: dict[str, int] = {}
    for line in table.lines:
        found = _location(line)
        if isinstance(found, list):
            faults.extend(found)
            continue
        first = names.setdefault(found.name.casefold(), found.line)
        if first != found.line:
            faults.append(Fault(line=found.line, column=NAME, reason=f"`{found.name}` stands on line {first} already"))
        else:
            locations.append(found)
    return LocationsFile(locations=tuple(locations), faults=tuple(sorted(faults, key=lambda fault: fault.line)))


def _location(line: Line) -> LocationLine | list[Fault]:
    cells = line.cells
    faults: list[Fault] = []

    def fault(column: str, reason: str) -> None:
        faults.append(Fault(line=line.number, column=column, reason=reason))

    if not 0 < len(cells[NAME]) <= _LONGEST_NAME:
        fault(NAME, f"has {len(cells[NAME])} characters; a name has 1 to {_LONGEST_NAME}")
    if not re.fullmatch(r"[A-Za-z]{2}", cells[COUNTRY]):
        fault(COUNTRY, f"`{cells[COUNTRY][:40]}` is not a country code of two letters, such as US")
    if cells[TIME_ZONE] not in _zones():
        fault(TIME_ZONE, f"`{cells[TIME_ZONE][:60]}` is not an IANA time zone, such as America/New_York")
    pstn = pstn_connection(cells[PSTN])
    if pstn is None:
        fault(PSTN, f"`{cells[PSTN][:60]}` is none of {', '.join(PstnConnectionType)}")
    if faults or pstn is None:
        return faults
    return LocationLine(
        line=line.number,
        name=cells[NAME],
        country=cells[COUNTRY].upper(),
        region=cells.get("State") or None,
        city=cells.get("City") or None,
        line1=cells.get("Address Line 1") or None,
        postal_code=cells.get("Postal Code") or None,
        time_zone=cells[TIME_ZONE],
        pstn_connection_type=pstn,
    )


def pstn_connection(text: str) -> PstnConnectionType | None:
    """Read Webex's name or Control Hub's words; `None` for anything else."""
    upper = text.upper()
    return _PSTN_WORDS.get(upper) or PstnConnectionType.__members__.get(upper.replace(" ", "_").replace("-", "_"))


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
