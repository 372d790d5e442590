"""`texting schema`: what the API says, as text."""

from __future__ import annotations

import typer


def schema() -> None:
    """Print the GraphQL schema."""
    from schema.printing import printed

    typer.echo(printed(), nl=False)
