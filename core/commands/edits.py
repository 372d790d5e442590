"""Changes of rows that exist, by the set: lock, compare, write what differs, append its fact versions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlmodel import SQLModel

from core.commands.differences import before_of, check_version, difference, shown
from core.commands.fact_versions import FactChange, append, facts_among
from core.commands.refusals import not_found
from core.commands.transaction import Transaction
from core.commands.writes import lock, update
from core.storage.rows import Row

R = TypeVar("R", bound=Row)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """Something that was created, and its record."""

    id: UUID
    audit_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Columns that one row shall have. `effective_from`: since when, UTC; `None` = from now.

    `audit_id`: the id its record will have, where the columns name it; `None` = one is made.
    """

    id: UUID
    columns: Mapping[str, Any]
    expected_version: int | None = None
    effective_from: datetime | None = None
    audit_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited(Generic[R]):
    """What an edit did: the row as it was, the columns that changed, the id its record will have."""

    edit: Edit
    row: R
    changed: Mapping[str, Any]
    audit_id: UUID

    def before(self, tx: Transaction, subject: UUID | None = None) -> dict[str, Any]:
        """Show what was."""
        return shown(tx, before_of(self.row, self.changed), subject)

    def after(self, tx: Transaction, subject: UUID | None = None) -> dict[str, Any]:
        """Show what is now, and since when if that was said."""
        since = self.edit.effective_from
        return shown(tx, self.changed, subject) | ({} if since is None else {"effectiveFrom": since})


async def locked(
    tx: Transaction, table: type[SQLModel], edits: Sequence[Edit], row: type[R], *, argument: str
) -> dict[UUID, R]:
    """Lock the rows of edits and check their versions; `argument` names the input that holds their ids."""
    rows = await lock(tx.connection, table, tx.org_id, [edit.id for edit in edits], row)
    for edit in edits:
        if edit.id not in rows:
            raise not_found(argument, edit.id)
        check_version(rows[edit.id], edit.expected_version)
    return rows


async def write(
    tx: Transaction, table: type[SQLModel], edits: Sequence[Edit], rows: Mapping[UUID, R], *, raise_version: bool = True
) -> list[Edited[R]]:
    """Write what differs and append the fact versions; the caller signs the rows anew and records every edit.

    Nothing different writes nothing. But a fact said to hold from an earlier time on is news, even unchanged.
    """
    edited = [
        Edited(
            edit=edit,
            row=rows[edit.id],
            changed=difference(rows[edit.id], edit.columns),
            audit_id=edit.audit_id or audit_id,
        )
        for edit, audit_id in zip(edits, tx.new_ids(len(edits)), strict=True)
    ]
    changes = {each.edit.id: {**each.changed, "last_audit_id": each.audit_id} for each in edited if each.changed}
    await update(tx.connection, table, tx.org_id, changes, raise_version=raise_version)
    await append(tx, [_fact_change(tx, each) for each in edited])
    return edited


def _fact_change(tx: Transaction, edited: Edited[Any]) -> FactChange:
    edit, type_name = edited.edit, edited.row.graphql_type
    news = edited.changed if edit.effective_from is None else edit.columns
    return FactChange(
        type=type_name,
        id=edit.id,
        facts=facts_among(type_name, news),
        valid_from=edit.effective_from or tx.now,
        audit_id=edited.audit_id,
    )
