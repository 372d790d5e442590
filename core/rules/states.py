"""The state machines: brand, campaign and assignment (10DLC), and the message."""

from collections.abc import Mapping
from typing import TypeVar

from core.rules.enums import AssignmentStatus, BrandStatus, CampaignStatus, MessageStatus

S = TypeVar("S", BrandStatus, CampaignStatus, AssignmentStatus, MessageStatus)

_B, _C, _A, _M = BrandStatus, CampaignStatus, AssignmentStatus, MessageStatus

BRAND: Mapping[BrandStatus, frozenset[BrandStatus]] = {
    _B.PENDING: frozenset({_B.IN_REVIEW, _B.APPROVED, _B.FAILED}),
    _B.IN_REVIEW: frozenset({_B.APPROVED, _B.FAILED}),
    _B.APPROVED: frozenset({_B.SUSPENDED}),
    _B.SUSPENDED: frozenset({_B.APPROVED, _B.FAILED}),
    _B.FAILED: frozenset({_B.IN_REVIEW}),
}
"""A brand begins PENDING; FAILED goes back IN_REVIEW when it is resubmitted."""

CAMPAIGN: Mapping[CampaignStatus, frozenset[CampaignStatus]] = {
    _C.DRAFT: frozenset({_C.SUBMITTED, _C.DEACTIVATED}),
    _C.SUBMITTED: frozenset({_C.REGISTRY_REVIEW, _C.DEACTIVATED}),
    _C.REGISTRY_REVIEW: frozenset({_C.REGISTRY_REJECTED, _C.CARRIER_REVIEW, _C.DEACTIVATED}),
    _C.REGISTRY_REJECTED: frozenset({_C.SUBMITTED, _C.DEACTIVATED}),
    _C.CARRIER_REVIEW: frozenset({_C.ACTIVE, _C.DEACTIVATED}),
    _C.ACTIVE: frozenset({_C.SUSPENDED, _C.EXPIRED, _C.DEACTIVATED}),
    _C.SUSPENDED: frozenset({_C.ACTIVE, _C.EXPIRED, _C.DEACTIVATED}),
    _C.EXPIRED: frozenset(),
    _C.DEACTIVATED: frozenset(),
}
"""A campaign begins SUBMITTED (DRAFT is reserved); suspended is reversible, expired is not."""

ASSIGNMENT: Mapping[AssignmentStatus, frozenset[AssignmentStatus]] = {
    _A.PENDING_ASSIGNMENT: frozenset({_A.ASSIGNED, _A.FAILED_ASSIGNMENT}),
    _A.FAILED_ASSIGNMENT: frozenset({_A.PENDING_ASSIGNMENT}),
    _A.ASSIGNED: frozenset({_A.PENDING_UNASSIGNMENT}),
    _A.PENDING_UNASSIGNMENT: frozenset({_A.UNASSIGNED, _A.FAILED_UNASSIGNMENT}),
    _A.FAILED_UNASSIGNMENT: frozenset({_A.PENDING_UNASSIGNMENT, _A.ASSIGNED}),
    _A.UNASSIGNED: frozenset(),
}
"""An assignment begins PENDING_ASSIGNMENT; after UNASSIGNED another one may begin."""

OCCUPYING = (_A.PENDING_ASSIGNMENT, _A.ASSIGNED, _A.PENDING_UNASSIGNMENT, _A.FAILED_UNASSIGNMENT)
"""Where a number still counts as one of the campaign's; a failed or ended assignment leaves room for another."""

MESSAGE: Mapping[MessageStatus, frozenset[MessageStatus]] = {
    _M.ACCEPTED: frozenset({_M.QUEUED, _M.CANCELED, _M.EXPIRED}),
    _M.QUEUED: frozenset({_M.SENDING, _M.BLOCKED, _M.CANCELED, _M.EXPIRED}),
    _M.SENDING: frozenset({_M.SENT, _M.QUEUED, _M.FAILED, _M.DELIVERY_UNKNOWN}),
    _M.SENT: frozenset({_M.DELIVERED, _M.UNDELIVERED, _M.DELIVERY_UNKNOWN}),
    _M.DELIVERY_UNKNOWN: frozenset({_M.DELIVERED}),
    _M.DELIVERED: frozenset(),
    _M.UNDELIVERED: frozenset(),
    _M.BLOCKED: frozenset(),
    _M.CANCELED: frozenset(),
    _M.EXPIRED: frozenset(),
    _M.FAILED: frozenset(),
    _M.RECEIVED: frozenset(),
}
"""An outbound message begins ACCEPTED, an inbound one RECEIVED. SENDING goes back to QUEUED to be tried again."""

MESSAGE_RANK: Mapping[MessageStatus, int] = {
    _M.ACCEPTED: 0,
    _M.QUEUED: 1,
    _M.SENDING: 2,
    _M.SENT: 3,
    _M.DELIVERY_UNKNOWN: 4,
    _M.DELIVERED: 5,
    _M.UNDELIVERED: 5,
    _M.BLOCKED: 5,
    _M.CANCELED: 5,
    _M.EXPIRED: 5,
    _M.FAILED: 5,
    _M.RECEIVED: 5,
}
"""How far along a status is: a receipt never lowers it."""

_RECEIPTS = frozenset({_M.SENT, _M.DELIVERED, _M.UNDELIVERED})
_LISTENING = frozenset({_M.QUEUED, _M.SENDING, _M.SENT})


def may_become(machine: Mapping[S, frozenset[S]], before: S, after: S) -> bool:
    """Say whether the machine has that arrow; staying is no arrow."""
    return after in machine[before]


def why_not(machine: Mapping[S, frozenset[S]], before: S, after: S) -> str:
    """Say what a status may become instead."""
    following = [f"`{status}`" for status in machine if status in machine[before]]
    if not following:
        return f"that is final, it does not become `{after}`"
    return f"from there it becomes {' or '.join(following)}, not `{after}`"


def is_terminal(machine: Mapping[S, frozenset[S]], status: S) -> bool:
    """Say whether nothing follows. DELIVERY_UNKNOWN is not terminal: a late DELIVERED may follow."""
    return not machine[status]


def is_final(status: MessageStatus) -> bool:
    """Say whether the message is over for its sender: delivered, given up, or received."""
    return MESSAGE_RANK[status] >= MESSAGE_RANK[_M.DELIVERY_UNKNOWN]


def may_begin_assignment(before: AssignmentStatus | None) -> bool:
    """Say whether a number may be given to a campaign: it has none, lost it, or the last attempt failed."""
    return before in (None, _A.UNASSIGNED, _A.FAILED_ASSIGNMENT)


def after_receipt(current: MessageStatus, reported: MessageStatus) -> MessageStatus:
    """Give the status after a carrier's receipt: raised or left, never lowered, whatever order receipts come in.

    `reported` is SENT, DELIVERED or UNDELIVERED; anything else changes nothing. A message that went back to QUEUED
    listens too: the first try may have arrived after all. DELIVERY_UNKNOWN listens to a late DELIVERED only.
    """
    if reported not in _RECEIPTS:
        return current
    if current == _M.DELIVERY_UNKNOWN:
        return _M.DELIVERED if reported == _M.DELIVERED else current
    if current not in _LISTENING or MESSAGE_RANK[reported] <= MESSAGE_RANK[current]:
        return current
    return reported
