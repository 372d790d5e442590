"""One organization's whole log checked as it is stored, and the anchor log."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson

from audit.keys import MasterKey
from audit.log_keys import LogKeys
from audit.merkle import leaf_hash
from audit.projection import project
from audit.verification.entries import ValueCheck, check_entry
from audit.verification.finding import Finding
from audit.verification.tree import Signed, TreeCheck

_BATCH = 1_000
"""Records read at once."""

Progress = Callable[[int], None]
"""Told how many more records were checked."""

ERASED_FIELD = "digests"
"""Where an erasure record names, in its `after`, the digests whose values it destroyed."""

_LEAVES = """
SELECT l.leaf_index, l.record_id, r.entry FROM audit.leaf l
LEFT JOIN audit.record r ON r.org_id = l.org_id AND r.id = l.record_id
WHERE l.org_id = $1 ORDER BY l.leaf_index
"""
_RECORDS = """
SELECT r.*, l IS NOT NULL AS sealed, p.record_id IS NOT NULL AS waits
FROM audit.record r LEFT JOIN audit.pending p ON p.org_id = r.org_id AND p.record_id = r.id
LEFT JOIN LATERAL (SELECT true FROM audit.leaf WHERE org_id = r.org_id AND record_id = r.id LIMIT 1) l ON true
WHERE r.org_id = $1 AND r.id > $2 ORDER BY r.id LIMIT $3
"""
# Of records newer than its statistics the planner expects a few, and rather than to read each partition in order it
# sorts them: all that are left, for every batch.
_IN_ORDER = "SET LOCAL enable_sort = off"
_INVOLVED = """
SELECT record_id, array_agg(subject_id) AS subjects FROM audit.involvement WHERE org_id = $1
GROUP BY record_id ORDER BY record_id
"""
# Read once in the records' order beside them: its key is in the order of pages, and finds nothing by record.
_ERASURES = "SELECT entry FROM audit.record WHERE org_id = $1 AND kind = 'ERASURE'"
_STRAYS = {
    "pending record {}": "SELECT p.record_id FROM audit.pending p LEFT JOIN audit.record r "
    "ON r.org_id = p.org_id AND r.id = p.record_id WHERE p.org_id = $1 AND r.id IS NULL",
    "involvement of record {}": "SELECT DISTINCT i.record_id FROM audit.involvement i LEFT JOIN audit.record r "
    "ON r.org_id = i.org_id AND r.id = i.record_id WHERE i.org_id = $1 AND r.id IS NULL",
}
_NOBODYS = "is beside the log: nothing in it is named"
_ANCHOR_LEAVES = "SELECT leaf_index, entry FROM anchor.leaf WHERE org_id = $1 ORDER BY leaf_index"
_ANCHORED = """
SELECT l.leaf_index, l.log_id, l.size FROM anchor.leaf l LEFT JOIN audit.checkpoint c
ON c.org_id = l.log_id AND c.size = l.size AND c.note = l.entry
WHERE l.org_id = $1 AND c.org_id IS NULL ORDER BY l.leaf_index
"""
ORGANIZATIONS = """
SELECT org_id FROM audit.record UNION SELECT org_id FROM audit.tree_head UNION SELECT org_id FROM audit.checkpoint
UNION SELECT org_id FROM audit.leaf UNION SELECT org_id FROM audit.pending
UNION SELECT org_id FROM audit.tile UNION SELECT org_id FROM audit.involvement
UNION SELECT log_id FROM anchor.leaf UNION SELECT log_id FROM anchor.pending
"""
"""Every organization that has anything in the log, or once had: what was anchored tells of it. For a connection that
sees all of them."""


@dataclass(slots=True)
class LogCheck:
    """Checks one organization. `connection`: sees that organization's rows, inside a transaction with one snapshot.

    `master` opens the values; without it they are only counted.
    """

    connection: Any
    org_id: UUID
    keys: LogKeys
    master: MasterKey | None = None
    progress: Progress = field(default=lambda _: None)

    async def check(self) -> AsyncIterator[Finding]:
        """Give everything that is wrong; nothing when the log is what its checkpoints say."""
        origin = self.keys.origin(self.org_id)
        signed = Signed(origin=origin, keys=self.keys.verifiers(origin), clock=self.keys.clock_verifiers())
        missing: list[UUID] = []
        tree = TreeCheck(self.connection, "audit", self.org_id, signed)
        async for finding in tree.check(self._leaves(missing)):
            yield finding
        for record_id in missing:
            yield self._found(record_id, "is sealed, and missing from the records")
        async for finding in self._records():
            yield finding
        for place, sql in _STRAYS.items():
            for row in await self.connection.fetch(sql, self.org_id):
                yield Finding(org_id=self.org_id, place=place.format(row[0]), problem=_NOBODYS)

    async def _leaves(self, missing: list[UUID]) -> AsyncIterator[tuple[int, bytes]]:
        async for row in self.connection.cursor(_LEAVES, self.org_id, prefetch=_BATCH):
            if row["entry"] is None:
                missing.append(row["record_id"])
                yield row["leaf_index"], b"\0" * 32
            else:
                yield row["leaf_index"], leaf_hash(bytes(row["entry"]))

    async def _records(self) -> AsyncIterator[Finding]:
        await self.connection.execute(_IN_ORDER)
        erased, values = await self._erased(), ValueCheck(self.org_id, self.master)
        involved = _Beside(self.connection.cursor(_INVOLVED, self.org_id, prefetch=_BATCH))
        last = UUID(int=0)
        while rows := await self.connection.fetch(_RECORDS, self.org_id, last, _BATCH):
            ids = [row["id"] for row in rows]
            about = await involved.until(ids[-1])
            for row in rows:
                for problem in self._record(row, about.get(row["id"], ()), values, erased):
                    yield self._found(row["id"], problem)
            last = ids[-1]
            self.progress(len(ids))

    def _record(self, row: Any, involved: Iterable[UUID], values: ValueCheck, erased: frozenset[str]) -> list[str]:
        problems = list(check_entry(self.org_id, row, involved))
        if row["sealed"] == row["waits"]:
            problems.append("is sealed and waiting at once" if row["sealed"] else "is neither sealed nor waiting")
        if not problems:
            problems += values.check(bytes(row["entry"]), row["disclosures"] or (), erased)
        return problems

    async def _erased(self) -> frozenset[str]:
        named: set[str] = set()
        for row in await self.connection.fetch(_ERASURES, self.org_id):
            try:
                content = orjson.loads(bytes(row["entry"]))
                project(content)
                named.update(content["updated_entity"]["data"][ERASED_FIELD])
            except (ValueError, KeyError, TypeError):
                continue
        return frozenset(named)

    def _found(self, record_id: UUID, problem: str) -> Finding:
        return Finding(org_id=self.org_id, place=f"record {record_id}", problem=problem)


class _Beside:
    """Rows in the order of records, read as far as the records are."""

    def __init__(self, rows: AsyncIterable[Any]) -> None:
        self._rows = aiter(rows)
        self._next: Any = None

    async def until(self, last: UUID) -> dict[UUID, Sequence[UUID]]:
        """Give the subjects of the records up to and with one, by record."""
        found: dict[UUID, Sequence[UUID]] = {}
        while True:
            if self._next is None:
                self._next = await anext(self._rows, None)
            if self._next is None or self._next["record_id"] > last:
                return found
            found[self._next["record_id"]] = self._next["subjects"]
            self._next = None


async def check_anchor(connection: Any, anchor_id: UUID, keys: LogKeys) -> AsyncIterator[Finding]:
    """Give everything that is wrong with the anchor log; the connection sees all organizations (the worker's role)."""
    origin = keys.anchor_origin
    signed = Signed(origin=origin, keys=keys.verifiers(origin), clock=keys.clock_verifiers())

    async def leaves() -> AsyncIterator[tuple[int, bytes]]:
        async for row in connection.cursor(_ANCHOR_LEAVES, anchor_id, prefetch=_BATCH):
            yield row["leaf_index"], leaf_hash(bytes(row["entry"]))

    async for finding in TreeCheck(connection, "anchor", anchor_id, signed).check(leaves()):
        yield finding
    for row in await connection.fetch(_ANCHORED, anchor_id):
        yield Finding(
            org_id=anchor_id,
            place=f"anchor leaf {row['leaf_index']}",
            problem=f"is the checkpoint of size {row['size']} of organization {row['log_id']}, whose log lacks it: "
            "the log is older than what was published",
        )
