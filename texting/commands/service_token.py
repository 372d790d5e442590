"""`texting service-token`: issue, list and revoke the tokens of machines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.principal import Role
from texting.commands.columns import aligned
from texting.commands.options import DataDir, Org
from texting.commands.token import DAYS_MAX, revoke_in, row_of, run
from texting.startup_error import StartupError

if TYPE_CHECKING:
    from texting.program import Program

NAME_MAX = 100

app = typer.Typer(help="Tokens of machines.", no_args_is_help=True, rich_markup_mode=None)


@app.command()
def issue(
    *,
    name: Annotated[str, typer.Option(help="What holds it, such as `crm-sync`; audit records name it.")],
    role: Annotated[Role, typer.Option(help="What its holder may be.")],
    org: Annotated[
        str | None, typer.Option(metavar="ID", help="The organization; needed for every role but PROVIDER_ADMIN.")
    ] = None,
    location: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="A location of a LOCATION_ADMIN; may be repeated.")
    ] = None,
    user: Annotated[str | None, typer.Option(metavar="ID", help="The texting user that a USER is.")] = None,
    days: Annotated[int, typer.Option(min=1, max=DAYS_MAX, help="How long it is good for.")] = 90,
    data_dir: DataDir = None,
) -> None:
    """Issue a service token and print it: nothing shows it again."""
    from texting.commands import granting

    if not name.strip() or not name.isprintable() or len(name) > NAME_MAX:
        raise StartupError(f"a service token needs a name of 1 to {NAME_MAX} printable characters: give another --name")
    grants = granting.grants(granting.Scope(role=role, org=org, locations=tuple(location or ()), user=user))

    async def issued(program: Program) -> str:
        from datetime import UTC, datetime, timedelta

        from texting import tokens
        from texting.commands.ids import account
        from texting.identity import service_tokens

        return await service_tokens.issue(
            program.store,
            name,
            grants,
            org_id=await granting.check(program.store, grants),
            life=timedelta(days=days),
            now=datetime.now(UTC),
            operator=tokens.Operator(account=account()),
        )

    typer.echo(run(data_dir, issued))


@app.command("list")
def listed(*, org: Org, data_dir: DataDir = None) -> None:
    """List an organization's service tokens, oldest first."""
    from texting.commands.ids import org_of

    org_id = org_of(org)

    async def found(program: Program) -> Any:
        from texting.identity import service_tokens

        return await service_tokens.listed(program.store, org_id)

    header = ("id", "name", "roles", "issued", "expires", "state")
    typer.echo(aligned(header, [row_of(row, row["name"]) for row in run(data_dir, found)]))


@app.command()
def revoke(
    token: Annotated[
        str, typer.Argument(metavar="TOKEN_ID", help="The token's id, as `texting service-token list` shows it.")
    ],
    *,
    org: Org,
    data_dir: DataDir = None,
) -> None:
    """Revoke a service token; within a second no server takes it any more."""
    from texting.identity import service_tokens

    typer.echo(
        "revoked" if revoke_in(service_tokens.revoke, "ServiceToken", token, org, data_dir) else "it was revoked before"
    )
