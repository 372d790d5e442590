from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.canonical import MAX_FREE_BYTES, CanonicalError, canonical, canonical_free

_KEYS = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=12).filter("_sd".__ne__)
_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
_LEAVES = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | _TEXT
_JSON = st.recursive(_LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=4))


@given(_JSON)
def test_canonical_bytes_are_rfc_8785_for_the_subset(value: Any) -> None:
    # For ASCII keys and integers, RFC 8785 is: sorted keys, no spaces, UTF-8, and the shortest escapes.
    assert canonical(value) == json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


@given(_JSON)
def test_canonical_bytes_parse_back_to_the_value(value: Any) -> None:
    assert json.loads(canonical(value)) == value


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({"a": [1, 2.5]}, "evidence/a/1"),
        ({"a": {"b": 2**53}}, "evidence/a/b"),
        ({"a": "x\0y"}, "evidence/a"),
        ({"ключ": 1}, "evidence"),
        ({"": 1}, "evidence"),
        ({1: 1}, "evidence"),
        ({"_sd": 0}, "evidence"),
        ({"a/b": object()}, "evidence/a~1b"),
        ({"a": "\ud800"}, "evidence"),
        ({"a": float("nan")}, "evidence/a"),
        ({"at": datetime(2026, 1, 1)}, "evidence/at"),  # noqa: DTZ001 - the missing zone is the point
    ],
)
def test_what_has_no_canonical_form_is_refused_by_path(value: Any, path: str) -> None:
    with pytest.raises(CanonicalError) as caught:
        canonical(value, path="evidence")
    assert caught.value.path == path


def test_nesting_is_bounded() -> None:
    deep: Any = "bottom"
    for _ in range(1_000):
        deep = [deep]
    with pytest.raises(CanonicalError, match="levels deep"):
        canonical(deep)


def test_free_json_is_bounded() -> None:
    assert canonical_free({"text": "x" * 1_000})
    with pytest.raises(CanonicalError, match="keep it within"):
        canonical_free({"text": "x" * MAX_FREE_BYTES})


def test_ids_dates_and_enums_become_text() -> None:
    value = {"id": UUID(int=1), "at": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "list": (1, 2)}
    assert canonical(value) == (
        b'{"at":"2026-01-02T03:04:05Z","id":"00000000-0000-0000-0000-000000000001","list":[1,2]}'
    )
