"""What held at a time, by what was known then: the fold over the versions of facts.

The value of a fact is in the newest version, by `valid_from` and then `id`, that holds it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class FactVersion:
    """Some facts of one entity, from `valid_from` on (UTC). `audit_id` names the record that carried them.

    `leaf_index`: the record's place in the sealed log; `None`: not sealed yet, or not asked for.
    """

    id: UUID
    entity_id: UUID
    valid_from: datetime
    facts: Mapping[str, Any]
    audit_id: UUID
    leaf_index: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """Which versions count; `None` sets no bound.

    `as_of`: those that hold from then or earlier. `size`: those whose record was in the sealed log of that size.
    `newest`: those with that id or a lower one. `without`: none that this record carried.
    """

    as_of: datetime | None = None
    size: int | None = None
    newest: UUID | None = None
    without: UUID | None = None

    def holds(self, version: FactVersion) -> bool:
        """Whether a version counts."""
        return (
            (self.as_of is None or version.valid_from <= self.as_of)
            and (self.newest is None or version.id <= self.newest)
            and (self.size is None or (version.leaf_index is not None and version.leaf_index < self.size))
            and (self.without is None or version.audit_id != self.without)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldFact:
    """A fact that holds, and the version that it came from."""

    value: Any
    version: FactVersion


Held = Mapping[str, HeldFact]
"""By the fact's name."""


def fold(newest_first: Iterable[FactVersion], cut: Cut) -> Held:
    """Give the facts of one entity; empty: nothing was recorded of it."""
    held: dict[str, HeldFact] = {}
    for version in newest_first:
        if cut.holds(version):
            for name, value in version.facts.items():
                if name not in held:
                    held[name] = HeldFact(value=value, version=version)
    return held


def changes(newest_first: Sequence[FactVersion], name: str, *, before: Cut, after: Cut) -> list[FactVersion]:
    """Give the versions that changed a fact of one entity between two cuts, the first first.

    Of several that hold from one time the last one counts, and one that repeats a value changes nothing.
    """
    known = [version for version in reversed(newest_first) if name in version.facts and after.holds(version)]
    winners = {version.valid_from: version for version in known}
    found: list[FactVersion] = []
    value: Any = None
    for version in winners.values():
        if version.facts[name] != value and not before.holds(version):
            found.append(version)
        value = version.facts[name]
    return found
