"""Tokens of machines: shown once, kept as a hash, inside one organization, ended within a second of a revocation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

from core.commands.transaction import Store
from core.principal import Grant, Role
from core.storage.coverage import uncovered
from core.storage.database import reading
from tests.integration.worlds import new_org
from texting.auth import REVOCATION_DELAY, NotAuthenticated, Refused
from texting.identity import service_tokens
from texting.identity.service_tokens import ServiceTokens
from texting.tokens import NoSuchToken, Operator

OPERATOR = Operator(account="root")
LIFE = timedelta(days=1)
_RECORDS = "SELECT action, target_id FROM audit.record WHERE org_id = $1 AND action LIKE 'service-token:%'"


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
async def org(store: Store) -> UUID:
    return await new_org(store)


async def issue(store: Store, org: UUID, *, at: datetime) -> str:
    grants = (Grant(role=Role.AUDITOR, org_id=org),)
    return await service_tokens.issue(store, "crm", grants, org_id=org, life=LIFE, now=at, operator=OPERATOR)


async def refusal(tokens: ServiceTokens, token: str, at: datetime) -> NotAuthenticated:
    with pytest.raises(NotAuthenticated) as refused:
        await tokens.authenticate(token, at)
    return refused.value


async def test_a_machine_is_who_its_token_says(store: Store, org: UUID):
    token = await issue(store, org, at=now())
    who = await ServiceTokens(store.pool).authenticate(token, now())
    assert (who.name, who.org_id, who.roles_in(org), who.is_service) == ("crm", org, {Role.AUDITOR}, True)
    assert who.subject == f"service:{who.token_id}"
    assert not who.may_enter(uuid4())


async def test_the_secret_is_nowhere_in_the_database(store: Store, org: UUID, admin: asyncpg.Connection):
    token = await issue(store, org, at=now())
    secret = token.partition(".")[2]
    rows = await admin.fetch("SELECT t::text AS row FROM texting.service_tokens t WHERE org_id = $1", org)
    records = await admin.fetch("SELECT r::text AS row FROM audit.record r WHERE org_id = $1", org)
    assert rows
    raw = service_tokens._bytes(secret)
    assert not [row for row in [*rows, *records] if secret in row["row"] or raw.hex() in row["row"]]


async def test_it_ends_within_a_second_of_its_revocation_and_both_are_recorded(
    store: Store, org: UUID, admin: asyncpg.Connection
):
    at = now()
    token, tokens = await issue(store, org, at=at), ServiceTokens(store.pool)
    who = await tokens.authenticate(token, at)
    assert who.token_id is not None
    assert await service_tokens.revoke(store, org, who.token_id, now=at, operator=OPERATOR)
    assert await tokens.authenticate(token, at)  # known for less than the delay
    assert (await refusal(tokens, token, at + REVOCATION_DELAY)).kind is Refused.REVOKED
    assert not await service_tokens.revoke(store, org, who.token_id, now=at, operator=OPERATOR)
    records = await admin.fetch(_RECORDS + " ORDER BY action", org)
    assert [record["action"] for record in records] == ["service-token:issue", "service-token:revoke"]
    assert {record["target_id"] for record in records} == {who.token_id}
    async with reading(store.pool, org) as reader:
        assert await uncovered(reader, org) == []


async def test_it_ends_when_it_ends(store: Store, org: UUID):
    at = now()
    token, tokens = await issue(store, org, at=at), ServiceTokens(store.pool)
    await tokens.authenticate(token, at + LIFE - timedelta(milliseconds=1))
    assert (await refusal(tokens, token, at + LIFE)).kind is Refused.EXPIRED
    assert (await refusal(ServiceTokens(store.pool), token, at + LIFE)).kind is Refused.EXPIRED


async def test_another_secret_another_organization_and_nonsense_are_answered_alike(store: Store, org: UUID):
    one, other = await issue(store, org, at=now()), await issue(store, await new_org(store), at=now())
    tokens = ServiceTokens(store.pool)
    ids, secret = one.split(".")
    made_up = [f"{ids}.{other.split('.')[1]}", f"{other.split('.')[0]}.{secret}", ids, f"{ids}.", "btx_", "btx_x.y"]
    made_up += [f"{ids[:10]}{ids[10:][::-1]}.{secret}", f"{ids}.é", f"{ids}.{secret}A", f"{ids}.{secret} "]
    assert {str(await refusal(tokens, token, now())) for token in made_up} == {
        "that is no service token of ours: send one as it was printed, or issue a new one"
    }


async def test_what_is_not_there_cannot_be_revoked(store: Store, org: UUID):
    token = await issue(store, await new_org(store), at=now())
    who = await ServiceTokens(store.pool).authenticate(token, now())
    assert who.token_id is not None
    for id in (who.token_id, uuid4()):
        with pytest.raises(NoSuchToken):
            await service_tokens.revoke(store, org, id, now=now(), operator=OPERATOR)


async def test_nothing_of_a_token_but_its_revocation_can_be_changed(store: Store, org: UUID, app: asyncpg.Connection):
    await issue(store, org, at=now())
    for change in ("expires_at = 'infinity'", "grants = '[]'", "secret_sha256 = ''", "org_id = gen_random_uuid()"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await app.execute(f"BEGIN; SET LOCAL texting.org_id = '{org}'; UPDATE texting.service_tokens SET {change}")
        await app.execute("ROLLBACK")
