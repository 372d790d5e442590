"""`texting token`: issue, list and revoke the tokens that the API takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from texting.commands.columns import aligned
from texting.commands.options import (
    DataDir,
    Days,
    HolderLocations,
    HolderOrg,
    HolderRole,
    HolderUser,
    Org,
    Scope,
    settings,
)
from texting.startup_error import StartupError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from core.principal import Grant
    from texting.program import Program

app = typer.Typer(help="Tokens that the API takes.", no_args_is_help=True, rich_markup_mode=None)


@app.command()
def issue(
    *,
    role: HolderRole,
    subject: Annotated[str, typer.Option(help="Who holds it, such as an e-mail; audit records name it.")],
    org: HolderOrg = None,
    location: HolderLocations = None,
    user: HolderUser = None,
    name: Annotated[str | None, typer.Option(help="The holder's name.")] = None,
    days: Days = 30,
    data_dir: DataDir = None,
) -> None:
    """Issue a token and print it."""
    from texting.commands.ids import check_said

    check_said("--subject", subject)
    if name is not None:
        check_said("--name", name)

    async def issuing(program: Program, grants: tuple[Grant, ...], **issued: Any) -> str:
        from core.principal import Principal
        from texting import tokens

        holder = Principal(subject=subject, name=name, org_id=issued.pop("org_id"), grants=grants)
        return await tokens.issue(program.store, program.secrets.tokens, holder, **issued)

    typer.echo(issue_in(issuing, Scope(role=role, org=org, locations=location or (), user=user), days, data_dir))


def issue_in(issuing: Callable[..., Awaitable[str]], scope: Scope, days: int, data_dir: Any) -> str:
    """Issue a token for a checked scope, from now on; give its text. Raises `StartupError`."""
    from texting.commands import granting

    grants = granting.grants(scope)

    async def issued(program: Program) -> str:
        from datetime import UTC, datetime, timedelta

        from texting import tokens
        from texting.commands.ids import account

        return await issuing(
            program,
            grants,
            org_id=await granting.check(program.store, grants),
            life=timedelta(days=days),
            now=datetime.now(UTC),
            operator=tokens.Operator(account=account()),
        )

    return str(run(data_dir, issued))


@app.command("list")
def listed(*, org: Org, data_dir: DataDir = None) -> None:
    """List an organization's tokens, oldest first."""
    from texting.commands.ids import org_of

    org_id = org_of(org)

    async def found(program: Program) -> Any:
        from texting import tokens

        return await tokens.listed(program.store, org_id)

    rows = run(data_dir, found)
    header = ("id", "subject", "roles", "issued", "expires", "state")
    typer.echo(aligned(header, [row_of(row, row["subject"]) for row in rows]))


@app.command()
def revoke(
    token: Annotated[str, typer.Argument(metavar="TOKEN_ID", help="The token's id, as `texting token list` shows it.")],
    *,
    org: Org,
    data_dir: DataDir = None,
) -> None:
    """Revoke a token; within a second no server takes it any more."""
    from texting import tokens

    typer.echo("revoked" if revoke_in(tokens.revoke, "Token", token, org, data_dir) else "it was revoked before")


def revoke_in(revoking: Callable[..., Awaitable[bool]], type_name: str, token: str, org: str, data_dir: Any) -> bool:
    """Revoke a token of an organization; say whether it still stood. Raises `StartupError`."""
    from texting.commands.ids import id_of, org_of

    org_id, token_id = org_of(org), id_of(type_name, token)

    async def revoked(program: Program) -> bool:
        from datetime import UTC, datetime

        from texting import tokens
        from texting.commands.ids import account

        operator = tokens.Operator(account=account())
        try:
            return await revoking(program.store, org_id, token_id, now=datetime.now(UTC), operator=operator)
        except tokens.NoSuchToken as error:
            raise StartupError(str(error)) from None

    return bool(run(data_dir, revoked))


def run(data_dir: Any, work: Callable[[Program], Awaitable[Any]]) -> Any:
    """Do something with an open program."""
    read = settings(data_dir=data_dir)

    from texting import program

    return program.run(read, work)


def row_of(row: Any, holder: str) -> tuple[str, ...]:
    """Give the line of a listed token."""
    from datetime import UTC, datetime

    state = "good"
    if row["revoked_at"] is not None:
        state = "revoked"
    elif row["expires_at"] <= datetime.now(UTC):
        state = "expired"
    roles = ",".join(sorted({grant["role"] for grant in row["grants"]}))
    dates = (f"{row[name]:%Y-%m-%d}" for name in ("issued_at", "expires_at"))
    return (str(row["id"]), holder, roles, *dates, state)
