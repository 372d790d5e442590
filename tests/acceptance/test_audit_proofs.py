"""Evidence over GraphQL: places, states and proofs that verify with nothing but what was answered."""

from __future__ import annotations

from base64 import b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import orjson
import pytest

from audit.checkpoint import parse_checkpoint
from audit.disclosure import digest_of, unb64url
from audit.log import AuditLog
from audit.merkle import check_consistency, leaf_hash
from audit.proof_files import parse_proof
from core.ids import encode
from core.principal import Grant, Principal, Role
from tests.acceptance.asking import Asker
from tests.integration.audit.records import entered, record
from tests.integration.audit.sealed import KEYS, seal_all

HISTORY = """
query History($o: ID!, $who: ID!, $held: UnsignedInt64!, $after: String, $first: Int) {
  auditRecords(orgId: $o, first: $first, after: $after, filter: { involves: $who },
    orderBy: { field: LEAF_INDEX, direction: ASC }) { pageInfo { hasNextPage endCursor }
    edges { node { id action occurredAt actor { subject name } target { type id name } before after raw
      disclosures { name digest salt value state } leafIndex leafHash proof sealState } } }
  held: auditCheckpoint(orgId: $o, size: $held) { note rootHash }
  newest: auditCheckpoint(orgId: $o) { note size rootHash oldestPendingAgeMs oldestPendingAt }
  auditConsistency(orgId: $o, fromSize: $held) { toSize hashes to { note } } }
"""


def person(org_id: UUID, role: Role, subject: str = "aud") -> Principal:
    return Principal(subject=subject, name=None, org_id=org_id, grants=(Grant(role=role, org_id=org_id),))


async def write(pool: asyncpg.Pool, log: AuditLog, org_id: UUID, count: int, user_id: UUID) -> None:
    """Records about one user, the later the earlier they are said to have happened: the two orders differ."""
    async with pool.acquire() as connection, entered(connection, org_id):
        now = datetime.now(UTC)
        records = [record(org_id, user_id=user_id, occurred_at=now - timedelta(seconds=at)) for at in range(count)]
        await log.append_many(connection, records)


@pytest.fixture
async def user_id(pool: asyncpg.Pool, worker_pool: asyncpg.Pool, log: AuditLog, org_id: UUID) -> UUID:
    """Somebody with 7 sealed records, then 12 more, then 2 that wait."""
    user_id, anchor_id = uuid4(), uuid4()
    for count in (7, 12):
        await write(pool, log, org_id, count, user_id)
        await seal_all(worker_pool, org_id, anchor_id)
    await write(pool, log, org_id, 2, user_id)
    return user_id


async def test_a_history_verifies_with_what_was_answered(ask: Asker, org_id: UUID, user_id: UUID) -> None:
    org, who = encode("Org", org_id, org_id), encode("User", org_id, user_id)
    nodes, after, pages = [], None, 0
    while True:
        answer = await ask(person(org_id, Role.AUDITOR), HISTORY, o=org, who=who, held="7", after=after, first=8)
        page = answer["auditRecords"]
        nodes += [edge["node"] for edge in page["edges"]]
        pages += 1
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert pages == 3
    assert [node["leafIndex"] for node in nodes] == [str(at) for at in range(19)]

    newest, note = parse_checkpoint(answer["newest"]["note"].encode())
    note.require(KEYS.verifiers(KEYS.origin(org_id)))
    assert answer["newest"]["size"] == "19" == str(newest.size)
    assert answer["newest"]["oldestPendingAgeMs"] >= 0
    assert answer["newest"]["oldestPendingAt"] is not None
    held, _ = parse_checkpoint(answer["held"]["note"].encode())
    hashes = [b64decode(each) for each in answer["auditConsistency"]["hashes"]]
    check_consistency(old_size=held.size, new_size=newest.size, old_root=held.root, new_root=newest.root, proof=hashes)
    for node in nodes:
        leaf = leaf_hash(node["raw"].encode())
        assert b64decode(node["leafHash"]) == leaf
        parse_proof(node["proof"]).check(leaf, KEYS.verifiers(KEYS.origin(org_id)))
        assert node["sealState"] == "SEALED"
        assert node["target"]["name"] == "Bob Builder"
        assert len(node["disclosures"]) == 3
        for told in node["disclosures"]:
            assert digest_of(unb64url(told["salt"]), told["name"], told["value"]) == unb64url(told["digest"])
            assert told["digest"] in node["raw"]


async def test_the_statements_do_not_grow_with_the_page(ask: Asker, org_id: UUID, user_id: UUID) -> None:
    org, who = encode("Org", org_id, org_id), encode("User", org_id, user_id)
    one, many = [
        (await ask(person(org_id, Role.AUDITOR), HISTORY, o=org, who=who, held="7", first=first)).statements
        for first in (1, 19)
    ]
    assert one == many


async def test_what_waits_says_so(ask: Asker, org_id: UUID, user_id: UUID) -> None:
    answer = await ask(
        person(org_id, Role.AUDITOR),
        "query($o: ID!) { auditRecords(orgId: $o, first: 100) { edges { node { sealState leafIndex proof } } } }",
        o=encode("Org", org_id, org_id),
    )
    nodes = [edge["node"] for edge in answer["auditRecords"]["edges"]]
    waiting = [node for node in nodes if node["sealState"] == "PENDING"]
    assert len(nodes) == 21
    assert waiting == [{"sealState": "PENDING", "leafIndex": None, "proof": None}] * 2


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("auditConsistency(orgId: $o, fromSize: 8) { toSize }", "`fromSize` is `8`"),
        ("auditConsistency(orgId: $o, fromSize: 19, toSize: 7) { toSize }", "give the smaller first"),
        ('auditConsistency(orgId: $o, fromSize: "18446744073709551615") { toSize }', "18446744073709551615"),
        ("auditRecords(orgId: $o, first: 1) { edges { node { proof(treeSize: 8) } } }", "`treeSize` is `8`"),
    ],
)
async def test_a_size_that_was_not_signed_is_named(
    ask: Asker, org_id: UUID, user_id: UUID, field: str, said: str
) -> None:
    asked = f"query($o: ID!) {{ {field} }}"
    answer = await ask(person(org_id, Role.AUDITOR), asked, o=encode("Org", org_id, org_id))
    assert answer.codes == ["BAD_USER_INPUT"]
    assert said in answer.errors[0]["message"]


async def test_an_earlier_tree_proves_what_it_holds(ask: Asker, org_id: UUID, user_id: UUID) -> None:
    answer = await ask(
        person(org_id, Role.AUDITOR),
        """query($o: ID!) { auditRecords(orgId: $o, first: 100, orderBy: { field: LEAF_INDEX, direction: DESC }) {
          edges { node { leafIndex leafHash proof(treeSize: 7) } } } }""",
        o=encode("Org", org_id, org_id),
    )
    for edge in answer["auditRecords"]["edges"]:
        node = edge["node"]
        if int(node["leafIndex"]) >= 7:
            assert node["proof"] is None
        else:
            parse_proof(node["proof"]).check(b64decode(node["leafHash"]), KEYS.verifiers(KEYS.origin(org_id)))


async def test_another_organizations_log_is_not_there(ask: Asker, org_id: UUID, user_id: UUID) -> None:
    stranger = person(uuid4(), Role.AUDITOR)
    org = encode("Org", org_id, org_id)
    answer = await ask(
        stranger,
        "query($o: ID!) { auditCheckpoint(orgId: $o) { note } auditConsistency(orgId: $o, fromSize: 0) { toSize } }",
        o=org,
    )
    assert answer.data == {"auditCheckpoint": None, "auditConsistency": None}


async def test_a_log_without_records_has_no_state(ask: Asker) -> None:
    org_id = uuid4()
    answer = await ask(
        person(org_id, Role.AUDITOR),
        "query($o: ID!) { auditCheckpoint(orgId: $o) { note } }",
        o=encode("Org", org_id, org_id),
    )
    assert answer["auditCheckpoint"] is None


async def test_only_what_one_did_oneself_is_shown_with_its_proof(ask: Asker, org_id: UUID, user_id: UUID) -> None:
    asked = "query($o: ID!) { auditRecords(orgId: $o, first: 2) { edges { node { proof } } } }"
    org = encode("Org", org_id, org_id)
    mine = await ask(person(org_id, Role.ORG_ADMIN, "acct-7"), asked, o=org)
    others = await ask(person(org_id, Role.ORG_ADMIN, "acct-8"), asked, o=org)
    assert len(mine["auditRecords"]["edges"]) == 2
    assert others["auditRecords"]["edges"] == []


async def test_a_forged_cursor_of_the_tree_is_refused(ask: Asker, org_id: UUID, user_id: UUID) -> None:
    asked = """query($o: ID!, $a: String) { auditRecords(orgId: $o, after: $a,
      orderBy: { field: LEAF_INDEX, direction: ASC }) { edges { cursor } } }"""
    org = encode("Org", org_id, org_id)
    for place in ("99999999999999999999", "x", "1.5"):
        forged = urlsafe_b64encode(orjson.dumps(["audit.leaf+", place])).rstrip(b"=").decode()
        answer = await ask(person(org_id, Role.AUDITOR), asked, o=org, a=forged)
        assert answer.codes == ["BAD_USER_INPUT"], place
