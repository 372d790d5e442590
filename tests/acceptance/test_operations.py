"""What an app, an administrator, a provider, a compliance officer and an auditor send first works as they wrote it."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from core.commands.transaction import Store
from core.ids import encode
from core.principal import Role
from tests.acceptance.asking import Asker
from tests.acceptance.mutating import PEER, Stage, new_stage
from tests.integration.audit.sealed import seal_all

OPERATIONS = Path(__file__).parent / "operations"


def written(name: str) -> str:
    return (OPERATIONS / f"{name}.graphql").read_text()


@pytest.fixture
async def stage(store: Store, worker_pool: asyncpg.Pool) -> Stage:
    return await new_stage(store, worker_pool)


async def send(ask: Asker, stage: Stage, key: str) -> dict[str, object]:
    app = stage.person(Role.USER)
    answer = await ask(app, written("send"), u=stage["user"], to=PEER, b="See you at ten.", k=key)
    return dict(answer["sendMessage"])


async def test_an_app_starts_sends_and_shows_the_thread(ask: Asker, stage: Stage) -> None:
    app = stage.person(Role.USER)
    me = (await ask(app, written("app-boot")))["viewer"]
    assert me["user"]["id"] == stage["user"]
    assert me["user"]["eligibility"] == {"outcome": "ALLOWED", "decidedBy": None}
    assert me["user"]["conversations"]["edges"] == []

    sent = await send(ask, stage, "one")
    assert sent["__typename"] == "MessageAccepted"
    assert sent == await send(ask, stage, "one")

    thread = (await ask(app, written("thread"), u=stage["user"], p=PEER))["conversation"]
    assert thread["consent"] == {"optedOut": False, "since": None}
    (message,) = [edge["node"] for edge in thread["messages"]["edges"]]
    assert message["body"] == "See you at ten."
    assert message["id"] == sent["acceptedMessage"]["id"]
    (listed,) = (await ask(app, written("app-boot")))["viewer"]["user"]["conversations"]["edges"]
    assert listed["node"]["lastMessage"]["id"] == message["id"]


async def test_an_administrator_asks_what_would_happen(ask: Asker, stage: Stage) -> None:
    asked = written("preview")
    answer = (await ask(stage.person(Role.ORG_ADMIN), asked, o=stage["org"]))["setOrgTexting"]
    assert answer == {
        "__typename": "TextingSet",
        "impact": {"turnedOn": 0, "turnedOff": 0, "keptByOverride": 0, "stillBlocked": 0},
    }


async def test_a_provider_takes_a_brand_and_a_number_through(ask: Asker, stage: Stage) -> None:
    provider = stage.person(Role.PROVIDER_ADMIN)
    brand = (await ask(provider, written("onboard-brand"), b=stage["brand"]))["recordBrandStatus"]["brand"]
    assert brand == {"id": stage["brand"], "registration": "APPROVED", "identity": "VERIFIED"}
    number = {"n": stage["spare"], "c": stage["campaign"]}
    refused = (await ask(provider, written("onboard-number"), **number))["recordNumberAssignment"]
    assert refused["code"] == "INVALID_INPUT"
    assign = """mutation($n: ID!, $c: ID!) { assignCampaignNumber(input: { phoneNumberId: $n, campaignId: $c }) {
      __typename ... on Refusal { message } } }"""
    assert (await ask(stage.person(Role.ORG_ADMIN), assign, **number))["assignCampaignNumber"]["__typename"]
    done = (await ask(provider, written("onboard-number"), **number))["recordNumberAssignment"]["phoneNumber"]
    assert done["campaignAssignment"]["status"] == "ASSIGNED"


async def test_a_compliance_officer_enters_a_stop_and_reads_the_ledger(ask: Asker, stage: Stage) -> None:
    officer = stage.person(Role.COMPLIANCE_OFFICER)
    number = "query($n: ID!) { node(id: $n) { ... on UserPhoneNumber { phoneNumber } } }"
    sender = (await ask(officer, number, n=stage["number"]))["node"]["phoneNumber"]
    said = {"o": stage["org"], "r": PEER, "s": sender, "t": "2026-03-02T15:00:00Z"}
    event = (await ask(officer, written("consent"), **said))["recordConsent"]["event"]
    assert event["dueBy"].startswith("2026-03-16")
    ledger = (await ask(officer, written("ledger"), o=stage["org"], p=PEER))["org"]["consentEvents"]["edges"]
    assert [(edge["node"]["scope"], edge["node"]["basis"]) for edge in ledger] == [("SENDER_NUMBER", "VOICE")]

    denied = await send(ask, stage, "two")
    assert denied["__typename"] == "SendDenied"
    assert denied["decision"]["decidedBy"]["message"]


async def test_an_auditor_reads_a_history_with_its_proofs(ask: Asker, stage: Stage, worker_pool: asyncpg.Pool) -> None:
    await seal_all(worker_pool, stage.org_id, uuid4())
    auditor = stage.person(Role.AUDITOR)
    newest = await ask(auditor, "query($o: ID!) { auditCheckpoint(orgId: $o) { size } }", o=stage["org"])
    held = newest["auditCheckpoint"]["size"]
    assert (await send(ask, stage, "three"))["__typename"] == "MessageAccepted"
    await seal_all(worker_pool, stage.org_id, uuid4())

    answer = await ask(auditor, written("history"), o=stage["org"], who=stage["user"], held=held)
    nodes = [edge["node"] for edge in answer["auditRecords"]["edges"]]
    assert nodes[-1]["action"] == "message:send"
    assert [int(node["leafIndex"]) for node in nodes] == sorted(int(node["leafIndex"]) for node in nodes)
    assert all(node["proof"] for node in nodes)
    assert answer["auditConsistency"]["toSize"] == answer["newest"]["size"]
    assert int(answer["newest"]["size"]) > int(held)
    target = encode("User", stage.org_id, stage.world.people[0].user_id)
    assert target in {node["target"]["id"] for node in nodes}
