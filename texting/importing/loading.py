"""What the organization has, read inside the import's own transaction, in the form that plans compare with."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from core.commands import inventory
from core.commands.campaign_room import taken_by
from core.commands.transaction import Transaction
from core.rules.enums import AssignmentStatus, CampaignStatus, NumberSource, PhoneNumberType, UserStatus
from core.rules.states import CAMPAIGN, is_terminal
from core.storage import roster
from core.storage.rows import LocationRow
from texting.importing.stored import Stored, StoredNumber, StoredUser
from texting.importing.user_plan import UserPlan, plan_users
from texting.importing.users_file import UsersFile


async def load_stored(tx: Transaction) -> Stored:
    """Read users, numbers, locations and campaigns, in five statements."""
    users = [_user(row) for row in await roster.load_users(tx.fetch, tx.org_id) if row.email_key is not None]
    numbers = [_number(row) for row in await roster.load_numbers(tx.fetch, tx.org_id)]
    locations = [(row.name.casefold(), row.id) for row in await roster.load_locations(tx.fetch, tx.org_id)]
    open_campaigns = [
        row
        for row in await roster.load_campaigns(tx.fetch, tx.org_id)
        if not is_terminal(CAMPAIGN, CampaignStatus(row.status))
    ]
    campaigns = [(row.use_case, row.id) for row in open_campaigns]
    taken = await taken_by(tx, [row.id for row in open_campaigns])
    limit = tx.policy.campaign_numbers_max.value
    return Stored(
        users={user.email_key: user for user in users},
        numbers={number.phone_number: number for number in numbers},
        locations=dict(locations),
        campaigns={**dict(campaigns), **{str(tx.global_id("Campaign", row.id)): row.id for row in open_campaigns}},
        twins=twins(name for name, _ in locations) | twins(name for name, _ in campaigns),
        room={row.id: limit - taken.get(row.id, 0) for row in open_campaigns},
    )


async def plan_file(tx: Transaction, file: UsersFile, *, deactivate_missing: bool) -> UserPlan:
    """Plan a file against what is stored, and against what other organizations hold of the numbers it would add."""
    stored = await load_stored(tx)
    asked: set[str] = set()
    while True:
        plan = plan_users(file.users, stored, deactivate_missing=deactivate_missing, named=file.named)
        new = {move.row.phone.e164 for move in plan.moves if move.number_id is None and move.row.phone is not None}
        elsewhere = await inventory.held_elsewhere(tx, new - asked)
        if not elsewhere:
            return plan
        # Whoever is refused may leave room for a row that was refused before, so what is new is asked again.
        asked |= new
        stored = replace(stored, elsewhere=stored.elsewhere | elsewhere)


async def load_location_names(tx: Transaction) -> tuple[Mapping[str, LocationRow], frozenset[str]]:
    """Read the locations by folded name, and the names that several have."""
    rows = await roster.load_locations(tx.fetch, tx.org_id)
    return {row.name.casefold(): row for row in rows}, twins(row.name.casefold() for row in rows)


def twins(names: Iterable[str]) -> frozenset[str]:
    """Give the names that occur more than once."""
    seen: set[str] = set()
    return frozenset(name for name in names if name in seen or seen.add(name))  # type: ignore[func-returns-value]


def _user(row: Any) -> StoredUser:
    return StoredUser(
        id=row.id,
        email_key=row.email_key,
        display_name=row.display_name,
        location_id=row.location_id,
        status=UserStatus(row.status),
        app_version=row.app_version,
        primary_number_id=row.primary_number_id,
    )


def _number(row: Any) -> StoredNumber:
    return StoredNumber(
        id=row.id,
        phone_number=row.phone_number,
        owner_id=row.owner_id,
        assigned_by=NumberSource(row.assigned_by),
        campaign_id=row.campaign_id,
        type=PhoneNumberType(row.type),
        assignment=None if row.assignment_status is None else AssignmentStatus(row.assignment_status),
    )
