"""A planned locations file, carried out."""

from typing import Any

from core.commands.absent import ABSENT
from core.commands.locations import Address, LocationChange, NewLocation, create_locations, update_locations
from core.commands.transaction import Transaction
from texting.importing.location_plan import LocationPlan, LocationUpdate
from texting.importing.progress import Progress, Steps

_ADDRESS = ("country", "region", "city", "line1", "postal_code")


async def write_locations(tx: Transaction, plan: LocationPlan, progress: Progress) -> None:
    """Carry out a plan inside the open transaction."""
    steps = Steps(len(plan.creations) + len(plan.updates), progress)
    for creations in steps.batches(plan.creations):
        wanted = [
            NewLocation(
                name=row.name,
                address=Address(**{name: getattr(row, name) for name in _ADDRESS}),
                time_zone=row.time_zone,
                pstn_connection_type=row.pstn_connection_type,
            )
            for row in creations
        ]
        await create_locations(tx, wanted)
    for updates in steps.batches(plan.updates):
        await update_locations(tx, [_change(update) for update in updates])


def _change(update: LocationUpdate) -> LocationChange:
    changes = update.changes
    address: Any = ABSENT
    if not changes.keys().isdisjoint(_ADDRESS):
        # An address is changed as a whole, and an empty cell leaves what is stored.
        address = Address(**{name: changes.get(name, update.stored[name]) for name in _ADDRESS})
    return LocationChange(
        id=update.id,
        address=address,
        time_zone=changes.get("time_zone", ABSENT),
        pstn_connection_type=changes.get("pstn_connection_type", ABSENT),
    )
