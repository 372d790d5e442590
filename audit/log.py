"""Append records inside the caller's transaction, and erase what their digests stand for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from operator import attrgetter
from typing import Any, Protocol
from uuid import UUID

from audit.entry import Entry, make_entry
from audit.ids import milliseconds, record_ids
from audit.keys import MasterKey
from audit.projection import Projection, project
from audit.record import Record
from audit.render import Renderer

_BATCH = 1_000
"""Records in one call: some megabytes, so that a long import streams instead of growing."""

APPEND = """
SELECT audit.append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
"""
"""How one record gets in: plain values, which both sides handle in half the time that arrays take."""

APPEND_MANY = """
SELECT audit.append_many($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15,
  $16, $17, $18, $19, $20)
"""
"""How many get in: one array a column."""


class Writer(Protocol):
    """What is needed of a connection: `core.storage.connection.Connection`, or one borrowed from a pool of them."""

    async def rows(self, sql: str, args: Sequence[Any], row: Any) -> list[Any]:
        """Run a statement."""


class AuditLog:
    """Writes records. One for the whole process; safe to share between tasks.

    renderer: reads back what was written with the same master key.
    """

    def __init__(self, master_key: bytes, *, product_version: str = "unknown") -> None:
        """Take the 32-byte master key and the program's own version, which every record names.

        Raises:
            ValueError: the key has another length.
        """
        self._master = MasterKey(master_key)
        self.renderer = Renderer(master_key)
        self._product_version = product_version

    def derived_key(self, purpose: bytes) -> bytes:
        """Derive a key of 32 bytes that only whoever has the master key can make."""
        return self._master.derived(purpose)

    async def append(self, connection: Writer, record: Record) -> UUID:
        """Write one record in the caller's transaction, in one round trip; give its id.

        The transaction must have `texting.org_id` set to the record's organization: the database refuses any other.

        Raises:
            CanonicalError, EntryTooLarge, ValueError: see `audit.entry.make_entry`; nothing was sent.
        """
        id = record.id or record_ids([milliseconds(record.occurred_at)])[0]
        entry = make_entry(record, id, self._product_version)
        await connection.rows(APPEND, _one(record.org_id, entry, self._master), None)
        return entry.id

    async def append_many(self, connection: Writer, records: Iterable[Record]) -> list[UUID]:
        """Write records of one organization in the caller's transaction; give their ids, in order.

        Raises:
            CanonicalError, EntryTooLarge, ValueError: see `audit.entry.make_entry`; roll the transaction back.
        """
        ids: list[UUID] = []
        remaining = iter(records)
        while batch := list(islice(remaining, _BATCH)):
            org_id = batch[0].org_id
            if any(record.org_id != org_id for record in batch):
                raise ValueError(f"records of several organizations in one call: append those of `{org_id}` alone")
            if len(batch) == 1:
                ids.append(await self.append(connection, batch[0]))
                continue
            made = record_ids([milliseconds(each.occurred_at) for each in batch])
            entries = [
                make_entry(each, each.id or id, self._product_version) for each, id in zip(batch, made, strict=True)
            ]
            await connection.rows(APPEND_MANY, _many(org_id, entries, self._master), None)
            ids.extend(entry.id for entry in entries)
        return ids

    def pseudonym(self, org_id: UUID, value: str) -> UUID:
        """Give the subject id of an outsider, such as a recipient's number in E.164: always the same."""
        return self._master.pseudonym(org_id, value)


def _one(org_id: UUID, entry: Entry, master: MasterKey) -> list[Any]:
    """Turn an entry into what `audit.append` takes."""
    row = project(entry.content)
    return [
        org_id,
        entry.id,
        entry.head,
        entry.tail,
        entry.checksum,
        *_values(row),
        row.involves,
        master.seal(org_id, entry.disclosures) or None,
    ]


def _many(org_id: UUID, entries: Sequence[Entry], master: MasterKey) -> list[Any]:
    """Turn entries into the columns that `audit.append_many` takes, one list a column."""
    rows = [project(entry.content) for entry in entries]
    involved = [(entry.id, each) for entry, row in zip(entries, rows, strict=True) for each in row.involves]
    sealed = [(entry.id, each) for entry in entries for each in master.seal(org_id, entry.disclosures)]
    return [
        org_id,
        [entry.id for entry in entries],
        [entry.head for entry in entries],
        [entry.tail for entry in entries],
        [entry.checksum for entry in entries],
        *map(list, zip(*map(_values, rows), strict=True)),
        [id for id, _ in involved],
        [subject for _, subject in involved],
        [id for id, _ in sealed],
        [each for _, each in sealed],
    ]


_values = attrgetter(*(name for name in Projection.__dataclass_fields__ if name != "involves"))
"""The projected columns of a row, in order."""
