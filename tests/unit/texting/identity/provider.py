"""An identity provider in memory: keys, a key set, and tokens it signs."""

from datetime import UTC, datetime, timedelta

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

ISSUER, AUDIENCE = "https://id.example", "texting-api"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
RSA = RSAKey.generate_key(2048, {"kid": "first", "use": "sig", "alg": "RS256"})
NEXT = ECKey.generate_key("P-256", {"kid": "second", "use": "sig", "alg": "ES256"})


def key_set(*keys):
    return {"keys": [key.as_dict(private=False) for key in keys]}


def signed(claims=None, *, key=RSA, alg="RS256", header=None, without=()):
    told = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "u-1",
        "iat": int(NOW.timestamp()),
        "exp": int((NOW + timedelta(minutes=5)).timestamp()),
        "tenant": "acme",
        "groups": ["auditors"],
    } | (claims or {})
    told = {name: value for name, value in told.items() if name not in without}
    return jwt.encode({"alg": alg, "kid": key.kid, **(header or {})}, told, key, algorithms=[alg])


class Addresses:
    """What the provider answers; counts how often it is asked for what."""

    def __init__(self, answers):
        self.answers = answers
        self.asked = []

    async def __call__(self, url):
        self.asked.append(url)
        answer = self.answers[url]
        if isinstance(answer, Exception):
            raise answer
        return answer
