from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.compact_range import CompactRange
from tests.unit.audit.trees import leaves, mth


@given(st.integers(0, 300), st.integers(0, 300))
def test_a_tree_grown_in_two_steps_has_the_root_of_the_whole(first: int, second: int) -> None:
    tree = CompactRange.empty()
    hashes = leaves(first + second)
    tree.extend(hashes[:first])
    tree = CompactRange.parse(tree.size, tree.to_bytes())
    tree.extend(hashes[first:])
    assert (tree.size, tree.root()) == (first + second, mth(hashes))


def test_bytes_of_another_size_are_refused() -> None:
    tree = CompactRange.empty()
    tree.extend(leaves(5))
    with pytest.raises(ValueError, match="full subtrees"):
        CompactRange.parse(7, tree.to_bytes())
