"""What-if arguments: read, checked against the facts' types, and put over what was read."""

import json
from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

from strawberry import UNSET

from core.rules.registry import RULES_BY_ID
from core.rules.situation import Situation
from core.rules.supposed_values import Unsupposable
from core.rules.what_if import OVERRIDES_MAX, Override, check, ordered, suppose
from core.storage.states import OrgState, UserState
from resolvers import withholding
from resolvers.context import RequestContext
from resolvers.errors import BadInput
from resolvers.global_ids import parse
from schema.what_if import FactOverride

_ENTITIES = frozenset({"Org", "Location", "User", "UserPhoneNumber", "Campaign"})
_SHOWN_MAX = 60
"""What an error repeats of a value."""


def overrides_of(context: RequestContext, given: Sequence[FactOverride] | None) -> tuple[Override, ...]:
    """Read a `whatIf` argument. Raises `BadInput` that names every override that cannot be supposed."""
    if not given:
        return ()
    if len(given) > OVERRIDES_MAX:
        raise BadInput(f"`whatIf` supposes {len(given)} facts: give at most {OVERRIDES_MAX}")
    found: list[Override] = []
    problems: list[str] = []
    for at, each in enumerate(given):
        try:
            found.append(_override(context, each))
        except Unsupposable as problem:
            problems.append(f"`whatIf[{at}]` {problem}")
    named: set[tuple[str, UUID | None]] = set()
    for at, override in enumerate(found):
        if (override.rule_id, override.entity_id) in named:
            problems.append(f"`whatIf[{at}]` supposes a fact that is supposed already: give each once")
        named.add((override.rule_id, override.entity_id))
    if problems:
        raise BadInput("; ".join(problems))
    return ordered(found)


def may_suppose(context: RequestContext, overrides: Iterable[Override]) -> bool:
    """Whether the caller may suppose these: what may not be seen may not be felt for either."""
    return withholding.hidden_from(context).isdisjoint(each.rule_id for each in overrides)


def situations(
    org: OrgState, users: Sequence[UserState], overrides: Sequence[Override], read: set[int] | None = None
) -> list[Situation]:
    """Put overrides over the facts of users. Raises `BadInput` for one that no user's decision reads.

    `read`: takes the positions of those that are read, where the users are only some of those asked about: which of
    them nobody's decision reads is known in the end, and `refuse_unread` says so.
    """
    found = []
    used: set[int] = set()
    for user in users:
        situation, whom = user.situation(org), user.whom(org)
        for at, each in enumerate(overrides):
            try:
                changed = suppose(situation, whom, each)
            except Unsupposable as problem:
                raise BadInput(f"`whatIf` of `{each.rule_id}`: give {problem}") from None
            if changed is not None:
                used.add(at)
                situation = changed
        found.append(situation)
    if read is not None:
        read.update(used)
    elif users:
        refuse_unread(overrides, used)
    return found


def refuse_unread(overrides: Sequence[Override], read: Collection[int]) -> None:
    """Raise `BadInput` unless each was read; `read`: the positions of those that were."""
    unread = [each.rule_id for at, each in enumerate(overrides) if at not in read]
    if unread:
        listed = ", ".join(f"`{rule_id}`" for rule_id in unread)
        raise BadInput(
            f"`whatIf` of {listed} names no fact that is read here: name whose decision is asked, that user's "
            "location, number or organization, or leave `entityId` out"
        )


def _override(context: RequestContext, given: FactOverride) -> Override:
    override = Override(rule_id=given.rule_id, entity_id=_entity(context, given.entity_id), value=given.value)
    if not may_suppose(context, [override]):
        raise Unsupposable(f"supposes `{given.rule_id}`, whose facts are not the caller's to read")
    try:
        check(override)
    except Unsupposable as allowed:
        is_rule = given.rule_id in RULES_BY_ID
        what = (
            f"gives `{given.rule_id}` the value {_shown(given.value)}"
            if is_rule
            else f"names {_shown(given.rule_id)}, which is no rule"
        )
        raise Unsupposable(f"{what}: give {allowed}") from None
    return override


def _entity(context: RequestContext, text: Any) -> UUID | None:
    if text is None or text is UNSET:
        return None
    parsed = parse(context, text)
    if parsed is None or parsed.type not in _ENTITIES:
        raise Unsupposable(f"has the `entityId` {_shown(text)}: give an id of the user's organization, or leave it out")
    return parsed.id


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return f"`{text if len(text) <= _SHOWN_MAX else text[:_SHOWN_MAX] + '…'}`"
