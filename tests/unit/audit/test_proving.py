"""Proofs made from tiles, against proofs by RFC 6962's own recursive words, and against what checks them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.merkle import EMPTY_ROOT, ProofError, check_consistency, check_inclusion, leaf_hash
from audit.proving import (
    LeafRange,
    consistency_ranges,
    full_ranges,
    inclusion_ranges,
    needed_tiles,
    range_hash,
)
from audit.tiles import TileId, grow
from tests.unit.audit.test_merkle import CLASSIC_LEAVES, CLASSIC_ROOTS
from tests.unit.audit.trees import leaves, mth

SMALL = 40
SIZE = 600
"""More than two tiles wide, so that proofs cross their borders."""
HASHES = leaves(SIZE)


def tiles_of(hashes: Sequence[bytes]) -> dict[TileId, bytes]:
    return {tile.id: tile.hashes for tile in grow(0, {}, hashes)}


TILES = tiles_of(HASHES)


def path(index: int, hashes: Sequence[bytes]) -> list[bytes]:
    """PATH(m, D[n]) of RFC 6962 §2.1.1."""
    if len(hashes) == 1:
        return []
    k = largest_power_of_two_below(len(hashes))
    if index < k:
        return [*path(index, hashes[:k]), mth(hashes[k:])]
    return [*path(index - k, hashes[k:]), mth(hashes[:k])]


def subproof(size: int, hashes: Sequence[bytes], *, complete: bool) -> list[bytes]:
    """SUBPROOF(m, D[n], b) of RFC 6962 §2.1.2."""
    if size == len(hashes):
        return [] if complete else [mth(hashes)]
    k = largest_power_of_two_below(len(hashes))
    if size <= k:
        return [*subproof(size, hashes[:k], complete=complete), mth(hashes[k:])]
    return [*subproof(size - k, hashes[k:], complete=False), mth(hashes[:k])]


def largest_power_of_two_below(size: int) -> int:
    k = 1
    while k * 2 < size:
        k *= 2
    return k


def made(ranges: Sequence[LeafRange]) -> list[bytes]:
    """Make a proof from nothing but the tiles it says it needs."""
    tiles = {id: TILES[id] for id in needed_tiles(ranges)}
    return [range_hash(each, tiles) for each in ranges]


@pytest.mark.parametrize("size", range(1, SMALL))
def test_every_inclusion_proof_of_a_small_tree_is_that_of_the_rfc(size: int) -> None:
    for index in range(size):
        assert made(inclusion_ranges(index, size)) == path(index, HASHES[:size])


@pytest.mark.parametrize("size", range(1, SMALL))
def test_every_consistency_proof_of_a_small_tree_is_that_of_the_rfc(size: int) -> None:
    for old in range(1, size + 1):
        assert made(consistency_ranges(old, size)) == subproof(old, HASHES[:size], complete=True)


@given(st.integers(1, SIZE), st.data())
def test_proofs_over_several_tiles_are_those_of_the_rfc(size: int, data: st.DataObject) -> None:
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    assert made(inclusion_ranges(index, size)) == path(index, HASHES[:size])
    assert made(consistency_ranges(old, size)) == subproof(old, HASHES[:size], complete=True)


@given(st.integers(2, SIZE), st.data())
def test_an_inclusion_proof_proves_nothing_else(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof = made(inclusion_ranges(index, size))
    sound = {"leaf": HASHES[index], "index": index, "size": size, "proof": proof, "root": mth(HASHES[:size])}
    check_inclusion(**sound)
    at = data.draw(st.integers(0, len(proof) - 1))
    changed = data.draw(
        st.sampled_from(
            [
                {"leaf": HASHES[(index + 1) % size]},
                {"index": (index + 1) % size},
                {"root": mth(HASHES[: size - 1])},
                {"proof": proof[:-1]},
                {"proof": [*proof, proof[0]]},
                {"proof": [*proof[:at], flipped(proof[at]), *proof[at + 1 :]]},
                {"index": size},
                {"index": -1},
                {"proof": [*proof[:at], proof[at][:-1], *proof[at + 1 :]]},
            ]
        )
    )
    with pytest.raises(ProofError):
        check_inclusion(**sound | changed)


@given(st.integers(2, SIZE), st.data())
def test_a_consistency_proof_proves_nothing_else(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, size - 1))
    proof = made(consistency_ranges(old, size))
    sound = {
        "old_size": old,
        "old_root": mth(HASHES[:old]),
        "new_size": size,
        "new_root": mth(HASHES[:size]),
        "proof": proof,
    }
    check_consistency(**sound)
    at = data.draw(st.integers(0, len(proof) - 1))
    changed = data.draw(
        st.sampled_from(
            [
                {"old_root": flipped(sound["old_root"])},
                {"new_root": flipped(sound["new_root"])},
                {"proof": proof[:-1]},
                {"proof": []},
                {"proof": [*proof, proof[0]]},
                {"proof": [*proof[:at], flipped(proof[at]), *proof[at + 1 :]]},
                {"new_size": old, "old_size": size},
                {"old_size": 0},
                {"new_size": old},
            ]
        )
    )
    with pytest.raises(ProofError):
        check_consistency(**sound | changed)


def flipped(hash: bytes) -> bytes:
    return bytes([hash[0] ^ 1]) + hash[1:]


def test_the_classic_tree_of_eight_leaves_is_proven_throughout() -> None:
    hashes = [leaf_hash(bytes.fromhex(entry)) for entry in CLASSIC_LEAVES]
    tiles, roots = tiles_of(hashes), [bytes.fromhex(root) for root in CLASSIC_ROOTS]
    for size in range(1, 9):
        for index in range(size):
            proof = [range_hash(each, tiles) for each in inclusion_ranges(index, size)]
            check_inclusion(leaf=hashes[index], index=index, size=size, proof=proof, root=roots[size - 1])
        for old in range(1, size + 1):
            proof = [range_hash(each, tiles) for each in consistency_ranges(old, size)]
            check_consistency(
                old_size=old, old_root=roots[old - 1], new_size=size, new_root=roots[size - 1], proof=proof
            )


def test_of_the_empty_tree_and_of_the_same_tree_nothing_is_to_prove() -> None:
    assert consistency_ranges(0, 0) == consistency_ranges(0, 7) == consistency_ranges(7, 7) == []
    assert inclusion_ranges(0, 1) == []
    assert range_hash(LeafRange(3, 3), {}) == EMPTY_ROOT


@given(st.integers(0, 5_000).map(lambda start: start * 8), st.integers(0, 7))
def test_a_range_is_cut_into_full_subtrees_that_lie_side_by_side(start: int, length: int) -> None:
    ranges = full_ranges(start, start + length)
    assert [each.start for each in ranges] + [start + length] == [start] + [each.end for each in ranges]
    for each in ranges:
        width = each.end - each.start
        assert width & (width - 1) == 0
        assert each.start % width == 0
    assert len(ranges) == length.bit_count()


def test_a_proof_needs_no_more_hashes_than_the_tree_is_high() -> None:
    for size in (1, 2, 255, 256, 257, 2**32 - 1, 2**32):
        assert len(inclusion_ranges(size - 1, size)) <= (size - 1).bit_length()
        assert len(consistency_ranges(max(1, size // 3), size)) <= (size - 1).bit_length() + 1
