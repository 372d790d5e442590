"""Eligibility: the decision, every rule that made it, and what would change it."""

from datetime import datetime
from typing import Annotated

import strawberry

from engine import batched
from schema.access import EVERYONE, readable
from schema.enums import Level, Outcome, RemediationKind, Role, RuleStatus
from schema.node import GLOBAL_ID, Node
from schema.references import AuditRecordRef, UserRef
from schema.scalars import JSON


@strawberry.type(description="Where a rule comes from.")
@readable(EVERYONE, rows="every one")
class Citation:
    """Where a rule comes from."""

    source_id: str = strawberry.field(description="The sentence's id in the source document, such as `P4`.")
    text: str = strawberry.field(description="The sentence.")


@strawberry.type(description="What would make a rule pass, and who can do it.")
@readable(EVERYONE, rows="as the rule's result")
class Remediation:
    """What would make a rule pass, and who can do it."""

    rule_id: str = strawberry.field(description="The rule it is for.")
    kind: RemediationKind = strawberry.field(description="Who can do it, and how.")
    owner: Role | None = strawberry.field(description="The role that can do it; null: nobody here.")
    summary: str = strawberry.field(description="What to do, in words.")
    mutation: str | None = strawberry.field(
        description="The mutation that does it; null when it takes more than one whose arguments are known."
    )
    variables: JSON | None = strawberry.field(description="That mutation's `input`; null without a mutation.")
    waiting_since: datetime | None = strawberry.field(
        description="Since when it waits for somebody; null when nothing is waiting."
    )


@strawberry.type(description="What one rule found.")
@readable(EVERYONE, rows="as the decision; facts the caller may not read are withheld")
class RuleResult:
    """What one rule found."""

    rule_id: str = strawberry.field(description="The rule, such as `CLIENT_VERSION_MIN`.")
    status: RuleStatus = strawberry.field(description="What it found.")
    level: Level = strawberry.field(description="What the rule is about.")

    @batched(description="The object it looked at; null when there is none, or when it is not the caller's to read.")
    def subject(self) -> Node | None: ...

    @batched(description="What it saw; null when nothing was recorded, or when it is withheld.")
    def observed(self) -> JSON | None: ...

    required: JSON | None = strawberry.field(description="What it wants to see; null where that is no single value.")

    @batched(description="What it found, in words.")
    def message(
        self,
        language: Annotated[
            str | None,
            strawberry.argument(description="A BCP 47 tag such as `ja`; else Accept-Language decides, else English."),
        ],
    ) -> str: ...

    @batched(description="Where the rule comes from.")
    def citation(self) -> Citation: ...

    blocked_by: list[str] = strawberry.field(
        description="The rules whose failing implies this one's; empty: this one stands for itself."
    )

    @batched(description="What would make it pass; null when it does.")
    def remediation(self) -> Remediation | None: ...

    @batched(description="When the fact it saw was recorded; null when none was.")
    def observed_at(self) -> datetime | None: ...

    @batched(description="True: the caller may not see the fact. It was decided on all the same; `observed` is null.")
    def withheld(self) -> bool: ...


@strawberry.type(
    description="Whether a user may text, and every reason. The id names the user, the newest fact read and the "
    "policy: unchanged facts give the same id."
)
@readable(EVERYONE, rows="as the user")
class EligibilityDecision(Node):
    """Whether a user may text, and every reason."""

    @batched(name="id", description=GLOBAL_ID)  # type: ignore[misc] # a field like another, answered by a function
    def global_id(self) -> strawberry.ID: ...

    @batched(description="The user.")
    def user(self) -> UserRef: ...

    outcome: Outcome = strawberry.field(description="What all rules together say; only ALLOWED may send.")
    eligible: bool = strawberry.field(description="Whether the outcome is ALLOWED.")
    prerequisites: Outcome = strawberry.field(
        description="What the prerequisites alone say (P1 to P6, B7, U1), whatever the switch says."
    )
    enabled: bool = strawberry.field(description="What the switch alone says (O1 to O4, U3).")

    @batched(
        description="The first rule, in document order, that gives the outcome; null only when ALLOWED. PENDING and "
        "INDETERMINATE name the first that waits or is unknown."
    )
    def decided_by(self) -> RuleResult | None: ...

    @batched(description="Every rule in document order, passed or not.")
    def rules(self) -> list[RuleResult]: ...

    @batched(description="The rules that fail.")
    def denials(self) -> list[RuleResult]: ...

    @batched(description="The rules that fail for themselves: none of them fails because another one does.")
    def root_causes(self) -> list[RuleResult]: ...

    @batched(
        description="The smallest sets of remediations that would make the outcome ALLOWED, the smallest first, each "
        "in an order in which it can be done; no part of a set suffices. Verified by deciding again on the facts that "
        "their success would give. Empty: nothing needs to be done, something is NOT_FIXABLE, or the decision was kept "
        "without its facts. Of a past moment they are in words alone."
    )
    def minimal_fixes(
        self,
        limit: Annotated[
            int | None, strawberry.argument(description="How many sets, 1 to 10; the search stops there.")
        ] = 3,
    ) -> list[list[Remediation]]: ...

    policy_version: str = strawberry.field(description="The version of the policy it was decided under.")
    policy_digest: str = strawberry.field(description="SHA-256 of that policy's rules and values, in hexadecimal.")
    as_of: datetime = strawberry.field(description="The moment whose facts were read.")
    known_at: datetime = strawberry.field(description="The moment whose knowledge was used.")
    evaluated_at: datetime = strawberry.field(description="When it was worked out.")
    simulated: bool = strawberry.field(description="Whether facts were supposed rather than read.")


@strawberry.type(description="One rule that found something else than before.")
@readable(EVERYONE, rows="as the decision")
class RuleChange:
    """One rule that found something else than before."""

    rule_id: str = strawberry.field(description="The rule.")
    before: RuleResult | None = strawberry.field(description="What it found first.")
    after: RuleResult | None = strawberry.field(description="What it found last.")

    @batched(
        description="The records that changed the facts this rule read, or whose facts it reads, the first first: "
        "those that the caller may see. Empty also where the policy changed."
    )
    def caused_by(self) -> list[AuditRecordRef]: ...


@strawberry.type(description="What became of a decision between two times.")
@readable(EVERYONE, rows="as the user")
class EligibilityDiff:
    """What became of a decision between two times."""

    before: EligibilityDecision = strawberry.field(description="The decision of the earlier time.")
    after: EligibilityDecision = strawberry.field(description="The decision of the later time.")
    changes: list[RuleChange] = strawberry.field(
        description="The rules that found something else, in document order; of facts that are withheld, those whose "
        "status changed."
    )


@strawberry.type(description="A rule of the catalogue.")
@readable(EVERYONE, rows="every one")
class EligibilityRule:
    """A rule of the catalogue."""

    rule_id: str = strawberry.field(description="Its id, such as `CLIENT_VERSION_MIN`.")
    level: Level = strawberry.field(description="What it is about.")
    summary: str = strawberry.field(description="What it wants, in words.")

    @batched(description="Where it comes from.")
    def citation(self) -> Citation: ...

    policy_version: str = strawberry.field(description="The policy version it is of.")
