"""Decisions of which no more is asked than how they end: nobody is told by which facts, or since when they hold."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from core.decision_ids import DECISION
from core.rules.eligibility import Decision, decide_many
from core.rules.enums import Outcome
from core.storage import facts
from resolvers.context import RequestContext


@dataclass(slots=True)
class PlainDecision:
    """How decisions on equal facts end; the same object for all users who have them."""

    graphql_type: ClassVar[str] = DECISION

    outcome: Outcome
    eligible: bool
    prerequisites: Outcome
    enabled: bool
    policy_version: str
    policy_digest: str
    as_of: datetime
    known_at: datetime
    evaluated_at: datetime
    simulated: bool = False


TOLD = frozenset(each.name for each in fields(PlainDecision))
"""What is told of them."""


async def of_users(context: RequestContext, user_ids: Sequence[UUID]) -> dict[UUID, PlainDecision]:
    """Decide for users of the organization entered, by id, in three statements; unknown ids are missing."""
    org = await facts.load_org(context.db.fetch, context.org_id) if user_ids else None
    if org is None:
        return {}
    subjects = await facts.load_subjects(context.db.fetch, org, user_ids)
    distinct = list({id(subject): subject for subject in subjects.values()}.values())
    decisions = decide_many(distinct, context.policy)
    told = {id(subject): _plain(decision, context.now) for subject, decision in zip(distinct, decisions, strict=True)}
    return {user_id: told[id(subject)] for user_id, subject in subjects.items()}


def _plain(decision: Decision, now: datetime) -> PlainDecision:
    return PlainDecision(
        outcome=decision.outcome,
        eligible=decision.eligible,
        prerequisites=decision.prerequisites,
        enabled=decision.enabled,
        policy_version=decision.policy_version,
        policy_digest=decision.policy_digest,
        as_of=now,
        known_at=now,
        evaluated_at=now,
    )
