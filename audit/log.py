"""Append records inside the caller's transaction, and erase what their digests stand for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any, Protocol
from uuid import UUID

from audit.entry import Entry, make_entry
from audit.ids import milliseconds, record_ids
from audit.keys import KeyRing, MasterKey
from audit.projection import Projection, project
from audit.record import Record
from audit.render import Renderer

_BATCH = 1_000
"""Records in one call: some megabytes, so that a long import streams instead of growing."""

APPEND = """
SELECT audit.append($1::uuid, $2::uuid[], $3::bytea[], $4::bytea[], $5::timestamptz[],
  $6::text[], $7::text[], $8::text[], $9::text[], $10::text[],
  $11::uuid[], $12::uuid[], $13::text[], $14::text[], $15::text[],
  $16::uuid[], $17::uuid[],
  $18::uuid[], $19::bytea[], $20::uuid[], $21::uuid[], $22::bytea[],
  $23::uuid[], $24::uuid[], $25::bytea[])
"""
"""The one way a record gets in."""


class Executor(Protocol):
    """What is needed of an asyncpg connection, or of one borrowed from a pool."""

    async def execute(self, query: str, *args: Any) -> Any:
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

    async def append(self, connection: Executor, record: Record) -> UUID:
        """Write one record in the caller's transaction, in one round trip; give its id.

        The transaction must have `texting.org_id` set to the record's organization: the database refuses any other.

        Raises:
            CanonicalError, EntryTooLarge, ValueError: see `audit.entry.make_entry`; nothing was sent.
        """
        return (await self.append_many(connection, [record]))[0]

    async def append_many(self, connection: Executor, records: Iterable[Record]) -> list[UUID]:
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
            entries = self._entries(batch)
            await connection.execute(APPEND, *_arguments(org_id, entries, self._master.ring(org_id)))
            ids.extend(entry.id for entry in entries)
        return ids

    def pseudonym(self, org_id: UUID, value: str) -> UUID:
        """Give the subject id of an outsider, such as a recipient's number in E.164: always the same."""
        return self._master.pseudonym(org_id, value)

    def _entries(self, records: Sequence[Record]) -> list[Entry]:
        made = record_ids([milliseconds(record.occurred_at) for record in records])
        return [
            make_entry(record, record.id or id, self._product_version) for record, id in zip(records, made, strict=True)
        ]


def _arguments(org_id: UUID, entries: Sequence[Entry], ring: KeyRing) -> list[Any]:
    """Turn entries into the columns that `audit.append` takes, one list a column."""
    projections = [project(entry.content) for entry in entries]
    sealed = [(entry.id, item, *ring.seal(item)) for entry in entries for item in entry.disclosures]
    involved = [(entry.id, each) for entry, row in zip(entries, projections, strict=True) for each in row.involves]
    return [
        org_id,
        [entry.id for entry in entries],
        [entry.head for entry in entries],
        [entry.tail for entry in entries],
        *([getattr(row, column) for row in projections] for column in _COLUMNS),
        [record_id for record_id, _ in involved],
        [subject for _, subject in involved],
        [record_id for record_id, _, _, _ in sealed],
        [item.digest for _, item, _, _ in sealed],
        [item.subject for _, item, _, _ in sealed],
        [key_id for _, _, key_id, _ in sealed],
        [data for _, _, _, data in sealed],
        [key.id for key in ring.keys],
        [key.subject for key in ring.keys],
        [key.wrapped for key in ring.keys],
    ]


_COLUMNS = tuple(name for name in Projection.__dataclass_fields__ if name != "involves")
