"""The point in time that a decision is asked about: what held then, by what was known then."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.rules.history import Cut
from core.rules.policy import Policy
from core.storage import policies
from core.storage.audit_trees import size_known_at
from resolvers.context import RequestContext
from resolvers.errors import BadInput


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """`as_of`, `known_at`: UTC. `size`: of the sealed log by `known_at`; `None`: everything that is stored by now.

    `policy`: the one in force at `as_of`.
    """

    as_of: datetime
    known_at: datetime
    size: int | None
    policy: Policy

    @property
    def until(self) -> datetime:
        """The latest time that a fact may hold from; a time as we show it, in milliseconds, means all of the last."""
        below = self.as_of.microsecond % 1000
        return self.as_of if below else self.as_of + timedelta(microseconds=999)

    @property
    def cut(self) -> Cut:
        """Which versions of facts count."""
        return Cut(as_of=self.until, size=self.size)


async def moment_of(
    context: RequestContext, as_of: datetime | None, known_at: datetime | None, *, argument: str = "asOf"
) -> Moment | None:
    """Read the arguments, in at most three statements; `None`: now, of which the facts are at hand.

    `argument`: what `as_of` is called. Raises `BadInput` for a time that has not come, or before there was any policy.
    """
    if as_of is None and known_at is None:
        return None
    _refuse_future(context, {argument: as_of, "knownAt": known_at})
    about = as_of or known_at or context.now
    policy = await policies.load_at(context.db.fetch, about, context.policy)
    if policy is None:
        raise BadInput(f"no rules were in force at `{about.isoformat()}` yet: give a later `{argument}`")
    size = None if known_at is None else await size_known_at(context.db, context.org_id, known_at)
    return Moment(as_of=about, known_at=known_at or context.now, size=size, policy=policy)


def _refuse_future(context: RequestContext, times: Mapping[str, datetime | None]) -> None:
    for name, given in times.items():
        if given is not None and given > context.now:
            now = context.now.isoformat()
            raise BadInput(f"`{name}` is `{given.isoformat()}`, which has not come: give a time until `{now}`")
