"""Keys of subjects: what a person's values are encrypted under."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.disclosure import disclose
from audit.keys import KEY_BYTES, KeyMismatch, MasterKey, WrappedKey, open_sealed

ORG, OTHER_ORG, ANA, BEN = (UUID(int=number) for number in range(1, 5))
MASTER = MasterKey(bytes(range(32)))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def sealed(value: object = "Ana", subject: UUID = ANA, master: MasterKey = MASTER):
    ring = master.ring(ORG)
    disclosure = disclose("/name", value, subject)
    key_id, data = ring.seal(disclosure)
    [key] = ring.keys
    assert key_id == key.id
    return disclosure, key, data


@given(VALUES)
def test_what_is_sealed_opens_with_its_salt(value: object) -> None:
    disclosure, key, data = sealed(value)
    assert open_sealed(MASTER.unwrap(ORG, key), disclosure.digest, data) == (disclosure.salt, value)


def test_the_stored_bytes_tell_nothing_of_the_value_or_the_key() -> None:
    _, key, data = sealed("ana@example.com")
    assert b"ana" not in data
    assert len(key.wrapped) == 12 + KEY_BYTES + 16
    assert sealed("x")[2] != sealed("x")[2]


def test_every_subject_has_a_key_of_its_own_in_every_append() -> None:
    ring = MASTER.ring(ORG)
    ids = [ring.seal(disclose(f"/{at}", "x", subject))[0] for at, subject in enumerate((ANA, BEN, ANA))]
    assert ids[0] == ids[2] != ids[1]
    assert [key.subject for key in ring.keys] == [ANA, BEN]
    assert len({key.id for key in ring.keys}) == 2
    again = MASTER.ring(ORG)
    again.seal(disclose("/0", "x", ANA))
    assert again.keys[0].id not in {key.id for key in ring.keys}


@pytest.mark.parametrize(
    "changed",
    [
        {"id": UUID(int=9)},
        {"subject": BEN},
        {"wrapped": b""},
        {"wrapped": b"x" * 60},
        {"wrapped": b"x" * 11},
    ],
)
def test_a_key_that_was_changed_does_not_open(changed: dict[str, object]) -> None:
    _, key, _ = sealed()
    with pytest.raises(KeyMismatch, match="give the master key it was made with"):
        MASTER.unwrap(ORG, replace(key, **changed))


def test_a_key_opens_in_its_organization_and_under_its_master_key_alone() -> None:
    _, key, _ = sealed()
    with pytest.raises(KeyMismatch):
        MASTER.unwrap(OTHER_ORG, key)
    with pytest.raises(KeyMismatch):
        MasterKey(bytes(32)).unwrap(ORG, key)
    assert MasterKey(bytes(range(32))).unwrap(ORG, key)


@pytest.mark.parametrize("at", [0, 11, 12, 30, -1])
def test_a_value_that_was_changed_does_not_open(at: int) -> None:
    disclosure, key, data = sealed()
    changed = bytearray(data)
    changed[at] ^= 1
    with pytest.raises(KeyMismatch, match="restore it from a backup"):
        open_sealed(MASTER.unwrap(ORG, key), disclosure.digest, bytes(changed))


@pytest.mark.parametrize("data", [b"", b"x" * 5, b"x" * 27])
def test_bytes_that_are_too_few_do_not_open(data: bytes) -> None:
    disclosure, key, _ = sealed()
    with pytest.raises(KeyMismatch):
        open_sealed(MASTER.unwrap(ORG, key), disclosure.digest, data)


def test_a_value_opens_only_for_its_digest_and_under_its_key() -> None:
    disclosure, key, data = sealed()
    other, other_key, _ = sealed()
    with pytest.raises(KeyMismatch):
        open_sealed(MASTER.unwrap(ORG, key), other.digest, data)
    with pytest.raises(KeyMismatch):
        open_sealed(MASTER.unwrap(ORG, other_key), disclosure.digest, data)


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_master_key_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match=f"has `{length}` bytes: give 32"):
        MasterKey(bytes(length))


def test_a_pseudonym_is_always_the_same_and_of_its_organization_and_key_alone() -> None:
    pseudonym = MASTER.pseudonym(ORG, "+14165550123")
    assert pseudonym == MasterKey(bytes(range(32))).pseudonym(ORG, "+14165550123")
    assert pseudonym.version == 4
    others = {
        MASTER.pseudonym(OTHER_ORG, "+14165550123"),
        MASTER.pseudonym(ORG, "+14165550124"),
        MasterKey(bytes(32)).pseudonym(ORG, "+14165550123"),
    }
    assert len(others | {pseudonym}) == 4


def test_a_stored_key_says_whose_it_is() -> None:
    _, key, _ = sealed(subject=BEN)
    assert isinstance(key, WrappedKey)
    assert key.subject == BEN
