"""`texting explain`: whether a user may text, every reason, and what exactly to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from texting.commands.options import DataDir, settings

if TYPE_CHECKING:
    from texting.program import Program


def explain(
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="The user's e-mail; case does not matter.")],
    *,
    org: Annotated[
        str | None, typer.Option(metavar="ID", help="The user's organization. [default: whichever has that e-mail]")
    ] = None,
    what_if: Annotated[
        list[str] | None,
        typer.Option(
            metavar="RULE[:ID]=VALUE",
            help="Suppose a fact, such as CLIENT_VERSION_MIN=43; ID is whose. May be repeated.",
        ),
    ] = None,
    as_of: Annotated[
        str | None, typer.Option(metavar="TIME", help="Whose facts to read, in RFC 3339. [default: now]")
    ] = None,
    known_at: Annotated[
        str | None, typer.Option(metavar="TIME", help="Whose knowledge to use, in RFC 3339. [default: now]")
    ] = None,
    language: Annotated[str, typer.Option(metavar="TAG", help="A BCP 47 tag: en, fr-CA or ja.")] = "en",
    data_dir: DataDir = None,
) -> None:
    """Explain whether a user may text: every rule, the root causes, and the mutations to send; nothing is written."""
    read = settings(data_dir=data_dir)

    from texting import auditing, explaining, explanation, program
    from texting.commands.ids import org_of

    question = explaining.Question(
        email=email,
        org_id=None if org is None else org_of(org),
        what_if=[explaining.supposed(text) for text in what_if or ()],
        as_of=as_of,
        known_at=known_at,
        language=explaining.language_of(language),
    )

    async def work(opened: Program) -> dict[str, Any]:
        only = question.org_id
        orgs = await (auditing.organizations(opened) if only is None else auditing.organization(opened, only))
        return await explaining.explained(opened.store, question, orgs)

    user = program.run(read, work)
    for line in explanation.lines(user, what_if or ()):
        typer.echo(line)
