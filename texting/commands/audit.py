"""`texting audit`: verify the log as it is stored, give evidence out of it, and show its keys."""

from __future__ import annotations

from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated

import typer

from texting.commands.options import DataDir, Org, settings
from texting.commands.progress import shown
from texting.startup_error import StartupError

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from texting.program import Program

app = typer.Typer(
    help="Verify the audit log, and give evidence out of it.", no_args_is_help=True, rich_markup_mode=None
)


@app.command()
def verify(
    *,
    org: Annotated[str | None, typer.Option(metavar="ID", help="Only this organization. [default: every one]")] = None,
    data_dir: DataDir = None,
) -> None:
    """Check every record, tile, checkpoint and value, and the rows' records; exit status 1 when one is wrong."""
    read = settings(data_dir=data_dir)

    from texting import auditing, program
    from texting.commands.ids import org_of

    only = None if org is None else org_of(org)

    async def work(opened: Program) -> tuple[int, int, int]:
        orgs = await (auditing.organizations(opened) if only is None else auditing.organization(opened, only))
        records, wrong = await auditing.total(opened, orgs), 0
        with shown("verifying") as progress:
            async for finding in auditing.verify(opened, orgs, progress):
                typer.echo(str(finding))
                wrong += 1
        return len(orgs), records, wrong

    count, records, wrong = program.run(read, work)
    looked = f"{_counted(records, 'record')} of {_counted(count, 'organization')}"
    if wrong:
        typer.echo(f"NOT VERIFIED: {_counted(wrong, 'finding')} in {looked}")
        raise typer.Exit(1)
    typer.echo(f"verified: {looked}, and the anchor log")


@app.command()
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The bundle to write, such as evidence.zip.")],
    *,
    org: Org,
    from_size: Annotated[int, typer.Option(min=0, help="Size of a checkpoint held before; 0 begins at the start.")] = 0,
    at_size: Annotated[int | None, typer.Option(min=1, help="Size of a checkpoint. [default: the newest one]")] = None,
    reason: Annotated[str, typer.Option(help="Why, for the log: the export itself is a record.")],
    data_dir: DataDir = None,
) -> None:
    """Write an evidence bundle, which `python verify.py` inside it checks without us. The values in it are readable."""
    read = settings(data_dir=data_dir)

    from texting import program
    from texting.commands.ids import org_of

    org_id = org_of(org)

    # The file gets its name when it is whole.
    fresh = file.with_name(f".{file.name}.part")
    try:
        with fresh.open("w+b") as target, shown("exporting") as progress:
            size, digest = program.run(
                read, lambda opened: _export(opened, org_id, target, from_size, at_size, reason, progress)
            )
        fresh.replace(file)
    except OSError as error:
        raise StartupError(f"`{file}` cannot be written (`{error.strerror}`): choose another file") from error
    finally:
        fresh.unlink(missing_ok=True)
    typer.echo(
        f"wrote {file.name}: {size - from_size:,} records, from size {from_size} to size {size}, SHA-256 {digest}"
    )


@app.command()
def vkeys(*, org: Org, data_dir: DataDir = None) -> None:
    """Print the verifier keys of an organization's log, the anchor log's and the clock's, to hand on out of band."""
    read = settings(data_dir=data_dir)

    from texting import keys
    from texting.commands.ids import org_of

    logs = keys.log_keys(read.data_dir)
    origin = logs.origin(org_of(org))
    for each in (*logs.verifiers(origin), *logs.verifiers(logs.anchor_origin), *logs.clock_verifiers()):
        typer.echo(str(each))


@app.command(name="rotate-key")
def rotate_key(*, data_dir: DataDir = None) -> None:
    """Add a signing key; the older ones go on signing too until they are taken out of the key file."""
    read = settings(data_dir=data_dir)

    from texting import keys

    count = len(keys.rotate_log_keys(read.data_dir).keys)
    typer.echo(f"the logs are signed by {count} keys from the next start on: hand the new verifier key on first")


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


async def _export(
    program: Program,
    org_id: UUID,
    target: IO[bytes],
    from_size: int,
    at_size: int | None,
    reason: str,
    progress: Callable[[int, int], None],
) -> tuple[int, str]:
    from audit.export.bundle import Asked, Bundler, NoSuchCheckpoint
    from audit.render import Renderer, may_see_all
    from core.storage.audit_trees import checkpoint
    from core.storage.database import reading
    from texting import auditing

    async with reading(program.store.pool, org_id) as reader:
        newest = await checkpoint(reader, org_id, at_size)
    if newest is None and at_size is None:
        raise StartupError("nothing of this log is signed yet: try again when `texting serve` has sealed it")
    if newest is None:
        raise StartupError(f"no checkpoint of size `{at_size}` was signed: leave --at-size out for the newest one")
    if from_size >= newest.size:
        raise StartupError(f"no record lies between size `{from_size}` and {newest.size}: give a smaller --from-size")
    await _record(program, org_id, from_size, newest.size, reason)
    async with auditing.snapshot(program.store.pool, org_id) as connection:
        bundler = Bundler(
            connection=connection,
            org_id=org_id,
            keys=program.secrets.logs,
            renderer=Renderer(program.secrets.audit),
            may_see=may_see_all,
        )
        try:
            digest = await bundler.write(target, Asked(from_size=from_size, at_size=newest.size), progress)
        except NoSuchCheckpoint as error:
            raise StartupError(str(error)) from None
    return newest.size, digest


async def _record(program: Program, org_id: UUID, from_size: int, at_size: int, reason: str) -> None:
    from audit.actions import Action
    from core.commands.exports import record_export
    from core.commands.refusals import Refusal
    from core.commands.transaction import perform
    from texting.operator import attempt_of

    attempt = attempt_of(org_id, operation="texting audit export", action=Action.EXPORT_CREATE, reason=reason)
    done = await perform(
        program.store,
        attempt,
        lambda tx: record_export(tx, kind="EVIDENCE", from_size=from_size, at_size=at_size),
    )
    if isinstance(done, Refusal):
        raise StartupError(done.message)
