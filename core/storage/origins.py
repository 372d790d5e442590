"""Where a decision's facts are stored: whom it is about, which facts each rule read, and since when they hold."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Self
from uuid import UUID

from core.ids import uuid7_time
from core.rules.enums import CampaignStatus, Level
from core.rules.facts import CampaignFacts
from core.rules.org_rules import CAMPAIGN_IN_REVIEW
from core.rules.registry import RULES_BY_ID
from core.rules.results import RuleResult
from core.rules.rule_ids import RuleId
from core.storage.stamps import Stamp, Stamps
from core.storage.states import LocationState, OrgState, UserState

Source = tuple[UUID, str]
"""One stored fact: the entity that has it, and its name among the entity's facts."""

_DIGEST_LENGTH = 16
"""Hexadecimal digits: 64 bits tell versions of one user apart."""
_WAITING = CAMPAIGN_IN_REVIEW | {CampaignStatus.SUSPENDED}
"""A campaign in one of these waits for the registry or a carrier."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subjects:
    """Whom a decision is about; `None`: nobody, or not known any more.

    `campaign_id`: the number's. `campaigns`: all of the organization's. `switched_at`: the level whose switch holds.
    `message_id`: the message that a decision was kept with.
    """

    org_id: UUID
    brand_id: UUID | None = None
    campaigns: tuple[CampaignFacts, ...] = ()
    location_id: UUID | None = None
    user_id: UUID | None = None
    number_id: UUID | None = None
    campaign_id: UUID | None = None
    message_id: UUID | None = None
    switched_at: Level | None = None

    @classmethod
    def of_user(cls, org: OrgState, user: UserState) -> Self:
        """Name those of a decision about a user."""
        return cls(
            org_id=org.org_id,
            brand_id=org.brand_id,
            campaigns=org.campaigns,
            location_id=user.location.location_id,
            user_id=user.user_id,
            number_id=user.number_id,
            campaign_id=user.number.campaign_id if user.number is not None else None,
            switched_at=user.subject(org).switch.level,
        )

    @classmethod
    def of_location(cls, org: OrgState, location: LocationState | None) -> Self:
        """Name those of the rules of an organization, and of a location where one is asked too."""
        return cls(
            org_id=org.org_id,
            brand_id=org.brand_id,
            campaigns=org.campaigns,
            location_id=location.location_id if location is not None else None,
        )

    @property
    def entities(self) -> tuple[UUID, ...]:
        """Everybody whose facts are read."""
        named = (self.org_id, self.brand_id, self.location_id, self.user_id, self.number_id)
        return (*(id for id in named if id is not None), *(campaign.id for campaign in self.campaigns))

    def at(self, level: Level) -> tuple[str, UUID] | None:
        """Give whom the rules of a level are about: the type's name and the id."""
        type_name, id = {
            Level.ORG: ("Org", self.org_id),
            Level.LOCATION: ("Location", self.location_id),
            Level.USER: ("User", self.user_id),
            Level.NUMBER: ("UserPhoneNumber", self.number_id),
            Level.CAMPAIGN: ("Campaign", self.campaign_id),
            Level.MESSAGE: ("Message", self.message_id),
        }.get(level, ("", None))
        return None if id is None else (type_name, id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """Which versions a decision read: the newest, the latest time that one holds from (UTC), and all of them, hashed.

    The versions until then that are no newer include all that were read, and the digest tells whether they are those.
    """

    newest: UUID
    until: datetime
    digest: str


def read_by(subjects: Subjects, stamps: Stamps) -> Read | None:
    """Give what a decision read; `None` where no version was ever stored."""
    read = [stamp for id in subjects.entities for stamp in stamps.get(id, {}).values()]
    if not read:
        return None
    ids = sorted({stamp.version_id.bytes for stamp in read})
    return Read(
        newest=UUID(bytes=ids[-1]),
        until=max(stamp.valid_from for stamp in read),
        digest=sha256(b"".join(ids)).hexdigest()[:_DIGEST_LENGTH],
    )


def recorded_at(rule_id: str, subjects: Subjects, stamps: Stamps) -> datetime | None:
    """Give when the newest of the facts that a rule read was recorded (UTC)."""
    read = _stamps(sources(rule_id, subjects), stamps)
    return max((uuid7_time(stamp.version_id) for stamp in read), default=None)


def waiting_since(result: RuleResult, subjects: Subjects, stamps: Stamps) -> datetime | None:
    """Give since when a rule waits for a registry or a carrier (UTC): the first of the facts that it waits with."""
    waiting = [source for source in sources(result.rule_id, subjects) if _waits(result, subjects, source)]
    return min((stamp.valid_from for stamp in _stamps(waiting, stamps)), default=None)


def _waits(result: RuleResult, subjects: Subjects, source: Source) -> bool:
    id, name = source
    match result.rule_id:
        case RuleId.NUMBER_CAMPAIGN_ASSIGNED:
            return name == ("status" if result.message_id.endswith(".campaign") else "assignment_status")
        case RuleId.ORG_CAMPAIGN_ACTIVE:
            return any(campaign.id == id and campaign.status in _WAITING for campaign in subjects.campaigns)
        case _:
            return True


def _stamps(read: Iterable[Source], stamps: Stamps) -> list[Stamp]:
    return [stamps[id][name] for id, name in read if name in stamps.get(id, {})]


def sources(rule_id: str, subjects: Subjects) -> list[Source]:
    """Give the facts that a rule of eligibility read; any other rule reads none that is stored as a version."""
    rule = RULES_BY_ID.get(rule_id)
    if rule is None:
        return []
    found: list[Source] = []
    for name in rule.reads:
        match name:
            case "brand_status":
                found += [(id, "registration") for id in _known(subjects.brand_id)]
            case "campaigns":
                found += [(id, "status") for id in _campaigns(rule_id, subjects)]
            case "switch":
                found += _switch(subjects)
            case _:
                found += [(id, name) for id in _known(_holder(rule.rule_id, rule.level, subjects))]
    return found


def pointers(rule_id: str, subjects: Subjects) -> list[Source]:
    """Give the facts that say whose facts a rule of eligibility reads: which location's, number's, or level's."""
    level = Level.NUMBER if rule_id == RuleId.USER_PRIMARY_TN_PRESENT else RULES_BY_ID[rule_id].level
    of_user = {Level.LOCATION: "location_id", Level.NUMBER: "primary_number_id"}
    locks: list[Source] = []
    if rule_id == RuleId.EFFECTIVE_SETTING_ENABLED:
        level = Level.LOCATION
        locks = [(id, "texting_locked") for id in _known(subjects.org_id) + _known(subjects.location_id)]
    named = [(id, of_user[level]) for id in _known(subjects.user_id) if level in of_user]
    held = [(id, "owner_id") for id in _known(subjects.number_id) if level is Level.NUMBER]
    return named + held + locks


def _campaigns(rule_id: str, subjects: Subjects) -> list[UUID]:
    if rule_id == RuleId.NUMBER_CAMPAIGN_ASSIGNED:
        return _known(subjects.campaign_id)
    return [campaign.id for campaign in subjects.campaigns]


def _switch(subjects: Subjects) -> list[Source]:
    match subjects.switched_at:
        case Level.ORG:
            return [(subjects.org_id, "texting_enabled")]
        case Level.LOCATION:
            return [(id, "texting") for id in _known(subjects.location_id)]
        case Level.USER:
            return [(id, "texting") for id in _known(subjects.user_id)]
        case _:
            return []


def _holder(rule_id: str, level: Level, subjects: Subjects) -> UUID | None:
    """Give who has a rule's facts; whether a user has a primary number stands with the number."""
    if rule_id == RuleId.USER_PRIMARY_TN_PRESENT:
        return subjects.number_id
    found = subjects.at(level)
    return None if found is None else found[1]


def _known(id: UUID | None) -> list[UUID]:
    return [] if id is None else [id]
