"""Nothing commits without its record, no attempt goes without one, and what cannot be recorded does not happen."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID, uuid4

import asyncpg
import pytest

from audit.log import AuditLog
from audit.record import Target
from audit.render import DISCLOSURES
from core.commands.orgs import UpdateOrg, update_org
from core.commands.refusals import InvalidInput, NotAllowed, NotFound, Refused, WrongState
from core.commands.transaction import Answer, Store, Transaction, perform
from core.ids import SYSTEM_ORG_ID
from core.principal import Role
from core.storage.database import CommitLost
from tests.integration.commands.stored import Stored
from tests.integration.worlds import PROVIDER, attempt, member, new_org

DONE = Answer(type="test", refs={})


class Broken(Exception):
    """What a bug raises."""


class BrokenLog(AuditLog):
    """A log that cannot write."""

    async def append(self, connection, record):  # noqa: ARG002 - as the log's own
        raise Broken("no record can be written")

    async def append_many(self, connection, records):  # noqa: ARG002 - as the log's own
        raise Broken("no record can be written")


async def rename(tx: Transaction) -> None:
    await tx.connection.execute("UPDATE texting.orgs SET name = 'Changed' WHERE org_id = $1", tx.org_id)


async def record(tx: Transaction) -> None:
    await tx.record(target=Target(type="Org", id=tx.org_id), before=None, after={"name": "Changed"})


async def signed(tx: Transaction) -> Answer:
    """Leave a record with one erasable value, the actor's name; refer to it."""
    await record(tx)
    return Answer(type="test", refs={"record": str(tx.audit_id)})


async def name_of(stored: Stored) -> str:
    return str((await stored.row("orgs", stored.org_id))["name"])


async def test_a_change_without_a_record_does_not_commit(store: Store, stored: Callable[[UUID], Stored]) -> None:
    org_id = await new_org(store, name="Before")

    async def change(tx: Transaction) -> Answer:
        await rename(tx)
        return DONE

    async with stored(org_id).only(record=1):
        with pytest.raises(RuntimeError, match="`test` wrote no audit record"):
            await perform(store, attempt(org_id, PROVIDER), change)
    assert await name_of(stored(org_id)) == "Before"


async def test_a_change_and_its_record_commit_together(store: Store, stored: Callable[[UUID], Stored]) -> None:
    org_id = await new_org(store)

    async def change(tx: Transaction) -> Answer:
        await rename(tx)
        await record(tx)
        return DONE

    async with stored(org_id).only(record=1):
        assert await perform(store, attempt(org_id, PROVIDER), change) == DONE
    assert await name_of(stored(org_id)) == "Changed"


async def test_a_failure_changes_nothing_and_is_recorded_before_it_goes_on(
    store: Store, stored: Callable[[UUID], Stored]
) -> None:
    org_id = await new_org(store, name="Before")

    async def change(tx: Transaction) -> Answer:
        await rename(tx)
        await record(tx)
        raise Broken("personal words that no leaf may hold")

    said = attempt(org_id, PROVIDER)
    async with stored(org_id).only(record=1):
        with pytest.raises(Broken):
            await perform(store, said, change)
    assert await name_of(stored(org_id)) == "Before"
    last = (await stored(org_id).records())[-1]
    assert (last.kind, last.outcome, last.status_code) == ("FAILURE", "FAILED", "INTERNAL")
    assert (last.request_id, last.operation) == (said.tracking_id, "test")
    assert "personal words" not in last.raw


async def test_a_record_that_cannot_be_written_keeps_the_action_from_happening(
    store: Store, stored: Callable[[UUID], Stored]
) -> None:
    org_id = await new_org(store, name="Before")
    silent = replace(store, audit=BrokenLog(bytes(32)))
    before = await stored(org_id).everything()
    with pytest.raises(Broken):
        await perform(silent, attempt(org_id, PROVIDER), lambda tx: update_org(tx, UpdateOrg(name="After")))
    assert await stored(org_id).everything() == before


async def test_a_refusal_that_cannot_be_recorded_is_not_answered(store: Store) -> None:
    org_id = await new_org(store)
    silent = replace(store, audit=BrokenLog(bytes(32)))
    with pytest.raises(Broken):
        await perform(silent, attempt(org_id, PROVIDER), lambda tx: update_org(tx, UpdateOrg(name="")))


async def test_a_record_too_large_for_the_log_keeps_the_action_from_happening(
    store: Store, stored: Callable[[UUID], Stored]
) -> None:
    org_id = await new_org(store, name="Before")

    async def change(tx: Transaction) -> Answer:
        await rename(tx)
        await tx.record(target=Target(type="Org", id=tx.org_id), before=None, after={"name": "x" * 70_000})
        return DONE

    async with stored(org_id).only(record=1):
        with pytest.raises(ValueError, match="bytes"):
            await perform(store, attempt(org_id, PROVIDER), change)
    assert await name_of(stored(org_id)) == "Before"
    assert (await stored(org_id).records())[-1].outcome == "FAILED"


async def test_an_error_that_is_swallowed_inside_is_no_success(store: Store, stored: Callable[[UUID], Stored]) -> None:
    org_id = await new_org(store, name="Before")

    async def change(tx: Transaction) -> Answer:
        await rename(tx)
        await record(tx)
        with pytest.raises(asyncpg.DivisionByZeroError):
            await tx.connection.execute("SELECT 1 / 0")
        return DONE

    async with stored(org_id).only(record=1):
        with pytest.raises(CommitLost):
            await perform(store, attempt(org_id, PROVIDER), change)
    assert await name_of(stored(org_id)) == "Before"
    assert (await stored(org_id).records())[-1].outcome == "FAILED"


async def test_a_refusal_rolls_back_what_was_done_and_knows_its_record(
    store: Store, stored: Callable[[UUID], Stored]
) -> None:
    org_id = await new_org(store, name="Before")

    async def change(tx: Transaction) -> Answer:
        await rename(tx)
        await record(tx)
        tx.attempted = {"name": "Changed"}
        raise Refused(WrongState(message="no", state="THERE"))

    async with stored(org_id).only(record=1):
        found = await perform(store, attempt(org_id, PROVIDER, reason="because"), change)
    assert isinstance(found, WrongState)
    assert await name_of(stored(org_id)) == "Before"
    told = await stored(org_id).record(found.record_id)
    assert (told.before, told.after, told.reason) == (None, {"name": "Changed"}, "because")
    assert (told.status_code, told.status_detail) == ("WRONG_STATE", "state THERE")


async def test_an_organization_that_is_not_there_is_not_found_and_recorded_where_the_caller_is_at_home(
    store: Store, stored: Callable[[UUID], Stored]
) -> None:
    home = await new_org(store)
    somebody = replace(PROVIDER, subject="wanderer", org_id=home)
    nowhere = uuid4()

    async def never(tx: Transaction) -> Answer:
        raise AssertionError("unreachable")

    async with stored(home).only(record=1), stored(nowhere).only():
        refused = await perform(store, attempt(nowhere, somebody, argument="userId"), never)
    assert isinstance(refused, NotFound)
    assert refused.argument == "userId"
    told = await stored(home).record(refused.record_id)
    assert (told.actor.subject, told.outcome, told.status_detail) == ("wanderer", "FAILED", "argument userId")
    before = len(await stored(SYSTEM_ORG_ID).records())
    await perform(store, attempt(nowhere, PROVIDER), never)
    assert len(await stored(SYSTEM_ORG_ID).records()) == before + 1


async def test_roles_are_asked_before_anything_is_done(store: Store, stored: Callable[[UUID], Stored]) -> None:
    org_id = await new_org(store)

    async def never(tx: Transaction) -> Answer:
        raise AssertionError("unreachable")

    for allowed in ((Role.ORG_ADMIN,), ()):
        async with stored(org_id).only(record=1):
            refused = await perform(store, attempt(org_id, PROVIDER, allowed_roles=allowed), never)
        assert isinstance(refused, NotAllowed)
        assert refused.required_roles == allowed
        told = await stored(org_id).record(refused.record_id)
        assert (told.kind, told.outcome, told.actor.roles) == ("DENIAL", "DENIED", ("PROVIDER_ADMIN",))


async def test_a_role_in_another_organization_is_none(store: Store) -> None:
    org_id, other = await new_org(store), await new_org(store)
    stranger = member(other, Role.ORG_ADMIN)
    refused = await perform(
        store,
        attempt(org_id, stranger, allowed_roles=(Role.ORG_ADMIN,)),
        lambda tx: update_org(tx, UpdateOrg(name="Mine")),
    )
    assert isinstance(refused, NotAllowed)


async def test_a_faulty_reason_is_refused_and_left_out_of_the_record(
    store: Store, stored: Callable[[UUID], Stored]
) -> None:
    org_id = await new_org(store)
    for reason in ("a\0b", "a\ud800", "x" * 1_001, ""):
        refused = await perform(
            store, attempt(org_id, PROVIDER, reason=reason), lambda tx: update_org(tx, UpdateOrg(name="New"))
        )
        assert isinstance(refused, InvalidInput)
        assert (await stored(org_id).record(refused.record_id)).reason is None


async def test_records_of_a_change_in_another_organization_are_refused_by_the_database(
    store: Store, stored: Callable[[UUID], Stored]
) -> None:
    org_id, other = await new_org(store), await new_org(store)

    async def change(tx: Transaction) -> Answer:
        made = tx.describe(target=Target(type="Org", id=other), before=None, after=None)
        await tx.append([replace(made, org_id=other)])
        return DONE

    async with stored(other).only(), stored(org_id).only(record=1):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await perform(store, attempt(org_id, PROVIDER), change)


async def test_callers_of_one_subject_are_erased_apart_and_one_caller_s_values_together(
    store: Store, admin: asyncpg.Connection
) -> None:
    org_id = await new_org(store)
    ada = replace(member(org_id, Role.ORG_ADMIN), subject="ada")
    callers = [
        ada,
        replace(ada, issuer="https://one.example"),
        replace(ada, issuer="https://two.example"),
        # Of another organization: the provider's.
        replace(PROVIDER, subject="ada", issuer="https://one.example"),
    ]
    subjects = []
    for caller in callers * 2:
        done = await perform(store, attempt(org_id, caller), signed)
        assert isinstance(done, Answer)
        (row,) = await admin.fetch(DISCLOSURES, org_id, [UUID(done.refs["record"])])
        subjects.append(row["subject_id"])
    assert subjects[:4] == subjects[4:]
    assert len(set(subjects)) == 4
    assert {subject.version for subject in subjects} == {4}  # no user's
    assert store.audit.pseudonym(org_id, "ada") not in subjects


async def test_a_caller_named_like_a_number_is_not_erased_with_the_number(
    store: Store, admin: asyncpg.Connection
) -> None:
    org_id = await new_org(store)
    caller = replace(member(org_id, Role.ORG_ADMIN), subject="+12125550150")
    done = await perform(store, attempt(org_id, caller), signed)
    assert isinstance(done, Answer)
    (row,) = await admin.fetch(DISCLOSURES, org_id, [UUID(done.refs["record"])])
    assert row["subject_id"] != store.audit.pseudonym(org_id, "+12125550150")
