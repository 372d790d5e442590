"""Merkle trees of RFC 6962: hashing, and checking proofs that somebody else made.

Everything here takes and gives raw 32-byte hashes. Nothing here makes proofs: what checks must not share code with
what it checks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

HASH_BYTES = 32

EMPTY_ROOT = sha256(b"").digest()
"""The root of the tree without leaves (RFC 6962 §2.1)."""


class ProofError(ValueError):
    """A proof does not prove what it should: the tree was changed, or the proof is for something else."""


def leaf_hash(entry: bytes) -> bytes:
    """Hash an entry as a leaf (RFC 6962 §2.1)."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two neighbours as their parent (RFC 6962 §2.1)."""
    return sha256(b"\x01" + left + right).digest()


def root_of(leaves: Iterable[bytes]) -> bytes:
    """Compute the root over leaf hashes, level by level: `MTH` of RFC 6962 §2.1."""
    level = list(leaves)
    if not level:
        return EMPTY_ROOT
    while len(level) > 1:
        odd = [level[-1]] if len(level) % 2 else []
        level = [
            sha256(b"\x01" + left + right).digest() for left, right in zip(level[::2], level[1::2], strict=False)
        ] + odd
    return level[0]


def check_inclusion(*, leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Check that the leaf hash is at `index` of the tree of `size` with `root` (RFC 9162 §2.1.3.2).

    Raises:
        ProofError: it is not, or the proof has the wrong length.
    """
    if not 0 <= index < size:
        raise ProofError(f"leaf `{index}` is not in a tree of size `{size}`")
    _check_hashes(leaf, root, *proof)
    node, last, computed = index, size - 1, leaf
    for hash in proof:
        if last == 0:
            raise ProofError("the inclusion proof is too long: make it for this leaf and size")
        if node % 2 or node == last:
            computed = node_hash(hash, computed)
            while node % 2 == 0 and node:
                node, last = node // 2, last // 2
        else:
            computed = node_hash(computed, hash)
        node, last = node // 2, last // 2
    if last:
        raise ProofError("the inclusion proof is too short: make it for this leaf and size")
    if computed != root:
        raise ProofError(f"leaf `{index}` is not in the tree of size `{size}` with this root")


def check_consistency(  # noqa: C901 - one step a sentence of the RFC's algorithm
    *, old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Check that the tree of `new_size` begins with the tree of `old_size` (RFC 9162 §2.1.4.2).

    Raises:
        ProofError: it does not, or the proof has the wrong length.
    """
    if old_size < 1:
        raise ProofError("every tree begins with the empty one: ask from a size above 0")
    if old_size > new_size:
        raise ProofError(f"a tree does not shrink from `{old_size}` to `{new_size}`")
    if old_size == new_size:
        _check_same(old_size, old_root, new_root, proof)
        return
    _check_hashes(old_root, new_root, *proof)
    # A full tree's own root is not repeated in the proof.
    path = [old_root, *proof] if old_size & (old_size - 1) == 0 else list(proof)
    if not path:
        raise ProofError("the consistency proof is empty: make it for these sizes")
    node, last = old_size - 1, new_size - 1
    while node % 2:
        node, last = node // 2, last // 2
    old, new = path[0], path[0]
    for hash in path[1:]:
        if last == 0:
            raise ProofError("the consistency proof is too long: make it for these sizes")
        if node % 2 or node == last:
            old, new = node_hash(hash, old), node_hash(hash, new)
            while node % 2 == 0 and node:
                node, last = node // 2, last // 2
        else:
            new = node_hash(new, hash)
        node, last = node // 2, last // 2
    if last:
        raise ProofError("the consistency proof is too short: make it for these sizes")
    if (old, new) != (old_root, new_root):
        raise ProofError(f"the tree of size `{new_size}` does not begin with the tree of size `{old_size}`")


def _check_same(size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    if proof:
        raise ProofError("the consistency proof is too long: to the same size there is nothing to prove")
    if old_root != new_root:
        raise ProofError(f"two different trees of size `{size}`")


def _check_hashes(*hashes: bytes) -> None:
    if any(len(hash) != HASH_BYTES for hash in hashes):
        raise ProofError(f"a hash has {HASH_BYTES} bytes, and one of these has not")
