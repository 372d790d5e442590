"""Why a change was not made. A closed set of values; the API turns each into the type of the same name."""

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from core.principal import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What every refusal says. `denied`: somebody or a rule said no; otherwise the attempt itself was faulty.

    `record_id`: the attempt's record, once it is written; a dry run has none.
    """

    code: ClassVar[str]
    denied: ClassVar[bool] = False

    message: str
    record_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotFound(Refusal):
    """The object does not exist, or is not the caller's to know of. `argument`: GraphQL's name of the input."""

    code = "NOT_FOUND"
    argument: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotAllowed(Refusal):
    """The caller's roles do not suffice, inside an organization the caller belongs to."""

    code = "NOT_ALLOWED"
    denied = True
    required_roles: tuple[Role, ...]


def told(roles: tuple[Role, ...]) -> str:
    """Say which of the roles are needed."""
    return f"the role {roles[0]}" if len(roles) == 1 else f"one of the roles {', '.join(roles)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One fault of an input. `path` is in GraphQL's spelling, list positions as decimal strings."""

    path: tuple[str, ...]
    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InvalidInput(Refusal):
    """The input cannot be carried out as it stands; every problem found is listed."""

    code = "INVALID_INPUT"
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionConflict(Refusal):
    """Somebody else changed the object since the caller read it."""

    code = "VERSION_CONFLICT"
    current_version: int
    type: str
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class IdempotencyConflict(Refusal):
    """The key was used before with another body."""

    code = "IDEMPOTENCY_CONFLICT"


@dataclass(frozen=True, slots=True, kw_only=True)
class NotEligible(Refusal):
    """Texting is not available there (U1, O1). `blockers` are `core.rules.results.RuleResult`s.

    `location_id`: the location that those of level LOCATION are about. `policy_version`, `policy_digest`: what it was
    decided under. `decision_id` names the decision about the user, where one was to be switched.
    """

    code = "NOT_ELIGIBLE"
    denied = True
    blockers: tuple[Any, ...]
    policy_version: str
    policy_digest: str
    location_id: UUID | None = None
    decision_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingLocked(Refusal):
    """A higher level is locked. `lock` is a `core.storage.switches.StoredLock`."""

    code = "SETTING_LOCKED"
    denied = True
    lock: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongState(Refusal):
    """A state machine says no; `state` is where the object stands."""

    code = "WRONG_STATE"
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SendDenied(Refusal):
    """A send rule says no. `decision` is a `core.rules.sending.SendDecision`; `user_id` names the sender.

    `decision_id` names the decision whether the sender may text at all.
    """

    code = "SEND_DENIED"
    denied = True
    decision: Any
    user_id: UUID
    decision_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRefusal:
    """One user that stood in the way of a bulk change. `user_id` is `None` where the id was not a user's."""

    given: str
    user_id: UUID | None
    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UsersRefused(Refusal):
    """Nothing was changed; every user that stood in the way."""

    code = "USERS_REFUSED"
    denied = True
    refusals: tuple[UserRefusal, ...]


class Refused(Exception):
    """Raised by a command to make no change; `perform` rolls back, records the attempt and answers the refusal."""

    def __init__(self, refusal: Refusal) -> None:
        """Carry the refusal."""
        super().__init__(refusal.message)
        self.refusal = refusal


def invalid(path: tuple[str, ...] | str, code: str, message: str) -> Refused:
    """Refuse one fault of the input."""
    where = (path,) if isinstance(path, str) else path
    return Refused(InvalidInput(message=message, problems=(Problem(path=where, code=code, message=message),)))


def not_found(argument: str, given: object) -> Refused:
    """Refuse an id that names nothing the caller may know of."""
    return Refused(NotFound(message=f"nothing is known by `{given}`: check the id in `{argument}`", argument=argument))
