"""Everything that can be selected, as every role: nothing that a role may read is withheld, and nothing fails."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.commands.transaction import Store
from core.ids import encode
from core.principal import Principal, Role
from schema.access import AUDIT, access_table
from schema.api import build_schema
from tests.acceptance.asking import Asker
from tests.integration.worlds import PROVIDER, World, member, new_world
from tests.unit.schema.operations import operation

SCHEMA = build_schema()
READERS = {(row.type, row.field): row.roles for row in access_table(SCHEMA) if row.field is not None}
PEER = "+14165550123"
SEALED = {"auditCheckpoint", "auditConsistency"}
"""Root fields that ask for a signed log; this one is not."""

SEND = """mutation($input: SendMessageInput!) { sendMessage(input: $input) {
  ... on MessageAccepted { acceptedMessage { id } } ... on SendDenied { decision { outcome } }
} }"""
SWITCH = """mutation($input: SetUserTextingInput!) { setUserTexting(input: $input) {
  ... on TextingSet { auditRecord { id } }
} }"""
CONSENT = """mutation($input: RecordConsentInput!) { recordConsent(input: $input) {
  ... on ConsentRecorded { event { id } }
} }"""


@pytest.fixture
async def world(store: Store) -> World:
    return await new_world(store, people=2, locations=2)


def people(world: World) -> Mapping[Role, Principal]:
    """One person for each role: of the first location, the first user."""
    return {
        Role.PROVIDER_ADMIN: PROVIDER,
        Role.ORG_ADMIN: world.org_admin,
        Role.LOCATION_ADMIN: world.location_admin(world.location_id),
        Role.COMPLIANCE_OFFICER: member(world.org_id, Role.COMPLIANCE_OFFICER),
        Role.AUDITOR: member(world.org_id, Role.AUDITOR),
        Role.USER: world.people[0].principal,
    }


async def lived_in(ask: Asker, world: World) -> dict[str, Any]:
    """Texts sent and denied, a wish, a switch of a user's own; and what to ask for, by field and argument."""
    org, user = encode("Org", world.org_id, world.org_id), encode("User", world.org_id, world.people[0].user_id)
    own = world.people[0].principal
    sent = {"userId": user, "to": PEER, "body": "See you at ten."}
    accepted = (await ask(own, SEND, input={**sent, "idempotencyKey": "1"}))["sendMessage"]["acceptedMessage"]
    campaign = encode("Campaign", world.org_id, world.campaign_id)
    wish = {"orgId": org, "subject": PEER, "scope": "CAMPAIGN", "campaignId": campaign, "action": "OPT_OUT"}
    assert (await ask(world.org_admin, CONSENT, input={**wish, "basis": "ADMIN"}))["recordConsent"]["event"]
    denied = (await ask(own, SEND, input={**sent, "idempotencyKey": "2"}))["sendMessage"]
    assert denied == {"decision": {"outcome": "DENIED"}}
    set_on = await ask(world.org_admin, SWITCH, input={"userId": user, "mode": "ON"})
    return {
        "org_id": org,
        "location_id": encode("Location", world.org_id, world.location_id),
        "user_id": user,
        "phoneNumber_phoneNumber": world.people[0].number,
        "message_id": accepted["id"],
        "conversation_userId": user,
        "conversation_peer": PEER,
        "eligibility_userId": user,
        "eligibilityDiff_userId": user,
        "eligibilityDiff_from": (datetime.now(UTC) - timedelta(days=1)).isoformat(),
        "eligibilityDiff_to": datetime.now(UTC).isoformat(),
        "sendCheck_input": {"userId": user, "to": PEER, "body": "Hello"},
        "consent_recipient": PEER,
        "auditRecord_id": set_on["setUserTexting"]["auditRecord"]["id"],
        "effectiveSetting_key": "BUSINESS_TEXTING",
    }


@pytest.mark.parametrize("role", list(Role))
async def test_nothing_is_withheld_but_what_a_role_may_not_read(ask: Asker, world: World, role: Role):
    given = await lived_in(ask, world)
    query = SCHEMA._schema.query_type
    assert query is not None
    for field in query.fields.keys() - SEALED:
        document = operation(SCHEMA._schema, "query", field)
        answer = await ask(people(world)[role], document, **variables(document, given))
        assert answer.data is not None, (field, answer.errors)
        if answer.data[field] is None and field not in answer.failed:
            # Who set the user's switch reads the record of it.
            assert field == "auditRecord"
            assert role not in AUDIT | {Role.ORG_ADMIN}
        for error in answer.errors:
            if field == "orgs" and error["extensions"]["code"] == "ONE_ORG_PER_OPERATION":
                continue
            assert error["extensions"]["code"] == "FORBIDDEN", (field, error)
            readers = READERS[place(answer.data, error["path"])]
            assert readers is not None
            assert role not in readers


def variables(document: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Values for an operation's variables: named after field and argument behind a serial number."""
    head = document[: document.index("{")]
    names = [part.split(":")[0].strip() for part in head.split("$")[1:]]
    return {name: value(name.split("_", 1)[1], given) for name in names}


def value(argument: str, given: Mapping[str, Any]) -> Any:
    """What is asked for; the organization where one may be named, else nothing."""
    if argument.endswith("_orgId"):
        return given["org_id"]
    if argument == "nodes_ids":
        return [given["user_id"], given["message_id"]]
    return given.get("user_id") if argument == "node_id" else given.get(argument)


def place(data: Any, path: list[str | int]) -> tuple[str, str]:
    """The type and the field at the end of a path; objects of the generated operations say their type."""
    *above, field = path
    for step in above:
        data = data[step]
    return ("Query" if not above else data["__typename"]), str(field)
