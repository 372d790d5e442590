"""Options that several commands share, and the settings they change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from core.principal import Role
from texting import failing
from texting.settings import Settings, load

DataDir = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Directory of the keys and the embedded PostgreSQL. [default: .texting]"),
]
Org = Annotated[str, typer.Option(metavar="ID", help="The organization, by its global id or its UUID.")]

HolderRole = Annotated[Role, typer.Option(help="What its holder may be.")]
HolderOrg = Annotated[
    str | None, typer.Option(metavar="ID", help="The organization; needed for every role but PROVIDER_ADMIN.")
]
HolderLocations = Annotated[
    list[str] | None, typer.Option(metavar="ID", help="A location of a LOCATION_ADMIN; may be repeated.")
]
HolderUser = Annotated[str | None, typer.Option(metavar="ID", help="The texting user that a USER is.")]
Days = Annotated[int, typer.Option(min=1, max=366, help="How long it is good for.")]
"""Longer, and the token belongs to an identity provider."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a token's holder may be, and where, as given."""

    role: Role
    org: str | None
    locations: Sequence[str]
    user: str | None


def settings(**given: Any) -> Settings:
    """Read the settings of this run, options winning; what fails from now on is explained in their data directory.

    Raises:
        StartupError: one of them does not hold.
    """
    read = load(**given)
    failing.folder.set(read.data_dir)
    return read
