"""What exactly to do about a decision: the smallest sets of remediations, for all decisions of a level at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from core.ids import encode
from core.rules.eligibility import unmet
from core.rules.enums import RemediationKind
from core.rules.fix_changes import Held, Reserve, new_number
from core.rules.minimal_fixes import LIMIT_MAX, Fix, minimal_fixes
from core.rules.policy import Policy
from core.rules.remedies import SubjectIds
from core.rules.results import Message
from core.rules.rule_ids import RuleId
from core.rules.situation import Situation
from core.rules.words.catalogue import render
from core.storage import reserves
from core.storage.origins import Subjects, waiting_since
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
_OF_NUMBER = frozenset({RuleId.USER_PRIMARY_TN_PRESENT, RuleId.USER_TN_FROM_CALLING_PLAN, RuleId.USER_TN_COUNTRY_US_CA})
_OF_LOCATION = frozenset({RuleId.LOCATION_COUNTRY_US_CA, RuleId.LOCATION_PSTN_CISCO})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reserve:
    """What could help, with the ids of it that the caller may know. `is_named` false: no mutation is told at all."""

    facts: Reserve
    is_named: bool = True
    number_id: UUID | None = None
    location_id: UUID | None = None


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
    reserve = await _reserve(context, [each for each in situations if each is not None])
    hidden, is_dated = withholding.hidden_from(context), "waitingSince" in info.selected()
    found: list[list[list[Remediation]]] = []
    for each, basis, situation in zip(parents, bases, situations, strict=True):
        if basis is None or situation is None:
            found.append([])
            continue
        at_hand = reserve if basis.as_of == context.now else _words_alone(basis.policy)
        sets = minimal_fixes(situation, basis.policy, at_hand.facts, limit=wanted, hidden=hidden)
        teller = await _teller(context, each, at_hand, is_dated=is_dated)
        found.append([[teller.told(fix) for fix in fixes] for fixes in sets])
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Teller:
    """Puts the fixes of one decision into words and ids, each once: sets share most of theirs."""

    context: RequestContext
    decision: EligibilityDecision
    subjects: Subjects
    stamps: Stamps
    reserve: _Reserve
    said: dict[int, Remediation] = field(default_factory=dict)

    def told(self, fix: Fix) -> Remediation:
        """Tell one fix."""
        said = self.said.get(id(fix))
        if said is None:
            said = self.said[id(fix)] = self._told(fix)
        return said

    def _told(self, fix: Fix) -> Remediation:
        remedy, result = fix.step.remedy, fix.result
        write = remedy.variables if self.reserve.is_named else None
        variables = None if write is None else write(self._ids(fix))
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

    def _ids(self, fix: Fix) -> SubjectIds:
        """Name those whom a fix's mutation is about when its turn comes."""
        own, spare = self.subjects, self.reserve
        numbers: Mapping[Held | None, UUID | None] = {Held.OWN: own.number_id, Held.SPARE: spare.number_id}
        return SubjectIds(
            org_id=encode("Org", own.org_id, own.org_id),
            location_id=self._gid("Location", spare.location_id if fix.moved else own.location_id) or "",
            user_id=encode("User", own.org_id, self.decision.user_id),
            number_id=self._gid("UserPhoneNumber", numbers.get(fix.number)),
            campaign_id=self._gid("Campaign", fix.campaign_id),
            spare_number_id=self._gid("UserPhoneNumber", spare.number_id),
            other_location_id=self._gid("Location", spare.location_id),
        )

    def _gid(self, type_name: str, id: UUID | None) -> str | None:
        return None if id is None else encode(type_name, self.subjects.org_id, id)


async def _teller(
    context: RequestContext, decision: EligibilityDecision, reserve: _Reserve, *, is_dated: bool
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


def _words_alone(policy: Policy) -> _Reserve:
    """Stand for what could help, where nobody may be told what it is, or what there was is not known."""
    return _Reserve(facts=Reserve(number=new_number(policy)), is_named=False)


async def _reserve(context: RequestContext, situations: Sequence[Situation]) -> _Reserve:
    """Look for what could help these, where anything is wanted; in words alone for whoever may not know of it."""
    policy = context.store.policy
    lacking = {result.rule_id for each in situations for result in unmet(each.subject, policy)}
    if not visibility.reads_whole(context, context.org_id):
        return replace(_words_alone(policy), is_named=True)
    fetch, org_id = context.db.fetch, context.org_id
    number = await reserves.spare_number(fetch, org_id, policy) if lacking & _OF_NUMBER else None
    location = await reserves.open_location(fetch, org_id, policy) if lacking & _OF_LOCATION else None
    held = Reserve(number=None if number is None else number.facts)
    if location is not None:
        held = replace(held, location=location.facts, location_mode=location.mode, location_locked=location.locked)
    return _Reserve(
        facts=held,
        number_id=None if number is None else number.id,
        location_id=None if location is None else location.id,
    )
