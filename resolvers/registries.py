"""Every function that answers a field: what `engine.bind` joins with the schema when the program starts."""

from collections.abc import Sequence

from engine import Registry
from resolvers import org

REGISTRIES: Sequence[Registry] = (org.registry,)
