"""What became of a decision between two times: the rules that changed, and the records that changed their facts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from core.rules.eligibility import RULES
from core.rules.history import Cut, changes
from core.rules.results import RuleResult
from core.storage import history, past
from core.storage.history import History
from core.storage.origins import Source, Subjects, pointers, sources
from engine import Info, Registry
from resolvers import references, withholding
from resolvers.context import RequestContext
from resolvers.eligibility import EligibilityDecision, of_past, on_facts
from resolvers.errors import BadInput
from resolvers.global_ids import id_of
from resolvers.moments import Moment, moment_of
from resolvers.references import resolve
from resolvers.rule_results import Result, result

registry = Registry()


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleChange:
    """One rule that found something else. `record_ids`: of what changed the facts it read, the first first."""

    graphql_type: ClassVar[str] = "RuleChange"

    rule_id: str
    before: Result | None
    after: Result | None
    record_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EligibilityDiff:
    """Two decisions about one user, and what changed between them."""

    graphql_type: ClassVar[str] = "EligibilityDiff"

    before: EligibilityDecision
    after: EligibilityDecision
    changes: list[RuleChange]


@registry.bind("Query.eligibility_diff")
async def eligibility_diff(
    parents: Sequence[None],
    info: Info,
    *,
    user_id: str,
    from_time: datetime,
    to_time: datetime,
    known_at: datetime | None,
) -> list[EligibilityDiff | None]:
    """Compare two times."""
    context: RequestContext = info.context
    if from_time > to_time:
        raise BadInput(f"`from` is `{from_time.isoformat()}`, after `to`: give the earlier time first")
    times = {"from": from_time, "to": to_time}
    moments = [await moment_of(context, at, known_at, argument=name) for name, at in times.items()]
    (user,) = await resolve(info, "User", [id_of(context, user_id, "User")])
    if user is None:
        return [None] * len(parents)
    return [await _compared(context, user.id, *(each for each in moments if each is not None))] * len(parents)


@registry.bind("RuleChange.caused_by")
async def caused_by(parents: Sequence[RuleChange], info: Info) -> list[list[Any]]:
    """Find the records, those that the caller may see."""
    found = await references.load(info.context, "AuditRecord", (id for each in parents for id in each.record_ids))
    return [[found[id] for id in each.record_ids if id in found] for each in parents]


async def _compared(context: RequestContext, user_id: UUID, first: Moment, last: Moment) -> EligibilityDiff:
    read = await history.load(context.db.fetch, context.org_id, [user_id], until=last.until)
    before, after = (_decided(context, read, user_id, moment) for moment in (first, last))
    hidden = withholding.hidden_from(context)
    changed = [
        RuleChange(
            rule_id=rule.rule_id,
            before=result(was, before[0].grounds, user_id),
            after=result(now, after[0].grounds, user_id),
            record_ids=_records(read, rule.rule_id, (before[1], after[1]), first.cut, last.cut),
        )
        for rule in RULES
        if _differs(
            was := before[0].decision.rule(rule.rule_id),
            now := after[0].decision.rule(rule.rule_id),
            is_hidden=rule.rule_id in hidden,
        )
    ]
    return EligibilityDiff(before=before[0], after=after[0], changes=changed)


def _decided(
    context: RequestContext, read: History, user_id: UUID, moment: Moment
) -> tuple[EligibilityDecision, Subjects]:
    found = past.at(read, moment.cut, [user_id])
    return on_facts(context, of_past(context, found, moment))[user_id], found.subjects[user_id]


def _differs(was: RuleResult, now: RuleResult, *, is_hidden: bool) -> bool:
    """Of a rule whose facts are withheld, only what the caller sees anyway is a change."""
    if is_hidden:
        return (was.status, was.blocked_by) != (now.status, now.blocked_by)
    return was != now


def _records(read: History, rule_id: str, subjects: Iterable[Subjects], before: Cut, after: Cut) -> tuple[UUID, ...]:
    """Name the records of what changed a rule's facts, or whose facts it read."""
    facts: dict[Source, None] = {}
    for each in subjects:
        facts |= dict.fromkeys((*sources(rule_id, each), *pointers(rule_id, each)))
    found = [
        version
        for id, name in facts
        for version in changes(read.versions.get(id, ()), name, before=before, after=after)
    ]
    found.sort(key=lambda version: (version.valid_from, version.id))
    return tuple(dict.fromkeys(version.audit_id for version in found))
