"""What the command line and the settings promise, as text: `python -m texting.printing` writes it into `docs/`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import typer

from schema.access import EVERYONE, Roles, access_table
from schema.api import build_schema
from texting.cli import app
from texting.settings import Settings

DOCS = Path(__file__).parents[1] / "docs"
COMMANDS = DOCS / "cli.md"
ACCESS = DOCS / "access.md"
OPERATING = DOCS / "operating.md"

_BEGIN, _END = "<!-- settings: python -m texting.printing -->\n", "<!-- end of settings -->"
_INTRODUCTION = """# The command line

What `--help` prints for each command, written by `python -m texting.printing`.
"""
_ACCESS = """# Who may read and call what

What the declarations in `schema/` say, written by `python -m texting.printing`. Fields that are not listed are as
readable as their type; those of `Mutation` say who may call them.
"""


def commands() -> str:
    """Give the help of every command as Markdown."""
    root = typer.main.get_command(app)
    parts = [f"## `{name}`\n\n```text\n{text}\n```\n" for name, text in _helps(root, None, "texting")]
    return "\n".join([_INTRODUCTION, *parts])


def access() -> str:
    """Give who may read and call what, as the schema declares it, as Markdown."""
    lines = []
    for row in access_table(build_schema()):
        if row.field is None:
            lines.append(f"| **`{row.type}`** | {_roles(row.roles)} | {row.rows or ''} |")
        elif row.declared:
            lines.append(f"| `{row.type}.{row.field}` | {_roles(row.roles)} | |")
    return "\n".join([_ACCESS, "| What | Who | Which of its objects |", "|---|---|---|", *lines]) + "\n"


def _roles(roles: Roles | None) -> str:
    if not roles:
        return "nobody"
    return "everyone" if roles == EVERYONE else ", ".join(sorted(roles))


def with_settings(document: str) -> str:
    """Give the document with the table of settings as it must be, between its two marks."""
    before, _, rest = document.partition(_BEGIN)
    after = rest.partition(_END)[2]
    return f"{before}{_BEGIN}{settings()}{_END}{after}"


def settings() -> str:
    """Give the settings as a Markdown table."""
    rows = ["| Environment variable | Default | What it sets |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = "" if field.default is None else f"`{_plain(field.default)}`" if str(field.default) else "none"
        rows.append(f"| `TEXTING_{name.upper()}` | {default} | {field.description} |")
    return "\n".join(rows) + "\n"


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _helps(command: Any, parent: click.Context | None, name: str) -> Iterator[tuple[str, str]]:
    context = click.Context(command, info_name=name, parent=parent, **command.context_settings)
    yield context.command_path, command.get_help(context)
    for child_name, child in getattr(command, "commands", {}).items():
        yield from _helps(child, context, child_name)


if __name__ == "__main__":
    ACCESS.write_text(access(), encoding="utf-8")
    COMMANDS.write_text(commands(), encoding="utf-8")
    OPERATING.write_text(with_settings(OPERATING.read_text(encoding="utf-8")), encoding="utf-8")
