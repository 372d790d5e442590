"""The columns beside an entry: what filters read. They repeat the entry, which alone is evidence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from audit.ids import moment
from audit.record import AuditOutcome

_OUTCOMES = {
    (1, 1): AuditOutcome.ALLOWED,
    (2, 2): AuditOutcome.DENIED,
    (1, 2): AuditOutcome.FAILED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """The projected columns of one entry, in the order and with the names of `audit.record`."""

    occurred_at: datetime
    action: str
    kind: str
    outcome: str
    actor: str
    target_type: str
    target_id: UUID
    location_id: UUID | None
    rule: str | None
    request_id: str | None
    correlation_id: str | None
    involves: tuple[UUID, ...]


def project(content: dict[str, Any]) -> Projection:
    """Read the columns out of a parsed entry.

    Raises:
        KeyError, ValueError: the entry is not one of ours.
    """
    entity = content["entity"]
    location = content.get("location_uid")
    return Projection(
        occurred_at=moment(content["time"]),
        action=content["action"],
        kind=content["kind"],
        outcome=outcome(content),
        actor=content["actor"]["user"]["uid"],
        target_type=entity["type"],
        target_id=UUID(entity["uid"]),
        location_id=UUID(location) if location else None,
        rule=content.get("rule", {}).get("uid"),
        request_id=content.get("api", {}).get("request", {}).get("uid"),
        correlation_id=content["metadata"].get("correlation_uid"),
        involves=tuple(UUID(each) for each in content["involves"]),
    )


def outcome(content: dict[str, Any]) -> AuditOutcome:
    """Read the outcome from OCSF's `action_id` and `status_id`."""
    return _OUTCOMES[content["action_id"], content["status_id"]]
