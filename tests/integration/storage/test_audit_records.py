"""Records are found by what they say, in pages that end where the next begins, and only inside their organization."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

from audit.actions import Action
from audit.log import AuditLog
from audit.record import Actor, AuditKind, AuditOutcome, Erasable, Request, Target
from audit.render import DisclosureState, Renderer, may_see_all
from core.principal import Principal
from core.storage import audit_records
from core.storage.audit_records import IN_TREE, IS_SEALED, NEWEST_FIRST, OLDEST_FIRST, RECORDS, SEALED
from core.storage.database import Reader
from core.storage.listing import EVERYTHING, fetch_ids, fetch_page, fetch_pages
from core.storage.pages import page_request
from tests.conftest import MASTER_KEY
from tests.integration.audit.records import entered, record
from tests.integration.audit.sealed import seal_all

NOON = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=1)


class Written:
    """An organization's log, and how to ask it."""

    def __init__(self, pool, log, org_id):
        self.reader, self.log, self.org_id = Reader(pool, org_id), log, org_id

    async def add(self, app, minute, **changes):
        """Write one record of so many minutes after noon; give its id."""
        changes.setdefault("occurred_at", NOON + timedelta(minutes=minute))
        async with entered(app, self.org_id):
            return await self.log.append(app, record(self.org_id, **changes))

    async def find(self, where=EVERYTHING, *, order=NEWEST_FIRST, counted=False, **page):
        chosen = page_request(order, **({"first": None, "after": None, "last": None, "before": None} | page))
        return await fetch_page(self.reader.fetch, RECORDS, chosen, org=self.org_id, where=where, counted=counted)

    async def ids(self, where=EVERYTHING, **page):
        return [row.id for row in (await self.find(where, **page)).nodes]


@pytest.fixture
async def written(pool: asyncpg.Pool, log: AuditLog, org_id: UUID):
    made = Written(pool, log, org_id)
    yield made
    await made.reader.close()


async def test_the_newest_come_first_unless_the_oldest_are_asked_for(app: asyncpg.Connection, written: Written) -> None:
    made = [await written.add(app, minute) for minute in range(3)]
    assert await written.ids() == made[::-1]
    assert await written.ids(order=OLDEST_FIRST) == made


async def test_pages_meet_without_a_gap_or_overlap(app: asyncpg.Connection, written: Written) -> None:
    made = [await written.add(app, minute) for minute in range(7)]
    first = await written.find(first=3, counted=True)
    then = await written.find(first=3, after=first.page_info.end_cursor)
    last = await written.find(first=3, after=then.page_info.end_cursor)
    assert [row.id for page in (first, then, last) for row in page.nodes] == made[::-1]
    assert (first.total_count, first.has_more, last.has_more) == (7, True, False)
    assert [row.id for row in (await written.find(last=3, before=then.page_info.start_cursor)).nodes] == made[:3:-1]


@pytest.mark.parametrize(
    ("told", "asked", "others"),
    [
        ({"actor": Actor(subject="acct-1")}, {"actor": "acct-1"}, {"actor": "acct-2"}),
        ({"action": Action.ORG_UPDATE}, {"action": "org:update"}, {"action": "org:create"}),
        ({"action": Action.ORG_UPDATE}, {"actions": ["org:create", "org:update"]}, {"actions": []}),
        ({"kind": AuditKind.DENIAL}, {"kinds": [AuditKind.READ, AuditKind.DENIAL]}, {"kinds": [AuditKind.READ]}),
        ({"outcome": AuditOutcome.DENIED}, {"outcome": AuditOutcome.DENIED}, {"outcome": AuditOutcome.FAILED}),
        ({"target": Target(type="Org", id=UUID(int=1))}, {"target_id": UUID(int=1)}, {"target_id": UUID(int=2)}),
        ({"target": Target(type="Org", id=UUID(int=1))}, {"target_type": "Org"}, {"target_type": "Brand"}),
        ({"location_id": UUID(int=3)}, {"location_id": UUID(int=3)}, {"location_id": UUID(int=4)}),
        ({"rule": "WITHIN_LIMITS"}, {"rule": "WITHIN_LIMITS"}, {"rule": "NO_BURST"}),
        ({"request": Request(id="track-7")}, {"request_id": "track-7"}, {"request_id": "track-8"}),
        ({"correlation_id": "c-1"}, {"correlation_id": "c-1"}, {"correlation_id": "c-2"}),
        ({"involves": (UUID(int=5),)}, {"involves": UUID(int=5)}, {"involves": UUID(int=6)}),
        ({"target": Target(type="User", id=UUID(int=7))}, {"involves": UUID(int=7)}, {"involves": UUID(int=8)}),
        (
            {"actor": Actor(subject="acct-1", user_id=UUID(int=9))},
            {"involves": UUID(int=9), "actor": "acct-1"},
            {"involves": UUID(int=9), "actor": "acct-2"},
        ),
    ],
)
async def test_a_record_is_found_by_what_it_says(
    app: asyncpg.Connection, written: Written, told: dict, asked: dict, others: dict
) -> None:
    wanted = await written.add(app, 1, **told)
    await written.add(app, 0)
    await written.add(app, 2)
    assert await written.ids(audit_records.where(**asked)) == [wanted]
    assert await written.ids(audit_records.where(**others)) == []
    found = await written.find(audit_records.where(**asked), counted=True)
    assert found.total_count == 1


@pytest.mark.parametrize("involves", [None, UUID(int=5)])
async def test_times_are_half_open(app: asyncpg.Connection, written: Written, involves: UUID | None) -> None:
    made = [await written.add(app, minute, involves=(UUID(int=5),)) for minute in range(4)]
    at = [NOON + timedelta(minutes=minute) for minute in range(4)]

    async def within(occurred_from: datetime | None, occurred_to: datetime | None) -> list[UUID]:
        where = audit_records.where(involves=involves, occurred_from=occurred_from, occurred_to=occurred_to)
        return await written.ids(where, order=OLDEST_FIRST)

    assert await within(at[1], at[3]) == made[1:3]
    assert await within(at[1], None) == made[1:]
    assert await within(None, at[1]) == made[:1]
    assert await within(at[1] + timedelta(microseconds=1), at[2] + timedelta(microseconds=1)) == made[2:3]
    assert await within(at[2], at[1]) == []
    assert await within(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)) == made


async def test_pages_of_whom_it_involves_meet_too(app: asyncpg.Connection, written: Written) -> None:
    subject = uuid4()
    made = [await written.add(app, minute, involves=(subject,) if minute % 2 else ()) for minute in range(12)]
    where = audit_records.where(involves=subject)
    first = await written.find(where, first=4, counted=True)
    rest = await written.ids(where, first=4, after=first.page_info.end_cursor)
    assert [row.id for row in first.nodes] + rest == made[::-2]
    assert first.total_count == 6
    back = await written.find(where, last=4, before=first.page_info.end_cursor)
    assert [row.id for row in back.nodes] == [row.id for row in first.nodes][:3]


async def test_a_page_for_each_message_of_what_was_its_intent_and_outcome(
    app: asyncpg.Connection, written: Written
) -> None:
    one, other, none = uuid4(), uuid4(), uuid4()
    of_one = [await written.add(app, minute, correlation_id=str(one)) for minute in range(3)]
    of_other = [await written.add(app, 3, correlation_id=str(other))]
    await written.add(app, 4)
    chosen = page_request(NEWEST_FIRST, first=2, after=None, last=None, before=None)
    pages = await fetch_pages(
        written.reader.fetch,
        RECORDS,
        chosen,
        org=written.org_id,
        by="correlation_id",
        parents=[other, one, none, one],
        where=EVERYTHING,
        counted=True,
    )
    assert [[row.id for row in page.nodes] for page in pages] == [of_other, of_one[:0:-1], [], of_one[:0:-1]]
    assert [page.total_count for page in pages] == [1, 3, 0, 3]


async def test_the_history_of_a_switch_leaves_out_what_was_refused(app: asyncpg.Connection, written: Written) -> None:
    user = Target(type="User", id=uuid4())
    switched = [
        await written.add(app, minute, target=user, action=action)
        for minute, action in enumerate((Action.USER_TEXTING_ENABLE, Action.USER_TEXTING_DISABLE))
    ]
    await written.add(
        app,
        2,
        target=user,
        action=Action.USER_TEXTING_ENABLE,
        kind=AuditKind.DENIAL,
        outcome=AuditOutcome.DENIED,
    )
    await written.add(app, 3, target=user, action=Action.USER_UPDATE)
    where = audit_records.changes_by([Action.USER_TEXTING_ENABLE, Action.USER_TEXTING_DISABLE])
    chosen = page_request(NEWEST_FIRST, first=None, after=None, last=None, before=None)
    [page] = await fetch_pages(
        written.reader.fetch,
        RECORDS,
        chosen,
        org=written.org_id,
        by="target_id",
        parents=[user.id],
        where=where,
        counted=True,
    )
    assert ([row.id for row in page.nodes], page.total_count) == (switched[::-1], 2)


async def test_the_records_of_one_change_come_in_its_order(app: asyncpg.Connection, written: Written) -> None:
    async with entered(app, written.org_id):
        made = await written.log.append_many(app, [record(written.org_id, occurred_at=NOON) for _ in range(5)])
    await written.add(app, 1)
    where = audit_records.among([*made, *made, uuid4()])
    assert await written.ids(where, order=OLDEST_FIRST) == made
    assert await written.ids(audit_records.among([])) == []


HERE = UUID(int=1)
"""Stands for the organization of the log."""
IDENTITIES = [
    (None, HERE),
    (None, UUID(int=2)),
    ("https://id.example", HERE),
    ("https://id.example", UUID(int=2)),
    ("https://id.example/other", HERE),
    ('https://id.example"},"org_uid":"' + str(UUID(int=2)), HERE),
]
"""Who named the subject, and where it is at home."""
MISLEADING = {
    "actor": {"idp": {"uid": "https://id.example"}, "org_uid": str(UUID(int=2)), "user": {"uid": "acct-1"}},
    "idp": {"uid": "https://id.example"},
    "said": '"idp":{"uid":"https://id.example"},"org_uid":"' + str(UUID(int=2)) + '","user":{"uid":"acct-1"}',
}
"""What callers may have a record hold that looks as if it were said of the actor."""


def caller(written: Written, issuer: str | None, home: UUID, subject: str = "acct-1") -> Principal:
    org_id = written.org_id if home == HERE else home
    return Principal(subject=subject, name=None, org_id=org_id, grants=(), issuer=issuer)


async def done(app: asyncpg.Connection, written: Written, at: int, who: Principal) -> UUID:
    """What somebody did, as commands tell who that was, on behalf of somebody and with more beside it."""
    actor = Actor(
        subject=who.subject,
        idp=who.issuer,
        org_id=who.org_id if who.org_id != written.org_id else None,
        name=Erasable("Ada", uuid4()),
        roles=("ORG_ADMIN",),
        on_behalf_of=MISLEADING["said"],
        session_id="s-1",
    )
    return await written.add(app, at, actor=actor, after=MISLEADING, reason=MISLEADING["said"])


async def test_a_reader_of_one_s_own_records_finds_no_others(app: asyncpg.Connection, written: Written) -> None:
    me, you = caller(written, None, HERE), caller(written, None, HERE, "acct-2")
    own, other = await done(app, written, 0, me), await done(app, written, 1, you)
    mine = audit_records.done_by(me, written.org_id)
    assert await written.ids(mine) == [own]
    assert await written.ids(mine & audit_records.where(actor="acct-2")) == []
    found = await fetch_ids(written.reader.fetch, RECORDS, [own, other], org=written.org_id, where=mine)
    assert list(found) == [own]


async def test_who_has_the_same_subject_by_another_provider_or_elsewhere_is_somebody_else(
    app: asyncpg.Connection, written: Written, worker_pool: asyncpg.Pool
) -> None:
    callers = [caller(written, *identity) for identity in IDENTITIES]
    made = [await done(app, written, at, who) for at, who in enumerate(callers)]
    await seal_all(worker_pool, written.org_id, uuid4())
    for who, own in zip(callers, made, strict=True):
        mine = audit_records.done_by(replace(who, token_id=uuid4()), written.org_id)
        assert await written.ids(mine) == [own], who
        found = await fetch_ids(written.reader.fetch, RECORDS, made, org=written.org_id, where=mine)
        assert list(found) == [own], who
        request = page_request(IN_TREE, first=None, after=None, last=None, before=None)
        mine &= IS_SEALED
        page = await fetch_page(written.reader.fetch, SEALED, request, org=written.org_id, where=mine, counted=True)
        assert ([row.id for row in page.nodes], page.total_count) == ([own], 1), who


async def test_another_organization_s_records_are_not_there(
    app: asyncpg.Connection, written: Written, pool: asyncpg.Pool
) -> None:
    id = await written.add(app, 0)
    reader = Reader(pool, uuid4())
    try:
        for org in (reader.org_id, written.org_id):
            assert await fetch_ids(reader.fetch, RECORDS, [id], org=org, where=EVERYTHING) == {}
            assert await audit_records.disclosures(reader.fetch, org, [id]) == []
    finally:
        await reader.close()


async def test_names_are_read_for_many_records_in_one_statement(app: asyncpg.Connection, written: Written) -> None:
    made = [await written.add(app, minute) for minute in range(3)]
    rows = (await written.find(order=OLDEST_FIRST)).nodes
    before = written.reader.statements
    sealed = await audit_records.disclosures(written.reader.fetch, written.org_id, [row.id for row in rows])
    assert written.reader.statements == before + 1
    views = Renderer(MASTER_KEY).render(rows, sealed, may_see=may_see_all)
    assert [view.id for view in views] == made
    assert {view.target.name for view in views} == {"Bob Builder"}
    assert {each.state for view in views for each in view.disclosures} == {DisclosureState.DISCLOSED}


async def test_no_record_has_nothing_to_disclose(written: Written) -> None:
    before = written.reader.statements
    assert await audit_records.disclosures(written.reader.fetch, written.org_id, []) == []
    assert written.reader.statements == before
