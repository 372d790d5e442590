"""`texting import`: carry out the files that administrators export, all of a file or nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from texting.commands.columns import aligned
from texting.commands.options import DataDir, Org, settings
from texting.commands.progress import shown
from texting.startup_error import StartupError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from texting.importing.outcome import ImportResult
    from texting.program import Program

app = typer.Typer(help="Import a file of users or locations.", no_args_is_help=True, rich_markup_mode=None)

File = Annotated[Path, typer.Argument(metavar="FILE", help="A CSV file, UTF-8, as Control Hub exports it.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what the file would change.")]
SkipInvalid = Annotated[
    bool, typer.Option("--skip-invalid", help="Carry out the other rows when some are refused, instead of nothing.")
]


@app.command()
def users(
    file: File,
    *,
    org: Org,
    dry_run: DryRun = False,
    skip_invalid: SkipInvalid = False,
    deactivate_missing: Annotated[
        bool, typer.Option("--deactivate-missing", help="Deactivate users that the file does not name. It is final.")
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Import users; import their locations first."""
    from texting.importing.run import import_users

    _import(
        import_users,
        file,
        org,
        data_dir,
        dry_run=dry_run,
        skip_invalid=skip_invalid,
        deactivate_missing=deactivate_missing,
    )


@app.command()
def locations(
    file: File, *, org: Org, dry_run: DryRun = False, skip_invalid: SkipInvalid = False, data_dir: DataDir = None
) -> None:
    """Import locations."""
    from texting.importing.run import import_locations

    _import(import_locations, file, org, data_dir, dry_run=dry_run, skip_invalid=skip_invalid)


def _import(
    carry_out: Callable[..., Awaitable[ImportResult]], file: Path, org: str, data_dir: Path | None, **how: bool
) -> None:
    read = settings(data_dir=data_dir)

    from texting import program
    from texting.commands.ids import org_of
    from texting.importing.outcome import ImportRefused
    from texting.importing.table import FileRefused
    from texting.operator import operator

    org_id = org_of(org)

    async def work(opened: Program) -> ImportResult:
        with shown("importing") as progress:
            return await carry_out(opened.store, org_id, file, principal=operator(), progress=progress, **how)

    try:
        result = program.run(read, work)
    except (FileRefused, ImportRefused) as error:
        raise StartupError(str(error)) from None
    _tell(result, dry_run=how["dry_run"])
    if result.faults and not how["skip_invalid"]:
        raise typer.Exit(1)


def _tell(result: ImportResult, *, dry_run: bool) -> None:
    if result.faults:
        rows = [(str(fault.line), fault.column or "(the row)", fault.reason) for fault in result.faults]
        typer.echo(aligned(("line", "column", "reason"), rows))
    refused = len({fault.line for fault in result.faults})
    counts = {
        "created": result.created,
        "updated": result.updated,
        "numbers given": result.moved,
        "numbers changed": result.changed,
        "deactivated": result.deactivated,
        "unchanged": result.unchanged,
        "skipped without a calling service": result.skipped,
        "refused": refused,
    }
    told = ", ".join(f"{count:,} {name}" for name, count in counts.items() if count) or "nothing to do"
    if result.written:
        typer.echo(f"imported: {told}")
    elif dry_run:
        typer.echo(f"would import: {told}")
    else:
        typer.echo(f"nothing was imported: mend the {refused:,} refused rows, or leave them out with --skip-invalid")
