"""Which decision a change was made on: the id that its record names and that makes the decision again."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from core.decision_ids import DECISION, DecisionDetail, named
from core.ids import encode
from core.rules.eligibility import Decision
from core.rules.policy import Policy
from core.storage.fetching import Fetch
from core.storage.origins import Subjects, read_by
from core.storage.stamps import load_stamps


async def ids_of(fetch: Fetch, org_id: UUID, decided: Iterable[Subjects], policy: Policy) -> Mapping[UUID, str]:
    """Name decisions about users on the facts of now, by user id, in one statement."""
    subjects = list(decided)
    stamps = await load_stamps(fetch, org_id, (id for each in subjects for id in each.entities))
    found = {}
    for each in subjects:
        if each.user_id is None:
            raise ValueError("a decision is about a user: name one")
        detail = DecisionDetail.of(read_by(each, stamps), policy.version, policy.digest)
        found[each.user_id] = encode(DECISION, org_id, each.user_id, str(detail))
    return found


def id_with_message(org_id: UUID, user_id: UUID, message_id: UUID, decision: Decision) -> str:
    """Name a decision that is kept with the message that it stopped."""
    detail = DecisionDetail(version=message_id, policy=named(decision.policy_version, decision.policy_digest))
    return encode(DECISION, org_id, user_id, str(detail))
