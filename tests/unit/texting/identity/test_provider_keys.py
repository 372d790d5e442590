"""Keys are found by discovery, kept, looked up anew for a name that is unknown, and never lost to a failure."""

import httpx
import pytest
from joserfc.jwk import RSAKey

from tests.unit.texting.identity.provider import ISSUER, NEXT, RSA, Addresses, key_set
from texting.identity.provider_keys import GOOD_FOR_S, REFETCH_S, ProviderKeys
from texting.request_failure import RequestFailure

DISCOVERY, KEYS = f"{ISSUER}/.well-known/openid-configuration", "https://keys.example/jwks"
FOUND = {"issuer": ISSUER, "jwks_uri": KEYS}


class Clock:
    now = 1_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def answers():
    return Addresses({DISCOVERY: FOUND, KEYS: key_set(RSA)})


@pytest.fixture
def keys(answers, clock):
    return ProviderKeys(ISSUER, None, fetch=answers, clock=clock)


async def test_discovery_says_where_the_keys_are(keys, answers):
    assert (await keys.find("first")).kid == "first"
    assert answers.asked == [DISCOVERY, KEYS]


async def test_an_address_that_is_given_needs_no_discovery(answers, clock):
    assert await ProviderKeys(ISSUER, KEYS, fetch=answers, clock=clock).find("first")
    assert answers.asked == [KEYS]


async def test_keys_that_are_known_are_not_fetched_again(keys, answers):
    for _ in range(3):
        await keys.find("first")
    assert len(answers.asked) == 2


async def test_an_unknown_key_is_looked_up_once_in_a_while(keys, answers, clock):
    await keys.find("first")
    answers.answers[KEYS] = key_set(RSA, NEXT)
    assert await keys.find("second") is None  # just fetched
    clock.now += REFETCH_S
    assert (await keys.find("second")).kid == "second"
    clock.now += REFETCH_S
    for number in range(100):
        assert await keys.find(f"made up {number}") is None
    assert answers.asked.count(KEYS) == 3


async def test_a_key_that_was_withdrawn_ends(keys, answers, clock):
    await keys.find("first")
    answers.answers[KEYS] = key_set(NEXT)
    assert await keys.find("first")
    clock.now += GOOD_FOR_S + 1
    assert await keys.find("first") is None


@pytest.mark.parametrize(
    "failure",
    [httpx.ConnectError("down"), {"keys": []}, {"keys": "x"}, [], None, {"keys": [{"kty": "oct", "k": "AAAA"}]}],
)
async def test_a_failure_keeps_the_keys_that_were_there(keys, answers, clock, failure):
    await keys.find("first")
    answers.answers[KEYS] = failure
    clock.now += GOOD_FOR_S + 1
    assert (await keys.find("first")).kid == "first"


@pytest.mark.parametrize("found", [FOUND | {"issuer": "https://other.example"}, httpx.ConnectError("down"), {}])
async def test_without_any_key_the_service_is_unavailable(keys, answers, found):
    answers.answers[DISCOVERY] = found
    for _ in range(5):
        with pytest.raises(RequestFailure) as failed:
            await keys.find("first")
        assert failed.value.status == 503
    assert len(answers.asked) == 1


async def test_a_token_without_a_key_name_is_of_the_only_key(keys, answers, clock):
    assert await keys.find(None)
    answers.answers[KEYS] = key_set(RSA, NEXT)
    clock.now += GOOD_FOR_S + 1
    assert await keys.find(None) is None


async def test_a_key_that_does_not_verify_is_looked_up_anew_under_its_name(keys, answers, clock):
    old = await keys.find("first")
    assert await keys.find("first", but=old) is None  # just fetched
    answers.answers[KEYS] = key_set(RSAKey.generate_key(2048, {"kid": "first"}))
    clock.now += REFETCH_S
    new = await keys.find("first", but=old)
    assert new is not None
    assert new.thumbprint() != old.thumbprint()
