"""The embedded PostgreSQL's directory: whose it must be."""

from __future__ import annotations

import pytest

from texting.cluster import advice


@pytest.mark.parametrize(
    ("owner", "told"),
    [
        (0, "as root PostgreSQL does not run: restore it with its owners, or give it to user id `60917`"),
        (1000, "run as that user, or choose another --data-dir"),
    ],
)
def test_whose_the_directory_is_decides_what_to_do(owner: int, told: str) -> None:
    assert advice(owner, 60917) == told
