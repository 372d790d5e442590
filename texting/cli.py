"""The command line. What is slow to import is imported by the command that needs it."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from texting.commands import (
    audit,
    call,
    doctor,
    explain,
    imports,
    migrate,
    sample,
    schema,
    serve,
    service_token,
    token,
    work,
)
from texting.failing import guarded

app = typer.Typer(
    name="texting",
    help="Business text messaging: the GraphQL API, its workers, and what an operator needs.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    # The same on every terminal, so that the printed help can be compared.
    context_settings={"help_option_names": ["-h", "--help"], "terminal_width": 100, "max_content_width": 100},
)
app.command()(serve.serve)
app.command()(migrate.migrate)
app.command()(work.work)
app.add_typer(token.app, name="token")
app.add_typer(service_token.app, name="service-token")
app.add_typer(imports.app, name="import")
app.add_typer(sample.app, name="sample")
app.add_typer(audit.app, name="audit")
app.command()(explain.explain)
app.command()(call.call)
app.command()(schema.schema)
app.command()(doctor.doctor)


def main() -> None:
    """Run the command line and exit."""
    sys.exit(guarded(app))


def _print_version(is_asked: bool) -> None:  # noqa: FBT001 - how typer calls it
    if is_asked:
        from importlib.metadata import version

        typer.echo(version("business-texting"))
        raise typer.Exit


@app.callback()
def _options(
    *,
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_print_version, help="Print the version and exit.")
    ] = False,
) -> None:
    pass
