"""What happened between accepting a text and handing it over decides whether it goes."""

from __future__ import annotations

import pytest

from core.commands.message_rows import SEND_TIME_MAX
from core.principal import Role
from core.rules.send_record import restored
from core.rules.words.catalogue import render
from tests.acceptance.asking import Asker
from tests.integration.delivery.desk import Desk
from tests.integration.delivery.ether import Ether, Wire
from tests.integration.worlds import member

PEER = "+14165550199"


async def test_an_opt_out_that_came_meanwhile_blocks_the_text_and_says_so(desk: Desk) -> None:
    wire = Wire()
    id = await desk.send(PEER)
    await Ether(desk, carrier=wire).text(PEER, "STOP", works=False)
    await desk.work(wire)
    message = await desk.message(id)
    assert (message["status"], message["failure_layer"], message["failure"]) == ("BLOCKED", "POLICY", None)
    assert await desk.waiting(id) is None
    assert [text.body[:4] for text in wire.handed] == ["Acme"]  # The confirmation, and nothing else.
    decision = restored(message["decision"])
    assert decision.decided_by is not None
    assert decision.decided_by.rule_id == "RECIPIENT_NOT_OPTED_OUT"
    assert "opted out of this number's campaign" in render(decision.decided_by.message)
    assert decision.eligibility.eligible
    assert len(decision.rules) == 12


async def test_a_block_is_recorded_as_a_denial_with_its_rule_and_policy(desk: Desk) -> None:
    id = await desk.send(PEER)
    await Ether(desk).text(PEER, "STOP")
    (record,) = await desk.records("message:block")
    assert (record["kind"], record["action_id"], record["rule"]["uid"]) == ("DENIAL", 2, "RECIPIENT_NOT_OPTED_OUT")
    assert record["authorizations"][0]["policy"]["version"] == desk.store.policy.version
    assert record["metadata"]["correlation_uid"] == record["entity"]["uid"] == str(id)
    assert record["metadata"]["uid"] == str((await desk.message(id))["last_audit_id"])


async def test_the_record_of_a_block_shows_the_decision_as_it_was_made(desk: Desk) -> None:
    await desk.send(PEER)
    await desk.admin.execute("UPDATE texting.brands SET registration = 'FAILED' WHERE org_id = $1", desk.org_id)
    await desk.work()
    await desk.admin.execute("UPDATE texting.brands SET registration = 'APPROVED' WHERE org_id = $1", desk.org_id)
    document = """query { auditRecords(filter: {action: "message:block"}) { edges { node { decision {
      id outcome denials { ruleId observed } } } } } }"""
    answer = await Asker(store=desk.store)(member(desk.org_id, Role.AUDITOR), document)
    [edge] = answer["auditRecords"]["edges"]
    decision = edge["node"]["decision"]
    assert decision["outcome"] == "DENIED"
    assert {"ruleId": "ORG_BRAND_REGISTERED", "observed": "FAILED"} in decision["denials"]
    again = (
        "query($id: ID!) { node(id: $id) { ... on EligibilityDecision { id outcome denials { ruleId observed } } } }"
    )
    assert (await Asker(store=desk.store)(member(desk.org_id, Role.AUDITOR), again, id=decision["id"]))[
        "node"
    ] == decision


async def test_texting_switched_off_meanwhile_blocks_the_text(desk: Desk) -> None:
    id = await desk.send(PEER)
    await desk.admin.execute("UPDATE texting.users SET texting = 'OFF' WHERE id = $1", desk.user_id)
    await desk.work()
    decision = restored((await desk.message(id))["decision"])
    assert [each.rule_id for each in decision.eligibility.denials] == ["EFFECTIVE_SETTING_ENABLED"]


async def test_a_fact_that_is_awaited_blocks_as_well(desk: Desk) -> None:
    id = await desk.send(PEER)
    await desk.admin.execute("UPDATE texting.brands SET registration = 'IN_REVIEW' WHERE org_id = $1", desk.org_id)
    await desk.work()
    assert await desk.status(id) == "BLOCKED"
    (record,) = await desk.records("message:block")
    assert record["rule"]["uid"] == "SEND_ELIGIBLE"


async def test_a_text_from_a_number_that_the_user_no_longer_has_does_not_go(desk: Desk) -> None:
    wire = Wire()
    id = await desk.send(PEER)
    await desk.admin.execute(
        "UPDATE texting.phone_numbers SET phone_number = '+12125550196' WHERE id = $1", desk.number_id
    )
    await desk.work(wire)
    message = await desk.message(id)
    assert (wire.handed, message["status"], message["failure"]["canonical_code"]) == ([], "FAILED", "SENDER_INVALID")
    assert message["failure_layer"] == "PLATFORM"


async def test_a_text_whose_time_has_passed_expires_before_it_is_judged(desk: Desk) -> None:
    wire = Wire()
    id = await desk.send(PEER)
    await desk.work(wire, seconds=SEND_TIME_MAX.total_seconds())
    message = await desk.message(id)
    assert (wire.handed, message["status"], message["failure"]["canonical_code"]) == ([], "EXPIRED", "VALIDITY_EXPIRED")
    assert message["failure_layer"] == "PLATFORM"


async def test_an_erased_text_does_not_go(desk: Desk) -> None:
    wire = Wire()
    id = await desk.send(PEER)
    await desk.admin.execute("UPDATE texting.messages SET body = NULL, body_state = 'ERASED' WHERE id = $1", id)
    await desk.work(wire)
    assert (wire.handed, await desk.status(id)) == ([], "BLOCKED")


@pytest.mark.parametrize("count", [60])
async def test_a_text_is_not_counted_against_itself(desk: Desk, count: int) -> None:
    """The burst limit is as many a minute: the last one that was accepted must not be blocked by its own row."""
    ids = [await desk.send(PEER) for _ in range(count)]
    with pytest.raises(AssertionError, match="NO_BURST"):
        await desk.send(PEER)
    await desk.work()
    assert {await desk.status(id) for id in ids} == {"SENT"}
