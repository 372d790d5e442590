"""What a report of the denied is asked: checked when it is asked for, kept as JSON, read again when it is made."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from core.commands.problems import Problems
from core.rules.enums import Outcome, TextingMode, UserStatus
from core.rules.what_if import Override
from resolvers import filters
from resolvers.context import RequestContext
from resolvers.errors import BadInput
from resolvers.global_ids import given, parse
from resolvers.what_if import overrides_of
from schema.exports import CreateExportInput
from schema.user import UserFilter

SEARCH_LENGTH_MAX = 256
"""Names and e-mails are no longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Which users, on which facts. `as_of`, `known_at`: UTC; `None`: what holds when it is made.

    `conditions`: those of `UserFilter` that ask anything, by name, as JSON.
    """

    conditions: Mapping[str, Any]
    overrides: tuple[Override, ...]
    as_of: datetime | None
    known_at: datetime | None

    @classmethod
    def of_input(cls, context: RequestContext, input: CreateExportInput) -> Self:
        """Check what an input asks. Raises `Refused` with every problem."""
        problems = Problems()
        question = cls(
            conditions=_conditions(context, input.users, problems) if isinstance(input.users, UserFilter) else {},
            overrides=_overrides(context, input.what_if, problems),
            as_of=input.as_of if given(input.as_of) else None,
            known_at=input.known_at if given(input.known_at) else None,
        )
        problems.not_future(("asOf",), question.as_of, context.now)
        problems.not_future(("knownAt",), question.known_at, context.now)
        problems.refuse()
        return question

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> Self:
        """Read one that was kept."""
        return cls(
            conditions=kept.get("users", {}),
            overrides=tuple(_override(each) for each in kept.get("whatIf", ())),
            as_of=_moment(kept.get("asOf")),
            known_at=_moment(kept.get("knownAt")),
        )

    def to_json(self) -> dict[str, Any]:
        """Write what it asks."""
        said = {
            "users": dict(self.conditions),
            "whatIf": [
                {"ruleId": each.rule_id, "entityId": each.entity_id and str(each.entity_id), "value": each.value}
                for each in self.overrides
            ],
            "asOf": self.as_of and self.as_of.isoformat(),
            "knownAt": self.known_at and self.known_at.isoformat(),
        }
        return {name: value for name, value in said.items() if value}

    @property
    def users(self) -> UserFilter:
        """Give the conditions as the API has them."""
        return UserFilter(**{name: _READ.get(name, _as_it_is)(value) for name, value in self.conditions.items()})


def _conditions(context: RequestContext, filter: UserFilter, problems: Problems) -> dict[str, Any]:
    found = {each.name: value for each in fields(filter) if given(value := getattr(filter, each.name))}
    if "location_id" in found:
        named = parse(context, found["location_id"])
        if named is None or named.type != "Location":
            message = "`locationId` names no location of the organization: check it, or leave it out"
            problems.add(("users", "locationId"), "NOT_FOUND", message)
        found["location_id"] = str(named)
    if "search" in found:
        found["search"] = problems.optional_text(("users", "search"), found["search"], longest=SEARCH_LENGTH_MAX)
    try:
        filters.decided(filter)
    except BadInput as error:
        problems.add(("users", "failingRule"), "NOT_ANSWERABLE", str(error))
    # A value said twice says no more, and could be said without end.
    plain = {name: sorted(set(value)) if isinstance(value, list) else value for name, value in found.items()}
    return {name: value for name, value in plain.items() if value is not None}


def _overrides(context: RequestContext, what_if: Any, problems: Problems) -> tuple[Override, ...]:
    try:
        return overrides_of(context, what_if if given(what_if) else None)
    except BadInput as error:
        problems.add(("whatIf",), "NOT_ANSWERABLE", str(error))
        return ()


def _override(kept: Mapping[str, Any]) -> Override:
    entity = kept["entityId"]
    return Override(rule_id=kept["ruleId"], entity_id=entity and UUID(entity), value=kept["value"])


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _outcomes(values: list[str]) -> list[Outcome]:
    return [Outcome(each) for each in values]


def _as_it_is(value: Any) -> Any:
    return value


_READ: Mapping[str, Callable[[Any], Any]] = {
    "texting": TextingMode,
    "status": UserStatus,
    "outcome": _outcomes,
    "prerequisites": _outcomes,
}
"""The conditions that are no plain values."""
