"""A change answered with its evidence, for those who ask for it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from time import monotonic
from uuid import uuid4

import asyncpg

from core.commands.transaction import Store
from core.principal import Role
from tests.acceptance.asking import Asker
from tests.acceptance.mutating import new_stage
from tests.integration.audit.sealed import KEYS, seal_all

SWITCH = """
mutation($u: [ID!]!) { setUsersTexting(input: { userIds: $u, mode: ON }) { ... on UsersTextingSet {
  auditRecords(first: 10) { edges { node { sealState leafIndex proof } } } } } }
"""


async def test_it_waits_until_its_records_are_sealed(ask: Asker, store: Store, worker_pool: asyncpg.Pool) -> None:
    stage = await new_stage(store)

    async def seal_later() -> None:
        await asyncio.sleep(0.4)
        await seal_all(worker_pool, stage.org_id, uuid4())

    sealing = asyncio.create_task(seal_later())
    waiting = replace(ask, wait_s=20)
    answer = await waiting(stage.person(Role.ORG_ADMIN), SWITCH, u=[stage["user"], stage["other"]])
    await sealing
    nodes = [edge["node"] for edge in answer["setUsersTexting"]["auditRecords"]["edges"]]
    assert [node["sealState"] for node in nodes] == ["SEALED", "SEALED"]
    assert all(node["proof"].startswith("c2sp.org/tlog-proof@v1") for node in nodes)
    assert KEYS.origin(stage.org_id) in nodes[0]["proof"]


async def test_it_waits_no_longer_than_was_asked_for(ask: Asker, store: Store) -> None:
    stage = await new_stage(store)
    began = monotonic()
    answer = await replace(ask, wait_s=0.3)(stage.person(Role.ORG_ADMIN), SWITCH, u=[stage["user"]])
    assert monotonic() - began >= 0.3
    nodes = [edge["node"] for edge in answer["setUsersTexting"]["auditRecords"]["edges"]]
    assert nodes == [{"sealState": "PENDING", "leafIndex": None, "proof": None}]
