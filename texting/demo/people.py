"""Who works at the demo's first organization, where, and what keeps some of them from texting: each for one reason."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from core.commands.locations import Address, NewLocation
from core.rules.enums import PstnConnectionType

DOMAIN = "harborpine.example"
APP_VERSION = "44.3.0.28744"


class Trait(Enum):
    """What is different about a person."""

    OLD_APP = auto()
    UNKNOWN_APP = auto()
    NO_NUMBER = auto()
    ALTERNATE_NUMBER = auto()
    GATEWAY_NUMBER = auto()
    PUERTO_RICAN_NUMBER = auto()
    INACTIVE_NUMBER = auto()
    NO_CAMPAIGN = auto()
    PENDING_CAMPAIGN = auto()
    FAILED_CAMPAIGN = auto()
    SUSPENDED_CAMPAIGN = auto()
    SWITCHED_ON = auto()
    SWITCHED_OFF = auto()
    DEACTIVATED = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A user to make. `place`: position in `LOCATIONS`; `number`: E.164, or none."""

    name: str
    email: str
    place: int
    number: str | None
    trait: Trait | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A location to make, the area code of its numbers, how many work there, and who is different, by position."""

    location: NewLocation
    area: int
    people: int
    traits: dict[int, Trait]


def _location(name: str, country: str, region: str | None, zone: str, pstn: PstnConnectionType) -> NewLocation:
    address = Address(country=country, region=region, city=name, line1="1 Main Street")
    return NewLocation(name=name, address=address, time_zone=zone, pstn_connection_type=pstn)


_CISCO, _GATEWAY = PstnConnectionType.CISCO_PSTN, PstnConnectionType.LOCAL_GATEWAY

# The area codes lie beyond those that sample files use, so that such a file can be imported beside the demo.
SITES = (
    Site(
        location=_location("Boston", "US", "MA", "America/New_York", _CISCO),
        area=978,
        people=22,
        traits={
            8: Trait.OLD_APP,
            9: Trait.UNKNOWN_APP,
            10: Trait.NO_NUMBER,
            11: Trait.ALTERNATE_NUMBER,
            12: Trait.GATEWAY_NUMBER,
            13: Trait.PUERTO_RICAN_NUMBER,
            14: Trait.INACTIVE_NUMBER,
            15: Trait.NO_CAMPAIGN,
            16: Trait.PENDING_CAMPAIGN,
            17: Trait.FAILED_CAMPAIGN,
            18: Trait.SUSPENDED_CAMPAIGN,
            19: Trait.SWITCHED_OFF,
            20: Trait.SWITCHED_ON,
            21: Trait.DEACTIVATED,
        },
    ),
    Site(
        location=_location("Chicago", "US", "IL", "America/Chicago", _CISCO),
        area=872,
        people=15,
        traits={0: Trait.SWITCHED_ON, 1: Trait.SWITCHED_ON, 2: Trait.SWITCHED_OFF, 3: Trait.OLD_APP},
    ),
    Site(
        location=_location("Toronto", "CA", "ON", "America/Toronto", _CISCO),
        area=905,
        people=10,
        traits={0: Trait.SWITCHED_ON},
    ),
    Site(
        location=_location("Denver", "US", "CO", "America/Denver", _CISCO),
        area=970,
        people=5,
        traits={0: Trait.SWITCHED_ON},
    ),
    Site(location=_location("Phoenix", "US", "AZ", "America/Phoenix", _GATEWAY), area=928, people=4, traits={}),
    Site(location=_location("London", "GB", None, "Europe/London", _CISCO), area=914, people=4, traits={}),
)
PILOT, CLOSED = 0, 3
"""The location that is switched on before the organization is, and the one that is switched off."""

_GIVEN = ("Ana", "Ben", "Chloé", "Dev", "Elif", "Farid", "Grace", "Hiro", "Iris", "Jonas", "Kofi", "Lena")
_FAMILY = ("Álvarez", "Brooks", "Chen", "Dubois", "Eriksen")
_PUERTO_RICO = 787


def people() -> Iterator[Person]:
    """Give everybody, location by location."""
    of_all = ((place, site, at) for place, site in enumerate(SITES) for at in range(site.people))
    for index, (place, site, at) in enumerate(of_all):
        name = f"{_GIVEN[index % len(_GIVEN)]} {_FAMILY[index % len(_FAMILY)]}"
        trait = site.traits.get(at)
        area = _PUERTO_RICO if trait is Trait.PUERTO_RICAN_NUMBER else site.area
        number = None if trait is Trait.NO_NUMBER else f"+1{area}55501{at:02d}"
        yield Person(name=name, email=_email(name), place=place, number=number, trait=trait)


def _email(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return f"{plain.lower().replace(' ', '.')}@{DOMAIN}"
