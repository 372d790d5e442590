"""Who is calling: anything that is not plainly right is refused."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OKPKey

from core.ids import SYSTEM_ORG_ID
from core.principal import Grant, Principal, Role
from texting import auth
from texting.auth import LocalTokens, NotAuthenticated, grant_json, read, sign
from texting.identity.known import KnownTokens

KEY, OTHER_KEY = (OKPKey.generate_key("Ed25519", private=True) for _ in range(2))
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ENDS = NOW + timedelta(hours=1)
ORG = UUID(int=1)
ANA = Principal(
    subject="ana",
    name="Ana",
    org_id=ORG,
    grants=(
        Grant(role=Role.ORG_ADMIN, org_id=ORG),
        Grant(role=Role.LOCATION_ADMIN, org_id=ORG, location_id=UUID(int=2)),
        Grant(role=Role.USER, org_id=ORG, user_id=UUID(int=3)),
    ),
    token_id=UUID(int=4),
)
PROVIDER = Principal(
    subject="p", name=None, org_id=SYSTEM_ORG_ID, grants=(Grant(role=Role.PROVIDER_ADMIN),), token_id=UUID(int=5)
)
CLAIMS = {
    "iss": "business-texting",
    "aud": "business-texting-api",
    "sub": "ana",
    "name": "Ana",
    "org": str(ORG),
    "grants": [{"role": "ORG_ADMIN", "org": str(ORG)}],
    "jti": str(UUID(int=4)),
    "iat": int(NOW.timestamp()),
    "exp": int(ENDS.timestamp()),
}


def signed(principal=ANA, *, key=KEY, ends=ENDS):
    return sign(principal, key, issued_at=NOW, expires_at=ends)


def claiming(key=KEY, **changes):
    claims = {name: value for name, value in (CLAIMS | changes).items() if value is not ...}
    return jwt.encode({"alg": "Ed25519"}, claims, key, algorithms=["Ed25519"])


def part(content):
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def refuse(token, now=NOW):
    with pytest.raises(NotAuthenticated):
        read(token, KEY, now)


@pytest.mark.parametrize("principal", [ANA, PROVIDER])
def test_what_is_signed_is_read(principal):
    assert read(signed(principal), KEY, NOW) == (principal, ENDS)


def test_the_claims_of_the_tests_are_those_of_a_token():
    assert read(claiming(), KEY, NOW)[0].subject == "ana"


def test_a_grant_says_only_what_limits_it():
    assert grant_json(Grant(role=Role.PROVIDER_ADMIN)) == {"role": "PROVIDER_ADMIN"}
    assert grant_json(ANA.grants[1]) == {"role": "LOCATION_ADMIN", "org": str(ORG), "location": str(UUID(int=2))}


@pytest.mark.parametrize("late", [timedelta(), timedelta(seconds=1), timedelta(days=999)])
def test_a_token_that_has_ended_is_refused(late):
    refuse(signed(), ENDS + late)


def test_a_token_of_another_key_is_refused():
    refuse(signed(key=OTHER_KEY))


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "somebody"},
        {"iss": ...},
        {"aud": "another-api"},
        {"aud": ...},
        {"exp": ...},
        {"iat": ...},
        {"iat": int(NOW.timestamp()) + 3_600},
        {"exp": "never"},
        {"sub": ...},
        {"sub": ""},
        {"sub": 7},
        {"name": 7},
        {"name": ""},
        {"org": "x"},
        {"org": ...},
        {"jti": "x"},
        {"jti": None},
        {"jti": ...},
        {"grants": ...},
        {"grants": None},
        {"grants": "ORG_ADMIN"},
        {"grants": [1]},
        {"grants": [{}]},
        {"grants": [{"role": "GOD"}]},
        {"grants": [{"role": "ORG_ADMIN"}]},
        {"grants": [{"role": "USER", "org": None}]},
        {"grants": [{"role": "ORG_ADMIN", "org": "x"}]},
        {"grants": [{"role": "ORG_ADMIN", "org": str(ORG), "location": 1}]},
    ],
    ids=str,
)
def test_a_claim_that_is_not_as_we_write_it_is_refused(changes):
    refuse(claiming(**changes))


@pytest.mark.parametrize("algorithm", ["none", "None", "HS256", "EdDSA", "ES256", "RS256", "", 7])
def test_a_token_never_chooses_how_it_is_checked(algorithm):
    header, claims = part({"alg": algorithm, "typ": "JWT"}), part(CLAIMS)
    public = json.dumps(KEY.as_dict(private=False)).encode()
    for signature in (
        "",
        signed().rpartition(".")[2],
        part(hmac.digest(public, f"{header}.{claims}".encode(), hashlib.sha256)),
        part(hmac.digest(KEY.public_key.public_bytes_raw(), f"{header}.{claims}".encode(), hashlib.sha256)),
    ):
        refuse(f"{header}.{claims}.{signature}")


def test_the_same_signature_under_the_older_name_of_the_algorithm_is_refused():
    encoded = f"{part({'alg': 'EdDSA', 'typ': 'JWT'})}.{part(CLAIMS)}"
    refuse(f"{encoded}.{part(KEY.private_key.sign(encoded.encode()))}")


@pytest.mark.parametrize(
    "header", [{"alg": "Ed25519", "crit": ["x"], "x": 1}, {"alg": "Ed25519", "b64": False, "crit": ["b64"]}]
)
def test_a_header_that_demands_what_we_do_not_know_is_refused(header):
    encoded = f"{part(header)}.{part(CLAIMS)}"
    refuse(f"{encoded}.{part(KEY.private_key.sign(encoded.encode()))}")


def test_a_changed_byte_is_seen_wherever_it_is():
    token = signed()
    # The last character holds bits that no byte of the signature uses.
    for at in range(0, len(token) - 1, 7):
        other = "A" if token[at] != "A" else "B"
        refuse(token[:at] + other + token[at + 1 :])


def test_grants_cannot_be_added_to_a_token():
    header, _, signature = signed().split(".")
    refuse(f"{header}.{part(CLAIMS | {'grants': [{'role': 'PROVIDER_ADMIN'}]})}.{signature}")


@pytest.mark.parametrize(
    "token",
    ["", ".", "..", "a.b.c", "a.b.c.d.e", "é.é.é", "x" * 20_000, "\0", signed() + ".x", signed() + "=", " " + signed()],
)
def test_garbage_is_refused(token):
    refuse(token)


@given(st.text(max_size=60))
def test_any_text_that_is_no_token_is_refused(token):
    refuse(token)


class Rows:
    """Stands for the database, which says whether a token still stands."""

    def __init__(self):
        self.stands = True
        self.asked = []

    async def __call__(self, _pool, org_id, sql):
        self.asked.append((org_id, sql))
        return self.stands


@pytest.fixture
def rows(monkeypatch):
    rows = Rows()
    monkeypatch.setattr(auth, "has_any", rows)
    return rows


async def test_the_database_is_asked_whether_a_token_stands_at_most_once_a_second(rows):
    tokens, token = LocalTokens(KEY, None), signed()
    for milliseconds in (0, 1, 999):
        assert await tokens.authenticate(token, NOW + timedelta(milliseconds=milliseconds)) == ANA
    ((org_id, sql),) = rows.asked
    assert org_id == ORG
    assert f"id = '{ANA.token_id}'" in sql
    await tokens.authenticate(token, NOW + timedelta(seconds=1))
    assert len(rows.asked) == 2


async def test_a_revoked_token_is_refused_within_a_second_and_stays_so(rows):
    tokens, token = LocalTokens(KEY, None), signed()
    await tokens.authenticate(token, NOW)
    rows.stands = False
    assert await tokens.authenticate(token, NOW + timedelta(milliseconds=500)) == ANA
    for seconds in (1, 1.2):
        with pytest.raises(NotAuthenticated, match="was revoked"):
            await tokens.authenticate(token, NOW + timedelta(seconds=seconds))


async def test_a_token_that_was_known_ends_when_it_ends(rows):
    tokens, token = LocalTokens(KEY, None), signed()
    await tokens.authenticate(token, ENDS - timedelta(milliseconds=1))
    with pytest.raises(NotAuthenticated, match="has expired"):
        await tokens.authenticate(token, ENDS)


async def test_a_token_that_is_none_never_reaches_the_database(rows):
    with pytest.raises(NotAuthenticated):
        await LocalTokens(KEY, None).authenticate(signed(key=OTHER_KEY), NOW)
    assert rows.asked == []


async def test_only_so_many_tokens_are_kept_and_the_longest_unchecked_goes(rows, monkeypatch):
    monkeypatch.setattr(KnownTokens.__init__, "__defaults__", (2,))
    tokens = LocalTokens(KEY, None)
    one, two, three = (signed(ends=ENDS + timedelta(seconds=number)) for number in range(3))
    for token in (one, two, three):
        await tokens.authenticate(token, NOW)
    await tokens.authenticate(two, NOW)
    assert len(rows.asked) == 3
    await tokens.authenticate(one, NOW)
    assert len(rows.asked) == 4
