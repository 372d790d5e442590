"""The tables whose rows are written, and how rows of one are found from a row of another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.rules.enums import NumberState, PhoneNumberType
from core.storage.tables import Locations, Orgs, PhoneNumbers, Users

TABLES: Mapping[str, Any] = {"Org": Orgs, "Location": Locations, "User": Users, "UserPhoneNumber": PhoneNumbers}
"""By the type that a row is in the API."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """How rows of another type are found from a row.

    `matches`: SQL of the two aliases. `nullable`: there may be none. `order`: SQL, of lists.
    `is_first_of_many`: several may match.
    """

    type: str
    matches: str
    nullable: bool = False
    is_first_of_many: bool = False
    order: str = "{0}.id"


RELATIONS: Mapping[str, Relation] = {
    "User.location": Relation(type="Location", matches="{0}.id = {1}.location_id"),
    "User.org": Relation(type="Org", matches="true"),
    "User.primary_number": Relation(
        type="UserPhoneNumber",
        matches=f"{{0}}.owner_id = {{1}}.id AND {{0}}.type = '{PhoneNumberType.PRIMARY}' "
        f"AND {{0}}.state = '{NumberState.ACTIVE}'",
        nullable=True,
        is_first_of_many=True,
    ),
    "User.phone_numbers": Relation(
        type="UserPhoneNumber",
        matches="{0}.owner_id = {1}.id",
        order=f"{{0}}.type <> '{PhoneNumberType.PRIMARY}', {{0}}.id",
    ),
    "UserPhoneNumber.owner": Relation(type="User", matches="{0}.id = {1}.owner_id", nullable=True),
    "Location.org": Relation(type="Org", matches="true"),
    "Location.users": Relation(type="User", matches="{0}.location_id = {1}.id"),
    "Org.locations": Relation(type="Location", matches="true"),
    "Org.users": Relation(type="User", matches="true"),
}


def table(type_name: str) -> str:
    """Name a type's table."""
    return f"texting.{TABLES[type_name].__tablename__}"
