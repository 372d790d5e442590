"""What an import did, or would do."""

from dataclasses import dataclass
from uuid import UUID

from texting.importing.table import Fault


class ImportRefused(Exception):
    """The import as a whole was refused, and nothing was written; the message says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportResult:
    """Counts of what changed, or would change when `written` is false.

    `moved`: numbers that were given to users; `changed`: numbers that stayed with theirs while their source or
    campaign changed. `skipped`: rows that are no calling users. `faults`: the refused rows, by line. `record_id`: the
    import's own record, which its changes' records share their correlation id with.
    """

    created: int = 0
    updated: int = 0
    moved: int = 0
    changed: int = 0
    deactivated: int = 0
    unchanged: int = 0
    skipped: int = 0
    faults: tuple[Fault, ...] = ()
    written: bool = False
    record_id: UUID | None = None

    @property
    def total(self) -> int:
        """Give how many things were written, or would be."""
        return self.created + self.updated + self.moved + self.changed + self.deactivated
