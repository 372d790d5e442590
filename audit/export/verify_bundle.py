"""Checks an evidence bundle offline: standard library and `cryptography` alone.

    python verify.py evidence.zip --vkey KEY [--anchor-vkey KEY] [--witness KEY]... [--held checkpoint.note]

KEY is a verifier key that you got from somewhere else than the bundle. `--held` is a checkpoint that you kept from
earlier: the bundle must continue it. Exit status: 0 everything holds, 1 something does not (each finding on a line),
2 the bundle or a key cannot be read.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import json
import multiprocessing
import re
import sys
import zipfile
import zlib
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, groupby
from multiprocessing.connection import Connection
from operator import itemgetter
from pathlib import Path
from typing import Any

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError:
    sys.exit("the package `cryptography` is not installed for this Python: python -m pip install cryptography")

FORMAT = "texting-evidence/1"
_SIGNED, _COSIGNED = 1, 4
_STREAMED = ("entries.jsonl", "disclosures.jsonl")
_BLOCK = 1024
_CHUNK = 1 << 17
_MANY = 1 << 22
"""Bytes of values from which on a second process is worth its start."""
_DISCLOSURE = re.compile(rb'\[([0-9]{1,18}),"([A-Za-z0-9_-]+)"\]\n')
_DIGESTS, _NEXT = b'{"_sd":["', b'","'
_sha256 = hashlib.sha256


class Wrong(Exception):
    """Something in the bundle is not what it should be."""


_UNREADABLE = (OSError, EOFError, RuntimeError, zlib.error, zipfile.BadZipFile, ValueError, KeyError, TypeError, Wrong)
"""What reading an archive and the JSON in it may end with; a RuntimeError is for what `zipfile` does not support."""


class Tree:
    """Subtree hashes from left to right, each with its height; neighbours of one height become their parent."""

    def __init__(self) -> None:
        """Begin without leaves."""
        self.nodes: list[tuple[int, bytes]] = []
        self.size = 0
        self._waiting: list[bytes] = []

    def add(self, height: int, hash: bytes) -> None:
        """Add a full subtree."""
        self.size += 1 << height
        nodes = self.nodes
        while nodes and nodes[-1][0] == height:
            hash = _sha256(b"\x01" + nodes.pop()[1] + hash).digest()
            height += 1
        nodes.append((height, hash))

    def extend(self, leaves: list[bytes]) -> None:
        """Add leaf hashes; whole blocks of them at once, level by level, where they begin at a block's edge."""
        waiting = self._waiting
        waiting += leaves
        at = min(-self.size % _BLOCK, len(waiting))
        for leaf in waiting[:at]:
            self.add(0, leaf)
        while self.size % _BLOCK == 0 and len(waiting) - at >= _BLOCK:
            level, height = waiting[at : at + _BLOCK], 0
            while len(level) > 1:
                level = [_sha256(b"\x01" + a + b).digest() for a, b in zip(level[::2], level[1::2], strict=True)]
                height += 1
            self.add(height, level[0])
            at += _BLOCK
        del waiting[:at]

    def settle(self) -> None:
        """Add the leaf hashes that waited for the rest of their block."""
        for leaf in self._waiting:
            self.add(0, leaf)
        self._waiting.clear()

    def root(self) -> bytes:
        """Compute the root (RFC 6962 §2.1)."""
        if not self.nodes:
            return _sha256(b"").digest()
        root = self.nodes[-1][1]
        for _, hash in reversed(self.nodes[:-1]):
            root = _sha256(b"\x01" + hash + root).digest()
        return root


class Note:
    """A signed checkpoint: origin, size and root, and who signed."""

    def __init__(self, data: bytes) -> None:
        """Read it; raises Wrong."""
        try:
            text, separator, lines = data.decode().rpartition("\n\n")
            self.origin, size, root = text.split("\n")[:3]
            self.size, self.root = int(size), _unbase64(root)
            self.lines = [_signature(line) for line in lines.rstrip("\n").split("\n")]
        except (UnicodeDecodeError, ValueError, binascii.Error) as error:
            raise Wrong("is no signed checkpoint") from error
        if not separator or len(self.root) != 32:
            raise Wrong("is no signed checkpoint")
        self.text = (text + "\n").encode()

    def require(self, vkey: str) -> bytes:
        """Check the signature of a key; give what stands behind the key id; raises Wrong."""
        name, algorithm, key = _verifier(vkey)
        key_id = _sha256(name.encode() + b"\n" + bytes([algorithm]) + key).digest()[:4]
        for signer, id, data in self.lines:
            if (signer, id) == (name, key_id):
                signed, signature = self.text, data
                if algorithm == _COSIGNED:
                    time = int.from_bytes(data[:8], "big")
                    signed, signature = f"cosignature/v1\ntime {time}\n".encode() + self.text, data[8:]
                try:
                    Ed25519PublicKey.from_public_bytes(key).verify(signature, signed)
                except (InvalidSignature, ValueError):
                    raise Wrong(f"has a signature of {name} that does not hold") from None
                return data
        raise Wrong(f"is not signed by {name}")


def _signature(line: str) -> tuple[str, bytes, bytes]:
    mark, name, data = line.split(" ")
    raw = _unbase64(data)
    if mark != "\N{EM DASH}":
        raise ValueError(line)
    return name, raw[:4], raw[4:]


def _unbase64(text: str) -> bytes:
    """Decode base64 in its one canonical form: its last character may have bits that no decoder reads."""
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data).decode() != text:
        raise ValueError(text)
    return data


def _verifier(vkey: str) -> tuple[str, int, bytes]:
    try:
        name, key_id, data = vkey.strip().split("+", 2)
        algorithm, key = (raw := base64.b64decode(data, validate=True))[0], raw[1:]
    except (ValueError, binascii.Error, IndexError):
        raise Wrong(f"`{vkey}` is no verifier key") from None
    if algorithm not in (_SIGNED, _COSIGNED):
        raise Wrong(f"`{vkey}` is a key of algorithm {algorithm}, which this program does not know")
    if _sha256(name.encode() + b"\n" + raw).hexdigest()[:8] != key_id:
        raise Wrong(f"`{vkey}` is no verifier key: its key id is not that of its key")
    return name, algorithm, key


def check_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Check an inclusion proof (RFC 9162 §2.1.3.2); raises Wrong."""
    node, last, computed = index, size - 1, leaf
    for hash in proof:
        if last == 0:
            raise Wrong("has a proof that is too long")
        if node & 1 or node == last:
            computed = _sha256(b"\x01" + hash + computed).digest()
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            computed = _sha256(b"\x01" + computed + hash).digest()
        node, last = node >> 1, last >> 1
    if index >= size or last or computed != root:
        raise Wrong("is not in the tree of its checkpoint")


def check_consistency(old: Note, new: Note, proof: Sequence[bytes]) -> None:
    """Check that one tree continues another (RFC 9162 §2.1.4.2); raises Wrong."""
    wrong = Wrong(f"of size {new.size} does not continue the one of size {old.size}: history was rewritten")
    if old.size == new.size:
        if proof or old.root != new.root:
            raise wrong
        return
    if old.size == 0:
        return
    if old.size > new.size:
        raise wrong
    path = [old.root, *proof] if old.size & (old.size - 1) == 0 else list(proof)
    if not path:
        raise wrong
    node, last = old.size - 1, new.size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    first = second = path[0]
    for hash in path[1:]:
        if last == 0:
            raise wrong
        if node & 1 or node == last:
            first, second = _sha256(b"\x01" + hash + first).digest(), _sha256(b"\x01" + hash + second).digest()
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            second = _sha256(b"\x01" + second + hash).digest()
        node, last = node >> 1, last >> 1
    if last or (first, second) != (old.root, new.root):
        raise wrong


class Bundle:
    """A bundle that is being checked; findings are collected."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        """Read the manifest."""
        self.archive = archive
        self.findings: list[str] = []
        self.records = 0
        self.disclosures = 0
        self.manifest: dict[str, Any] = json.loads(archive.read("manifest.json"))
        if self.manifest.get("format") != FORMAT:
            raise Wrong(f"is of format `{self.manifest.get('format')}`, which this program does not know")
        self.names = set(archive.namelist())
        if len(self.names) != len(archive.namelist()):
            # Programs differ in which of them they take out: what is read would not be what was checked.
            raise Wrong("has two files of one name")

    def found(self, name: str, problem: object) -> None:
        """Note one thing that is wrong."""
        self.findings.append(f"{name}: {problem}")

    def note(self, name: str) -> Note | None:
        """Read a checkpoint of the bundle."""
        try:
            return Note(self.archive.read(name))
        except (Wrong, KeyError) as error:
            self.found(name, error if isinstance(error, Wrong) else "is missing")
            return None

    def check(self, vkey: str, anchor_vkey: str | None, witnesses: Sequence[str], held: Note | None) -> None:
        """Check everything there is."""
        checkpoint = self.note("checkpoint.note")
        if checkpoint is None:
            return
        self._signed("checkpoint.note", checkpoint, [vkey])
        if checkpoint.origin != self.manifest["origin"]:
            self.found("checkpoint.note", f"is of the log {checkpoint.origin}")
        self._of_log("checkpoint.note", checkpoint, vkey)
        previous = self.note("previous.note") if "previous.note" in self.names else None
        if previous is not None:
            self._signed("previous.note", previous, [vkey])
            self._continues(previous, checkpoint, "consistency.proof")
            if held is not None and (held.size, held.root) != (previous.size, previous.root):
                self.found("previous.note", "is not the checkpoint that you hold: ask for a bundle from its size on")
            held = None
        entries = self._entries()
        self._bounded(previous, checkpoint)
        if self.manifest["complete"]:
            self._complete(checkpoint, entries, held)
        else:
            self._picked(vkey, checkpoint, entries)
            if held is not None and (held.size, held.root) != (checkpoint.size, checkpoint.root):
                told = "cannot be compared with the one that you hold: ask for a bundle from its size on"
                self.found("checkpoint.note", told)
        self._anchored(anchor_vkey, witnesses)
        self._files()

    def _bounded(self, previous: Note | None, checkpoint: Note) -> None:
        """Check that the range begins where the older tree ends, or at the start, and ends where the newer one does."""
        bounds = [previous.size if previous is not None else 0, checkpoint.size]
        if self.manifest["range"] != bounds:
            self.found("manifest.json", f"has the range {self.manifest['range']} where the checkpoints are of {bounds}")

    def _of_log(self, name: str, note: Note, vkey: str) -> None:
        """Check that the key is the log's, whose name it has: the clock and witnesses sign every log."""
        if note.origin != (named := _verifier(vkey)[0]):
            self.found(name, f"is of the log {note.origin}, and the key that was given is {named}'s")

    def _signed(self, name: str, note: Note, vkeys: Iterable[str]) -> None:
        for vkey in vkeys:
            try:
                note.require(vkey)
            except Wrong as error:
                self.found(name, error)

    def _continues(self, old: Note, new: Note, name: str) -> None:
        try:
            check_consistency(old, new, _hashes(self.archive.read(name)))
        except (Wrong, KeyError, ValueError) as error:
            self.found(name, error if isinstance(error, Wrong) else "is missing or unreadable")

    def _entries(self) -> Iterator[list[bytes]]:
        """Give the entries, a great many at once; check the values that are told of them on the way."""
        told = chain.from_iterable(self._told())
        upcoming = next(told, None)
        for entries in self._lines("entries.jsonl"):
            first, end = self.records, self.records + len(entries)
            while upcoming is not None and upcoming[0] < end:
                number, digests = upcoming
                entry = entries[number - first] if number >= first else b""
                # As a rule all of a record's values are told, in this order.
                if not entry.startswith(_DIGESTS + digests) and not _names(entry, digests.split(_NEXT)):
                    name = _name(entries[max(number - first, 0)])
                    self.found(name, f"does not stand for a value that is told of it (record {number})")
                upcoming = next(told, None)
            self.records = end
            yield entries
        if upcoming is not None:
            self.found("disclosures.jsonl", f"tells of record number {upcoming[0]}, which is not here")
            deque(told, 0)

    def _lines(self, name: str) -> Iterator[list[bytes]]:
        """Give the lines of a file, a great many at once; check its digest on the way."""
        for block in self._blocks(name):
            lines = block.split(b"\n")
            lines.pop()
            yield lines

    def _blocks(self, name: str) -> Iterator[bytes]:
        """Give a file in large blocks of whole lines; check its digest on the way."""
        stated, rest = _sha256(), b""
        with self.archive.open(name) as file:
            while chunk := file.read(_CHUNK):
                stated.update(chunk)
                end = chunk.rfind(b"\n") + 1
                if end:
                    yield rest + chunk[:end]
                    rest = chunk[end:]
                else:
                    rest += chunk
        if rest:
            self.found(name, "does not end with the end of a line")
        if stated.hexdigest() != self.manifest["files"].get(name):
            self.found(name, "is not the file that the manifest names")

    def _told(self) -> Iterator[list[tuple[int, bytes]]]:
        """Give what `disclosed` gives; of many values from a second process, which takes half of the work."""
        path, many = self.archive.filename, self.archive.getinfo("disclosures.jsonl").file_size >= _MANY
        for told in _apart(path) if path is not None and many else _disclosures(self.archive):
            if isinstance(told, list):
                yield told
            else:
                self.disclosures, findings = told
                self.findings += findings

    def disclosed(self) -> Iterator[list[tuple[int, bytes]]]:
        """Give numbers of records, a great many, and the digests of what is told of each as its entry writes them."""
        for block in self._blocks("disclosures.jsonl"):
            told, lines = _DISCLOSURE.findall(block), block.count(b"\n")
            if sum(len(number) + len(text) + len(b'[,""]\n') for number, text in told) != len(block):
                for at, line in enumerate(block.split(b"\n")[:-1], self.disclosures + 1):
                    if not _DISCLOSURE.fullmatch(line + b"\n"):
                        self.found("disclosures.jsonl", f"has line {at}, which is no disclosure")
            self.disclosures += lines
            # With a zero byte behind it each digest takes 44 characters, of which the last is that byte's.
            digests = b"\0".join([*[_sha256(text).digest() for _, text in told], b""])
            written = base64.urlsafe_b64encode(digests)
            values = zip([int(number) for number, _ in told], range(0, len(written), 44), strict=True)
            yield [
                (number, _NEXT.join(sorted(written[at : at + 43] for _, at in of_record)))
                for number, of_record in groupby(values, itemgetter(0))
            ]

    def _complete(self, checkpoint: Note, batches: Iterator[list[bytes]], held: Note | None) -> None:
        """Check that the entries are exactly the leaves of the range: nothing left out, added, changed or moved.

        `held`: a tree that the first of them must make; a range that begins behind one has its proof instead.
        """
        first, end = self.manifest["range"]
        tree = Tree()
        try:
            proof = json.loads(self.archive.read("range.proof"))
            hashes = [_unbase64(hash) for hash in proof]
        except (KeyError, ValueError, TypeError):
            hashes = []
        left, right = _subtrees(0, first), _subtrees(end, checkpoint.size)
        if len(hashes) != len(left) + len(right):
            self.found("range.proof", "is missing or not of these sizes")
        for height, hash in zip(left, hashes, strict=False):
            tree.add(height, hash)
        before = len(self.findings)
        continues = held is None
        for entries in batches:
            leaves = [_sha256(b"\0" + entry).digest() for entry in entries]
            if held is not None and first + self.records >= held.size:
                cut = max(0, held.size - (first + self.records - len(leaves)))
                tree.extend(leaves[:cut])
                tree.settle()
                leaves, continues, held = leaves[cut:], tree.root() == held.root, None
            tree.extend(leaves)
        tree.settle()
        # A record that was moved or left out takes the values behind it along: what says so comes first.
        self.findings, of_values = self.findings[:before], self.findings[before:]
        if tree.size != end:
            told = f"has {self.records} records where the range has {end - first}: {self._changed(first)}"
            self.found("entries.jsonl", told)
        for height, hash in zip(right, hashes[len(left) :], strict=False):
            tree.add(height, hash)
        if tree.size == checkpoint.size and tree.root() != checkpoint.root:
            self.found("entries.jsonl", f"is not what the checkpoint signed: {self._changed(first)}")
        if not continues:
            told = "is older than the one" if held is not None else "does not continue the one"
            self.found("checkpoint.note", f"{told} that you hold")
        self.findings += of_values

    def _changed(self, first: int) -> str:
        """Name the first record that is not the leaf it should be, by the leaf hashes in the bundle."""
        if "leaves.bin" not in self.names:
            return "at least one record was changed, left out or added"
        told, at = self.archive.read("leaves.bin"), -1
        with self.archive.open("entries.jsonl") as lines:
            for at, line in enumerate(lines):
                if told[32 * at : 32 * at + 32] != _sha256(b"\x00" + line[:-1]).digest():
                    return f"record {_name(line[:-1])} (leaf {first + at}) was changed, left out, added or moved"
        if len(told) > 32 * (at + 1):
            return f"what stood at leaf {first + at + 1} and behind it was left out"
        return "the leaf hashes themselves were changed"

    def _picked(self, vkey: str, checkpoint: Note, batches: Iterator[list[bytes]]) -> None:
        """Check each record's own proof, and that none is counted twice."""
        seen: set[str] = set()
        for entry in chain.from_iterable(batches):
            name = _name(entry)
            if name in seen:
                self.found(name, "stands here more than once")
            seen.add(name)
            try:
                self._proof(f"proofs/{name}.tlog-proof", _sha256(b"\x00" + entry).digest(), checkpoint, [vkey])
            except Wrong as error:
                self.found(name, error)

    def _proof(self, name: str, leaf: bytes, expected: Note | None, vkeys: Sequence[str]) -> Note:
        if name not in self.names:
            raise Wrong("has no proof")
        head, _, rest = self.archive.read(name).decode().partition("\n\n")
        lines = head.split("\n")
        note = Note(rest.encode())
        if lines[0] != "c2sp.org/tlog-proof@v1" or not re.fullmatch(r"index [0-9]+", lines[1]):
            raise Wrong("has a proof that is none")
        for vkey in vkeys:
            note.require(vkey)
        if expected is not None and (note.size, note.root) != (expected.size, expected.root):
            raise Wrong("has a proof in another tree")
        check_inclusion(leaf, int(lines[1][6:]), note.size, _hashes("\n".join(lines[2:]).encode()), note.root)
        return note

    def _anchored(self, vkey: str | None, witnesses: Sequence[str]) -> None:
        """Check that the checkpoint is in the anchor log, and who witnessed that."""
        name = "anchor.tlog-proof"
        if vkey is None and not witnesses:
            return
        try:
            leaf = _sha256(b"\x00" + self.archive.read("checkpoint.note")).digest()
            note = self._proof(name, leaf, None, [*([vkey] if vkey else []), *witnesses])
        except Wrong as error:
            self.found(name, error)
            return
        if vkey is not None:
            self._of_log(name, note, vkey)

    def _files(self) -> None:
        """Check the digests of the small files, and that there is none that the manifest does not name."""
        stated = self.manifest["files"]
        for name in sorted(self.names - {"manifest.json"}):
            if name not in stated:
                self.found(name, "is not in the manifest")
            elif name not in _STREAMED and _sha256(self.archive.read(name)).hexdigest() != stated[name]:
                self.found(name, "is not the file that the manifest names")
        for name in sorted(set(stated) - self.names):
            self.found(name, "is missing")
        if self.manifest["counts"] != {"records": self.records, "disclosures": self.disclosures}:
            self.found("manifest.json", f"counts {self.manifest['counts']}, and here are {self.records} records")


def _names(entry: bytes, digests: Iterable[bytes]) -> bool:
    """Whether an entry names all of the digests: they are the first thing in it, and none holds a bracket."""
    named = entry[: entry.find(b"]")] if entry.startswith(_DIGESTS) else b""
    return all(digest in named for digest in digests)


def _disclosures(archive: zipfile.ZipFile) -> Iterator[Any]:
    """Give what `Bundle.disclosed` gives; then how many values there are and what is wrong with them."""
    bundle = Bundle(archive)
    yield from bundle.disclosed()
    yield bundle.disclosures, bundle.findings


def _apart(path: str) -> Iterator[Any]:
    """Give what `_disclosures` gives, from a process that ends with this iterator."""
    results, sender = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.Process(target=_send, args=(path, sender), daemon=True)
    process.start()
    sender.close()
    try:
        while (message := results.recv()) is not None:
            if isinstance(message, Exception):
                raise message
            yield message
    finally:
        process.terminate()
        process.join()
        results.close()


def _send(path: str, results: Connection) -> None:
    """Send what `_disclosures` gives and then `None`, or why it ended."""
    try:
        with zipfile.ZipFile(path) as archive:
            for told in _disclosures(archive):
                results.send(told)
        results.send(None)
    except Exception as error:  # noqa: BLE001 - raised again where it was waited for
        results.send(error)


def _subtrees(start: int, end: int) -> list[int]:
    """Cut leaves [start, end) into full subtrees, from left to right; give their heights."""
    heights = []
    while start < end:
        height = min((start & -start).bit_length() - 1 if start else 63, (end - start).bit_length() - 1)
        heights.append(height)
        start += 1 << height
    return heights


def _hashes(data: bytes) -> list[bytes]:
    return [_unbase64(line) for line in data.decode().split("\n") if line]


def _name(entry: bytes) -> str:
    found = re.search(rb'"tenant_uid":"[0-9a-f-]{36}","uid":"([0-9a-f-]{36})"', entry)
    return found[1].decode() if found else "a record without a name"


def main(arguments: Sequence[str] | None = None) -> int:
    """Check one bundle; give the exit status."""
    parser = argparse.ArgumentParser(description="check an evidence bundle offline")
    parser.add_argument("bundle")
    parser.add_argument("--vkey", required=True, help="the log's verifier key, got elsewhere")
    parser.add_argument("--anchor-vkey", help="the anchor log's verifier key")
    parser.add_argument("--witness", action="append", default=[], help="a witness's verifier key that must have signed")
    parser.add_argument("--held", help="a checkpoint you kept from earlier")
    asked = parser.parse_args(arguments)
    try:
        for vkey in (asked.vkey, *filter(None, [asked.anchor_vkey]), *asked.witness):
            _verifier(vkey)
    except Wrong as error:
        print(error, file=sys.stderr)
        return 2
    try:
        # What kept it may have written more lines' ends, or none.
        held = Note(Path(asked.held).read_bytes().strip() + b"\n") if asked.held else None
    except (OSError, Wrong) as error:
        print(f"{asked.held}: cannot be read as a checkpoint: {error}", file=sys.stderr)
        return 2
    try:
        with zipfile.ZipFile(asked.bundle) as archive:
            bundle = Bundle(archive)
            bundle.check(asked.vkey, asked.anchor_vkey, asked.witness, held)
    except _UNREADABLE as error:
        print(f"{asked.bundle}: cannot be read as a bundle: {error}", file=sys.stderr)
        return 2
    for finding in bundle.findings:
        print(finding)
    if bundle.findings:
        print(f"NOT VERIFIED: {len(bundle.findings)} findings in {bundle.records} records")
        return 1
    first, end = bundle.manifest["range"]
    kind, sizes = "picked records, each proven", f"of size {end}"
    if bundle.manifest["complete"]:
        kind, sizes = "all records of the range", f"from size {first} to size {end}"
    log = f"log {bundle.manifest['origin']} {sizes}"
    print(f"VERIFIED: {bundle.records} records ({kind}), {bundle.disclosures} values, {log}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
