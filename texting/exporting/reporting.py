"""The list of one job: the users who may not text, as a table for spreadsheets."""

from __future__ import annotations

import csv
import hashlib
import io
from contextlib import aclosing
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING

from core.principal import Grant, Principal
from resolvers import denied
from resolvers.context import RequestContext
from resolvers.errors import BadInput
from resolvers.report_questions import Question
from schema.scalars import write_datetime
from texting.exporting.making import CannotBeMade

if TYPE_CHECKING:
    from collections.abc import Iterable

    from audit.export.bundle import Progress
    from core.commands.transaction import Store
    from resolvers.denied import Denied
    from texting.exporting.jobs import Job

HEADER = (
    "user_id", "email", "display_name", "location", "outcome", "prerequisites", "enabled", "causes", "reasons",
    "what_to_do", "who", "since", "denials", "policy", "as_of", "supposed",
)  # fmt: skip
"""`reasons`, `what_to_do`, `who` and `since` have a line for each of the `causes`, which may be empty."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""How a cell begins that a spreadsheet would calculate; the last four are full-width, as Japanese keyboards write."""


async def make_report(store: Store, job: Job, target: IO[bytes], progress: Progress) -> str:
    """Write a job's list, as whoever asked may see it, in bounded memory; give its SHA-256 in hexadecimal.

    Raises:
        CannotBeMade: what was asked cannot be answered.
    """
    assert job.report is not None
    context = RequestContext(
        principal=Principal(
            subject=job.subject,
            name=None,
            org_id=job.org_id,
            grants=tuple(Grant(role=role, org_id=job.org_id) for role in sorted(job.roles)),
        ),
        org_id=job.org_id,
        tracking_id=f"export:{job.id}",
        now=datetime.now(UTC),
        store=store,
        language=job.report["language"],
    )
    text = io.TextIOWrapper(target, encoding="utf-8-sig", newline="")
    try:
        writer = csv.writer(text)
        writer.writerow(HEADER)
        async with aclosing(denied.listed(context, Question.of_json(job.report))) as pages:
            async for users, seen, total in pages:
                writer.writerows(map(row, users))
                progress(seen, total)
    except BadInput as error:
        raise CannotBeMade(str(error)) from error
    finally:
        text.detach()
        await context.close()
    target.seek(0)
    return hashlib.file_digest(target, "sha256").hexdigest()  # type: ignore[arg-type] # a file of bytes is one


def row(user: Denied) -> tuple[str, ...]:
    """Give the line of a user; several things in one cell stand on lines of their own."""
    decided = user.decision
    return tuple(
        map(
            harmless,
            (
                user.id,
                user.email or "",
                user.display_name,
                user.location,
                decided.outcome,
                decided.prerequisites,
                str(decided.enabled).lower(),
                _lines(each.rule_id for each in user.causes),
                _lines(each.reason for each in user.causes),
                _lines(each.remedy for each in user.causes),
                _lines(each.owner for each in user.causes),
                _lines(_moment(each.since) for each in user.causes),
                _lines(user.denials),
                decided.policy_version,
                _moment(decided.as_of) or "",
                str(decided.simulated).lower(),
            ),
        )
    )


def harmless(cell: str) -> str:
    """Put an apostrophe before what a spreadsheet would calculate."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _lines(several: Iterable[str | None]) -> str:
    return "\n".join(each or "" for each in several)


def _moment(value: datetime | None) -> str | None:
    return None if value is None else write_datetime(value)
