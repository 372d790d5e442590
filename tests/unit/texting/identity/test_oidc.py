"""A provider's token is taken only as it was configured; it never chooses how it is verified."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from uuid import UUID

import pytest
from joserfc.jwk import ECKey, OKPKey, RSAKey

from core.principal import Role
from tests.unit.texting.identity.provider import AUDIENCE, ISSUER, NEXT, NOW, RSA, Addresses, key_set, signed
from texting.auth import NotAuthenticated, Refused
from texting.identity.claims import ClaimRules
from texting.identity.oidc import OidcTokens, issuer_of
from texting.identity.provider_keys import ProviderKeys

ORG = UUID(int=1)
SKEW = timedelta(seconds=30)
RULES = ClaimRules.model_validate(
    {
        "org": ["tenant"],
        "orgs": {"acme": str(ORG)},
        "grants": [{"claim": ["groups"], "value": "auditors", "role": "AUDITOR"}],
    }
)
OTHER = RSAKey.generate_key(2048, {"kid": "first", "use": "sig"})


@pytest.fixture
def seen():
    return []


@pytest.fixture
def tokens(seen):
    async def signed_in(token, who, now, ends):
        seen.append((token, who.subject, ends))

    keys = ProviderKeys(ISSUER, "jwks", fetch=Addresses({"jwks": key_set(RSA, NEXT)}))
    return OidcTokens(
        keys,
        RULES,
        issuer=ISSUER,
        audience=AUDIENCE,
        algorithms={"RS256", "ES256", "HS256", "none"},
        skew=SKEW,
        signed_in=signed_in,
    )


def at(**delta):
    return int((NOW + timedelta(**delta)).timestamp())


async def test_a_token_of_the_provider_is_a_caller_with_its_grants(tokens):
    who = await tokens.authenticate(signed(), NOW)
    assert (who.subject, who.org_id, who.issuer, who.roles_in(ORG)) == ("u-1", ORG, ISSUER, {Role.AUDITOR})


async def test_each_allowed_algorithm_is_taken(tokens):
    assert await tokens.authenticate(signed(key=NEXT, alg="ES256"), NOW)


async def test_one_of_several_audiences_is_enough(tokens):
    assert await tokens.authenticate(signed({"aud": ["other", AUDIENCE]}), NOW)


async def test_a_sign_in_is_told_once(tokens, seen):
    for _ in range(3):
        await tokens.authenticate(signed(), NOW)
    assert len({token for token, *_ in seen}) == len(seen) == 1


@pytest.mark.parametrize(
    ("claims", "without"),
    [
        ({"iss": "https://other.example"}, ()),
        ({"iss": ISSUER + "/"}, ()),
        ({"aud": "another-api"}, ()),
        ({"aud": []}, ()),
        ({"exp": at(seconds=-31)}, ()),
        ({"exp": "soon"}, ()),
        ({"exp": float("inf")}, ()),
        ({"iat": at(seconds=31)}, ()),
        ({"nbf": at(seconds=31)}, ()),
        ({"sub": 7}, ()),
        *(({}, (name,)) for name in ("iss", "aud", "exp", "iat", "sub")),
        ({"groups": ["strangers"]}, ()),
        ({"tenant": "unknown"}, ()),
    ],
)
async def test_claims_that_are_not_as_configured_are_refused(tokens, seen, claims, without):
    with pytest.raises(NotAuthenticated):
        await tokens.authenticate(signed(claims, without=without), NOW)
    assert seen == []


@pytest.mark.parametrize("claims", [{"exp": at(seconds=-29)}, {"iat": at(seconds=29)}, {"nbf": at(seconds=29)}])
async def test_clocks_may_differ_a_little(tokens, claims):
    assert await tokens.authenticate(signed(claims), NOW)


def part(content):
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def forged(header, secret=None):
    body = signed().split(".")[1]
    head = f"{part(header)}.{body}"
    mac = hmac.new(secret, head.encode(), hashlib.sha256).digest() if secret else b""
    return f"{head}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(lambda: forged({"alg": "none", "kid": "first"}), id="none"),
        pytest.param(lambda: forged({"alg": "None", "kid": "first"}), id="None"),
        pytest.param(lambda: forged({"alg": "HS256", "kid": "first"}, RSA.as_pem(private=False)), id="confused pem"),
        pytest.param(
            lambda: forged({"alg": "HS256", "kid": "first"}, json.dumps(RSA.as_dict(private=False)).encode()),
            id="confused jwk",
        ),
        pytest.param(lambda: forged({"kid": "first"}), id="no algorithm"),
        pytest.param(lambda: signed(key=OTHER), id="another key of that name"),
        pytest.param(lambda: signed(key=OTHER, header={"jwk": OTHER.as_dict(private=False)}), id="a key brought along"),
        pytest.param(lambda: signed(header={"jku": "https://evil.example", "kid": "evil"}), id="a key elsewhere"),
        pytest.param(lambda: signed(alg="RS384", key=RSAKey.generate_key(2048, {"kid": "first"})), id="not allowed"),
        pytest.param(
            lambda: signed(alg="ES256", key=ECKey.generate_key("P-256", {"kid": "first"})), id="another kind of key"
        ),
        pytest.param(lambda: signed(alg="Ed25519", key=OKPKey.generate_key("Ed25519", {"kid": "first"})), id="okp"),
        pytest.param(lambda: forged({"alg": "RS256", "kid": "first", "crit": ["x"], "x": 1}), id="something critical"),
        pytest.param(lambda: signed()[:-4] + "AAAA", id="signature"),
        pytest.param(lambda: "a.b.c", id="nonsense"),
        pytest.param(lambda: signed().rsplit(".", 1)[0], id="unsigned"),
        pytest.param(lambda: "é.é.é", id="not ascii"),
    ],
)
async def test_a_token_that_anybody_can_make_is_refused(tokens, token):
    with pytest.raises(NotAuthenticated):
        await tokens.authenticate(token(), NOW)


async def test_a_token_that_was_known_ends_when_it_ends(tokens):
    token = signed()
    await tokens.authenticate(token, NOW)
    with pytest.raises(NotAuthenticated) as refused:
        await tokens.authenticate(token, NOW + timedelta(minutes=5) + SKEW)
    assert refused.value.kind is Refused.EXPIRED


async def test_whoever_has_no_role_is_told_so(tokens):
    with pytest.raises(NotAuthenticated, match="gives no role here") as refused:
        await tokens.authenticate(signed({"groups": []}), NOW)
    assert refused.value.kind is Refused.NO_ROLE


@pytest.mark.parametrize(
    "token", ["", "a", "a.b.c", "é.é.é", f"x.{part([])}.y", f"x.{part({'iss': 7})}.y", "a." * 9_000]
)
def test_a_token_that_names_no_issuer_is_nobodys(token):
    assert issuer_of(token) is None


def test_a_token_names_its_issuer():
    assert issuer_of(signed()) == ISSUER
