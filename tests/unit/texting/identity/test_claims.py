"""What claims grant is what the file says, and nothing where they do not say where."""

import json
from uuid import UUID

import pytest

from core.ids import SYSTEM_ORG_ID, encode
from core.principal import Grant, Role
from texting.identity.claims import ClaimRules, ClaimsRefused, read_rules
from texting.startup_error import StartupError

ORG, OTHER, PLACE, USER = (UUID(int=number) for number in range(1, 5))
RULES = {
    "org": ["tenant"],
    "orgs": {"acme": str(ORG)},
    "grants": [
        {"claim": ["groups"], "value": "auditors", "role": "AUDITOR"},
        {"claim": ["realm_access", "roles"], "value": "admin", "role": "ORG_ADMIN"},
        {"claim": ["groups"], "value": "sales", "role": "LOCATION_ADMIN", "location": ["places"]},
        {"claim": ["groups"], "value": "staff", "role": "USER", "user": ["texting_user"]},
        {"claim": ["scope"], "value": "operate", "role": "PROVIDER_ADMIN"},
    ],
}


def grants(claims, rules=RULES):
    return ClaimRules.model_validate(rules).principal({"sub": "u", **claims}, "https://id.example").grants


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({"tenant": "acme", "groups": ["x", "auditors"]}, Grant(role=Role.AUDITOR, org_id=ORG)),
        ({"tenant": "acme", "groups": "auditors"}, Grant(role=Role.AUDITOR, org_id=ORG)),
        ({"tenant": "acme", "realm_access": {"roles": ["admin"]}}, Grant(role=Role.ORG_ADMIN, org_id=ORG)),
        (
            {"tenant": "acme", "groups": ["sales"], "places": [str(PLACE)]},
            Grant(role=Role.LOCATION_ADMIN, org_id=ORG, location_id=PLACE),
        ),
        (
            {"tenant": "acme", "groups": ["sales"], "places": encode("Location", ORG, PLACE)},
            Grant(role=Role.LOCATION_ADMIN, org_id=ORG, location_id=PLACE),
        ),
        (
            {"tenant": "acme", "groups": ["staff"], "texting_user": str(USER)},
            Grant(role=Role.USER, org_id=ORG, user_id=USER),
        ),
        ({"scope": "openid operate email"}, Grant(role=Role.PROVIDER_ADMIN)),
    ],
)
def test_a_claim_grants_a_role_where_the_claims_say(claims, expected):
    assert grants(claims) == (expected,)


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"tenant": "acme"},
        {"tenant": "acme", "groups": []},
        {"tenant": "acme", "groups": {"auditors": True}},
        {"tenant": "acme", "groups": ["Auditors"]},
        {"tenant": "unknown", "groups": ["auditors"]},
        {"tenant": str(ORG), "groups": ["auditors"]},
        {"tenant": ["acme"], "groups": ["auditors"]},
        {"groups": ["auditors"]},
        {"tenant": "acme", "groups": ["sales"]},
        {"tenant": "acme", "groups": ["sales"], "places": ["nonsense", 7]},
        {"tenant": "acme", "groups": ["sales"], "places": encode("Location", OTHER, PLACE)},
        {"tenant": "acme", "groups": ["staff"], "texting_user": encode("Location", ORG, PLACE)},
        {"tenant": "acme", "realm_access": "admin"},
        {"tenant": "acme", "groups": ["auditors"], "sub": "cli:root"},
        {"tenant": "acme", "groups": ["auditors"], "sub": "service:x"},
        {"tenant": "acme", "groups": ["auditors"], "sub": ""},
    ],
)
def test_claims_that_do_not_say_a_role_and_where_are_refused(claims):
    with pytest.raises(ClaimsRefused):
        grants(claims)


def test_without_a_list_of_organizations_the_claim_is_the_id():
    rules = {name: value for name, value in RULES.items() if name != "orgs"}
    for tenant in (str(ORG), encode("Org", ORG, ORG)):
        assert grants({"tenant": tenant, "groups": ["auditors"]}, rules) == (Grant(role=Role.AUDITOR, org_id=ORG),)


def test_a_provider_belongs_to_the_provider():
    who = ClaimRules.model_validate(RULES).principal({"sub": "u", "name": "Ana", "scope": "operate"}, "i")
    assert (who.org_id, who.name, who.issuer) == (SYSTEM_ORG_ID, "Ana", "i")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "do not hold"),
        ("{}", "grants: Field required"),
        (json.dumps(RULES | {"grants": []}), "grants"),
        (json.dumps(RULES | {"grant": 1}), "grant: Extra inputs"),
        (json.dumps(RULES | {"orgs": {"acme": "x"}}), "orgs.acme"),
        (json.dumps({"grants": [{"claim": ["g"], "value": "v", "role": "GOD"}]}), "grants.0.role"),
        (json.dumps({"grants": [{"claim": [], "value": "v", "role": "AUDITOR"}]}), "grants.0.claim"),
        (json.dumps({"grants": [{"claim": ["g"], "value": "v", "role": "USER"}]}), "grants.0: `user` goes with USER"),
        (json.dumps({"grants": [{"claim": ["g"], "value": "v", "role": "LOCATION_ADMIN"}]}), "`location` goes with"),
    ],
)
def test_a_file_that_does_not_hold_says_where(tmp_path, content, told):
    file = tmp_path / "roles.json"
    file.write_text(content)
    with pytest.raises(StartupError, match=told):
        read_rules(file)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(StartupError, match="cannot be read: No such file"):
        read_rules(tmp_path / "roles.json")
