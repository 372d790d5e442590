"""Every mutation, as everybody: carried out for the roles that are declared, else refused, recorded once, and no more.

What is refused changes nothing: in all tables there are no rows but those of the records of the refusals.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from core.ids import SYSTEM_ORG_ID, encode
from core.principal import Role
from resolvers.mutations.asked import NAMED
from resolvers.mutations.performing import Mutations
from resolvers.registries import REGISTRIES
from tests.acceptance.access.declared import compared, readers
from tests.acceptance.access.scene import EVERYBODY, MEMBERS, Caller, Scene, callers_of
from tests.acceptance.access.tokens import Kind
from tests.acceptance.access.ways import given, type_named, without
from tests.acceptance.access.written import moment, written_since
from tests.acceptance.mutating import (
    INPUTS,
    Input,
    allowed,
    everything,
    input_fields,
    mutations,
    new_stage,
    together,
    variables,
)
from tests.acceptance.schema_places import input_places

TYPES = {re.sub(r"_(\w)", lambda match: match[1].upper(), name): type for name, type in NAMED.items()}
"""The types that ids name, by the input field they stand in."""
PLACES = [(name, field) for name in mutations() for field in input_fields(name) if field in TYPES]
DEEP = [
    (name, path)
    for name in mutations()
    for field, described in input_fields(name).items()
    for path in input_places(field, described.type)
    if path[0] not in TYPES
]
"""The other ids in inputs: in lists, and below the fields."""
ACTIONS = {
    name: actions
    for registry in REGISTRIES
    if isinstance(registry, Mutations)
    for name, actions in registry.actions.items()
}
LAST = ("setOrgTexting", "deactivateUser", "erasePersonalData")
"""What leaves less for others to do."""


@pytest.fixture
def refused(scene: Scene, admin: asyncpg.Connection) -> Callable[..., Any]:
    """Ask for changes that are all refused, and see that there are their records and nothing else."""

    async def asking(caller: Caller, calls: Sequence[tuple[str, Input]], kind: str | None) -> list[dict[str, Any]]:
        before = await moment(admin)
        document, values = together(calls)
        answer = await scene.answer(caller, document, **values)
        assert "errors" not in answer
        answers = list(answer["data"].values())
        (tracking_id,) = {each.pop("trackingId") for each in answers}
        records = (await written_since(admin, before)).records
        assert len(records) == (0 if kind is None else len(calls))
        outcome = {"DENIAL": "DENIED", "FAILURE": "FAILED", None: None}[kind]
        for record in records:
            assert (record["kind"], record["outcome"], record["request_id"]) == (kind, outcome, tracking_id)
            assert record["actor"] == caller.principal.subject
            assert record["org_id"] in {str(scene.stage.org_id), str(caller.principal.org_id)}
            assert record["action"] in ACTIONS[_python(record["entry"]["api"]["operation"])]
        made = sorted(record["entry"]["api"]["operation"] for record in records)
        assert made == ([] if kind is None else sorted(name for name, _ in calls))
        return answers

    return asking


def test_every_mutation_has_an_input_here() -> None:
    assert set(INPUTS) == set(mutations())


def test_there_are_ids_to_put_others_in_the_place_of() -> None:
    assert len(PLACES) > 20
    assert len(DEEP) >= 3


@pytest.mark.parametrize(("role", "kind"), EVERYBODY)
async def test_a_role_that_may_not_is_told_which_may(
    scene: Scene, refused: Callable[..., Any], role: Role, kind: Kind
) -> None:
    caller = scene.callers[role, kind]
    names = [name for name in mutations() if role not in readers("Mutation", name)]
    answers = await refused(caller, [(name, INPUTS[name](scene.stage)) for name in names], "DENIAL")
    assert [(each["__typename"], each["code"]) for each in answers] == [("NotAllowed", "NOT_ALLOWED")] * len(names)
    assert [set(each["requiredRoles"]) for each in answers] == [readers("Mutation", name) for name in names]
    questions = [name for name in names if "dryRun" in input_fields(name)]
    calls = [(name, {**INPUTS[name](scene.stage), "dryRun": True}) for name in questions]
    told = await refused(caller, calls, None) if calls else []
    assert {each["__typename"] for each in told} <= {"NotAllowed"}


@pytest.mark.parametrize(("role", "kind"), MEMBERS)
async def test_another_organization_is_not_found(
    scene: Scene, refused: Callable[..., Any], role: Role, kind: Kind
) -> None:
    names = [name for name in mutations() if any(field in TYPES for field in INPUTS[name](scene.elsewhere))]
    calls = [(name, INPUTS[name](scene.elsewhere)) for name in names]
    for (_, input), answer in zip(calls, await refused(scene.callers[role, kind], calls, "FAILURE"), strict=True):
        assert answer["argument"] in input.keys() & TYPES.keys()
        assert answer == _not_found(answer["argument"])


@pytest.mark.parametrize("role", Role)
async def test_each_id_alone_is_found_only_in_the_organization_entered(
    scene: Scene, refused: Callable[..., Any], role: Role
) -> None:
    caller = scene.callers[role, Kind.LOCAL]
    for name, field in PLACES:
        strange = _strangers(field, scene, caller)
        # Inside one's own organization nothing is looked up for somebody who may not call it.
        unknown = strange.pop("unknown", None) if role not in readers("Mutation", name) else None
        calls = [(name, {**INPUTS[name](scene.stage), field: id}) for id in strange.values()]
        answers = await refused(caller, calls, "FAILURE")
        assert answers == [_not_found(field)] * len(answers), (name, strange)
        if unknown is not None:
            (answer,) = await refused(caller, [(name, {**INPUTS[name](scene.stage), field: unknown})], "DENIAL")
            assert answer["code"] == "NOT_ALLOWED"


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.PROVIDER_ADMIN])
async def test_an_id_inside_an_input_of_another_organization_is_as_good_as_an_unknown_one(
    scene: Scene, admin: asyncpg.Connection, role: Role
) -> None:
    caller = scene.callers[role, Kind.LOCAL]
    for name, path in DEEP:
        kinds = given(scene)
        ids = [kinds[kind](type_named(name, path[-1])) for kind in ("unknown", "another organization's")]
        before = await moment(admin)
        document, values = together([(name, {**INPUTS[name](scene.stage), **_inside(name, path, id)}) for id in ids])
        answer = await scene.answer(caller, document, **values)
        unknown, theirs = (without({**each, "trackingId": None}, ids) for each in answer["data"].values())
        assert theirs == unknown, (name, path)
        written = await written_since(admin, before)
        assert {row.get("org_id") for rows in written.rows.values() for row in rows} == {str(scene.stage.org_id)}


@pytest.mark.parametrize(("role", "kind"), [(role, kind) for role in (Role.LOCATION_ADMIN, Role.USER) for kind in Kind])
async def test_what_a_grant_does_not_reach_is_refused(
    scene: Scene, refused: Callable[..., Any], role: Role, kind: Kind
) -> None:
    names = [name for name in mutations() if role in readers("Mutation", name)]
    calls = [(name, INPUTS[name](scene.stage)) for name in names]
    answers = await refused(scene.narrow[role, kind], calls, "DENIAL")
    assert [(each["__typename"]) for each in answers] == ["NotAllowed"] * len(answers)


async def test_nothing_is_made_in_the_providers_own_organization(scene: Scene, refused: Callable[..., Any]) -> None:
    system = encode("Org", SYSTEM_ORG_ID, SYSTEM_ORG_ID)
    calls = []
    for name in mutations():
        if name != "createOrg" and "orgId" in input_fields(name):
            input = {**INPUTS[name](scene.stage), "orgId": system}
            input.pop("campaignId", None)
            calls.append((name, input))
    answers = await refused(scene.callers[Role.PROVIDER_ADMIN, Kind.LOCAL], calls, "DENIAL")
    assert {each["code"] for each in answers} == {"NOT_ALLOWED"}


@pytest.mark.parametrize("kind", Kind)
async def test_a_role_that_may_is_answered_as_the_fields_of_the_answer_are_declared(
    scene: Scene, worker_pool: asyncpg.Pool, kind: Kind
) -> None:
    stage = await new_stage(scene.stage.world.store, worker_pool)
    callers = await callers_of(scene.issuers, stage.people)
    refusals = []
    for name in (*(each for each in mutations() if each not in LAST), *LAST):
        for role in allowed(name):
            text = everything(name)
            answer = await scene.answer(callers[role, kind], text, **variables(text, INPUTS[name](stage)))
            assert ("Mutation", name) in compared(answer, "Mutation", role)
            if "code" in answer["data"][name]:
                refusals.append((name, role, answer["data"][name]["code"]))
    assert {code for _, _, code in refusals} <= {"WRONG_STATE"}, refusals


def _strangers(field: str, scene: Scene, caller: Caller) -> dict[str, str]:
    """Ids that name nothing where the caller is, by kind; none of an organization that the caller may enter."""
    type_name, stage = TYPES[field], scene.stage
    other_type = "Brand" if type_name != "Brand" else "User"
    found = {
        "malformed": "rubbish",
        "empty": "",
        "of another type": encode(other_type, stage.org_id, stage.world.brand_id),
        "of no type": encode("Nothing", stage.org_id, stage.world.brand_id),
    }
    if type_name != "Org":
        found["unknown"] = encode(type_name, stage.org_id, uuid4())
    if not caller.principal.may_enter(scene.elsewhere.org_id):
        theirs = next(each.id for each in scene.others if each.type == type_name)
        found |= {"another organization's": theirs, "unknown elsewhere": encode(type_name, uuid4(), uuid4())}
    return found


def _inside(name: str, path: tuple[str, ...], id: str) -> Input:
    """The field of an input that leads to an id."""
    field, last = path[0], path[-1]
    evidence, report = {"kind": "EVIDENCE", "format": "ZIP"}, {"kind": "ELIGIBILITY_REPORT", "format": "CSV"}
    number = {"phoneNumber": "+14155550199", "type": "PRIMARY", "assignedBy": "CISCO_CALLING_PLAN"}
    said: dict[tuple[str, str], Input] = {
        ("setUsersTexting", "userIds"): {field: [id]},
        ("createUser", "phoneNumbers"): {field: [{**number, last: id}]},
        ("createExport", "audit"): {**evidence, field: {last: id}},
        ("createExport", "users"): {**report, field: {last: id}},
        ("createExport", "whatIf"): {**report, field: [{"ruleId": "CLIENT_VERSION_MIN", "value": "42.12", last: id}]},
    }
    return said[name, field]


def _not_found(argument: str) -> Mapping[str, str]:
    message = f"nothing is known by the id in `{argument}`: check it"
    return {"__typename": "NotFound", "code": "NOT_FOUND", "argument": argument, "message": message}


def _python(name: str) -> str:
    return re.sub(r"([A-Z])", lambda match: f"_{match[1].lower()}", name)
