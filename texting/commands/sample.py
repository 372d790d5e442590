"""`texting sample`: files in the shape of Control Hub's exports, to try the import with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from texting.startup_error import StartupError

app = typer.Typer(help="Write a sample file to import.", no_args_is_help=True, rich_markup_mode=None)

File = Annotated[Path, typer.Argument(metavar="FILE", help="The file to write.")]


@app.command()
def users(
    file: File,
    *,
    count: Annotated[int, typer.Option(help="How many users.")] = 20_000,
    campaign: Annotated[str, typer.Option(metavar="ID", help="A campaign that their numbers shall be of.")] = "",
) -> None:
    """Write a users file; most can text, some cannot, each for one reason."""
    from texting.importing.sample import users_csv

    try:
        content = users_csv(count, campaign=campaign)
    except ValueError as error:
        raise StartupError(str(error)) from None
    _write(file, content)
    typer.echo(f"wrote {count:,} users to {file}")


@app.command()
def locations(file: File) -> None:
    """Write a locations file that has every location of the users file."""
    from texting.importing.sample import locations_csv

    _write(file, locations_csv())
    typer.echo(f"wrote the locations to {file}")


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise StartupError(f"`{path}` cannot be written (`{error.strerror}`): choose another file") from None
