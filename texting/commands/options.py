"""Options that several commands share, and the settings they change."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from texting import failing
from texting.settings import Settings, load

DataDir = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Directory of the keys and the embedded PostgreSQL. [default: .texting]"),
]
Org = Annotated[str, typer.Option(metavar="ID", help="The organization, by its global id or its UUID.")]


def settings(**given: Any) -> Settings:
    """Read the settings of this run, options winning; what fails from now on is explained in their data directory.

    Raises:
        StartupError: one of them does not hold.
    """
    read = load(**given)
    failing.folder.set(read.data_dir)
    return read
