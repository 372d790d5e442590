"""Whoever has no good token gets nothing from any field, is told the same everywhere, and leaves nothing behind."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OKPKey

from core.commands.transaction import Store
from core.ids import uuid7
from tests.acceptance.mutating import INPUTS, Stage, contents, document, new_stage
from tests.acceptance.schema_places import CORE, Place, operation_of
from tests.unit.schema.operations import operation
from texting import auth
from texting.app import bound_schema, create_app
from texting.auth import LocalTokens
from texting.settings import Settings

ISSUER, AUDIENCE = auth.ISSUER, auth.AUDIENCE
KEY = OKPKey.generate_key("Ed25519", private=True)
NOW = datetime.now(UTC)
assert CORE.query_type is not None
assert CORE.mutation_type is not None
assert CORE.subscription_type is not None
QUERIES, MUTATIONS = list(CORE.query_type.fields), list(CORE.mutation_type.fields)
STREAMS = list(CORE.subscription_type.fields)


@pytest.fixture
async def stage(store: Store) -> Stage:
    return await new_stage(store)


@pytest.fixture
async def client(store: Store, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    settings = Settings(graphiql=False, data_dir=tmp_path)
    authenticator = LocalTokens(KEY, store.pool)
    app = create_app(schema=bound_schema(), store=store, authenticator=authenticator, settings=settings)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://texting") as asking:
        yield asking


def bad_tokens(stage: Stage) -> dict[str, str | None]:
    """Tokens that all claim to be the administrator's, none of them good."""
    whom = stage.world.org_admin
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": whom.subject,
        "org": str(whom.org_id),
        "grants": [auth.grant_json(grant) for grant in whom.grants],
        "jti": str(uuid7()),
        "iat": int(NOW.timestamp()) - 60,
        "exp": int((NOW + timedelta(hours=1)).timestamp()),
    }

    def signed(key: OKPKey = KEY, **other: object) -> str:
        return jwt.encode({"alg": auth.ALGORITHM, "typ": "JWT"}, claims | other, key, algorithms=[auth.ALGORITHM])

    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return {
        "none": None,
        "expired": signed(exp=claims["iat"]),
        "for somebody else": signed(aud="another-service"),
        "from somebody else": signed(iss="https://elsewhere.example"),
        "without a signature": f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(claims)}.",
        "signed with another key": signed(OKPKey.generate_key("Ed25519", private=True)),
        "of a token never issued": signed(),
        "no token at all": "rubbish",
    }


async def test_no_field_answers_without_a_good_token(
    client: httpx.AsyncClient, stage: Stage, admin: asyncpg.Connection
) -> None:
    before = await contents(admin, stage.org_id, audit=True)
    for kind, token in bad_tokens(stage).items():
        headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
        told = set()
        asked = [{"query": operation(CORE, "query", name, depth=1)} for name in QUERIES]
        asked += [{"query": document(name), "variables": {"input": INPUTS[name](stage)}} for name in MUTATIONS]
        for name in STREAMS:
            place = Place(type="Subscription", field=name, path=("after",))
            text, values = operation_of(place, None, {"orgId": stage["org"]}, None)
            asked.append({"query": text, "variables": values})
        for each in asked:
            streams = {"Accept": "text/event-stream"} if each["query"].startswith("subscription") else {}
            answer = await client.post("/graphql", json=each, headers=headers | streams)
            assert answer.status_code == 401, (kind, each)
            assert "www-authenticate" in answer.headers
            (error,) = answer.json()["errors"]
            assert "data" not in answer.json()
            told.add((error["message"], error["extensions"]["code"]))
        assert len(told) == 1, kind
        ((_, code),) = told
        assert code == "UNAUTHENTICATED"
    assert await contents(admin, stage.org_id, audit=True) == before
