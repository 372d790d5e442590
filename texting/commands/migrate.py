"""`texting migrate`: bring the database to this program's revision."""

from __future__ import annotations

import typer

from texting.commands.options import DataDir, settings


def migrate(*, data_dir: DataDir = None) -> None:
    """Bring the database to the revision of this program; `serve` does it too."""
    read = settings(data_dir=data_dir)

    import asyncio

    from texting import database
    from texting.stopping import Stopping

    with Stopping(), database.addresses(read) as found:
        revision = asyncio.run(database.migrate(found))
    typer.echo(f"the database is at revision {revision.current}")
