"""Properties that are read of many objects at once."""

from collections.abc import Callable, Sequence
from typing import Any


class OfMany(property):
    """A property whose function takes many objects; the engine reads it so where it has many."""

    def __init__(self, of_many: Callable[[Sequence[Any]], Sequence[Any]]) -> None:
        """Take the function."""
        super().__init__(lambda one: of_many([one])[0], doc=of_many.__doc__)
        self.of_many = of_many
