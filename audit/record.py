"""What a record says: who did what to which thing, what came of it, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from audit.actions import Action


class AuditKind(StrEnum):
    """What a record is evidence of."""

    CHANGE = "CHANGE"
    SEND = "SEND"
    READ = "READ"
    DENIAL = "DENIAL"
    FAILURE = "FAILURE"
    ERASURE = "ERASURE"
    EXPORT = "EXPORT"


class AuditOutcome(StrEnum):
    """What came of it."""

    ALLOWED = "ALLOWED"
    DENIED = "DENIED"
    FAILED = "FAILED"


class ActorType(StrEnum):
    """Whether a person or a program acted."""

    USER = "USER"
    SERVICE = "SERVICE"


@dataclass(frozen=True, slots=True)
class Erasable:
    """A name, e-mail, number or text that can be erased later.

    `value` is JSON and is stored encrypted; the sealed entry holds its salted digest. `subject` is the person (or the
    pseudonym of a number, see `AuditLog.pseudonym`) whose erasure destroys it. An `Erasable(None, …)` is plain null.
    """

    value: Any
    subject: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acted.

    `subject` is opaque (an account id of the identity provider, `worker:dispatcher`), never a name or an address: it
    cannot be erased. `user_id` is the actor's own texting user, if there is one; `org_id` the actor's own organization
    when it is another one than the record's; `on_behalf_of` the subject acted for.
    """

    subject: str
    type: ActorType = ActorType.USER
    name: Erasable | str | None = None
    email: Erasable | None = None
    roles: tuple[str, ...] = ()
    user_id: UUID | None = None
    org_id: UUID | None = None
    on_behalf_of: str | None = None
    session_id: str | None = None
    idp: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What was acted on: a type of the API (`User`), its id (an org's for an org), its version before the change."""

    type: str
    id: UUID
    name: Erasable | str | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """How it came in. `id`: the tracking id; `operation`: GraphQL field or command; `trace_id`, `span_id`: W3C hex."""

    id: str
    operation: str | None = None
    api_version: str | None = None
    ip: str | None = None
    user_agent: str | None = None
    trace_id: str | None = None
    span_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record, before it is written.

    `before` and `after` hold the changed fields only: JSON without floats, with `Erasable` anywhere, and UUIDs, dates
    and enums turned into text. `occurred_at` is an aware datetime, kept to the millisecond. `involves` adds ids to
    those of the target and the actor's user. `rule` is the rule that decided, `policy` and `policy_digest` the version
    in force; `decision_id` what replays the decision. `id` is made when absent; one that is given must be a uuidv7 of
    `occurred_at`.
    """

    org_id: UUID
    action: Action
    kind: AuditKind
    outcome: AuditOutcome
    actor: Actor
    target: Target
    occurred_at: datetime
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    reason: Erasable | str | None = None
    rule: str | None = None
    rule_version: str | None = None
    policy: str | None = None
    policy_digest: str | None = None
    decision_id: str | None = None
    request: Request | None = None
    correlation_id: str | None = None
    involves: tuple[UUID, ...] = field(default=())
    location_id: UUID | None = None
    status_code: str | None = None
    status_detail: Erasable | str | None = None
    id: UUID | None = None
