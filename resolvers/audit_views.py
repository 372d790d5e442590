"""Audit records as their reader sees them: in plain, but for values that were erased or are not the reader's to see.

What somebody wrote in a text is shown to whom it belongs and to compliance officers, whose reading is recorded in turn.
Names, numbers and e-mails are shown to whoever reads the log; to others, in the records of what they did, those of
people whom they see.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, cast
from uuid import UUID

from audit.render import DisclosureState, MaySee, RecordView, may_see_none
from core.storage import audit_records
from core.storage.audit_texts import text_places
from core.storage.listing import fetch_ids
from core.storage.pages import Page
from core.storage.rows import AuditRecordRow
from core.storage.users import USERS
from resolvers import bodies, visibility
from resolvers.context import RequestContext
from schema.access import AUDIT, WHOLE_ORG

_BEFORE, _AFTER = "/entity/data/", "/updated_entity/data/"
"""Where an entry tells what changed: the beginnings of its values' JSON pointers."""

_TIME_ORDERED = 7
"""The version of our users' ids. A value of nobody's, such as an outsider's number, has a pseudonym of another one."""


class Record:
    """One record: the row that lists are sorted by, and what is shown of it.

    `of_others`: where it shows texts that are not the reader's own (JSON pointers).
    """

    graphql_type: ClassVar[str] = "AuditRecord"

    __slots__ = ("of_others", "row", "view")

    def __init__(self, row: AuditRecordRow, view: RecordView, of_others: frozenset[str]) -> None:
        """Take all three."""
        self.row = row
        self.view = view
        self.of_others = of_others

    @property
    def global_id(self) -> str:
        """Write the global id."""
        return self.row.global_id

    def __getitem__(self, column: str) -> Any:
        """Read a column, as cursors do."""
        return self.row[column]

    def __getattr__(self, name: str) -> Any:
        """Read what is shown."""
        return getattr(self.view, name)


async def views(context: RequestContext, rows: Sequence[AuditRecordRow]) -> list[Record]:
    """Render rows for the caller: one statement, one more for callers who see only some people."""
    if not rows:
        return []
    sealed: dict[UUID, list[Any]] = {row["id"]: [] for row in rows}
    for each in await audit_records.disclosures(context.db.fetch, context.org_id, sealed):
        sealed[each["record_id"]].append(each)
    hidden = await _hidden_people(context, (each["subject_id"] for values in sealed.values() for each in values))
    return [_record(context, row, sealed[row["id"]], hidden) for row in rows]


async def view_pages(context: RequestContext, pages: Sequence[Page[AuditRecordRow]]) -> list[Page[Any]]:
    """Render pages, in as many statements as for one."""
    shown = iter(await views(context, [row for page in pages for row in page.nodes]))
    return [replace(cast("Page[Any]", page), nodes=[next(shown) for _ in page.nodes]) for page in pages]


def note_before(context: RequestContext, record: Record) -> None:
    """Remember that the caller is shown how things were: others' texts among it are recorded as read."""
    _note(context, record, _BEFORE)


def note_after(context: RequestContext, record: Record) -> None:
    """Remember that the caller is shown how things became, likewise."""
    _note(context, record, _AFTER)


def note_whole(context: RequestContext, record: Record) -> None:
    """Remember that the caller is shown every value of a record, likewise."""
    _note(context, record, "")


def _note(context: RequestContext, record: Record, beginning: str) -> None:
    if any(pointer.startswith(beginning) for pointer in record.of_others):
        bodies.note(context, "AuditRecord", record.view.id, record.view.involves)


def _record(
    context: RequestContext, row: AuditRecordRow, sealed: Sequence[Any], hidden_people: frozenset[UUID]
) -> Record:
    renderer, entry = context.store.audit.renderer, cast("Mapping[str, Any]", row)
    (outline,) = renderer.render([entry], [], may_see=may_see_none)
    texts = text_places(outline)
    is_own = any(bodies.is_own(context, id) for id in outline.involves)
    hidden = frozenset() if is_own or visibility.reads_bodies_of_others(context) else texts
    (view,) = renderer.render([entry], sealed, may_see=_all_but(hidden, hidden_people))
    disclosed = {each.name for each in view.disclosures if each.state is DisclosureState.DISCLOSED}
    return Record(row, view, frozenset() if is_own else texts & disclosed)


def _all_but(texts: frozenset[str], people: frozenset[UUID]) -> MaySee:
    return lambda subject, name: name not in texts and subject not in people


async def _hidden_people(context: RequestContext, subjects: Iterable[UUID]) -> frozenset[UUID]:
    """Give those of the users among the subjects whom the caller does not see."""
    if context.roles & (AUDIT | WHOLE_ORG):
        return frozenset()
    people = {subject for subject in subjects if subject.version == _TIME_ORDERED}
    seen = await fetch_ids(context.db.fetch, USERS, people, org=context.org_id, where=visibility.people(context))
    return frozenset(people - seen.keys())
