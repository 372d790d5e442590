"""Conditions of the lists, declared once in their listings, written for rows that a statement names by an alias."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import literal_column, select

from core.storage.listing import Listing
from core.storage.locations import LOCATIONS
from core.storage.statements import compiled
from core.storage.users import USERS

_LISTINGS: Mapping[str, Listing[Any]] = {"Location": LOCATIONS, "User": USERS}
_NUMBER = re.compile(r"\$(\d+)")


@cache
def condition(type_name: str, name: str) -> str:
    """Write a condition of a type's listing: `{0}` stands for the alias, `«value NAME»` for its parameters."""
    listing = _LISTINGS[type_name]
    # Inside a statement about the table: what the condition looks up elsewhere is looked up for the row.
    statement = compiled(
        select(literal_column("1")).select_from(listing.table.id.table).where(listing.conditions[name])
    )
    assert not statement.constants, f"condition `{name}` of {type_name} has constants: inline them"
    written = statement.sql.split("WHERE ", 1)[1]
    marked = _NUMBER.sub(lambda found: _mark(statement.names[int(found[1]) - 1]), written)
    return "(" + marked.replace(f"{listing.table.id.table.fullname}.", "{0}.") + ")"


def _mark(name: str) -> str:
    return "$1" if name == "org_id" else f"«value {name}»"
