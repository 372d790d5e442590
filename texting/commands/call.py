"""`texting call`: one operation, asked of a running server."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from texting.commands.options import DataDir, settings
from texting.startup_error import StartupError


def call(
    file: Annotated[str, typer.Argument(metavar="FILE", help="The operation's file; - reads it from stdin.")],
    variables: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME=VALUE]...", help="Variables; NAME:=VALUE takes JSON.")
    ] = None,
    *,
    persona: Annotated[
        str, typer.Option("--as", metavar="PERSONA", help="Whose demo token to use, such as org_admin.")
    ] = "provider_admin",
    token: Annotated[
        str | None, typer.Option(envvar="TEXTING_TOKEN", help="A token to use instead of a demo persona's.")
    ] = None,
    pick: Annotated[
        str | None,
        typer.Option(metavar="PATH", help="Print this part of the data alone, such as users.edges.0.node.id."),
    ] = None,
    operation: Annotated[
        str | None, typer.Option(metavar="NAME", help="Which operation to send, where the file has several.")
    ] = None,
    url: Annotated[
        str | None, typer.Option(help="The API's address. [default: by the settings, http://127.0.0.1:8000/graphql]")
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Send one operation to a running server and print its answer; the exit status is 1 when that has errors."""
    read = settings(data_dir=data_dir)

    from texting import calling, listening

    document = _document(file)
    try:
        answer = calling.call(
            url or f"{listening.url(read.host, read.port)}/graphql",
            token or calling.demo_token(read.data_dir, persona),
            document,
            calling.variables_of(variables or ()),
            operation,
        )
        failed = bool(answer.get("errors"))
        shown = answer if failed or pick is None else calling.pick(answer.get("data"), pick)
    except calling.CallFailed as error:
        raise StartupError(str(error)) from None
    _print(shown)
    if failed:
        raise typer.Exit(1)


def _document(file: str) -> str:
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise StartupError(f"`{file}` cannot be read (`{reason}`): name a file with an operation") from None


def _print(shown: Any) -> None:
    import json

    text = shown if isinstance(shown, str) else json.dumps(shown, indent=2, ensure_ascii=False)
    # A text that ends with a line's end, such as a signed note, stays as it is.
    typer.echo(text, nl=not text.endswith("\n"))
