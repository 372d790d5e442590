"""`texting doctor`: look at everything a deployment stands on, and change nothing."""

from __future__ import annotations

import typer

from texting.commands.options import DataDir, settings


def doctor(*, data_dir: DataDir = None) -> None:
    """Check the settings, the data directory, the keys, the database and the pages; exit status 1 when one is wrong."""
    read = settings(data_dir=data_dir)

    from texting import checks
    from texting.check import BAD

    found = checks.look(read)
    width = max(len(each.name) for each in found)
    for each in found:
        typer.echo(f"{each.verdict:4}  {each.name:{width}}  {each.told}")
    if any(each.verdict == BAD for each in found):
        raise typer.Exit(1)
