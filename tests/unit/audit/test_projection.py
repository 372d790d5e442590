"""The columns beside an entry are read from it, and from nothing else."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import orjson
import pytest

from audit.entry import make_entry
from audit.ids import milliseconds, moment, record_ids
from audit.projection import outcome, project
from audit.record import AuditKind, AuditOutcome, Record, Request
from tests.unit.audit.records import ADMIN, NOON, USER, record


def stored(given: Record):
    entry = make_entry(given, record_ids([milliseconds(given.occurred_at)])[0], "1")
    return orjson.loads(entry.head + b"1" + entry.tail)


@pytest.mark.parametrize("kind", AuditKind)
@pytest.mark.parametrize("result", AuditOutcome)
def test_kind_and_outcome_come_back(kind: AuditKind, result: AuditOutcome) -> None:
    row = project(stored(record(kind=kind, outcome=result)))
    assert (row.kind, row.outcome) == (kind, result)


def test_what_a_record_does_not_say_is_absent() -> None:
    row = project(stored(record(request=None)))
    assert (row.location_id, row.rule, row.request_id, row.correlation_id) == (None, None, None, None)


def test_what_it_says_is_a_column() -> None:
    row = project(
        stored(
            record(
                location_id=UUID(int=8),
                rule="USER_ACTIVE",
                rule_version="2",
                correlation_id="c",
                request=Request(id="t"),
                involves=(UUID(int=9),),
            )
        )
    )
    assert (row.location_id, row.rule, row.request_id, row.correlation_id) == (UUID(int=8), "USER_ACTIVE", "t", "c")
    assert row.involves == (UUID(int=9), USER, ADMIN)
    assert (row.actor, row.target_type, row.target_id) == ("acct-7", "User", USER)


def test_the_time_is_kept_to_the_millisecond() -> None:
    assert project(stored(record())).occurred_at == NOON - timedelta(microseconds=456)
    assert milliseconds(moment(1)) == 1
    assert milliseconds(moment(-1)) == -1


@pytest.mark.parametrize("missing", ["entity", "actor", "time", "action", "kind", "metadata", "involves", "action_id"])
def test_an_entry_that_is_not_ours_is_an_error(missing: str) -> None:
    content = stored(record())
    del content[missing]
    with pytest.raises(KeyError):
        project(content)


def test_an_outcome_that_ocsf_has_and_we_do_not_is_an_error() -> None:
    with pytest.raises(KeyError):
        outcome({"action_id": 2, "status_id": 1})
