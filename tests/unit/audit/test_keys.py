"""Keys of subjects: what a person's values are encrypted under."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.disclosure import disclose
from audit.keys import SEED_BYTES, KeyMismatch, MasterKey, SealedValues

ORG, OTHER_ORG, ANA, BEN = (UUID(int=number) for number in range(1, 5))
MASTER = MasterKey(bytes(range(32)))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def sealed(*values: object, subject: UUID = ANA, master: MasterKey = MASTER):
    disclosures = [disclose(f"/{at}", value, subject) for at, value in enumerate(values or ("Ana",))]
    [stored] = master.seal(ORG, disclosures)
    return disclosures, SealedValues.parse(stored)


def opened(stored: SealedValues, org_id: UUID = ORG, master: MasterKey = MASTER):
    return master.open(org_id, stored)


@given(st.lists(VALUES, min_size=1, max_size=4))
def test_what_is_sealed_opens_with_its_salts(values: list[object]) -> None:
    disclosures, stored = sealed(*values)
    assert opened(stored) == {each.digest: (each.salt, each.value) for each in disclosures}


def test_the_stored_bytes_tell_nothing_of_the_value_or_the_key() -> None:
    _, stored = sealed("ana@example.com")
    assert b"ana" not in stored.sealed
    assert len(stored.seed) == SEED_BYTES
    assert sealed("x")[1].sealed != sealed("x")[1].sealed


def test_every_subject_has_a_key_of_its_own_in_every_record() -> None:
    given = [disclose(f"/{at}", "x", subject) for at, subject in enumerate((ANA, BEN, ANA))]
    stored = [SealedValues.parse(each) for each in MASTER.seal(ORG, given)]
    assert [(each.subject, len(each.digests)) for each in stored] == [(ANA, 64), (BEN, 32)]
    [again] = MASTER.seal(ORG, given[:1])
    assert len({each.seed for each in (*stored, SealedValues.parse(again))}) == 3


@pytest.mark.parametrize(
    "changed", [{"subject": BEN}, {"seed": b""}, {"seed": b"x" * 32}, {"seed": b"x" * 31}, {"seed": b"x" * 64}]
)
def test_a_key_that_was_changed_does_not_open(changed: dict[str, object]) -> None:
    _, stored = sealed()
    with pytest.raises(KeyMismatch, match="does not open: give the master key"):
        opened(replace(stored, **changed))


def test_a_key_opens_in_its_organization_and_under_its_master_key_alone() -> None:
    _, stored = sealed()
    with pytest.raises(KeyMismatch):
        opened(stored, org_id=OTHER_ORG)
    with pytest.raises(KeyMismatch):
        opened(stored, master=MasterKey(bytes(32)))
    assert opened(stored, master=MasterKey(bytes(range(32))))


@pytest.mark.parametrize("at", [0, 11, 12, 30, -1])
def test_a_value_that_was_changed_does_not_open(at: int) -> None:
    _, stored = sealed()
    changed = bytearray(stored.sealed)
    changed[at] ^= 1
    with pytest.raises(KeyMismatch, match="restore them from a backup"):
        opened(replace(stored, sealed=bytes(changed)))


@pytest.mark.parametrize("length", [0, 1, 15, 16, 17, 18, 49, 50, 81, 82, 83, 100, 118])
def test_what_was_cut_short_does_not_open(length: int) -> None:
    [stored] = MASTER.seal(ORG, [disclose("/0", "Ana", ANA)])
    assert opened(SealedValues.parse(stored))
    with pytest.raises(KeyMismatch):
        opened(SealedValues.parse(stored[:length]))


@pytest.mark.parametrize("data", [b"", b"x" * 5, b"x" * 27])
def test_bytes_that_are_too_few_do_not_open(data: bytes) -> None:
    _, stored = sealed()
    with pytest.raises(KeyMismatch):
        opened(replace(stored, sealed=data))


def test_a_value_opens_only_for_its_digest_and_under_its_key() -> None:
    _, stored = sealed()
    _, other = sealed()
    with pytest.raises(KeyMismatch):
        opened(replace(stored, digests=other.digests))
    with pytest.raises(KeyMismatch):
        opened(replace(stored, seed=other.seed))


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
