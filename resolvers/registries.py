"""Every function that answers a field: what `engine.bind` joins with the schema when the program starts."""

from collections.abc import Sequence

from engine import Registry
from resolvers import org
from resolvers.mutations import locations as location_changes
from resolvers.mutations import messages as message_changes
from resolvers.mutations import orgs as org_changes
from resolvers.mutations import payloads, refusals, toggles

REGISTRIES: Sequence[Registry] = (
    org.registry,
    # What changes things, and what it answers.
    org_changes.registry,
    location_changes.registry,
    toggles.registry,
    message_changes.registry,
    payloads.registry,
    refusals.registry,
)
