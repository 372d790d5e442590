"""Stored signatures, computed anew by the functions that decide, from what this transaction has written."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from core.commands.transaction import Transaction
from core.commands.writes import update
from core.rules.signatures import location_signature, number_signature, org_signature, user_signature
from core.storage import facts
from core.storage.tables import Locations, Orgs, PhoneNumbers, Users


async def sign_org(tx: Transaction, audit_id: UUID) -> None:
    """Sign the organization, after it, its brand or a campaign changed; the caller has locked its row.

    `audit_id`: the record of that change.
    """
    state = await facts.load_org(tx.fetch, tx.org_id)
    if state is None:
        raise RuntimeError(f"organization `{tx.org_id}` went away while it was locked")
    made = org_signature(state.facts, state.campaigns, tx.policy)
    await update(tx.connection, Orgs, tx.org_id, {tx.org_id: {"signature": made, "last_audit_id": audit_id}})


async def sign_locations(tx: Transaction, location_ids: Iterable[UUID]) -> None:
    """Sign locations after their facts changed."""
    states = await facts.load_locations(tx.fetch, tx.org_id, list(location_ids))
    changes: dict[UUID, dict[str, Any]] = {
        id: {"signature": location_signature(state.facts, tx.policy)} for id, state in states.items()
    }
    await update(tx.connection, Locations, tx.org_id, changes)


async def sign_users(tx: Transaction, user_ids: Iterable[UUID]) -> None:
    """Sign users after they, or their primary numbers, changed."""
    states = await facts.load_users(tx.fetch, tx.org_id, list(user_ids))
    changes: dict[UUID, dict[str, Any]] = {
        id: {"signature": user_signature(state.facts, state.number, tx.policy)} for id, state in states.items()
    }
    await update(tx.connection, Users, tx.org_id, changes)


async def sign_numbers(tx: Transaction, number_ids: Iterable[UUID]) -> None:
    """Sign numbers after they changed; their holders' signatures cover them too."""
    states = await facts.load_numbers(tx.fetch, tx.org_id, list(number_ids))
    changes: dict[UUID, dict[str, Any]] = {
        id: {"signature": number_signature(state, tx.policy)} for id, state in states.items()
    }
    await update(tx.connection, PhoneNumbers, tx.org_id, changes)
