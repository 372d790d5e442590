"""The named reasons for which a mutation does nothing."""

from uuid import UUID

import strawberry

from core.ids import GlobalId
from engine import batched
from schema.access import EVERYONE, readable
from schema.eligibility import RuleResult
from schema.enums import Role
from schema.node import Node
from schema.references import SettingSourceRef, UserRef

ROWS = "the caller's own"


@strawberry.interface(description="Why a mutation did nothing. New ones may come: always select `... on Refusal`.")
@readable(EVERYONE, rows=ROWS)
class Refusal:
    """Why a mutation did nothing."""

    code: str = strawberry.field(description="The reason in one word, for programs.")
    message: str = strawberry.field(description="The reason in words, for people.")
    tracking_id: str = strawberry.field(
        description="Names this request: quote it to support, or find its records with AuditFilter.requestId."
    )


@strawberry.type(description="The object does not exist, or is not the caller's to know of.")
@readable(EVERYONE, rows=ROWS)
class NotFound(Refusal):
    """The object does not exist, or is not the caller's to know of."""

    argument: str = strawberry.field(description="The input field whose id was not found.")


@strawberry.type(description="The caller's roles do not allow it. Said only inside the caller's own organization.")
@readable(EVERYONE, rows=ROWS)
class NotAllowed(Refusal):
    """The caller's roles do not allow it."""

    required_roles: list[Role] = strawberry.field(description="The roles any of which would do.")


@strawberry.type(description="One thing that is wrong with an input.")
@readable(EVERYONE, rows=ROWS)
class InputProblem:
    """One thing that is wrong with an input."""

    path: list[str] = strawberry.field(description="Where: the names of the input's fields from the outside in.")
    code: str = strawberry.field(description="What, in one word.")
    message: str = strawberry.field(description="What, and what to do, in words.")


@strawberry.type(description="The input cannot be used; every problem is named.")
@readable(EVERYONE, rows=ROWS)
class InvalidInput(Refusal):
    """The input cannot be used."""

    problems: list[InputProblem] = strawberry.field(description="Everything that is wrong with it.")


@strawberry.type(description="Somebody changed the object since `expectedVersion`.")
@readable(EVERYONE, rows=ROWS)
class VersionConflict(Refusal):
    """Somebody changed the object since `expectedVersion`."""

    current_ref: strawberry.Private[GlobalId]
    current_version: int = strawberry.field(description="The version it has now.")

    @batched(description="The object as it is now.")
    def current(self) -> Node: ...


@strawberry.type(description="The idempotency key was used within the last 7 days with another input.")
@readable(EVERYONE, rows=ROWS)
class IdempotencyConflict(Refusal):
    """The idempotency key was used with another input."""


@strawberry.type(description="Texting is not available there (U1, O1).")
@readable(EVERYONE, rows=ROWS)
class NotEligible(Refusal):
    """Texting is not available there (U1, O1)."""

    blocking: strawberry.Private[tuple[object, ...]]

    @batched(description="The failing rules that stand in the way.")
    def blockers(self) -> list[RuleResult]: ...


@strawberry.type(description="A higher level is locked: nothing below it may turn the setting on.")
@readable(EVERYONE, rows=ROWS)
class SettingLocked(Refusal):
    """A higher level is locked."""

    lock: strawberry.Private[object]

    @batched(description="The level that is locked, and who locked it when.")
    def locked_by(self) -> SettingSourceRef: ...


@strawberry.type(description="The object's state does not allow it.")
@readable(EVERYONE, rows=ROWS)
class WrongState(Refusal):
    """The object's state does not allow it."""

    state: str = strawberry.field(description="The state it is in.")


@strawberry.type(description="A user that stood in the way.")
@readable(EVERYONE, rows=ROWS)
class UserRefusal:
    """A user that stood in the way."""

    user_ref: strawberry.Private[UUID | None]
    user_id: strawberry.ID = strawberry.field(description="The id as it was sent.")

    @batched(description="The user; null when there is none, or when it is not the caller's to know of.")
    def user(self) -> UserRef | None: ...

    code: str = strawberry.field(description="The reason in one word.")
    message: str = strawberry.field(description="The reason in words.")


@strawberry.type(description="Nothing was changed, because of certain users; every one of them is named.")
@readable(EVERYONE, rows=ROWS)
class UsersRefused(Refusal):
    """Nothing was changed, because of certain users."""

    refusals: list[UserRefusal] = strawberry.field(description="Every user that stood in the way, and why.")
