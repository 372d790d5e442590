"""How an operation was executed, for administrators who ask: `extensions.plan`.

`{"levels": [{"fields": [{"field": "Org.users", "parents": 1}], "statements": 1, "rows": 51, "milliseconds": 2.1}],
"statements": 1, "rows": 51, "milliseconds": 2.9}`: a level is what is asked of the database and of rules at one time;
statements and rows are those of the request's snapshot. `rendered`, where it is there, says for how many of its parents
the database wrote the field's JSON, everything below it included; such JSON is a row. `levels` is empty for what
graphql-core executed.
"""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter
from typing import TYPE_CHECKING, Any

from core.principal import Role

if TYPE_CHECKING:
    from core.storage.database import Reader
    from engine import Asked
    from resolvers.context import RequestContext

PLANS_SHOWN_TO = frozenset({Role.PROVIDER_ADMIN, Role.ORG_ADMIN})
"""How much there is to read tells of what the reader may not see; these see everything that counts."""


class Watching:
    """Counts while one operation is executed; an `engine.Watch`."""

    def __init__(self, context: RequestContext) -> None:
        self._context = context
        self._began = perf_counter()
        self._levels: list[dict[str, Any]] = []
        self._level_began = self._began
        self._reader: Reader = context.db
        self._before = (0, 0)

    def begin(self, asked: Sequence[Asked]) -> None:
        """Note what a level asks for."""
        self._level_began = perf_counter()
        self._reader = self._context.db
        self._before = (self._reader.statements, self._reader.rows)
        self._levels.append({"fields": [{"field": each.field, "parents": each.parents} for each in asked]})

    def rendered(self, field: str) -> None:
        """Note that the database wrote a field's JSON."""
        for each in self._levels[-1]["fields"]:
            if each["field"] == field:
                each["rendered"] = each.get("rendered", 0) + 1
                break

    def end(self) -> None:
        """Count what it took. A mutation that reads inside another organization has a reader of its own then."""
        reader = self._context.db
        before = self._before if reader is self._reader else (0, 0)
        self._levels[-1] |= {
            "statements": reader.statements - before[0],
            "rows": reader.rows - before[1],
            "milliseconds": _milliseconds(self._level_began),
        }

    def plan(self) -> dict[str, Any]:
        """Give the extension's value."""
        return {
            "levels": self._levels,
            "statements": sum(level.get("statements", 0) for level in self._levels),
            "rows": sum(level.get("rows", 0) for level in self._levels),
            "milliseconds": _milliseconds(self._began),
        }


def _milliseconds(began: float) -> float:
    return round((perf_counter() - began) * 1000, 2)
