from __future__ import annotations

from uuid import UUID

import orjson
import pytest

from audit import actors
from audit.entry import make_entry
from audit.ids import milliseconds, record_ids
from audit.record import Actor, Erasable
from tests.unit.audit.records import ADMIN, NOON, record

ELSEWHERE = UUID(int=2)
KEYS = {"actor": {"idp": {"uid": "i"}, "org_uid": "o", "user": {"uid": "u"}}, "idp": {"uid": "i"}, "org_uid": "o"}
TEXT = '"idp":{"uid":"i"},"org_uid":"o","user":{"uid":"u"}'


@pytest.mark.parametrize("issuer", [None, "i", "https://id.example", TEXT, "\\", "Zürich"])
@pytest.mark.parametrize("home", [None, ELSEWHERE])
def test_what_stands_before_the_user_tells_whose_subject_it_is(issuer: str | None, home: UUID | None) -> None:
    actor = Actor(
        subject=TEXT,
        name=Erasable("Ada", ADMIN),
        idp=issuer,
        org_id=home,
        on_behalf_of=TEXT,
        roles=("ORG_ADMIN",),
        session_id=TEXT,
    )
    given = record(actor=actor, before=KEYS, after=KEYS, reason=TEXT)
    entry = make_entry(given, record_ids([milliseconds(NOON)])[0], "1.2.3")
    said = (entry.head + b"0" + entry.tail).decode().partition(actors.USER)[0]
    told = orjson.loads(said[said.index('"actor":') + len('"actor":') :].rstrip(",") + "}")
    assert (told.get("idp"), told.get("org_uid")) == (
        {"uid": issuer} if issuer else None,
        str(home) if home else None,
    )
    assert (actors.PROVIDER in said, actors.HOME in said) == (issuer is not None, home is not None)
    assert (actors.provider("i") in said) == (issuer == "i")
    assert (actors.provider(issuer or "") in said) == (issuer is not None)
    assert (actors.home(ELSEWHERE) in said) == (home is not None)
    assert actors.home(UUID(int=3)) not in said
