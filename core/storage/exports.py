"""Exports: by id and in pages, and for how long the file of one is kept."""

from datetime import datetime, timedelta

from core.rules.enums import ExportKind, ExportState
from core.storage.listing import Listing, Where, condition
from core.storage.pages import Order
from core.storage.rows import ExportRow
from core.storage.selecting import columns, text
from core.storage.tables import Exports

FILE_LIFE = timedelta(days=1)
"""How long a file is kept: long enough to be fetched, and it can be asked for again."""

NEWEST_FIRST = Order(name="exports.id", keys=("id",), descending=True)
"""By id, which is of the time it was asked for."""

_exports = columns(Exports)

EXPORTS = Listing(
    row=ExportRow,
    table=_exports,
    columns=(
        "org_id",
        "id",
        "kind",
        "format",
        "state",
        "from_size",
        "at_size",
        "roles",
        "progress",
        "sha256",
        "error",
        "requested_at",
        "ready_at",
        "last_audit_id",
    ),
    conditions={"kind": _exports.kind == text("kind")},
)


def of_kind(kind: ExportKind) -> Where:
    """Which exports: those of a kind."""
    return condition("kind", kind=kind.value)


def is_kept(export: ExportRow, now: datetime) -> bool:
    """Say whether the file is there to be fetched."""
    return bool(export.state == ExportState.READY and now < export.ready_at + FILE_LIFE)
