"""Writing an evidence bundle: the same bytes for the same range, checkpoint and rights, in bounded memory.

Nothing in it says who asked or when: that is in the export's own record.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import zipfile
from base64 import b64encode, urlsafe_b64encode
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from audit.canonical import encode_plain
from audit.log_keys import LogKeys
from audit.merkle import leaf_hash
from audit.proof_files import ProofFile
from audit.proving import LeafRange
from audit.render import DISCLOSURES, DisclosureState, MaySee, RecordView, Renderer
from audit.trees import Tree

FORMAT = "texting-evidence/1"
_BATCH = 500
_MOMENT = (1980, 1, 1, 0, 0, 0)
"""The time that every file of a bundle has: a bundle says nothing of when it was written."""

Progress = Callable[[int, int], None]
Withheld = Callable[[RecordView], Collection[str]]
"""Given a record: the JSON pointers of its values that are not told."""

_CHECKPOINT = "SELECT size, root, note FROM audit.checkpoint WHERE org_id = $1 AND origin = $2 AND size = $3"
_ENTRIES = """
SELECT l.leaf_index, l.record_id AS id, l.org_id, r.entry FROM audit.leaf l
JOIN audit.record r ON r.org_id = l.org_id AND r.id = l.record_id
WHERE l.org_id = $1 AND l.leaf_index >= $2 AND l.leaf_index < $3 AND ($4::uuid[] IS NULL OR l.record_id = ANY ($4))
ORDER BY l.leaf_index LIMIT $5
"""
_ANCHORED = """
SELECT l.leaf_index, c.size, c.note, array(SELECT DISTINCT ON (s.witness) s.line FROM anchor.cosignature s
  WHERE s.org_id = c.org_id AND s.size = c.size ORDER BY s.witness, s.cosigned_at) AS lines
FROM anchor.leaf l JOIN anchor.checkpoint c ON c.org_id = l.org_id AND c.size > l.leaf_index
WHERE l.log_id = $1 AND l.size = $2
ORDER BY NOT EXISTS (SELECT FROM anchor.cosignature s WHERE s.org_id = c.org_id AND s.size = c.size), c.size,
  l.leaf_index
LIMIT 1
"""


class NoSuchCheckpoint(LookupError):
    """No checkpoint of that size was signed: ask for one that was, such as the newest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a bundle holds: the leaves from `from_size` on, in the tree of `at_size`; both are checkpoints' sizes, or 0.

    `picked`: only these records, each with its own proof. `filter`: the question that picked them, for the manifest.
    """

    from_size: int
    at_size: int
    picked: Sequence[UUID] | None = None
    filter: Mapping[str, Any] | None = None


@dataclass(slots=True)
class _Written:
    """What has been written so far."""

    archive: zipfile.ZipFile
    files: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, content: bytes) -> None:
        """Add a small file."""
        self.archive.writestr(_entry(name), content, compresslevel=6)
        self.files[name] = hashlib.sha256(content).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundler:
    """Writes bundles of one organization.

    `connection`: reads it, inside a transaction with one snapshot that has entered the organization. `may_see`: which
    values the asking person may see. `withheld`: where a record holds values that are left out all the same.
    """

    connection: Any
    org_id: UUID
    keys: LogKeys
    renderer: Renderer
    may_see: MaySee
    withheld: Withheld | None = None

    async def write(self, target: IO[bytes], asked: Asked, progress: Progress | None = None) -> str:
        """Write the bundle; give its SHA-256 in hexadecimal. `target` can be read and sought.

        Raises:
            NoSuchCheckpoint: a size is not that of a checkpoint.
        """
        origin, tree = self.keys.origin(self.org_id), Tree("audit", self.org_id)
        checkpoint = await self._checkpoint(origin, asked.at_size)
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            written = _Written(archive)
            counts = await self._records(written, asked, progress, checkpoint)
            written.add("checkpoint.note", bytes(checkpoint["note"]))
            if asked.from_size:
                previous = await self._checkpoint(origin, asked.from_size)
                written.add("previous.note", bytes(previous["note"]))
                proof = await tree.consistency(self.connection, asked.from_size, asked.at_size)
                written.add("consistency.proof", b"".join(b64encode(hash) + b"\n" for hash in proof))
            if asked.picked is None:
                written.add("range.proof", await self._range_proof(tree, asked))
            if (anchored := await self._anchored(asked.at_size)) is not None:
                written.add("anchor.tlog-proof", anchored)
            written.add("vkeys.txt", self._vkeys(origin))
            for name, source in (("VERIFY.md", "VERIFY.md"), ("verify.py", "verify_bundle.py")):
                written.add(name, Path(__file__).with_name(source).read_bytes())
            written.archive.writestr(_entry("manifest.json"), self._manifest(origin, asked, counts, written.files))
        return _digest(target)

    async def _checkpoint(self, origin: str, size: int) -> Any:
        row = await self.connection.fetchrow(_CHECKPOINT, self.org_id, origin, size)
        if row is None:
            raise NoSuchCheckpoint(f"no checkpoint of size `{size}` was signed: ask for the size of one that was")
        return row

    async def _records(
        self, written: _Written, asked: Asked, progress: Progress | None, checkpoint: Any
    ) -> dict[str, int]:
        """Write entries, leaf hashes, values and single proofs; give how many records and values."""
        total = asked.at_size - asked.from_size if asked.picked is None else len(asked.picked)
        counts = {"records": 0, "disclosures": 0}
        entries, proofs = hashlib.sha256(), []
        with tempfile.TemporaryFile() as leaves, tempfile.TemporaryFile() as values:
            with written.archive.open(_entry("entries.jsonl"), "w", force_zip64=True) as out:
                async for rows in self._batches(asked):
                    for row in rows:
                        line = bytes(row["entry"]) + b"\n"
                        out.write(line)
                        entries.update(line)
                        leaves.write(leaf_hash(line[:-1]))
                        if asked.picked is not None:
                            proofs.append((row["id"], row["leaf_index"]))
                    for line in await self._values(rows, counts["records"]):
                        values.write(line)
                        counts["disclosures"] += 1
                    counts["records"] += len(rows)
                    if progress is not None:
                        progress(counts["records"], total)
            written.files["entries.jsonl"] = entries.hexdigest()
            _copy(written, "disclosures.jsonl", values)
            if asked.picked is None:
                _copy(written, "leaves.bin", leaves)
        tree = Tree("audit", self.org_id)
        for id, index in proofs:
            hashes = tuple(await tree.inclusion(self.connection, index, asked.at_size))
            proof = ProofFile(index=index, hashes=hashes, note=bytes(checkpoint["note"]))
            written.add(f"proofs/{id}.tlog-proof", str(proof).encode())
        return counts

    async def _batches(self, asked: Asked) -> AsyncIterator[Sequence[Any]]:
        picked = None if asked.picked is None else list(asked.picked)
        first = asked.from_size if asked.picked is None else 0
        while rows := await self.connection.fetch(_ENTRIES, self.org_id, first, asked.at_size, picked, _BATCH):
            yield rows
            first = rows[-1]["leaf_index"] + 1

    async def _values(self, rows: Sequence[Any], number: int) -> list[bytes]:
        """Give a line for each value of these records that may be seen: the record's number and the disclosure."""
        disclosures = await self.connection.fetch(DISCLOSURES, self.org_id, [row["id"] for row in rows])
        lines = []
        for at, view in enumerate(self.renderer.render(rows, disclosures, may_see=self.may_see)):
            untold = self.withheld(view) if self.withheld is not None else ()
            for each in sorted(view.disclosures, key=lambda each: each.name):
                if each.state is DisclosureState.DISCLOSED and each.name not in untold:
                    text = urlsafe_b64encode(encode_plain([each.salt, each.name, each.value])).rstrip(b"=")
                    lines.append(b'[%d,"%s"]\n' % (number + at, text))
        return lines

    async def _range_proof(self, tree: Tree, asked: Asked) -> bytes:
        ranges = [*_subtrees(0, asked.from_size), *_subtrees(asked.at_size, asked.at_size)]
        hashes = await tree.hashes(self.connection, ranges)
        return json.dumps([b64encode(hash).decode() for hash in hashes]).encode()

    async def _anchored(self, size: int) -> bytes | None:
        row = await self.connection.fetchrow(_ANCHORED, self.org_id, size)
        if row is None:
            return None
        owner = await self.connection.fetchval("SELECT org_id FROM anchor.leaf WHERE log_id = $1 LIMIT 1", self.org_id)
        hashes = await Tree("anchor", owner).inclusion(self.connection, row["leaf_index"], row["size"])
        note = bytes(row["note"]) + "".join(row["lines"]).encode()
        return str(ProofFile(index=row["leaf_index"], hashes=tuple(hashes), note=note)).encode()

    def _vkeys(self, origin: str) -> bytes:
        keys = [
            *self.keys.verifiers(origin),
            *self.keys.verifiers(self.keys.anchor_origin),
            *self.keys.clock_verifiers(),
        ]
        return (
            "# For comparison only: obtain these keys out of band.\n" + "".join(f"{key}\n" for key in keys)
        ).encode()

    def _manifest(self, origin: str, asked: Asked, counts: Mapping[str, int], files: Mapping[str, str]) -> bytes:
        manifest = {
            "complete": asked.picked is None,
            "counts": counts,
            "files": files,
            "filter": asked.filter,
            "format": FORMAT,
            "org": str(self.org_id),
            "origin": origin,
            "range": [asked.from_size, asked.at_size],
        }
        return json.dumps(manifest, indent=2, sort_keys=True).encode() + b"\n"


def _subtrees(start: int, end: int) -> list[LeafRange]:
    """Cut leaves [start, end) into full subtrees, from left to right."""
    ranges = []
    while start < end:
        width = 1 << ((end - start).bit_length() - 1)
        if start:
            width = min(width, start & -start)
        ranges.append(LeafRange(start, start + width))
        start += width
    return ranges


def _entry(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _MOMENT)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    return info


def _digest(file: IO[bytes]) -> str:
    file.seek(0)
    digest = hashlib.sha256()
    while chunk := file.read(1 << 20):
        digest.update(chunk)
    return digest.hexdigest()


def _copy(written: _Written, name: str, source: IO[bytes]) -> None:
    source.seek(0)
    digest = hashlib.sha256()
    with written.archive.open(_entry(name), "w", force_zip64=True) as out:
        while chunk := source.read(1 << 20):
            out.write(chunk)
            digest.update(chunk)
    written.files[name] = digest.hexdigest()
