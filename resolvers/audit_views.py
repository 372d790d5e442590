"""Audit records as their reader sees them: in plain, but for values that were erased or are not the reader's to see.

What somebody wrote in a text is shown to whom it belongs and to compliance officers, whose reading is recorded in turn.
Names, numbers and e-mails are shown to whoever reads the log; to others, in the records of what they did, those of
people whom they see.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from operator import attrgetter
from typing import Any, ClassVar, cast
from uuid import UUID

from audit.render import DisclosureState, MaySee, Outline, RecordView, may_see_all
from core.storage import audit_records
from core.storage.audit_texts import text_places, texts_among
from core.storage.listing import fetch_ids
from core.storage.of_many import OfMany
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

    @OfMany
    def global_id(records: "Sequence[Record]") -> Sequence[str]:  # noqa: N805 - of many
        """Write the global ids."""
        return AuditRecordRow.global_id.of_many([each.row for each in records])

    def __getitem__(self, column: str) -> Any:
        """Read a column, as cursors do."""
        return self.row[column]

    def __getattr__(self, name: str) -> Any:
        """Read what is shown."""
        return getattr(self.view, name)


for _shown in fields(RecordView):
    # Read without the detour that an unknown attribute takes.
    setattr(Record, _shown.name, property(attrgetter(f"view.{_shown.name}")))


async def views(context: RequestContext, rows: Sequence[AuditRecordRow]) -> list[Record]:
    """Render rows for the caller: one statement, one more for callers who see only some people."""
    if not rows:
        return []
    sealed = await audit_records.disclosures(context.db.fetch, context.org_id, [row["id"] for row in rows])
    reader = _Reader(context, await _hidden_people(context, (each["subject_id"] for each in sealed)))
    entries, values = cast("Sequence[Mapping[str, Any]]", rows), cast("Sequence[Mapping[str, Any]]", sealed)
    rendered = context.store.audit.renderer.render_each(entries, values, reader.sight)
    return [Record(row, view, reader.of_others(view)) for row, view in zip(rows, rendered, strict=True)]


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


class _Reader:
    """What the caller may see of records: texts that are the caller's own, and people whom the caller sees."""

    def __init__(self, context: RequestContext, hidden_people: frozenset[UUID]) -> None:
        self._own_user = visibility.own_user(context)
        self._reads_others = visibility.reads_bodies_of_others(context)
        self._hidden_people = hidden_people

    def sight(self, record: Outline) -> MaySee:
        """Give what may be seen of one record."""
        is_free = self._reads_others or self._is_own(record.involves)
        texts = frozenset[str]() if is_free else texts_among(record.names, record.after)
        people = self._hidden_people
        if not texts and not people:
            return may_see_all
        return lambda subject, name: name not in texts and subject not in people

    def of_others(self, view: RecordView) -> frozenset[str]:
        """Find the places that show what was not the caller's to read."""
        if self._is_own(view.involves):
            return frozenset()
        return frozenset(
            name
            for name in text_places(view)
            for each in view.disclosures
            if each.name == name and each.state is DisclosureState.DISCLOSED
        )

    def _is_own(self, involves: Sequence[UUID]) -> bool:
        return self._own_user is not None and self._own_user in involves


async def _hidden_people(context: RequestContext, subjects: Iterable[UUID]) -> frozenset[UUID]:
    """Give those of the users among the subjects whom the caller does not see."""
    if context.roles & (AUDIT | WHOLE_ORG):
        return frozenset()
    people = {subject for subject in subjects if subject.version == _TIME_ORDERED}
    seen = await fetch_ids(context.db.fetch, USERS, people, org=context.org_id, where=visibility.people(context))
    return frozenset(people - seen.keys())
