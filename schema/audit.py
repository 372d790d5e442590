"""An audit record: who did what to what, with what outcome and why."""

from datetime import datetime
from typing import Annotated

import strawberry

from engine import batched
from schema.access import EVERYONE, readable
from schema.enums import (
    AuditKind,
    AuditOrderField,
    AuditOutcome,
    DisclosureState,
    OrderDirection,
    Role,
    SealState,
)
from schema.inputs import optional
from schema.node import Node
from schema.references import EligibilityDecisionRef, OrgRef
from schema.scalars import JSON, UnsignedInt64

ROWS = "COMPLIANCE_OFFICER and AUDITOR: every one of the organization; others: those of what they did themselves"


@strawberry.input(
    description="Which records: all conditions that are given must hold. Null counts as not given. Times are half-open."
)
class AuditFilter:
    """Which records."""

    actor: str | None = optional("Only what this subject did.")
    action: str | None = optional("Only this action, such as `org:texting:enable`.")
    target_id: strawberry.ID | None = optional("Only what was done to this object.")
    target_type: str | None = optional("Only what was done to objects of this type, such as `User`.")
    outcome: AuditOutcome | None = optional("Only attempts that ended so.")
    rule: str | None = optional("Only attempts that this rule decided.")
    request_id: str | None = optional("Only what this request did: a refusal's `trackingId`.")
    occurred_from: datetime | None = optional("Only what happened at this time or later.")
    occurred_to: datetime | None = optional("Only what happened before this time.")
    actions: list[str] | None = optional("Only these actions.")
    kinds: list[AuditKind] | None = optional("Only records of these kinds.")
    involves: strawberry.ID | None = optional(
        "Only records that involve this user: as actor, target, owner of the number or party of the message."
    )
    location_id: strawberry.ID | None = optional("Only what concerns this location.")
    correlation_id: str | None = optional("Only the intent and the outcomes that share this.")


@strawberry.input(description="The order of audit records.")
class AuditOrder:
    """The order of audit records."""

    field: AuditOrderField = strawberry.field(description="What to order by.")
    direction: OrderDirection = strawberry.field(description="Which end comes first.")


RecordFilter = Annotated[AuditFilter | None, strawberry.argument(description="Which records; all when absent.")]
RecordOrder = Annotated[AuditOrder | None, strawberry.argument(description="The order; the newest first when absent.")]


@strawberry.type(description="Who did it.")
@readable(EVERYONE, rows="as the record")
class AuditActor:
    """Who did it."""

    subject: str = strawberry.field(description="The subject of the token that was used.")
    name: str | None = strawberry.field(description="The actor's name then; null when unknown or erased.")
    roles: list[Role] = strawberry.field(description="The roles the actor held there then.")
    on_behalf_of: str | None = strawberry.field(
        description="The user it was done for, as a global id; null when it was done for oneself."
    )
    org_id: strawberry.ID | None = strawberry.field(
        description="The actor's own organization when a provider acts for a customer (Webex's actorOrgId); else null."
    )


@strawberry.type(description="What it was done to.")
@readable(EVERYONE, rows="as the record")
class AuditTarget:
    """What it was done to."""

    type: str = strawberry.field(description="The type of the object, such as `User`.")
    id: strawberry.ID = strawberry.field(description="The global id of the object.")
    name: str | None = strawberry.field(description="What it was called then; null when unknown or erased.")

    @batched(description="The object; null when it is gone, or when it is not the caller's to read.")
    def node(self) -> Node | None: ...


@strawberry.type(
    description="What one digest in `raw` stands for: SHA-256 over the base64url text of the canonical JSON array "
    "`[salt, name, value]` (RFC 9901 §4.2). Whoever has the three can check it and need not trust anybody."
)
@readable(EVERYONE, rows="as the record")
class Disclosure:
    """What one digest in `raw` stands for."""

    name: str = strawberry.field(description="Where it stands in `raw`, as a JSON pointer (RFC 6901).")
    digest: str = strawberry.field(description="The digest, in base64url.")
    state: DisclosureState = strawberry.field(description="Whether the value can be shown.")
    salt: str | None = strawberry.field(description="The salt, in base64url; null unless DISCLOSED.")
    value: JSON | None = strawberry.field(description="The value; null unless DISCLOSED.")


@strawberry.type(description="What happened: written in the same transaction as what it records, never changed.")
@readable(EVERYONE, rows=ROWS)
class AuditRecord(Node):
    """What happened: written in the same transaction as what it records."""

    @batched(description="The organization it is about; null for what concerns the provider alone.")
    def org(self) -> OrgRef | None: ...

    occurred_at: datetime = strawberry.field(description="When it happened.")
    logged_at: datetime = strawberry.field(description="When it was written, by the database's clock.")
    action: str = strawberry.field(description="What was done or tried, such as `org:texting:enable`.")
    kind: AuditKind = strawberry.field(description="What sort of thing it is about.")

    @batched(description="Who did it.")
    def actor(self) -> AuditActor: ...

    @batched(description="What it was done to.")
    def target(self) -> AuditTarget: ...

    outcome: AuditOutcome = strawberry.field(description="How it ended.")
    rule: str | None = strawberry.field(description="The rule that decided; null where none did.")
    reason: str | None = strawberry.field(description="Why the person did it, in the person's words; null: not said.")

    @batched(description="The changed fields as they were; null where nothing was. Erased values are missing.")
    def before(self) -> JSON | None: ...

    @batched(description="The changed fields as they became; null where nothing did. Erased values are missing.")
    def after(self) -> JSON | None: ...

    request_id: str | None = strawberry.field(description="The request that did it: a refusal's `trackingId`.")
    ip: str | None = strawberry.field(description="The address it came from; null where there was none.")
    user_agent: str | None = strawberry.field(
        description="The program it came from, as it named itself; null: unnamed."
    )

    @batched(description="The decision that allowed or denied it; null where none was made.")
    def decision(self) -> EligibilityDecisionRef | None: ...

    policy_version: str | None = strawberry.field(description="The policy that decided; null where none did.")
    correlation_id: str | None = strawberry.field(
        description="What an intent and its outcomes share; null: stands alone."
    )

    @batched(
        description="The exact bytes that were logged, as canonical JSON (RFC 8785, ASCII). Names, numbers, e-mails "
        "and bodies stand in it as salted digests."
    )
    def raw(self) -> str: ...

    @batched(description="The Merkle leaf hash of `raw` (RFC 6962 §2.1), in base64.")
    def leaf_hash(self) -> str: ...

    @batched(
        description="What the digests in `raw` stand for: with the salts, a browser can check that each name it shows "
        "is the one that was logged."
    )
    def disclosures(self) -> list[Disclosure]: ...

    @batched(description="How far its evidence has come.")
    def seal_state(self) -> SealState: ...

    @batched(description="Its place in the organization's tree, counted from 0; null while PENDING.")
    def leaf_index(self) -> UnsignedInt64 | None: ...

    @batched(
        description="That it is in the tree: a C2SP tlog-proof file, checkpoint included; null while PENDING, and in "
        "trees that are smaller."
    )
    def proof(
        self,
        tree_size: Annotated[
            UnsignedInt64 | None,
            strawberry.argument(description="The size of a signed checkpoint; absent: the newest one's."),
        ],
    ) -> str | None: ...
