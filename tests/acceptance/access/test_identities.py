"""Whoever shares a subject with somebody, named by another identity provider or at home elsewhere, is somebody else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from core.principal import Role
from tests.acceptance.access.scene import Caller, Scene, attempt
from tests.acceptance.access.tokens import Kind
from tests.acceptance.mutating import new_stage
from tests.integration.worlds import PROVIDER

LIST = "query($org: ID) { auditRecords(orgId: $org) { totalCount edges { node { id actor { subject } } } } }"
NODES = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"


async def test_each_caller_of_one_subject_reads_what_that_caller_did(scene: Scene) -> None:
    stage = await new_stage(scene.stage.world.store)
    there = replace(scene, stage=stage)
    customer = stage.person(Role.ORG_ADMIN)
    people = {Role.ORG_ADMIN: customer, Role.PROVIDER_ADMIN: replace(PROVIDER, subject=customer.subject)}
    callers = []
    for role, who in people.items():
        for kind in (Kind.LOCAL, Kind.PROVIDER):
            token = await scene.issuers.good(kind, who)
            principal = await scene.issuers.authenticators.authenticate(token, datetime.now(UTC))
            callers.append(Caller(role=role, kind=kind, principal=principal, token=token))
    assert {each.principal.subject for each in callers} == {customer.subject}
    done = [(await attempt(there, caller)).id for caller in callers]
    listed = []
    for caller, own in zip(callers, done, strict=True):
        found = (await scene.answer(caller, NODES, ids=done))["data"]["nodes"]
        assert [None if node is None else node["id"] for node in found] == [id if id == own else None for id in done]
        page = (await scene.answer(caller, LIST, org=stage["org"]))["data"]["auditRecords"]
        ids = {edge["node"]["id"] for edge in page["edges"]}
        assert own in ids
        assert page["totalCount"] == len(ids)
        listed.append(ids)
    assert sum(map(len, listed)) == len(set().union(*listed))
