"""Creating and changing locations."""

from audit.actions import Action
from core.commands import locations
from core.commands.absent import ABSENT, Given
from core.commands.locations import Address, LocationChange, NewLocation
from resolvers.mutations.asked import Asked, or_absent, or_none
from resolvers.mutations.performing import Change, Mutations
from schema.location_changes import AddressInput, CreateLocationInput, UpdateLocationInput

registry = Mutations()


@registry.change("create_location", Action.LOCATION_CREATE)
def create_location(asked: Asked, input: CreateLocationInput) -> Change:
    """Create a location."""
    wanted = NewLocation(
        name=input.name,
        address=_address(input.address),
        time_zone=input.time_zone,
        pstn_connection_type=input.pstn_connection_type,
    )
    return Change(action=Action.LOCATION_CREATE, command=lambda tx: locations.create_location(tx, wanted))


@registry.change("update_location", Action.LOCATION_UPDATE)
def update_location(asked: Asked, input: UpdateLocationInput) -> Change:
    """Change a location; an address is replaced as a whole."""
    address = or_absent(input.address)
    moved: Given[Address | None] = address if address is None or address is ABSENT else _address(address)
    wanted = LocationChange(
        id=asked.id("location_id"),
        name=or_absent(input.name),
        address=moved,
        time_zone=or_absent(input.time_zone),
        pstn_connection_type=or_absent(input.pstn_connection_type),
        expected_version=or_none(input.expected_version),
        effective_from=or_none(input.effective_from),
    )
    return Change(action=Action.LOCATION_UPDATE, command=lambda tx: locations.update_location(tx, wanted))


def _address(said: AddressInput) -> Address:
    return Address(
        country=said.country,
        region=or_none(said.region),
        city=or_none(said.city),
        line1=or_none(said.line1),
        postal_code=or_none(said.postal_code),
    )
