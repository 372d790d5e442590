"""Decisions made again from their ids, on the facts and under the policy that they were made with."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from itertools import islice
from uuid import UUID

from core.decision_ids import DecisionDetail, named, read_detail
from core.ids import GlobalId, uuid7_time
from core.rules.history import Cut
from core.rules.policy import Policy
from core.rules.send_record import restored
from core.storage import history, messages, past, policies
from core.storage.history import History
from core.storage.messages import StoppedBy
from core.storage.origins import Subjects
from resolvers import references
from resolvers.context import RequestContext
from resolvers.eligibility import Basis, EligibilityDecision, of_now, of_past, on_facts
from resolvers.errors import BadInput
from resolvers.grounds import of_the_past
from resolvers.moments import Moment
from resolvers.what_if import may_suppose

Found = dict[GlobalId, EligibilityDecision]


async def find(context: RequestContext, wanted: Iterable[GlobalId]) -> Found:
    """Make decisions about visible users again, in a fixed number of statements; what is no decision is missing.

    Most ids are of a decision that the facts of now still make; for the others history is read.
    """
    asked = {each: detail for each in wanted if (detail := read_detail(each.detail or "")) is not None}
    users = await references.load(context, "User", [each.id for each in asked]) if asked else {}
    asked = {each: detail for each, detail in asked.items() if each.id in users}
    asked = {each: detail for each, detail in asked.items() if may_suppose(context, detail.overrides)}
    basis = await of_now(context, list(users)) if asked else None
    if basis is None:
        return {}
    found = {each: made for each, detail in asked.items() if (made := await _made(context, basis, each, detail))}
    others = {each: asked[each] for each in asked.keys() - found.keys()}
    return {**found, **await _of_history(context, others), **await _kept(context, others)}


async def _kept(context: RequestContext, wanted: Mapping[GlobalId, DecisionDetail]) -> Found:
    """Show the decisions that are kept with messages, as they were made."""
    messages_of = {each: detail.version for each, detail in wanted.items() if detail.version and detail.until is None}
    if not messages_of:
        return {}
    stopped = await messages.decisions(context.db.fetch, context.org_id, messages_of.values())
    found: Found = {}
    for each, message_id in messages_of.items():
        kept = stopped.get(message_id)
        if kept is not None and kept.user_id == each.id:
            made = _made_then(context, each.id, message_id, kept)
            if await made.write_id() == str(each):
                found[each] = made
    return found


def _made_then(context: RequestContext, user_id: UUID, message_id: UUID, kept: StoppedBy) -> EligibilityDecision:
    subjects = Subjects(org_id=context.org_id, user_id=user_id, message_id=message_id)
    return EligibilityDecision(
        org_id=context.org_id,
        user_id=user_id,
        decision=restored(kept.decision).eligibility,
        grounds=of_the_past(context, {message_id: subjects}),
        key=message_id,
        as_of=kept.at,
        known_at=kept.at,
        evaluated_at=kept.at,
        kept_with=message_id,
    )


async def _of_history(context: RequestContext, wanted: Mapping[GlobalId, DecisionDetail]) -> Found:
    dated = {each: detail for each, detail in wanted.items() if detail.until is not None}
    if not dated:
        return {}
    rules = await _policies(context, (detail.policy for detail in dated.values()))
    user_ids = list({each.id for each in dated})
    read = await history.load(context.db.fetch, context.org_id, user_ids, until=context.now)
    ids = {version.id for versions in read.versions.values() for version in versions}
    further = iter(range(_FURTHER_TRIES))
    found: Found = {}
    for each, detail in dated.items():
        policy = rules.get(detail.policy)
        if policy is None or detail.version not in ids:
            continue
        made = await _replayed(context, read, each, detail, policy, further)
        if made is not None:
            found[each] = made
    return found


async def _replayed(
    context: RequestContext,
    read: History,
    wanted: GlobalId,
    detail: DecisionDetail,
    policy: Policy,
    further: Iterator[int],
) -> EligibilityDecision | None:
    """Make a decision again; beyond its likeliest versions, as long as `further` tries are left."""
    assert detail.until is not None
    assert detail.version is not None
    known_at = max(detail.until, uuid7_time(detail.version))
    moment = Moment(as_of=detail.until, known_at=known_at, size=None, policy=policy)
    for cut in _cuts(read, detail):
        basis = of_past(context, past.at(read, cut, [wanted.id]), moment)
        made = await _made(context, basis, wanted, detail)
        if made is not None or next(further, None) is None:
            return made
    return None


def _cuts(read: History, detail: DecisionDetail) -> Iterator[Cut]:
    """Give which versions the decision may have read, the likeliest first.

    Rarely these are others than the ones up to the newest: a rival change committed after the decision was made, with
    ids of before; the decision was asked for by what was known when some of them were not sealed; or what it did not
    read, such as a second number, changed later than anything it read.
    """
    newest, until = detail.version, detail.until
    assert newest is not None
    assert until is not None
    yield Cut(as_of=until, newest=newest)
    known = sorted((each for versions in read.versions.values() for each in versions), key=lambda each: each.id)
    before = [each for each in known if each.id <= newest]
    late = {each.audit_id: None for each in before if uuid7_time(newest) - uuid7_time(each.id) < _RIVALRY_MAX}
    yield from (Cut(as_of=until, newest=newest, without=id) for id in islice(reversed(late), _TRIES))
    sizes = sorted({each.leaf_index + 1 for each in before if each.leaf_index is not None}, reverse=True)
    yield from (Cut(as_of=until, newest=newest, size=size) for size in sizes[:_TRIES])
    after = [each for each in known if each.id > newest]
    yield from (Cut(as_of=max(until, each.valid_from), newest=each.id) for each in after[:_TRIES])


_RIVALRY_MAX = timedelta(minutes=2)
"""How long a change may take from its first version to its commit."""
_TRIES = 64
"""Cuts of one kind that are tried for one decision; each costs a fold."""
_FURTHER_TRIES = 256
"""Cuts that are tried for all decisions of a request which are not on their likeliest versions: whoever makes ids up
gets no more of us."""


async def _made(
    context: RequestContext, basis: Basis, wanted: GlobalId, detail: DecisionDetail
) -> EligibilityDecision | None:
    """Make a decision, if it is the one that was asked for."""
    if wanted.id not in basis.known.users:
        return None
    try:
        made = on_facts(context, basis.about(wanted.id), detail.overrides)[wanted.id]
    except BadInput:
        return None
    return made if await made.write_id() == str(wanted) else None


async def _policies(context: RequestContext, names: Iterable[str]) -> Mapping[str, Policy]:
    """Give policies by what ids call them; nothing is read where only the one in force is named."""
    now = context.policy
    known = {named(now.version, now.digest): now}
    if known.keys() >= set(names):
        return known
    stored = await policies.load_all(context.db.fetch)
    return {named(each.version, each.digest): each for each in stored} | known
