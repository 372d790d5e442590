from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from audit.entry import make_entry
from audit.ids import milliseconds, record_ids
from audit.keys import KeyMismatch, MasterKey, SealedValues
from audit.record import Record
from audit.render import DisclosureState, Renderer, may_see_all, may_see_none
from tests.unit.audit.records import ADMIN, NOON, ORG, USER, record

KEY = bytes(range(32))


def _stored(given: Record) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Make the rows that appending a record leaves."""
    entry = make_entry(given, record_ids([milliseconds(NOON)])[0], "1.2.3")
    data = entry.head + b"1772366400123" + entry.tail
    return {"org_id": ORG, "id": entry.id, "entry": data}, [
        {"record_id": entry.id, "subject_id": SealedValues.parse(each).subject, "disclosure": each}
        for each in MasterKey(KEY).seal(ORG, entry.disclosures)
    ]


def test_a_reader_who_may_see_all_reads_what_was_written() -> None:
    row, disclosures = _stored(record())
    (view,) = Renderer(KEY).render([row], disclosures, may_see=may_see_all)
    assert (view.actor.name, view.target.name) == ("Ada Admin", "Bob Builder")
    assert view.before == {"texting": "INHERIT"}
    assert view.after == {"texting": "ON", "email": "bob@example.com"}
    assert (view.reason, view.ip, view.operation) == ("asked for by phone", "192.0.2.7", "setUserTexting")
    assert {item.state for item in view.disclosures} == {DisclosureState.DISCLOSED}
    assert view.raw.encode() == row["entry"]


def test_withheld_values_read_null_and_keep_their_place() -> None:
    row, disclosures = _stored(record())
    (view,) = Renderer(KEY).render([row], disclosures, may_see=may_see_none)
    assert view.actor.name is None
    assert view.after == {"texting": "ON", "email": None}
    assert {(item.name, item.state) for item in view.disclosures} == {
        (name, DisclosureState.WITHHELD) for name in ("/actor/user/name", "/entity/name", "/updated_entity/data/email")
    }


def test_erased_values_are_erased_for_everybody() -> None:
    row, disclosures = _stored(record())
    left = [each for each in disclosures if each["subject_id"] != USER]
    (view,) = Renderer(KEY).render([row], left, may_see=may_see_all)
    assert view.actor.name == "Ada Admin"
    assert view.target.name is None
    assert {item.name for item in view.disclosures if item.state is DisclosureState.ERASED} == {
        "/entity/name",
        "/updated_entity/data/email",
    }


def test_the_reader_may_see_some_subjects() -> None:
    row, disclosures = _stored(record())

    def sees_admin(subject: UUID, _name: str) -> bool:
        return subject == ADMIN

    (view,) = Renderer(KEY).render([row], disclosures, may_see=sees_admin)
    assert (view.actor.name, view.target.name) == ("Ada Admin", None)


@pytest.mark.parametrize("part", ["sealed", "seed", "digests"])
def test_a_changed_stored_value_does_not_open(part: str) -> None:
    row, disclosures = _stored(record())
    changed = [each | {"disclosure": _changed(each["disclosure"], part)} for each in disclosures]
    renderer = Renderer(KEY)
    if part == "digests":
        # Of one subject's values the last is nobody's now, and the others no longer open.
        changed = [each for each in changed if each["subject_id"] == USER]
    with pytest.raises(KeyMismatch):
        renderer.render([row], changed, may_see=may_see_all)


def test_a_seed_that_was_put_in_the_place_of_another_opens_nothing() -> None:
    row, disclosures = _stored(record())
    first, second = sorted(disclosures, key=lambda each: each["subject_id"] != ADMIN)
    of_actor, of_user = (SealedValues.parse(each["disclosure"]) for each in (first, second))
    second["disclosure"] = second["disclosure"].replace(of_user.seed, of_actor.seed)
    with pytest.raises(KeyMismatch, match=f"`{of_user.subject}` does not open"):
        Renderer(KEY).render([row], disclosures, may_see=may_see_all)


def _changed(stored: bytes, part: str) -> bytes:
    """Change the last byte of one part of a subject's values."""
    was: bytes = getattr(SealedValues.parse(stored), part)
    return stored.replace(was, was[:-1] + bytes([was[-1] ^ 1]))


def test_another_master_key_does_not_open() -> None:
    row, disclosures = _stored(record())
    with pytest.raises(KeyMismatch, match="master key"):
        Renderer(bytes(32)).render([row], disclosures, may_see=may_see_all)


def test_pseudonyms_are_stable_and_depend_on_org_and_key() -> None:
    master = MasterKey(KEY)
    assert master.pseudonym(ORG, "+12125550100") == master.pseudonym(ORG, "+12125550100")
    assert master.pseudonym(ORG, "+12125550100") != master.pseudonym(USER, "+12125550100")
    assert master.pseudonym(ORG, "+12125550100") != MasterKey(bytes(32)).pseudonym(ORG, "+12125550100")
