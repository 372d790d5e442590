"""The change of facts that stands for the success of a remediation: what is verified by deciding again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from uuid import UUID

from core.rules.enums import (
    AssignmentStatus,
    CampaignStatus,
    NumberSource,
    NumberState,
    PhoneNumberType,
    PstnConnectionType,
    TextingMode,
)
from core.rules.facts import CampaignFacts, LocationFacts, NumberFacts, OrgFacts, UserFacts
from core.rules.impact import Switches
from core.rules.org_rules import CAMPAIGN_IN_REVIEW
from core.rules.policy import Policy
from core.rules.situation import Situation
from core.rules.states import may_begin_assignment

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

F = TypeVar("F", bound="DataclassInstance")

NEW_CAMPAIGN = UUID(int=0)
"""A campaign that is yet to be submitted."""


class Held(StrEnum):
    """Which number the user has: the present one, one of the inventory, one that is yet to be ordered."""

    OWN = "OWN"
    SPARE = "SPARE"
    NEW = "NEW"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserve:
    """What the organization has that could help: a number that nobody holds, a location where texting works.

    Of the number only that it is ACTIVE and whose and where it is counts; as a user's it becomes PRIMARY.
    `full`: the campaigns that take no more numbers.
    """

    number: NumberFacts | None = None
    location: LocationFacts | None = None
    location_mode: TextingMode = TextingMode.INHERIT
    location_locked: bool = False
    full: frozenset[UUID] = frozenset()


class Standing(NamedTuple):
    """How things stand after some remediations: the facts of a situation, and what became of whom they are about.

    A tuple, since a search makes many. `held`: which number the user has. `moved`: the user is in the reserve's
    location. `full`: the campaigns that take no more numbers.
    """

    org: OrgFacts
    campaigns: tuple[CampaignFacts, ...]
    location: LocationFacts
    user: UserFacts
    number: NumberFacts | None
    switches: Switches
    held: Held | None = None
    moved: bool = False
    full: frozenset[UUID] = frozenset()

    @classmethod
    def of(cls, situation: Situation, reserve: Reserve) -> "Standing":
        """Give how things stand before any remediation."""
        return cls(
            situation.org,
            situation.campaigns,
            situation.location,
            situation.user,
            situation.number,
            situation.switches,
            held=None if situation.number is None else Held.OWN,
            full=reserve.full,
        )

    @property
    def campaign_id(self) -> UUID | None:
        """An active campaign with room for a number; one that has no id yet counts last."""
        active = self.active
        return _first([each for each in active if each not in self.full] if self.full else active)

    @property
    def active(self) -> list[UUID]:
        """The active campaigns."""
        return [each.id for each in self.campaigns if each.status == CampaignStatus.ACTIVE]


Change = Callable[[Standing, Policy, Reserve], Standing | None]
"""Give the standing after a remediation; `None` where its turn cannot come, as while no campaign is active."""


def org(**facts: Any) -> Change:
    """The organization's facts become these."""
    changes = tuple(facts.items())
    return lambda standing, _policy, _reserve: standing._replace(org=_changed(standing.org, changes))


def calling_plan(standing: Standing, policy: Policy, _reserve: Reserve) -> Standing:
    """A Cisco Calling Plan of the territory is bought."""
    country = policy.territory.value[:1]
    return standing._replace(org=replace(standing.org, calling_plan_provider="Cisco", calling_plan_countries=country))


def add_on(standing: Standing, _policy: Policy, _reserve: Reserve) -> Standing:
    """The add-on is in force, with a licence at least."""
    units = max(standing.org.add_on_units or 0, 1)
    return standing._replace(org=_changed(standing.org, (("add_on_units", units), ("add_on_suspended", False))))


def new_campaign(standing: Standing, _policy: Policy, _reserve: Reserve) -> Standing:
    """A campaign is submitted, and becomes active."""
    return standing._replace(campaigns=(*standing.campaigns, _active(NEW_CAMPAIGN)))


def only_new_campaign(standing: Standing, _policy: Policy, _reserve: Reserve) -> Standing:
    """There is one campaign, and it is active."""
    return standing._replace(campaigns=(_active(NEW_CAMPAIGN),))


def another_campaign(standing: Standing, policy: Policy, reserve: Reserve) -> Standing | None:
    """A campaign more is submitted, and becomes active, where those that are active are full."""
    has_room = standing.campaign_id is not None
    return None if has_room or not standing.active else new_campaign(standing, policy, reserve)


def of_a_campaign(standing: Standing, _policy: Policy, _reserve: Reserve) -> Standing | None:
    """The number is assigned to an active campaign, whatever it was before and whether or not that has room."""
    campaign_id = _first(standing.active)
    return None if campaign_id is None else _assignment(standing, AssignmentStatus.ASSIGNED, campaign_id)


def campaign(*statuses: CampaignStatus) -> Change:
    """A campaign that has one of these statuses becomes active: the number's, else one that has room."""

    def change(standing: Standing, _policy: Policy, _reserve: Reserve) -> Standing | None:
        held = standing.number
        of_number = None if held is None else held.campaign_id
        found = [each.id for each in standing.campaigns if each.status in statuses]
        chosen = min(found, key=lambda each: (each != of_number, each in standing.full), default=None)
        return None if chosen is None else _activated(standing, chosen)

    return change


def campaign_of_number(*statuses: CampaignStatus) -> Change:
    """The number's own campaign, which has one of these statuses, becomes active."""

    def change(standing: Standing, _policy: Policy, _reserve: Reserve) -> Standing | None:
        held = standing.number
        known = {each.id: each.status for each in standing.campaigns}
        if held is None or held.campaign_id is None or known.get(held.campaign_id) not in statuses:
            return None
        return _activated(standing, held.campaign_id)

    return change


IN_REVIEW = tuple(CAMPAIGN_IN_REVIEW)
_LEAVING = frozenset(
    {AssignmentStatus.ASSIGNED, AssignmentStatus.PENDING_UNASSIGNMENT, AssignmentStatus.FAILED_UNASSIGNMENT}
)


def assigned(standing: Standing, _policy: Policy, _reserve: Reserve) -> Standing | None:
    """The number, which is of no campaign, is assigned to an active one that has room."""
    held, campaign_id = standing.number, standing.campaign_id
    if held is None or campaign_id is None or not may_begin_assignment(held.assignment_status):
        return None
    return _assignment(standing, AssignmentStatus.ASSIGNED, campaign_id)


def confirmed(standing: Standing, _policy: Policy, _reserve: Reserve) -> Standing | None:
    """The registry confirms the assignment that was asked for."""
    held = standing.number
    if held is None or held.assignment_status != AssignmentStatus.PENDING_ASSIGNMENT:
        return None
    return _assignment(standing, AssignmentStatus.ASSIGNED, held.campaign_id)


def unassigned(standing: Standing, _policy: Policy, _reserve: Reserve) -> Standing | None:
    """The number's assignment has ended, which leaves room in its campaign."""
    held = standing.number
    if held is None or held.assignment_status not in _LEAVING:
        return None
    left = _assignment(standing, AssignmentStatus.UNASSIGNED, held.campaign_id)
    return left and left._replace(full=standing.full - {held.campaign_id})


def campaign_recorded(standing: Standing, _policy: Policy, _reserve: Reserve) -> Standing | None:
    """The number's campaign turns out to be an active one."""
    held = standing.number
    if held is None:
        return None
    if held.campaign_id is not None:
        return _activated(standing, held.campaign_id)
    return of_a_campaign(standing, _policy, _reserve)


def in_territory(standing: Standing, policy: Policy, reserve: Reserve) -> Standing:
    """The user is in a location of the territory: a known one, else one that is like the present one otherwise."""
    if reserve.location is not None and not standing.moved:
        return _moved(standing, reserve.location, reserve)
    return standing._replace(location=replace(standing.location, country=policy.territory.value[0]))


def moved(standing: Standing, _policy: Policy, reserve: Reserve) -> Standing | None:
    """The user is in another location that is known, where texting works."""
    if reserve.location is None or standing.moved:
        return None
    return _moved(standing, reserve.location, reserve)


def country_recorded(standing: Standing, policy: Policy, _reserve: Reserve) -> Standing:
    """The location's address turns out to be in the territory."""
    return standing._replace(location=replace(standing.location, country=policy.territory.value[0]))


def cisco_pstn(standing: Standing, _policy: Policy, _reserve: Reserve) -> Standing:
    """The location is configured with Cisco PSTN."""
    pstn = PstnConnectionType.CISCO_PSTN
    return standing._replace(location=_changed(standing.location, (("pstn_connection_type", pstn),)))


@lru_cache(maxsize=16)
def new_number(policy: Policy) -> NumberFacts:
    """Give the facts of a number that is fresh from the calling plan: it is of no campaign."""
    return NumberFacts(
        type=PhoneNumberType.PRIMARY,
        state=NumberState.ACTIVE,
        assigned_by=NumberSource.CISCO_CALLING_PLAN,
        region=policy.territory.value[0],
        valid=True,
    )


def ordered(standing: Standing, policy: Policy, _reserve: Reserve) -> Standing:
    """A new number of the calling plan is the user's primary one."""
    return standing._replace(number=new_number(policy), held=Held.NEW)


def spare(standing: Standing, _policy: Policy, reserve: Reserve) -> Standing | None:
    """A number of the inventory is the primary one of a user who has none."""
    held = standing.number
    if reserve.number is None or (held is not None and held.type in (PhoneNumberType.PRIMARY, None)):
        return None
    given = replace(reserve.number, type=PhoneNumberType.PRIMARY)
    return standing._replace(number=given, held=Held.SPARE)


def number(**facts: Any) -> Change:
    """The number's facts become these."""
    changes = tuple(facts.items())

    def change(standing: Standing, _policy: Policy, _reserve: Reserve) -> Standing | None:
        held = standing.number
        return None if held is None else standing._replace(number=_changed(held, changes))

    return change


def user(**facts: Any) -> Change:
    """The user's facts become these."""
    changes = tuple(facts.items())
    return lambda standing, _policy, _reserve: standing._replace(user=_changed(standing.user, changes))


def app_updated(standing: Standing, policy: Policy, _reserve: Reserve) -> Standing:
    """The user's app is as new as it must be."""
    version = str(policy.min_app_version.value)
    return standing._replace(user=_changed(standing.user, (("app_version", version),)))


def switched(**switches: Any) -> Change:
    """The stored switches become these."""
    changes = tuple(switches.items())
    return lambda standing, _policy, _reserve: standing._replace(switches=_changed(standing.switches, changes))


@lru_cache(maxsize=4_096)
def _changed(facts: F, changes: tuple[tuple[str, Any], ...]) -> F:
    """Give facts with some of them changed; a search makes few changes, and those often."""
    return replace(facts, **dict(changes))


def _first(campaign_ids: Sequence[UUID]) -> UUID | None:
    if len(campaign_ids) == 1:
        return campaign_ids[0]
    return max(campaign_ids, key=lambda each: (each != NEW_CAMPAIGN, -each.int), default=None)


def _active(id: UUID) -> CampaignFacts:
    return CampaignFacts(id=id, status=CampaignStatus.ACTIVE)


def _activated(standing: Standing, id: UUID) -> Standing:
    others = (each for each in standing.campaigns if each.id != id)
    return standing._replace(campaigns=(*others, _active(id)))


def _assignment(standing: Standing, status: AssignmentStatus, campaign_id: UUID | None) -> Standing | None:
    held = standing.number
    if held is None:
        return None
    return standing._replace(number=_changed(held, (("assignment_status", status), ("campaign_id", campaign_id))))


def _moved(standing: Standing, location: LocationFacts, reserve: Reserve) -> Standing:
    switches = replace(standing.switches, location_mode=reserve.location_mode, location_locked=reserve.location_locked)
    return standing._replace(location=location, switches=switches, moved=True)
