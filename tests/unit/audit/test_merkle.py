from __future__ import annotations

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.merkle import EMPTY_ROOT, ProofError, check_consistency, check_inclusion, leaf_hash, node_hash, root_of
from tests.unit.audit.trees import leaves, mth

VECTORS = Path(__file__).parents[4] / "shared" / "vectors" / "rfc6962.json"

CLASSIC_LEAVES = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
]
CLASSIC_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
"""The eight-leaf tree that implementations of RFC 6962 have shared since its first one."""


absent = pytest.mark.skipif(not VECTORS.exists(), reason="the shared vectors are not beside this checkout")


def _cases(kind: str) -> list[Any]:
    if not VECTORS.exists():
        return [pytest.param({}, marks=absent)]
    return [pytest.param(case, id=case["name"]) for case in json.loads(VECTORS.read_text())[kind]]


def _hashes(proof: list[str] | None) -> list[bytes]:
    return [b64decode(each) for each in proof or ()]


@pytest.mark.parametrize("case", _cases("inclusion"))
def test_an_inclusion_proof_holds_or_not_as_the_shared_vectors_say(case: dict[str, Any]) -> None:
    def check() -> None:
        check_inclusion(
            leaf=b64decode(case["leafHash"]),
            index=case["leafIdx"],
            size=case["treeSize"],
            proof=_hashes(case["proof"]),
            root=b64decode(case["root"]),
        )

    if case["wantErr"]:
        with pytest.raises(ProofError):
            check()
    else:
        check()


@pytest.mark.parametrize("case", _cases("consistency"))
def test_a_consistency_proof_holds_or_not_as_the_shared_vectors_say(case: dict[str, Any]) -> None:
    def check() -> None:
        check_consistency(
            old_size=case["size1"],
            old_root=b64decode(case["root1"]),
            new_size=case["size2"],
            new_root=b64decode(case["root2"]),
            proof=_hashes(case["proof"]),
        )

    if case["wantErr"]:
        with pytest.raises(ProofError):
            check()
    else:
        check()


@absent
def test_all_196_vectors_were_read() -> None:
    assert (len(_cases("inclusion")), len(_cases("consistency"))) == (98, 98)


@pytest.mark.parametrize("size", range(1, 9))
def test_the_classic_eight_leaf_tree_has_its_roots(size: int) -> None:
    hashes = [leaf_hash(bytes.fromhex(entry)) for entry in CLASSIC_LEAVES[:size]]
    assert root_of(hashes).hex() == CLASSIC_ROOTS[size - 1]


def test_the_empty_tree_has_the_root_of_the_empty_string() -> None:
    assert root_of([]) == EMPTY_ROOT
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_leaves_and_nodes_are_hashed_apart() -> None:
    assert leaf_hash(b"\x01" * 64) != node_hash(b"\x01" * 32, b"\x01" * 32)


@given(st.integers(0, 300))
def test_the_root_is_that_of_the_recursive_definition(size: int) -> None:
    assert root_of(leaves(size)) == mth(leaves(size))
