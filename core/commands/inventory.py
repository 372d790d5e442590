"""Numbers that enter an organization's inventory: unique across the provider, region and validity stored (P3)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from core.commands.problems import Path, Problems
from core.commands.transaction import Transaction
from core.rules.enums import AssignmentStatus, NumberSource, NumberState, PhoneNumberType
from core.rules.numbers import PhoneNumber, Problem
from core.rules.signatures import number_signature
from core.storage.facts import number_facts

# In the order of the numbers, so that rivals wait for each other instead of deadlocking.
_CLAIM = """
INSERT INTO texting.number_directory (phone_number, org_id, number_id)
SELECT number, $1, id FROM unnest($2::text[], $3::uuid[]) AS given (number, id) ORDER BY number
ON CONFLICT DO NOTHING
RETURNING phone_number
"""
_OWN = "SELECT phone_number FROM texting.number_directory WHERE org_id = $1 AND phone_number = ANY ($2::text[])"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entering:
    """A number that shall enter. `path`: where the input names it; `audit_id`: the record that carries it."""

    path: Path
    id: UUID
    number: PhoneNumber
    assigned_by: NumberSource
    audit_id: UUID
    type: PhoneNumberType = PhoneNumberType.PRIMARY
    owner_id: UUID | None = None
    campaign_id: UUID | None = None


def noted(problems: Problems, path: Path, found: PhoneNumber | Problem) -> PhoneNumber | None:
    """Give the number that was read, or note why it is none."""
    if isinstance(found, Problem):
        problems.add(path, found.code, found.message)
        return None
    return found


async def claim(tx: Transaction, problems: Problems, entering: Sequence[Entering]) -> None:
    """Take numbers in the provider's directory; note each that is taken, or that the input names twice.

    The directory shows only the organization's own rows: what could not be inserted and is not its own is another's.
    Only providers add numbers, so nobody else learns of it.
    """
    if not entering:
        return
    times = Counter(each.number.e164 for each in entering)
    missing = times.keys() - await _inserted(tx, {each.number.e164: each.id for each in entering})
    own = await _own(tx, missing)
    for each in entering:
        e164 = each.number.e164
        if e164 in own:
            problems.add(each.path, "NUMBER_TAKEN", f"`{e164}` is in the inventory already: assign it instead")
        elif e164 in missing:
            problems.add(each.path, "NUMBER_TAKEN", f"`{e164}` belongs to another organization: give another number")
        elif times[e164] > 1:
            problems.add(each.path, "NUMBER_TAKEN", f"`{e164}` is named {times[e164]} times: name it once")


async def held_elsewhere(tx: Transaction, numbers: Iterable[str]) -> frozenset[str]:
    """Give those of the numbers (E.164) that other organizations hold; nothing is taken."""
    wanted = list(numbers)
    if not wanted:
        return frozenset()
    await tx.connection.execute("SAVEPOINT asking")
    missing = set(wanted) - await _inserted(tx, dict.fromkeys(wanted, tx.org_id))
    await tx.connection.execute("ROLLBACK TO SAVEPOINT asking")
    return frozenset(missing - await _own(tx, missing))


def row_of(tx: Transaction, entering: Entering) -> dict[str, Any]:
    """Make the row of a number that enters, signed."""
    campaign: dict[str, Any] = dict.fromkeys(
        ("campaign_id", "assignment_status", "assignment_since", "assignment_audit_id")
    )
    if entering.campaign_id is not None:
        campaign = {
            "campaign_id": entering.campaign_id,
            "assignment_status": AssignmentStatus.PENDING_ASSIGNMENT,
            "assignment_since": tx.now,
            "assignment_audit_id": entering.audit_id,
        }
    row = {
        "org_id": tx.org_id,
        "id": entering.id,
        "phone_number": entering.number.e164,
        "type": entering.type,
        "assigned_by": entering.assigned_by,
        "region": entering.number.region,
        "valid": entering.number.valid,
        "toll_free_number": entering.number.toll_free,
        "state": NumberState.ACTIVE,
        "owner_id": entering.owner_id,
        **campaign,
        "created_at": tx.now,
        "last_audit_id": entering.audit_id,
    }
    return {**row, "signature": number_signature(number_facts(row), tx.policy)}


async def _inserted(tx: Transaction, ids: dict[str, UUID]) -> set[str]:
    rows = await tx.connection.fetch(_CLAIM, tx.org_id, list(ids), list(ids.values()))
    return {row["phone_number"] for row in rows}


async def _own(tx: Transaction, numbers: Iterable[str]) -> set[str]:
    wanted = list(numbers)
    rows = await tx.connection.fetch(_OWN, tx.org_id, wanted) if wanted else []
    return {row["phone_number"] for row in rows}
