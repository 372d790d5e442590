"""What exactly to do about a decision: the smallest sets of remediations, for all decisions of a level at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from core.ids import encode
from core.rules.enums import RemediationKind
from core.rules.fix_changes import Held, Reserve, new_number
from core.rules.minimal_fixes import LIMIT_MAX, Fix, minimal_fixes
from core.rules.policy import Policy
from core.rules.remedies import SubjectIds
from core.rules.results import Message
from core.rules.rule_ids import RuleId
from core.rules.situation import Situation
from core.rules.unmet import unmet
from core.rules.words.catalogue import render
from core.storage import reserves
from core.storage.origins import Subjects, waiting_since
from core.storage.reserves import StoredReserve
from core.storage.stamps import Stamps
from engine import Info, Registry
from resolvers import visibility, withholding
from resolvers.context import RequestContext
from resolvers.eligibility import Basis, EligibilityDecision, of_now
from resolvers.errors import BadInput
from resolvers.rule_results import Remediation

registry = Registry()

_LIMIT = 3
"""Sets, where a caller names no number of them."""


@registry.bind("EligibilityDecision.minimal_fixes")
async def minimal_fix_sets(
    parents: Sequence[EligibilityDecision], info: Info, *, limit: int | None
) -> list[list[list[Remediation]]]:
    """Give the smallest sets of remediations; none for decisions that were kept without their facts."""
    context: RequestContext = info.context
    wanted = _LIMIT if limit is None else limit
    if not 1 <= wanted <= LIMIT_MAX:
        raise BadInput(f"`limit` is `{wanted}`: ask for 1 to {LIMIT_MAX} sets of fixes")
    bases = await _bases(context, parents)
    situations = [_situation(each, basis) for each, basis in zip(parents, bases, strict=True)]
    hidden, is_dated = withholding.hidden_from(context), "waitingSince" in info.selected()
    reserve = await _reserve(context, [each for each in situations if each is not None], hidden)
    found: list[list[list[Remediation]]] = []
    for each, basis, situation in zip(parents, bases, situations, strict=True):
        if basis is None or situation is None:
            found.append([])
            continue
        is_now = basis.as_of == context.now
        at_hand = reserve if is_now else _words_alone(basis.policy)
        sets = minimal_fixes(situation, basis.policy, at_hand.facts, limit=wanted, hidden=hidden)
        teller = await _teller(context, each, at_hand if is_now else None, is_dated=is_dated)
        found.append([[teller.told(fix) for fix in fixes] for fixes in sets])
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Teller:
    """Puts the fixes of one decision into words and ids, each once: sets share most of theirs.

    `reserve`: what could help, with the ids of it that the caller may know; `None`: no mutation is told at all.
    """

    context: RequestContext
    decision: EligibilityDecision
    subjects: Subjects
    stamps: Stamps
    reserve: StoredReserve | None
    said: dict[int, Remediation] = field(default_factory=dict)
    named: dict[tuple[Held | None, bool, UUID | None], SubjectIds] = field(default_factory=dict)

    def told(self, fix: Fix) -> Remediation:
        """Tell one fix."""
        said = self.said.get(id(fix))
        if said is None:
            said = self.said[id(fix)] = self._told(fix)
        return said

    def _told(self, fix: Fix) -> Remediation:
        remedy, result = fix.step.remedy, fix.result
        write = remedy.variables
        variables = None if write is None or self.reserve is None else write(self._ids(fix, self.reserve))
        said = withholding.shown(
            Message(id=remedy.message_id, params=result.params), withholding.hidden_from(self.context)
        )
        return Remediation(
            rule_id=result.rule_id,
            kind=remedy.kind,
            owner=remedy.owner,
            summary=render(said, self.context.language),
            mutation=None if variables is None else remedy.mutation,
            variables=None if variables is None else variables["input"],
            waiting_since=waiting_since(result, self.subjects, self.stamps) if self._waits(fix) else None,
        )

    def _waits(self, fix: Fix) -> bool:
        """Whether it waits already: for what the decision itself found, not for what comes after other fixes."""
        result = fix.result
        if fix.step.remedy.kind is not RemediationKind.CARRIER_WAIT or result.rule_id in self.decision.grounds.supposed:
            return False
        return any(
            each.rule_id == result.rule_id and each.message_id == result.message_id
            for each in self.decision.decision.rules
        )

    def _ids(self, fix: Fix, spare: StoredReserve) -> SubjectIds:
        """Name those whom a fix's mutation is about when its turn comes."""
        key = (fix.standing.held, fix.standing.moved, fix.campaign_id)
        if key not in self.named:
            self.named[key] = self._named(key, spare)
        return self.named[key]

    def _named(self, key: tuple[Held | None, bool, UUID | None], spare: StoredReserve) -> SubjectIds:
        own, (number, moved, campaign_id) = self.subjects, key
        numbers: Mapping[Held | None, UUID | None] = {Held.OWN: own.number_id, Held.SPARE: spare.number_id}
        return SubjectIds(
            org_id=encode("Org", own.org_id, own.org_id),
            location_id=self._gid("Location", spare.location_id if moved else own.location_id) or "",
            user_id=encode("User", own.org_id, self.decision.user_id),
            number_id=self._gid("UserPhoneNumber", numbers.get(number)),
            campaign_id=self._gid("Campaign", campaign_id),
            spare_number_id=self._gid("UserPhoneNumber", spare.number_id),
            other_location_id=self._gid("Location", spare.location_id),
        )

    def _gid(self, type_name: str, id: UUID | None) -> str | None:
        return None if id is None else encode(type_name, self.subjects.org_id, id)


async def _teller(
    context: RequestContext, decision: EligibilityDecision, reserve: StoredReserve | None, *, is_dated: bool
) -> _Teller:
    subjects = (await decision.grounds.subjects())[decision.key]
    stamps = await decision.grounds.stamps() if is_dated else {}
    return _Teller(context=context, decision=decision, subjects=subjects, stamps=stamps, reserve=reserve)


async def _bases(context: RequestContext, decisions: Sequence[EligibilityDecision]) -> list[Basis | None]:
    """Give what decisions stand on; those made in another place than these fields read their facts now, in one go."""
    missing = [each.user_id for each in decisions if each.basis is None and each.kept_with is None]
    of_missing = await of_now(context, missing) if missing else None
    return [of_missing if each.basis is None and each.kept_with is None else each.basis for each in decisions]


def _situation(decision: EligibilityDecision, basis: Basis | None) -> Situation | None:
    """Give the facts of a decision; `None` where they are not known, or of a time before they were recorded."""
    user = None if basis is None else basis.known.users.get(decision.user_id)
    if basis is None or user is None or basis.unrecorded.get(decision.user_id):
        return None
    return decision.supposed or user.situation(basis.known.org)


def _words_alone(policy: Policy) -> StoredReserve:
    """Stand for what could help, where nobody may be told what it is, or what there was is not known."""
    return StoredReserve(facts=Reserve(number=new_number(policy)))


async def _reserve(context: RequestContext, situations: Sequence[Situation], hidden: frozenset[str]) -> StoredReserve:
    """Look for what could help these, where anything is wanted; in words alone for whoever may not know of it."""
    policy = context.policy
    lacking = {result.rule_id for each in situations for result in unmet(each, policy)}
    if visibility.reads_whole(context, context.org_id):
        return await reserves.load(context.db.fetch, context.org_id, policy, lacking)
    words = _words_alone(policy)
    if RuleId.NUMBER_CAMPAIGN_ASSIGNED in hidden:
        return words
    full = await reserves.full_campaigns(context.db.fetch, context.org_id, policy, lacking)
    return replace(words, facts=replace(words.facts, full=full))
