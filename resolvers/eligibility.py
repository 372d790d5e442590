"""Whether users may text: decided for all users of a level at once, in as many statements for one as for many."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from core.ids import GlobalId, encode
from core.rules.eligibility import Decision, decide_many
from core.rules.enums import Outcome
from core.storage import facts
from core.storage.origins import newest
from core.storage.rows import UserRow
from engine import Info, Registry
from resolvers import references
from resolvers.context import RequestContext
from resolvers.global_ids import id_of
from resolvers.grounds import Grounds, Key, of_facts
from resolvers.references import resolve, resolve_held
from resolvers.rule_results import Result, result, results

registry = Registry()

DECISION = "EligibilityDecision"

_NO_VERSION = "none"
"""Stands in an id for the newest version where no version of any fact was ever stored."""
_PLAIN = re.compile(r"[A-Za-z0-9._-]{1,60}")


@dataclass(frozen=True, slots=True, kw_only=True)
class EligibilityDecision:
    """One decision. `key` tells which of those that stand on `grounds`; `moment` (UTC): of its facts and of itself.

    `kept_with`: the message that it was kept with; else it was made just now.
    """

    graphql_type: ClassVar[str] = DECISION

    org_id: UUID
    user_id: UUID
    decision: Decision
    grounds: Grounds
    key: Key
    moment: datetime
    kept_with: UUID | None = None

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
        """Nothing was supposed."""
        return False

    async def id(self) -> str:
        """Give the global id: names the user, the newest version read (or the message it is kept with), the policy."""
        version = self.kept_with
        if version is None:
            subjects = (await self.grounds.subjects())[self.key]
            version = newest(subjects, await self.grounds.stamps())
        policy = self.policy_version if _PLAIN.fullmatch(self.policy_version) else self.policy_digest[:60]
        detail = f"{_NO_VERSION if version is None else version.hex}.{policy}"
        return encode(DECISION, self.org_id, self.user_id, detail)


async def of_users(context: RequestContext, user_ids: Iterable[UUID]) -> dict[UUID, EligibilityDecision]:
    """Decide for users of the organization entered, by id, in three statements; unknown ids are missing."""
    wanted = list(dict.fromkeys(user_ids))
    known = await facts.load(context.db.fetch, context.org_id, wanted) if wanted else None
    if known is None:
        return {}
    grounds = of_facts(context, known)
    users = list(known.users.values())
    decisions = decide_many([user.subject(known.org) for user in users], context.store.policy)
    return {
        user.user_id: EligibilityDecision(
            org_id=context.org_id,
            user_id=user.user_id,
            decision=decision,
            grounds=grounds,
            key=user.user_id,
            moment=context.now,
        )
        for user, decision in zip(users, decisions, strict=True)
    }


async def find(context: RequestContext, wanted: Sequence[GlobalId]) -> Mapping[GlobalId, EligibilityDecision]:
    """Find decisions about visible users by their ids: those that the facts of now still make."""
    users = await references.load(context, "User", [each.id for each in wanted]) if wanted else {}
    decided = await of_users(context, users)
    return {
        each: decided[each.id] for each in wanted if each.id in decided and await decided[each.id].id() == str(each)
    }


@registry.bind("Query.eligibility")
async def eligibility(parents: Sequence[None], info: Info, *, user_id: str) -> list[EligibilityDecision | None]:
    """Decide for one user."""
    context: RequestContext = info.context
    (user,) = await resolve(info, "User", [id_of(context, user_id, "User")])
    decided = await of_users(context, [] if user is None else [user.id])
    return [None if user is None else decided.get(user.id)] * len(parents)


@registry.bind("User.eligibility")
async def user_eligibility(parents: Sequence[UserRow], info: Info) -> list[EligibilityDecision]:
    """Decide for all users of the level."""
    decided = await of_users(info.context, [each.id for each in parents])
    return [decided[each.id] for each in parents]


@registry.bind("EligibilityDecision.id")
async def decision_id(parents: Sequence[EligibilityDecision], info: Info) -> list[str]:
    """Give the global ids."""
    return [await each.id() for each in parents]


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
