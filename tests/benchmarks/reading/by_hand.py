"""The same answers by hand: one batched statement a table and level, dictionaries built directly, orjson.

Decisions, settings and what audit records hold come from the project's own functions: nobody would write them twice.
"""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

import asyncpg

from audit.render import may_see_all
from core.commands.transaction import Store
from core.ids import decode, encode
from core.rules.eligibility import decide_many
from core.rules.enums import Level, SettingKey
from core.rules.retention import retention_levels
from core.rules.settings import resolve
from core.storage import audit_records, facts, switches
from core.storage.fetching import inside
from schema.scalars import write_datetime

Answer = Callable[["Hand", Mapping[str, Any]], Awaitable[dict[str, Any]]]

USER = "SELECT id, location_id, display_name, email, status, texting FROM texting.users WHERE org_id = $1 AND id = $2"
LOCATION = "SELECT id, name FROM texting.locations WHERE org_id = $1 AND id = $2"
LOCATIONS = "SELECT id, name FROM texting.locations WHERE org_id = $1 ORDER BY id LIMIT $2"
ORG = "SELECT name FROM texting.orgs WHERE org_id = $1"
NUMBERS = (
    "SELECT owner_id, id, phone_number, type, state FROM texting.phone_numbers WHERE org_id = $1 "
    "AND owner_id = ANY ($2) AND type = 'PRIMARY' AND state = 'ACTIVE'"
)
USERS = (
    "SELECT id, display_name, email, status FROM texting.users WHERE org_id = $1 AND location_id = $2 "
    "ORDER BY id LIMIT $3"
)
USERS_OF_EACH = (
    "SELECT p.id AS parent, u.* FROM unnest($2::uuid[]) p(id), LATERAL (SELECT id, display_name, email, status FROM "
    "texting.users WHERE org_id = $1 AND location_id = p.id ORDER BY id LIMIT $3) u"
)
RECORDS = "SELECT org_id, id, entry FROM audit.record WHERE org_id = $1 ORDER BY id DESC LIMIT 100"


class Hand:
    """One request's connection and organization."""

    def __init__(self, connection: asyncpg.Connection, org_id: UUID, store: Store) -> None:
        self.fetch = connection.fetch
        self.connection = connection
        self.org_id = org_id
        self.store = store

    def gid(self, type_name: str, id: UUID) -> str:
        """A global id."""
        return base64.urlsafe_b64encode(f"{type_name}:{self.org_id}:{id}".encode()).rstrip(b"=").decode()


def _id(variables: Mapping[str, Any]) -> UUID:
    found = decode(variables["id"])
    assert found is not None
    return found.id


def _cursor(id: UUID) -> str:
    return base64.urlsafe_b64encode(f'["users.id+","{id}"]'.encode()).rstrip(b"=").decode()


def _page_info(rows: Sequence[Any], size: int) -> dict[str, Any]:
    shown = rows[:size]
    return {"hasNextPage": len(rows) > size, "endCursor": _cursor(shown[-1]["id"]) if shown else None}


async def _numbers(hand: Hand, users: Sequence[Any]) -> dict[UUID, dict[str, Any]]:
    rows = await hand.fetch(NUMBERS, hand.org_id, [user["id"] for user in users])
    return {
        row["owner_id"]: {
            "id": hand.gid("UserPhoneNumber", row["id"]),
            "phoneNumber": row["phone_number"],
            "type": row["type"],
            "state": row["state"],
        }
        for row in rows
    }


def _user(hand: Hand, row: Any, numbers: Mapping[UUID, Any]) -> dict[str, Any]:
    return {
        "id": hand.gid("User", row["id"]),
        "displayName": row["display_name"],
        "email": row["email"],
        "status": row["status"],
        "primaryNumber": numbers.get(row["id"]),
    }


async def card(hand: Hand, variables: Mapping[str, Any]) -> dict[str, Any]:
    rows = await hand.fetch(USER, hand.org_id, _id(variables))
    if not rows:
        return {"user": None}
    [row] = rows
    [place] = await hand.fetch(LOCATION, hand.org_id, row["location_id"])
    numbers = await _numbers(hand, rows)
    user = _user(hand, row, numbers)
    number = user.pop("primaryNumber")
    location = {"id": hand.gid("Location", place["id"]), "name": place["name"]}
    return {"user": {**user, "texting": row["texting"], "location": location, "primaryNumber": number}}


async def page(hand: Hand, variables: Mapping[str, Any]) -> dict[str, Any]:
    location, rows = await _page(hand, variables)
    numbers = await _numbers(hand, rows[:50])
    edges = [{"cursor": _cursor(row["id"]), "node": _user(hand, row, numbers)} for row in rows[:50]]
    return {"location": {**location, "users": {"edges": edges, "pageInfo": _page_info(rows, 50)}}}


async def _page(hand: Hand, variables: Mapping[str, Any]) -> tuple[dict[str, Any], list[Any]]:
    [place] = await hand.fetch(LOCATION, hand.org_id, _id(variables))
    rows = await hand.fetch(USERS, hand.org_id, place["id"], 51)
    return {"id": hand.gid("Location", place["id"]), "name": place["name"]}, rows


async def places(hand: Hand, variables: Mapping[str, Any]) -> dict[str, Any]:
    of_org, locations, users = await _places(hand, variables, 20, 11)
    edges = []
    for place in locations:
        rows = users[place["id"]]
        people = [
            {"node": {"id": hand.gid("User", row["id"]), "displayName": row["display_name"], "email": row["email"]}}
            for row in rows[:10]
        ]
        page = {"edges": people, "pageInfo": _page_info(rows, 10)}
        edges.append({"node": {"id": hand.gid("Location", place["id"]), "name": place["name"], "users": page}})
    return {"org": {**of_org, "locations": {"edges": edges}}}


async def whole_list(hand: Hand, variables: Mapping[str, Any]) -> dict[str, Any]:
    of_org, locations, users = await _places(hand, variables, 8, 101)
    numbers = await _numbers(hand, [row for rows in users.values() for row in rows[:100]])
    edges = [
        {
            "node": {
                "id": hand.gid("Location", place["id"]),
                "name": place["name"],
                "users": {"edges": [{"node": _user(hand, row, numbers)} for row in users[place["id"]][:100]]},
            }
        }
        for place in locations
    ]
    return {"org": {**of_org, "locations": {"edges": edges}}}


async def _places(hand: Hand, variables: Mapping[str, Any], places: int, users: int) -> tuple[Any, Any, Any]:
    [org] = await hand.fetch(ORG, hand.org_id)
    locations = (await hand.fetch(LOCATIONS, hand.org_id, places + 1))[:places]
    ids = [place["id"] for place in locations]
    found: dict[UUID, list[Any]] = {id: [] for id in ids}
    for row in await hand.fetch(USERS_OF_EACH, hand.org_id, ids, users):
        found[row["parent"]].append(row)
    return {"id": encode("Org", hand.org_id, hand.org_id), "name": org["name"]}, locations, found


async def with_rules(hand: Hand, variables: Mapping[str, Any]) -> dict[str, Any]:
    location, rows = await _page(hand, variables)
    shown, policy = rows[:50], hand.store.policy
    ids = [row["id"] for row in shown]
    numbers = await _numbers(hand, shown)
    stored = await switches.load(inside(hand.connection), hand.org_id, Level.USER, ids)
    known = await facts.load(inside(hand.connection), hand.org_id, ids)
    assert known is not None
    users = list(known.users.values())
    decided = decide_many([user.subject(known.org) for user in users], policy)
    decisions = {user.user_id: decision for user, decision in zip(users, decided, strict=True)}
    retention = _setting(resolve(SettingKey.MESSAGE_RETENTION_DAYS, retention_levels(policy, Level.USER)))
    edges = []
    for row in shown:
        user, decision = _user(hand, row, numbers), decisions[row["id"]]
        texting = _setting(resolve(SettingKey.BUSINESS_TEXTING, stored[row["id"]].levels()))
        user["effectiveSettings"] = [texting, retention]
        user["eligibility"] = {
            "outcome": decision.outcome,
            "prerequisites": decision.prerequisites,
            "enabled": decision.enabled,
        }
        edges.append({"cursor": _cursor(row["id"]), "node": user})
    return {"location": {**location, "users": {"edges": edges, "pageInfo": _page_info(rows, 50)}}}


def _setting(found: Any) -> dict[str, Any]:
    return {"key": found.key, "value": found.value, "state": found.state}


async def records(hand: Hand, _: Mapping[str, Any]) -> dict[str, Any]:
    rows = await hand.fetch(RECORDS, hand.org_id)
    sealed = await audit_records.disclosures(inside(hand.connection), hand.org_id, [row["id"] for row in rows])
    shown = hand.store.audit.renderer.render(rows, sealed, may_see=may_see_all)
    return {"auditRecords": {"edges": [{"node": _record(hand, view)} for view in shown]}}


def _record(hand: Hand, view: Any) -> dict[str, Any]:
    return {
        "id": hand.gid("AuditRecord", view.id),
        "occurredAt": write_datetime(view.occurred_at),
        "action": view.action,
        "outcome": view.outcome,
        "reason": view.reason,
        "actor": {"subject": view.actor.subject, "name": view.actor.name},
        "target": {
            "type": view.target.type,
            "id": hand.gid(view.target.type, view.target.id),
            "name": view.target.name,
        },
        "before": view.before,
        "after": view.after,
    }


ANSWERS: Mapping[str, Answer] = {
    "Card": card,
    "Page": page,
    "Places": places,
    "List": whole_list,
    "Rules": with_rules,
    "Records": records,
}
"""By the operation's name."""
