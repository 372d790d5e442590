"""Whether users may text: decided for all users of a level at once, in as many statements for one as for many."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from core.decision_ids import DecisionDetail, named, read_detail
from core.ids import GlobalId, encode
from core.rules.eligibility import Decision, decide_many
from core.rules.enums import Outcome
from core.rules.what_if import Override, rules_supposed
from core.storage import facts
from core.storage.origins import newest
from core.storage.rows import UserRow
from core.storage.states import Facts
from engine import Info, Registry
from resolvers import references
from resolvers.context import RequestContext
from resolvers.errors import BadInput
from resolvers.global_ids import id_of
from resolvers.grounds import Grounds, Key, SupposedGrounds, of_facts
from resolvers.references import resolve, resolve_held
from resolvers.rule_results import Result, result, results
from resolvers.what_if import may_suppose, overrides_of, situations
from schema.what_if import FactOverride

registry = Registry()

DECISION = "EligibilityDecision"


@dataclass(frozen=True, slots=True, kw_only=True)
class EligibilityDecision:
    """One decision. `key` tells which of those that stand on `grounds`; `moment` (UTC): of its facts and of itself.

    `kept_with`: the message that it was kept with; else it was made just now. `overrides`: what was
    supposed, in the order of applying.
    """

    graphql_type: ClassVar[str] = DECISION

    org_id: UUID
    user_id: UUID
    decision: Decision
    grounds: Grounds
    key: Key
    moment: datetime
    kept_with: UUID | None = None
    overrides: tuple[Override, ...] = ()

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
    def as_of(self) -> datetime:
        """Whose facts were read."""
        return self.moment

    @property
    def known_at(self) -> datetime:
        """Whose knowledge was used."""
        return self.moment

    @property
    def evaluated_at(self) -> datetime:
        """When it was made."""
        return self.moment

    @property
    def simulated(self) -> bool:
        """Whether anything was supposed."""
        return bool(self.overrides)

    async def write_id(self) -> str:
        """Give the global id: names the user, the newest version read (or the message it is kept with), the policy.

        What was supposed stands in it too, so that it is never the id of a decision on what is.
        """
        version = self.kept_with
        if version is None:
            subjects = (await self.grounds.subjects())[self.key]
            version = newest(subjects, await self.grounds.stamps())
        policy = named(self.policy_version, self.policy_digest)
        detail = DecisionDetail(version=version, policy=policy, overrides=self.overrides)
        return encode(DECISION, self.org_id, self.user_id, str(detail))


async def of_users(
    context: RequestContext, user_ids: Iterable[UUID], overrides: tuple[Override, ...] = ()
) -> dict[UUID, EligibilityDecision]:
    """Decide for users of the organization entered, by id, in three statements; unknown ids are missing.

    Raises `BadInput` for an override of a fact that is not read for any of them.
    """
    wanted = list(dict.fromkeys(user_ids))
    known = await facts.load(context.db.fetch, context.org_id, wanted) if wanted else None
    return {} if known is None else on_facts(context, known, of_facts(context, known), overrides)


def on_facts(
    context: RequestContext, known: Facts, grounds: Grounds, overrides: tuple[Override, ...] = ()
) -> dict[UUID, EligibilityDecision]:
    """Decide for users whose facts were read and are the grounds, by id."""
    users = list(known.users.values())
    if overrides:
        grounds = SupposedGrounds(grounds, rules_supposed(overrides))
        subjects = [each.subject for each in situations(known.org, users, overrides)]
    else:
        subjects = [user.subject(known.org) for user in users]
    decisions = decide_many(subjects, context.store.policy)
    return {
        user.user_id: EligibilityDecision(
            org_id=context.org_id,
            user_id=user.user_id,
            decision=decision,
            grounds=grounds,
            key=user.user_id,
            moment=context.now,
            overrides=overrides,
        )
        for user, decision in zip(users, decisions, strict=True)
    }


async def find(context: RequestContext, wanted: Sequence[GlobalId]) -> Mapping[GlobalId, EligibilityDecision]:
    """Find decisions about visible users by their ids: those that the facts of now still make."""
    users = await references.load(context, "User", [each.id for each in wanted]) if wanted else {}
    known = await facts.load(context.db.fetch, context.org_id, list(users)) if users else None
    if known is None:
        return {}
    found, grounds = {}, of_facts(context, known)
    for each in wanted:
        decision = _again(context, known, grounds, each)
        if decision is not None and await decision.write_id() == str(each):
            found[each] = decision
    return found


def _again(context: RequestContext, known: Facts, grounds: Grounds, wanted: GlobalId) -> EligibilityDecision | None:
    """Make a decision again, with what its id says was supposed."""
    detail = read_detail(wanted.detail or "")
    if detail is None or wanted.id not in known.users or not may_suppose(context, detail.overrides):
        return None
    one = Facts(org=known.org, users={wanted.id: known.users[wanted.id]})
    try:
        return on_facts(context, one, grounds, detail.overrides)[wanted.id]
    except BadInput:
        return None


@registry.bind("Query.eligibility")
async def eligibility(
    parents: Sequence[None], info: Info, *, user_id: str, what_if: Sequence[FactOverride] | None
) -> list[EligibilityDecision | None]:
    """Decide for one user."""
    context: RequestContext = info.context
    overrides = overrides_of(context, what_if)
    (user,) = await resolve(info, "User", [id_of(context, user_id, "User")])
    decided = await of_users(context, [] if user is None else [user.id], overrides)
    return [None if user is None else decided.get(user.id)] * len(parents)


@registry.bind("User.eligibility")
async def user_eligibility(
    parents: Sequence[UserRow], info: Info, *, what_if: Sequence[FactOverride] | None
) -> list[EligibilityDecision]:
    """Decide for all users of the level."""
    decided = await of_users(info.context, [each.id for each in parents], overrides_of(info.context, what_if))
    return [decided[each.id] for each in parents]


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
