"""Two organizations in which everything has happened once, and everybody who asks, by every kind of token."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
from starlette.types import ASGIApp

from core.commands.transaction import Store
from core.ids import decode, encode
from core.principal import Principal, Role
from core.storage.database import writing
from tests.acceptance.access.declared import Rows, rows
from tests.acceptance.access.tokens import Issuers, Kind
from tests.acceptance.asking import Asker
from tests.acceptance.correspondence import failure
from tests.acceptance.mutating import INPUTS, Stage, document, new_key, new_stage
from tests.integration.audit.sealed import seal_all
from tests.integration.worlds import Person, new_person
from texting.app import bound_schema, create_app
from texting.identity.refusals import Refusals
from texting.settings import Settings

PEER = "+14165550123"
"""Somebody outside, who does not want to be texted any more."""

EVERYBODY = [(role, kind) for role in Role for kind in Kind]
"""Roles with kinds of token."""
MEMBERS = [(role, kind) for role, kind in EVERYBODY if role is not Role.PROVIDER_ADMIN]
"""Those to whom other organizations are closed."""

SEND = document(
    "sendMessage",
    "... on MessageAccepted { acceptedMessage { id } } ... on SendDenied { decision { outcome } auditRecord { id } }",
)
CONSENT = document("recordConsent", "... on ConsentRecorded { event { id } }")
EXPORT = document("createExport", "... on ExportStarted { exportJob { id } }")
SWITCH = document("setUserTexting", "... on TextingSet { auditRecord { id } }")
CARRIER = document("recordCampaignStatus", "... on CampaignSubmitted { campaign { id } }")
RECORD = """query($org: ID!, $request: String!) {
  auditRecords(orgId: $org, filter: { requestId: $request }) { edges { node { id } } }
}"""
KNOWN = "query($org: ID!) { auditCheckpoint(orgId: $org) { size } org(id: $org) { name } }"
CONVERSATION = "query($user: ID!, $peer: PhoneNumber!) { conversation(userId: $user, peer: $peer) { id } }"


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Somebody with one grant, and the token that says so."""

    role: Role
    kind: Kind
    principal: Principal
    token: str


@dataclass(frozen=True, kw_only=True)
class Thing:
    """An object by its global id. `users`: whose own it is; `locations`: whose administrators see it.

    `subject` did it; `is_report`: of an export, that it is one.
    """

    type: str
    id: str
    users: frozenset[UUID] = frozenset()
    locations: frozenset[UUID] = frozenset()
    subject: str | None = None
    is_report: bool = False

    def is_seen_by(self, caller: Principal) -> bool:
        """Say whether the declaration of its type shows it to somebody with one grant in its organization."""
        (grant,) = caller.grants
        match rows(self.type, grant.role):
            case Rows.NONE:
                return False
            case Rows.OWN:
                return grant.user_id in self.users
            case Rows.ADMINISTERED:
                return grant.location_id in self.locations
            case Rows.DONE:
                return self.subject == caller.subject
            case Rows.REPORTS:
                return self.is_report
            case Rows.ALL:
                return True


@dataclass(frozen=True, kw_only=True)
class Scene:
    """`stage` is the organization that most ask about, `things` its objects; `elsewhere` is another, as full.

    `given`: arguments of queries, by field and argument.
    """

    stage: Stage
    elsewhere: Stage
    things: tuple[Thing, ...]
    others: tuple[Thing, ...]
    given: Mapping[str, Any]
    callers: Mapping[tuple[Role, Kind], Caller]
    narrow: Mapping[tuple[Role, Kind], Caller]
    """The administrator of the other location, and its user: what the first ones have is beyond them."""
    app: ASGIApp
    client: httpx.AsyncClient
    issuers: Issuers
    refusals: Refusals

    def values(self, document: str, given: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Values for an operation's variables, which are named after field and argument behind a serial number.

        `given` instead of the scene's own; nothing where nothing is given, but the organization where one may be named.
        """
        known = self.given if given is None else given
        names = [part.split(":")[0].strip() for part in document[: document.index("{")].split("$")[1:]]
        arguments = {name: name.partition("_")[2] for name in names}
        org_id = known["org_id"]
        return {name: org_id if each.endswith("_orgId") else known.get(each) for name, each in arguments.items()}

    async def ask(self, token: str | None, query: str, **variables: Any) -> httpx.Response:
        """Ask over HTTP."""
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        asked = {"query": query, "variables": variables}
        return await self.client.post("/graphql", json=asked, headers=headers)

    async def answer(self, caller: Caller, query: str, **variables: Any) -> dict[str, Any]:
        """What somebody whom the server knows is answered."""
        response = await self.ask(caller.token, query, **variables)
        assert response.status_code == 200, response.text
        found: dict[str, Any] = response.json()
        return found


async def new_scene(store: Store, workers: asyncpg.Pool, folder: Path) -> Scene:
    """Make one, through mutations, and seal the logs."""
    issuers, refusals = Issuers(store), Refusals()
    stage, elsewhere = await new_stage(store), await new_stage(store)
    third = await _third(store, stage)
    things, given = await _lived_in(store, stage, third)
    others, _ = await _lived_in(store, elsewhere, await _third(store, elsewhere))
    strangers = {
        Role.LOCATION_ADMIN: stage.world.location_admin(stage.world.location_ids[1]),
        Role.USER: third.principal,
    }
    callers, narrow = await callers_of(issuers, stage.people), await callers_of(issuers, strangers)
    settings = Settings(
        graphiql=False,
        data_dir=folder,
        token_limit=100_000,
        alias_limit=10_000,
        equal_pair_limit=10_000_000,
        cost_limit=100_000_000,
        operations_a_second=0,
        address_operations_a_second=0,
    )
    app = create_app(
        schema=bound_schema(),
        store=store,
        authenticator=issuers.authenticators,
        settings=settings,
        refusals=refusals,
    )
    scene = Scene(
        stage=stage,
        elsewhere=elsewhere,
        things=things,
        others=others,
        given=given,
        callers=callers,
        narrow=narrow,
        app=app,
        client=httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://texting"),
        issuers=issuers,
        refusals=refusals,
    )
    tried = [await attempt(scene, caller) for caller in (*callers.values(), *narrow.values())]
    for one in (stage, elsewhere):
        await seal_all(workers, one.org_id, uuid4())
    exports = [await _exports(store, one) for one in (stage, elsewhere)]
    known = (await scene.answer(callers[Role.AUDITOR, Kind.LOCAL], KNOWN, org=stage["org"]))["data"]
    size, name = known["auditCheckpoint"]["size"], known["org"]["name"]
    given = {**given, "auditConsistency_fromSize": size, "orgs_search": name}
    return replace(scene, things=(*scene.things, *tried, *exports[0]), others=(*others, *exports[1]), given=given)


async def callers_of(issuers: Issuers, people: Mapping[Role, Principal]) -> Mapping[tuple[Role, Kind], Caller]:
    """Give people tokens of every kind."""
    found = {}
    for role, who in people.items():
        for kind in Kind:
            token = await issuers.good(kind, replace(who, subject=f"{kind}-{who.subject}"))
            principal = await issuers.authenticators.authenticate(token, datetime.now(UTC))
            found[role, kind] = Caller(role=role, kind=kind, principal=principal, token=token)
    return found


async def attempt(scene: Scene, caller: Caller) -> Thing:
    """Have somebody fail at something: nobody is without a record of one's own, and nothing changes."""
    nowhere = encode("Location", scene.stage.org_id, uuid4())
    asked = {**INPUTS["createUser"](scene.stage), "locationId": nowhere}
    refusal = (await scene.answer(caller, document("createUser"), input=asked))["data"]["createUser"]
    found = await scene.answer(caller, RECORD, org=scene.stage["org"], request=refusal["trackingId"])
    (edge,) = found["data"]["auditRecords"]["edges"]
    return Thing(type="AuditRecord", id=edge["node"]["id"], subject=caller.principal.subject)


async def _third(store: Store, stage: Stage) -> Person:
    """A user of the other location."""
    world = stage.world
    return await new_person(store, world.org_id, world.location_ids[1], world.campaign_id)


def _things_of(stage: Stage, person: Person, location: int) -> list[Thing]:
    """A user and the user's number."""
    at = frozenset({stage.world.location_ids[location]})
    own = {"users": frozenset({person.user_id}), "locations": at}
    return [
        Thing(type="User", id=encode("User", stage.org_id, person.user_id), **own),
        Thing(type="UserPhoneNumber", id=encode("UserPhoneNumber", stage.org_id, person.number_id), **own),
    ]


async def _lived_in(store: Store, stage: Stage, third: Person) -> tuple[tuple[Thing, ...], dict[str, Any]]:
    """Texts that went, failed and were not let through, a wish, a switch, an export; what to ask about them."""
    ask, world, officer = Asker(store=store), stage.world, stage.person(Role.COMPLIANCE_OFFICER)
    things = [
        Thing(type="Org", id=stage["org"]),
        Thing(type="Brand", id=stage["brand"]),
        Thing(type="Campaign", id=stage["campaign"]),
        Thing(type="UserPhoneNumber", id=stage["spare"]),
    ]
    users = frozenset(person.user_id for person in world.people)
    for location, staff in zip(world.location_ids, (users, {third.user_id}), strict=True):
        id = encode("Location", world.org_id, location)
        things.append(Thing(type="Location", id=id, users=frozenset(staff), locations=frozenset({location})))
    messages = []
    for person, name in zip(world.people, ("user", "other"), strict=True):
        things += _things_of(stage, person, 0)
        sent = {"userId": stage[name], "to": PEER, "body": "See you at ten.", "idempotencyKey": new_key()}
        accepted = (await ask(person.principal, SEND, input=sent))["sendMessage"]["acceptedMessage"]
        talk = (await ask(person.principal, CONVERSATION, user=stage[name], peer=PEER))["conversation"]
        own = frozenset({person.user_id})
        things += [Thing(type="Message", id=accepted["id"], users=own)]
        things += [Thing(type="Conversation", id=talk["id"], users=own)]
        messages.append(accepted["id"])
    things += _things_of(stage, third, 1)
    await _fail(store, messages[0])
    wish = {"orgId": stage["org"], "subject": PEER, "action": "OPT_OUT", "basis": "ADMIN", "evidence": "call 17"}
    everywhere = {**wish, "scope": "CAMPAIGN", "campaignId": stage["campaign"]}
    of_other = {**wish, "scope": "SENDER_NUMBER", "sender": world.people[1].number}
    for said, whose in ((of_other, frozenset({world.people[1].user_id})), (everywhere, users)):
        event = (await ask(officer, CONSENT, input=said))["recordConsent"]["event"]
        things.append(Thing(type="ConsentEvent", id=event["id"], users=whose))
    again = {"userId": stage["user"], "to": PEER, "body": "Are you there?", "idempotencyKey": new_key()}
    assert (await ask(world.people[0].principal, SEND, input=again))["sendMessage"]["decision"]["outcome"] == "DENIED"
    set_on = await ask(world.org_admin, SWITCH, input={"userId": stage["user"], "mode": "ON"})
    said = await ask(stage.person(Role.PROVIDER_ADMIN), CARRIER, input=INPUTS["recordCampaignStatus"](stage))
    assert said["recordCampaignStatus"]["campaign"]
    record = set_on["setUserTexting"]["auditRecord"]["id"]
    things.append(Thing(type="AuditRecord", id=record, subject=world.org_admin.subject))
    return tuple(things), _given(stage, messages[0], record)


async def _exports(store: Store, stage: Stage) -> list[Thing]:
    """An export of every kind."""
    ask, found = Asker(store=store), []
    for kind, format in (("EVIDENCE", "ZIP"), ("ELIGIBILITY_REPORT", "CSV")):
        asked = {"orgId": stage["org"], "kind": kind, "format": format, "reason": "request 17"}
        made = (await ask(stage.person(Role.AUDITOR), EXPORT, input=asked))["createExport"]["exportJob"]
        found.append(Thing(type="Export", id=made["id"], is_report=kind == "ELIGIBILITY_REPORT"))
    return found


def _given(stage: Stage, message: str, record: str) -> dict[str, Any]:
    now, user = datetime.now(UTC), stage["user"]
    return {
        "org_id": stage["org"],
        "location_id": stage["location"],
        "user_id": user,
        "node_id": user,
        "nodes_ids": [user, message],
        "phoneNumber_phoneNumber": stage.world.people[0].number,
        "message_id": message,
        "conversation_userId": user,
        "conversation_peer": PEER,
        "eligibility_userId": user,
        "eligibilityDiff_userId": user,
        "eligibilityDiff_from": (now - timedelta(days=1)).isoformat(),
        "eligibilityDiff_to": now.isoformat(),
        "sendCheck_input": {"userId": user, "to": PEER, "body": "Hello"},
        "consent_recipient": PEER,
        "auditRecord_id": record,
        "effectiveSetting_key": "BUSINESS_TEXTING",
    }


async def _fail(store: Store, message: str) -> None:
    """Let a carrier have said no to a text."""
    found = decode(message)
    assert found is not None
    sql = "UPDATE texting.messages SET failure = $3 WHERE org_id = $1 AND id = $2"
    async with writing(store.pool, found.org_id) as connection:
        assert await connection.execute(sql, found.org_id, found.id, failure()) == "UPDATE 1"
