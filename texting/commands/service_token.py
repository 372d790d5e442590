"""`texting service-token`: issue, list and revoke the tokens of machines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from texting.commands.columns import aligned
from texting.commands.options import DataDir, Days, HolderLocations, HolderOrg, HolderRole, HolderUser, Org, Scope
from texting.commands.token import issue_in, revoke_in, row_of, run

if TYPE_CHECKING:
    from core.principal import Grant
    from texting.program import Program

NAME_MAX = 100

app = typer.Typer(help="Tokens of machines.", no_args_is_help=True, rich_markup_mode=None)


@app.command()
def issue(
    *,
    name: Annotated[str, typer.Option(help="What holds it, such as `crm-sync`; audit records name it.")],
    role: HolderRole,
    org: HolderOrg = None,
    location: HolderLocations = None,
    user: HolderUser = None,
    days: Days = 90,
    data_dir: DataDir = None,
) -> None:
    """Issue a service token and print it: nothing shows it again."""
    from texting.commands.ids import check_said

    check_said("--name", name, longest=NAME_MAX)

    async def issuing(program: Program, grants: tuple[Grant, ...], **issued: Any) -> str:
        from texting.identity import service_tokens

        return await service_tokens.issue(program.store, name, grants, **issued)

    typer.echo(issue_in(issuing, Scope(role=role, org=org, locations=location or (), user=user), days, data_dir))


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
