"""The compact range: the roots of the full subtrees that a tree of some size is made of, largest first.

As many hashes as the size has one-bits: enough to append and to compute the root, without any tile.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from audit.merkle import EMPTY_ROOT, HASH_BYTES, node_hash


@dataclass(slots=True)
class CompactRange:
    """A growing tree. `hashes` has one hash for each one-bit of `size`, from the highest bit down."""

    size: int
    hashes: list[bytes]

    @classmethod
    def empty(cls) -> CompactRange:
        """Begin a tree without leaves."""
        return cls(0, [])

    @classmethod
    def parse(cls, size: int, data: bytes) -> CompactRange:
        """Read what `to_bytes` wrote.

        Raises:
            ValueError: the bytes are not those of a tree of that size.
        """
        if len(data) != HASH_BYTES * size.bit_count():
            raise ValueError(f"a tree of size `{size}` has {size.bit_count()} full subtrees, not {len(data)} bytes")
        return cls(size, [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)])

    def to_bytes(self) -> bytes:
        """Write the hashes one after the other."""
        return b"".join(self.hashes)

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash: every full pair on the right edge becomes its parent."""
        hashes, size = self.hashes, self.size
        while size & 1:
            leaf = sha256(b"\x01" + hashes.pop() + leaf).digest()
            size >>= 1
        hashes.append(leaf)
        self.size += 1

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Add leaf hashes in order."""
        for leaf in leaves:
            self.append(leaf)

    def root(self) -> bytes:
        """Compute the root (RFC 6962 §2.1), folding from the right."""
        if not self.hashes:
            return EMPTY_ROOT
        root = self.hashes[-1]
        for hash in reversed(self.hashes[:-1]):
            root = node_hash(hash, root)
        return root
