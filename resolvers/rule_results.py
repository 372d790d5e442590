"""What rules found, as the API shows it: in words, with the object it is about and what would change it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from core.ids import encode
from core.rules.citations import cite
from core.rules.eligibility import RULES
from core.rules.enums import CampaignStatus, RemediationKind, RuleStatus
from core.rules.remedies import REMEDIES, SubjectIds, neutral_remedy, remedy
from core.rules.results import Citation, Message, RuleResult
from core.rules.send_rules import SEND_RULES
from core.rules.words.catalogue import matched, render
from core.storage.origins import Subjects, recorded_at, waiting_since
from core.storage.reserves import full_campaigns
from core.storage.stamps import Stamps
from engine import Info, Registry
from resolvers import withholding
from resolvers.context import RequestContext
from resolvers.grounds import Grounds, Key
from resolvers.references import Ref, resolve_held_any
from schema.access import STAFF

registry = Registry()

_CITED = {str(rule.rule_id): cite(rule.source_id) for rule in (*RULES, *SEND_RULES)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One rule's result within a decision: `key` tells which of those that stand on `grounds`."""

    graphql_type: ClassVar[str] = "RuleResult"

    found: RuleResult
    grounds: Grounds
    key: Key

    @property
    def rule_id(self) -> str:
        """The rule."""
        return self.found.rule_id

    @property
    def status(self) -> RuleStatus:
        """What it found."""
        return self.found.status

    @property
    def level(self) -> Any:
        """What it is about."""
        return self.found.level

    @property
    def required(self) -> Any:
        """What it wants to see."""
        return self.found.required

    @property
    def blocked_by(self) -> Sequence[str]:
        """The rules that imply it."""
        return self.found.blocked_by


@dataclass(frozen=True, slots=True, kw_only=True)
class Remediation:
    """What would make a rule pass. `owner` `None` = nobody here can; `variables` go with `mutation`."""

    graphql_type: ClassVar[str] = "Remediation"

    rule_id: str
    kind: RemediationKind
    owner: str | None
    summary: str
    mutation: str | None = None
    variables: Any = None
    waiting_since: datetime | None = None


def results(found: Iterable[RuleResult], grounds: Grounds, key: Key) -> list[Result]:
    """Show results of one decision."""
    return [Result(found=each, grounds=grounds, key=key) for each in found]


def result(found: RuleResult | None, grounds: Grounds, key: Key) -> Result | None:
    """Show one result of a decision, if there is one."""
    return None if found is None else Result(found=found, grounds=grounds, key=key)


@registry.bind("RuleResult.subject")
async def subject(parents: Sequence[Result], info: Info) -> list[Any]:
    """Find the objects that rules looked at."""
    reads_campaigns = bool(info.context.roles & STAFF)
    refs: list[Ref | None] = []
    for each in parents:
        subjects = await _subjects(each)
        named = subjects.at(each.found.level) if subjects is not None else None
        is_hidden = named is not None and named[0] == "Campaign" and not reads_campaigns
        refs.append(None if named is None or is_hidden else Ref(*named))
    return await resolve_held_any(info, refs)


@registry.bind("RuleResult.observed")
def observed(parents: Sequence[Result], info: Info) -> list[Any]:
    """Give what was seen, unless the caller may not see it."""
    hidden = withholding.hidden_from(info.context)
    return [None if each.found.rule_id in hidden else each.found.observed for each in parents]


@registry.bind("RuleResult.withheld")
def withheld(parents: Sequence[Result], info: Info) -> list[bool]:
    """Say whether the caller may not see the fact."""
    hidden = withholding.hidden_from(info.context)
    return [each.found.rule_id in hidden for each in parents]


@registry.bind("RuleResult.message")
def message(parents: Sequence[Result], info: Info, *, language: str | None) -> list[str]:
    """Say what was found, in the language asked for, else in the caller's."""
    hidden = withholding.hidden_from(info.context)
    spoken = (matched(language) if language else None) or info.context.language
    said: dict[int, str] = {}
    for each in parents:
        # Decisions share the results of equal facts: each is put into words once.
        if id(each.found) not in said:
            said[id(each.found)] = render(withholding.told(each.found, hidden), spoken)
    return [said[id(each.found)] for each in parents]


@registry.bind("RuleResult.citation")
def citation(parents: Sequence[Result], info: Info) -> list[Citation]:
    """Give the sentence that the rule comes from."""
    return [_CITED[each.found.rule_id] for each in parents]


@registry.bind("RuleResult.observed_at")
async def observed_at(parents: Sequence[Result], info: Info) -> list[datetime | None]:
    """Say when the fact was recorded, unless the caller may not see it."""
    hidden = withholding.hidden_from(info.context)
    found: list[datetime | None] = []
    for each in parents:
        subjects, stamps = await _subjects(each), await each.grounds.stamps()
        is_told = each.found.rule_id not in hidden and each.found.rule_id not in each.grounds.supposed
        found.append(recorded_at(each.found.rule_id, subjects, stamps) if subjects is not None and is_told else None)
    return found


@registry.bind("RuleResult.remediation")
async def remediation(parents: Sequence[Result], info: Info) -> list[Remediation | None]:
    """Say what would make each rule pass."""
    context: RequestContext = info.context
    hidden = withholding.hidden_from(context)
    wanted = info.selected()
    full = await _full(context, parents, hidden) if wanted & _SENT else frozenset[UUID]()
    found: list[Remediation | None] = []
    for each in parents:
        subjects = await _subjects(each) if wanted & _OF_SUBJECTS else None
        is_dated = "waitingSince" in wanted and each.found.rule_id not in each.grounds.supposed
        stamps = await each.grounds.stamps() if is_dated else {}
        found.append(remedied(context, each.found, subjects, stamps, Known(hidden=hidden, full=full)))
    return found


_SENT = frozenset({"mutation", "variables"})
_OF_SUBJECTS = _SENT | {"waitingSince"}
"""What cannot be told of a remediation without knowing whom it is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The rules whose facts the caller may not see, and the campaigns that take no more numbers."""

    hidden: frozenset[str]
    full: frozenset[UUID] = frozenset()


async def _full(context: RequestContext, parents: Sequence[Result], hidden: frozenset[str]) -> frozenset[UUID]:
    """Find the campaigns that no number can join, where any of these is to."""
    joining = {each.found.rule_id for each in parents if each.found.message_id in _JOINING} - hidden
    return await full_campaigns(context.db.fetch, context.org_id, context.policy, joining)


_JOINING = frozenset({"NUMBER_CAMPAIGN_ASSIGNED.FAIL.none", "NUMBER_CAMPAIGN_ASSIGNED.FAIL.failed"})
"""What is helped by joining a campaign."""


def remedied(
    context: RequestContext, found: RuleResult, subjects: Subjects | None, stamps: Stamps, known: Known
) -> Remediation | None:
    """Say what would make a rule pass; `subjects` `None`: without the ids that a mutation needs."""
    # Ids are written for the few results that a mutation answers to.
    has_mutation = found.message_id in REMEDIES and REMEDIES[found.message_id].mutation is not None
    fix = remedy(found, _ids(subjects, known.full) if has_mutation and subjects is not None else _NOBODY)
    if fix is None:
        return None
    if found.rule_id in known.hidden:
        neutral = neutral_remedy(found.rule_id, found.status)
        summary = render(Message(id=neutral.message_id), context.language)
        return Remediation(rule_id=found.rule_id, kind=neutral.kind, owner=neutral.owner, summary=summary)
    said = withholding.shown(Message(id=fix.message_id, params=fix.params), known.hidden)
    is_known = fix.variables is not None and _UNKNOWN not in fix.variables["input"].values()
    is_waited_for = fix.kind is RemediationKind.CARRIER_WAIT
    return Remediation(
        rule_id=found.rule_id,
        kind=fix.kind,
        owner=fix.owner,
        summary=render(said, context.language),
        mutation=fix.mutation if is_known else None,
        variables=fix.variables["input"] if fix.variables is not None and is_known else None,
        waiting_since=waiting_since(found, subjects, stamps) if subjects is not None and is_waited_for else None,
    )


_UNKNOWN = ""
"""Stands for an object that is not known; a mutation that would name it is not offered."""


_NOBODY = SubjectIds(org_id=_UNKNOWN, location_id=_UNKNOWN, user_id=_UNKNOWN)


def _ids(subjects: Subjects, full: frozenset[UUID]) -> SubjectIds:
    """Name those whom a mutation would be about."""
    org = subjects.org_id
    open_ones = (each.id for each in subjects.campaigns if each.status is CampaignStatus.ACTIVE and each.id not in full)
    campaign_id = next(open_ones, None)
    return SubjectIds(
        org_id=encode("Org", org, org),
        location_id=_UNKNOWN if subjects.location_id is None else encode("Location", org, subjects.location_id),
        user_id=_UNKNOWN if subjects.user_id is None else encode("User", org, subjects.user_id),
        number_id=None if subjects.number_id is None else encode("UserPhoneNumber", org, subjects.number_id),
        campaign_id=None if campaign_id is None else encode("Campaign", org, campaign_id),
    )


async def _subjects(result: Result) -> Subjects | None:
    return (await result.grounds.subjects()).get(result.key)
