"""What must hold of every user and number of an organization, whatever was done to them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from core.commands.fact_versions import FACTS
from core.rules.default_policy import DEFAULT_POLICY
from core.rules.signatures import number_signature, user_signature
from core.storage import facts
from core.storage.fetching import inside
from tests.integration.commands.stored import Stored

_TABLES = {"User": "users", "UserPhoneNumber": "phone_numbers"}


async def check_people(stored: Stored) -> None:
    """Signatures are those of what is stored, folded fact versions are the rows, and primary numbers are named."""
    await _check_signatures(stored)
    records = {each.id for each in await stored.records()}
    for type_name, table in _TABLES.items():
        for row in await stored.rows(table):
            known = await stored.facts(row["id"])
            assert known == {name: _plain(row[name]) for name in FACTS[type_name]}, table
            assert row["last_audit_id"] in records
    await _check_primaries(stored)


async def _check_signatures(stored: Stored) -> None:
    users = {row["id"]: row for row in await stored.rows("users")}
    numbers = {row["id"]: row for row in await stored.rows("phone_numbers")}
    fetch = inside(stored.admin)
    for id, state in (await facts.load_users(fetch, stored.org_id, list(users))).items():
        assert users[id]["signature"] == user_signature(state.facts, state.number, DEFAULT_POLICY)
    for id, known in (await facts.load_numbers(fetch, stored.org_id, list(numbers))).items():
        assert numbers[id]["signature"] == number_signature(known, DEFAULT_POLICY)


async def _check_primaries(stored: Stored) -> None:
    held: dict[UUID, UUID] = {}
    for row in await stored.rows("phone_numbers"):
        assert (
            await stored.admin.fetchval(
                "SELECT number_id FROM texting.number_directory WHERE org_id = $1 AND phone_number = $2",
                stored.org_id,
                row["phone_number"],
            )
            == row["id"]
        )
        if row["owner_id"] is not None and row["type"] == "PRIMARY":
            assert row["owner_id"] not in held
            held[row["owner_id"]] = row["id"]
    assert {
        row["id"]: row["primary_number_id"] for row in await stored.rows("users") if row["primary_number_id"]
    } == held


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, UUID) else value
