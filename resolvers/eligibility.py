"""Whether users may text: decided for all users of a level at once, in as many statements for one as for many."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, ClassVar, Self
from uuid import UUID

from core.decision_ids import DECISION, DecisionDetail, named
from core.ids import encode
from core.rules.eligibility import Decision, decide_many, without_record
from core.rules.enums import Level, Outcome
from core.rules.history import Cut
from core.rules.policy import Policy
from core.rules.situation import Situation
from core.rules.what_if import Override, rules_supposed
from core.storage import facts, history, past
from core.storage.origins import read_by
from core.storage.past import Past
from core.storage.rows import UserRow
from core.storage.states import Facts
from engine import Info, Registry
from resolvers import outcomes
from resolvers.context import RequestContext
from resolvers.global_ids import id_of
from resolvers.grounds import Grounds, Key, SupposedGrounds, of_facts, of_versions
from resolvers.moments import Moment, moment_of
from resolvers.references import resolve, resolve_held
from resolvers.rule_results import Result, result, results
from resolvers.what_if import overrides_of, situations
from schema.what_if import FactOverride

registry = Registry()


@dataclass(frozen=True, slots=True, kw_only=True)
class EligibilityDecision:
    """One decision. `key` tells which of those that stand on `grounds`. `as_of`, `known_at`, `evaluated_at`: UTC.

    `kept_with`: the message that it was kept with; else it was made just now. `overrides`: what was supposed, in the
    order of applying, and `supposed` what the facts became. `basis`: `None` where they were read in another place.
    """

    graphql_type: ClassVar[str] = DECISION

    org_id: UUID
    user_id: UUID
    decision: Decision
    grounds: Grounds
    key: Key
    as_of: datetime
    known_at: datetime
    evaluated_at: datetime
    kept_with: UUID | None = None
    overrides: tuple[Override, ...] = ()
    basis: "Basis | None" = None
    supposed: Situation | None = None

    @property
    def outcome(self) -> Outcome:
        """What all rules together say."""
        return self.decision.outcome

    @property
    def eligible(self) -> bool:
        """Whether the user may text."""
        return self.decision.eligible

    @property
    def prerequisites(self) -> Outcome:
        """What all rules but the setting say."""
        return self.decision.prerequisites

    @property
    def enabled(self) -> bool:
        """What the setting says."""
        return self.decision.enabled

    @property
    def policy_version(self) -> str:
        """The policy it was made under."""
        return self.decision.policy_version

    @property
    def policy_digest(self) -> str:
        """What that policy's rules and values hash to."""
        return self.decision.policy_digest

    @property
    def simulated(self) -> bool:
        """Whether anything was supposed."""
        return bool(self.overrides)

    async def write_id(self) -> str:
        """Give the global id: names the user, the newest version read (or the message it is kept with), the policy.

        What was supposed stands in it too, so that it is never the id of a decision on what is.
        """
        if self.kept_with is not None:
            policy = named(self.policy_version, self.policy_digest)
            detail = DecisionDetail(version=self.kept_with, policy=policy)
        else:
            read = read_by((await self.grounds.subjects())[self.key], await self.grounds.stamps())
            detail = DecisionDetail.of(read, self.policy_version, self.policy_digest, self.overrides)
        return encode(DECISION, self.org_id, self.user_id, str(detail))


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What decisions are made on. `unrecorded`: by user, the levels of which nothing was recorded."""

    known: Facts
    grounds: Grounds
    policy: Policy
    as_of: datetime
    known_at: datetime
    unrecorded: Mapping[UUID, frozenset[Level]] = field(default_factory=dict)

    def about(self, user_id: UUID) -> Self:
        """Give the same for one user alone."""
        return replace(self, known=Facts(org=self.known.org, users={user_id: self.known.users[user_id]}))


async def of_users(
    context: RequestContext,
    user_ids: Iterable[UUID],
    overrides: tuple[Override, ...] = (),
    moment: Moment | None = None,
    read: set[int] | None = None,
) -> dict[UUID, EligibilityDecision]:
    """Decide for users of the organization entered, by id, in three statements; unknown ids are missing.

    `moment`: `None` = now. `read`: as of `situations`. Raises `BadInput` for an override of a fact that is not read for
    any of them.
    """
    wanted = list(dict.fromkeys(user_ids))
    if not wanted:
        return {}
    basis = await (of_now(context, wanted) if moment is None else of_then(context, wanted, moment))
    return {} if basis is None else on_facts(context, basis, overrides, read)


async def of_now(context: RequestContext, user_ids: Sequence[UUID]) -> Basis | None:
    """Read the facts of now, in three statements; `None`: there is no such organization."""
    known = await facts.load(context.db.fetch, context.org_id, user_ids)
    if known is None:
        return None
    return Basis(
        known=known,
        grounds=of_facts(context, known),
        policy=context.policy,
        as_of=context.now,
        known_at=context.now,
    )


async def of_then(context: RequestContext, user_ids: Sequence[UUID], moment: Moment) -> Basis:
    """Read the facts of a point in time, in three statements."""
    read = await history.load_at(context.db.fetch, context.org_id, user_ids, moment.cut)
    found = past.at(read, Cut(), user_ids)
    return of_past(context, found, moment)


def of_past(context: RequestContext, found: Past, moment: Moment) -> Basis:
    """Stand on facts of another time."""
    return Basis(
        known=found.known,
        grounds=of_versions(context, found.subjects, found.stamps),
        policy=moment.policy,
        as_of=moment.as_of,
        known_at=moment.known_at,
        unrecorded=found.unrecorded,
    )


def on_facts(
    context: RequestContext, basis: Basis, overrides: tuple[Override, ...] = (), read: set[int] | None = None
) -> dict[UUID, EligibilityDecision]:
    """Decide for users whose facts were read, by id."""
    known, grounds = basis.known, basis.grounds
    users = list(known.users.values())
    supposed: list[Situation] | list[None] = [None] * len(users)
    if overrides:
        grounds = SupposedGrounds(grounds, rules_supposed(overrides))
        supposed = situations(known.org, users, overrides, read)
        subjects = [each.subject for each in supposed]
    else:
        subjects = [user.subject(known.org) for user in users]
    decisions = decide_many(subjects, basis.policy)
    return {
        user.user_id: EligibilityDecision(
            org_id=context.org_id,
            user_id=user.user_id,
            decision=without_record(decision, basis.unrecorded.get(user.user_id, ())),
            grounds=grounds,
            key=user.user_id,
            as_of=basis.as_of,
            known_at=basis.known_at,
            evaluated_at=context.now,
            overrides=overrides,
            basis=basis,
            supposed=situation,
        )
        for user, decision, situation in zip(users, decisions, supposed, strict=True)
    }


@registry.bind("Query.eligibility")
async def eligibility(
    parents: Sequence[None],
    info: Info,
    *,
    user_id: str,
    as_of: datetime | None,
    known_at: datetime | None,
    what_if: Sequence[FactOverride] | None,
) -> list[EligibilityDecision | None]:
    """Decide for one user."""
    context: RequestContext = info.context
    overrides, moment = overrides_of(context, what_if), await moment_of(context, as_of, known_at)
    (user,) = await resolve(info, "User", [id_of(context, user_id, "User")])
    decided = await of_users(context, [] if user is None else [user.id], overrides, moment)
    return [None if user is None else decided.get(user.id)] * len(parents)


@registry.bind("User.eligibility", reads=())
async def user_eligibility(
    parents: Sequence[UserRow],
    info: Info,
    *,
    as_of: datetime | None,
    known_at: datetime | None,
    what_if: Sequence[FactOverride] | None,
) -> list[Any]:
    """Decide for all users of the level."""
    context: RequestContext = info.context
    overrides, moment = overrides_of(context, what_if), await moment_of(context, as_of, known_at)
    ids, read = [each.id for each in parents], info.reads(DECISION)
    if read is not None and read <= outcomes.TOLD and moment is None and not overrides:
        told = await outcomes.of_users(context, ids)
        return [told[each] for each in ids]
    decided = await of_users(context, ids, overrides, moment)
    return [decided[each] for each in ids]


@registry.bind("EligibilityDecision.global_id")
async def decision_id(parents: Sequence[EligibilityDecision], info: Info) -> list[str]:
    """Give the global ids."""
    return [await each.write_id() for each in parents]


@registry.bind("EligibilityDecision.user")
async def user(parents: Sequence[EligibilityDecision], info: Info) -> list[Any]:
    """Find the user: whoever sees the decision sees whom it is about."""
    return await resolve_held(info, "User", [each.user_id for each in parents])


@registry.bind("EligibilityDecision.decided_by")
def decided_by(parents: Sequence[EligibilityDecision], info: Info) -> list[Result | None]:
    """Give the rule that made the outcome."""
    return [result(each.decision.decided_by, each.grounds, each.key) for each in parents]


@registry.bind("EligibilityDecision.rules")
def rules(parents: Sequence[EligibilityDecision], info: Info) -> list[list[Result]]:
    """Give every rule."""
    return [results(each.decision.rules, each.grounds, each.key) for each in parents]


@registry.bind("EligibilityDecision.denials")
def denials(parents: Sequence[EligibilityDecision], info: Info) -> list[list[Result]]:
    """Give the rules that fail."""
    return [results(each.decision.denials, each.grounds, each.key) for each in parents]


@registry.bind("EligibilityDecision.root_causes")
def root_causes(parents: Sequence[EligibilityDecision], info: Info) -> list[list[Result]]:
    """Give the rules that fail for themselves."""
    return [results(each.decision.root_causes, each.grounds, each.key) for each in parents]
