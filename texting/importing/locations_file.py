"""A file of locations: `Location Name`, the address, the time zone and the PSTN connection."""

from dataclasses import dataclass

from core.commands import places
from core.commands.locations import ADDRESS_LINE_LENGTH_MAX
from core.commands.orgs import NAME_LENGTH_MAX
from core.rules.enums import PstnConnectionType
from texting.importing.cells import checked
from texting.importing.table import Fault, FileRefused, Line, Table

NAME = "Location Name"
COUNTRY = "Address Country"
TIME_ZONE = "Time Zone"
PSTN = "PSTN Connection"
_REQUIRED = (NAME, COUNTRY, TIME_ZONE, PSTN)
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

    def optional(column: str) -> str | None:
        cell = cells.get(column)
        return checked(cell, column, longest=ADDRESS_LINE_LENGTH_MAX, blame=fault) if cell else None

    name = checked(cells[NAME], NAME, longest=NAME_LENGTH_MAX, blame=fault)
    country = cells[COUNTRY].upper()
    if country not in places.countries():
        fault(COUNTRY, f"`{cells[COUNTRY][:40]}` is not a country code of two letters, such as US")
    if cells[TIME_ZONE] not in places.time_zones():
        fault(TIME_ZONE, f"`{cells[TIME_ZONE][:60]}` is not an IANA time zone, such as America/New_York")
    region, city, line1, postal_code = map(optional, ("State", "City", "Address Line 1", "Postal Code"))
    pstn = pstn_connection(cells[PSTN])
    if pstn is None:
        fault(PSTN, f"`{cells[PSTN][:60]}` is none of {', '.join(PstnConnectionType)}")
    if faults or pstn is None:
        return faults
    return LocationLine(
        line=line.number,
        name=name,
        country=country,
        region=region,
        city=city,
        line1=line1,
        postal_code=postal_code,
        time_zone=cells[TIME_ZONE],
        pstn_connection_type=pstn,
    )


def pstn_connection(text: str) -> PstnConnectionType | None:
    """Read Webex's name or Control Hub's words; `None` for anything else."""
    upper = text.upper()
    return _PSTN_WORDS.get(upper) or PstnConnectionType.__members__.get(upper.replace(" ", "_").replace("-", "_"))
