"""Files of users and locations, carried out: one transaction for all of a file, one record for every change."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from audit.actions import Action
from audit.record import Target
from core.commands.attempt import Attempt
from core.commands.refusals import InvalidInput, Problem, Refused
from core.commands.transaction import Answer, Store, Transaction, perform
from core.ids import uuid7
from core.principal import Principal, Role
from texting.importing.collecting import not_collecting
from texting.importing.loading import load_location_names, plan_file
from texting.importing.location_plan import LocationPlan, plan_locations
from texting.importing.location_writes import write_locations
from texting.importing.locations_file import read_locations
from texting.importing.outcome import ImportRefused, ImportResult
from texting.importing.progress import Progress, silent
from texting.importing.table import Fault, FileRefused, Table, read
from texting.importing.user_plan import UserPlan
from texting.importing.user_writes import write_users
from texting.importing.users_file import read_users

Write = Callable[[Transaction, Progress], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What a file would do, and how it is done."""

    result: ImportResult
    write: Write


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """How a file shall be carried out. `skip_invalid`: without the refused rows, instead of not at all."""

    table: Table
    operation: str
    dry_run: bool
    skip_invalid: bool
    progress: Progress


async def import_users(
    store: Store,
    org_id: UUID,
    path: Path,
    *,
    principal: Principal,
    dry_run: bool = False,
    skip_invalid: bool = False,
    deactivate_missing: bool = False,
    progress: Progress = silent,
) -> ImportResult:
    """Carry out a users file. With a refused row nothing is written, unless `skip_invalid`.

    `deactivate_missing`: users whom no row names are deactivated, which is final. `dry_run`: only say what it would do.
    Raises `FileRefused` when the file as a whole cannot be read, `ImportRefused` when it may not be carried out.
    """
    with not_collecting():
        table = read(path)
        file = read_users(table)
    if deactivate_missing and file.nameless:
        raise FileRefused(
            f"`{table.name}` does not say on line {file.nameless[0]} whom it means, so nobody can be told to be "
            "missing: mend that row, or import without deactivating"
        )

    if deactivate_missing and not file.named:
        raise FileRefused(f"`{table.name}` names no user, so that all would be deactivated: check the file")

    async def planned(tx: Transaction) -> Planned:
        plan = await plan_file(tx, file, deactivate_missing=deactivate_missing)
        return Planned(
            result=replace(_of_users(plan), skipped=file.skipped, faults=_by_line(*file.faults, *plan.faults)),
            write=lambda tx, progress: write_users(tx, plan, progress),
        )

    how = Import(
        table=table,
        operation="texting import users",
        dry_run=dry_run,
        skip_invalid=skip_invalid,
        progress=progress,
    )
    return await _run(store, org_id, principal, how, planned)


async def import_locations(
    store: Store,
    org_id: UUID,
    path: Path,
    *,
    principal: Principal,
    dry_run: bool = False,
    skip_invalid: bool = False,
    progress: Progress = silent,
) -> ImportResult:
    """Carry out a locations file; see `import_users`."""
    table = read(path)
    file = read_locations(table)

    async def planned(tx: Transaction) -> Planned:
        stored, twins = await load_location_names(tx)
        plan = plan_locations(file.locations, stored, twins)
        return Planned(
            result=replace(_of_locations(plan), faults=_by_line(*file.faults, *plan.faults)),
            write=lambda tx, progress: write_locations(tx, plan, progress),
        )

    how = Import(
        table=table,
        operation="texting import locations",
        dry_run=dry_run,
        skip_invalid=skip_invalid,
        progress=progress,
    )
    return await _run(store, org_id, principal, how, planned)


async def _run(
    store: Store,
    org_id: UUID,
    principal: Principal,
    how: Import,
    plan: Callable[[Transaction], Awaitable[Planned]],
) -> ImportResult:
    result = ImportResult()

    async def carry_out(tx: Transaction) -> Answer:
        nonlocal result
        planned = await plan(tx)
        result = planned.result
        tx.attempted = {"file": how.table.name, "sha256": how.table.sha256, "refused": len(result.faults)}
        if result.faults and not how.skip_invalid:
            raise _refused(result.faults)
        if not how.dry_run:
            tx.correlation_id = str(tx.audit_id)
            await planned.write(tx, how.progress)
            await _record(tx, how, result)
        return Answer(type="DirectoryImported", refs={"record_ref": str(tx.audit_id)})

    with not_collecting():
        answer = await perform(store, _attempt(org_id, principal, how), carry_out)
    if isinstance(answer, Answer):
        return replace(
            result, written=not how.dry_run, record_id=None if how.dry_run else UUID(str(answer.refs["record_ref"]))
        )
    if result.faults and not how.skip_invalid:
        return replace(result, record_id=answer.record_id)
    raise ImportRefused(answer.message)


async def _record(tx: Transaction, how: Import, result: ImportResult) -> None:
    counts = {
        "created": result.created,
        "updated": result.updated,
        "moved": result.moved,
        "changed": result.changed,
        "deactivated": result.deactivated,
        "unchanged": result.unchanged,
        "skipped": result.skipped,
        "refused": len({fault.line for fault in result.faults}),
    }
    await tx.record(
        action=Action.DIRECTORY_IMPORT,
        target=Target(type="Org", id=tx.org_id),
        before=None,
        after={"file": how.table.name, "sha256": how.table.sha256, **counts},
    )


def _attempt(org_id: UUID, principal: Principal, how: Import) -> Attempt:
    return Attempt(
        principal=principal,
        org_id=org_id,
        operation=how.operation,
        action=Action.DIRECTORY_IMPORT,
        allowed_roles=(Role.PROVIDER_ADMIN,),
        now=datetime.now(UTC),
        tracking_id=f"cli:{uuid7()}",
        target_type="Org",
        target_id=org_id,
        dry_run=how.dry_run,
    )


def _refused(faults: tuple[Fault, ...]) -> Refused:
    problems = tuple(
        Problem(path=(str(fault.line), fault.column or "row"), code="REFUSED_ROW", message=fault.reason)
        for fault in faults
    )
    return Refused(
        InvalidInput(message=f"{len(faults)} faults, so nothing was written: mend the rows", problems=problems)
    )


def _of_users(plan: UserPlan) -> ImportResult:
    return ImportResult(
        created=len(plan.creations),
        updated=len(plan.updates),
        moved=len(plan.moves),
        changed=len(plan.changes),
        deactivated=len(plan.departures),
        unchanged=plan.unchanged,
    )


def _of_locations(plan: LocationPlan) -> ImportResult:
    return ImportResult(created=len(plan.creations), updated=len(plan.updates), unchanged=plan.unchanged)


def _by_line(*faults: Fault) -> tuple[Fault, ...]:
    return tuple(sorted(faults, key=lambda fault: fault.line))
