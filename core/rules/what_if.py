"""Facts supposed instead of read: a rule and an entity name the fact, a value says what it shall be.

A value is as the rule shows it in `observed`; where a rule reads several facts, an object may name them singly. What is
not supposed stays as it is. Nothing here decides: the same rules run over the situation that comes out.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from core.rules.enums import (
    AssignmentStatus,
    BrandStatus,
    CampaignStatus,
    CustomerType,
    Level,
    NumberSource,
    NumberState,
    PhoneNumberType,
    PstnConnectionType,
    TextingMode,
    UserStatus,
)
from core.rules.facts import CampaignFacts, NumberFacts
from core.rules.rule_ids import RuleId
from core.rules.situation import Situation, Whom
from core.rules.supposed_values import Unsupposable, countries, country, fields, flag, members, one_of, region, text
from core.rules.supposed_values import units as unit_count

OVERRIDES_MAX = 20
NONE = "NONE"
"""As a value: nothing is recorded (the API has no null there)."""
_SUSPENDED = "SUSPENDED"
SUPPOSED_ID = UUID(int=0)
"""A campaign that is only supposed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """One fact supposed. `entity_id` `None`: that of the user asked about. `value`: JSON, read already once."""

    rule_id: str
    value: Any
    entity_id: UUID | None = None

    @property
    def recorded(self) -> Any:
        """What is supposed to be recorded; `None`: nothing."""
        return None if self.value == NONE else self.value

    @property
    def canonical(self) -> str:
        """The one text of it: equal suppositions have equal texts."""
        entity = None if self.entity_id is None else self.entity_id.hex
        return json.dumps([self.rule_id, entity, self.value], sort_keys=True, separators=(",", ":"))


def check(override: Override) -> None:
    """Raise `Unsupposable` unless the rule exists and its facts can have the value."""
    if override.rule_id not in _SUPPOSING:
        raise Unsupposable(f"one of {', '.join(f'`{rule_id}`' for rule_id in _SUPPOSING)}")
    _SUPPOSING[override.rule_id].read(override.recorded)


def ordered(overrides: Iterable[Override]) -> tuple[Override, ...]:
    """Put overrides into the order in which they are applied, whichever way they were written."""
    ranks = list(_SUPPOSING)
    return tuple(sorted(overrides, key=lambda each: (ranks.index(each.rule_id), each.canonical)))


def suppose(situation: Situation, whom: Whom, override: Override) -> Situation | None:
    """Give the situation with one fact supposed; `None` where the decision reads no such fact of that entity.

    Raises `Unsupposable` where it takes an `entity_id` to say which fact is meant.
    """
    supposing = _SUPPOSING[override.rule_id]
    return supposing.put(situation, whom, override.entity_id, supposing.read(override.recorded))


def rules_supposed(overrides: Sequence[Override]) -> frozenset[str]:
    """Name the rules that read anything supposed: what they saw was never recorded."""
    named = {each.rule_id for each in overrides}
    if RuleId.ORG_CAMPAIGN_ACTIVE in named:
        named.add(RuleId.NUMBER_CAMPAIGN_ASSIGNED)
    return frozenset(named)


Put = Callable[[Situation, Whom, UUID | None, Any], Situation | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Supposing:
    """How the facts of one rule are supposed: `read` gives what `put` takes."""

    read: Callable[[Any], Any]
    put: Put


def _facts(level: str, names: Callable[[Any], Mapping[str, Any]]) -> Put:
    """Put facts of one level; `names` gives them by the name of their field."""

    def put(situation: Situation, whom: Whom, entity_id: UUID | None, value: Any) -> Situation | None:
        if entity_id not in (None, getattr(whom, f"{level}_id")):
            return None
        facts = getattr(situation, level)
        return None if facts is None else replace(situation, **{level: replace(facts, **names(value))})

    return put


def _named(level: str, name: str) -> Put:
    return _facts(level, lambda value: {name: value})


def _read_plan(value: Any) -> dict[str, Any]:
    if isinstance(value, str) and value:
        return {"calling_plan_provider": text(value)}
    if not isinstance(value, dict):
        listed = countries(value)
        return {"calling_plan_provider": None if listed is None else "Cisco", "calling_plan_countries": listed}
    given = fields(value, {"provider": text, "countries": countries})
    return {f"calling_plan_{name}": each for name, each in given.items()}


def _read_add_on(value: Any) -> dict[str, Any]:
    if value == _SUSPENDED:
        return {"add_on_suspended": True}
    if not isinstance(value, dict):
        return {"add_on_units": unit_count(value), "add_on_suspended": None if value is None else False}
    given = fields(value, {"totalUnits": unit_count, "suspended": flag})
    names = {"totalUnits": "add_on_units", "suspended": "add_on_suspended"}
    return {names[name]: each for name, each in given.items()}


def _read_phi(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        return {"handles_phi": flag(value)}
    names = {"handlesPhi": "handles_phi", "healthcare": "healthcare"}
    return {names[name]: each for name, each in fields(value, dict.fromkeys(names, flag)).items()}


def _read_campaign(value: Any) -> CampaignStatus:
    single = value[0] if isinstance(value, list) and len(value) == 1 else value
    status = None if single is None else one_of(CampaignStatus)(single)
    if status is None:
        raise Unsupposable(f"one of {', '.join(f'`{name}`' for name in CampaignStatus)}")
    return status


def _put_campaign(
    situation: Situation, _whom: Whom, entity_id: UUID | None, status: CampaignStatus
) -> Situation | None:
    campaigns = situation.campaigns
    if entity_id is None and len(campaigns) > 1:
        raise Unsupposable("an `entityId`: the organization has several campaigns")
    wanted = entity_id or (campaigns[0].id if campaigns else SUPPOSED_ID)
    if entity_id is not None and all(each.id != entity_id for each in campaigns):
        return None
    others = [each for each in campaigns if each.id != wanted]
    changed = (*others, CampaignFacts(id=wanted, status=status))
    return replace(situation, campaigns=tuple(sorted(changed, key=lambda each: each.id)))


def _read_assignment(value: Any) -> list[Any]:
    return [None, None] if value is None else members(value, (AssignmentStatus, CampaignStatus))


def _put_assignment(situation: Situation, whom: Whom, entity_id: UUID | None, value: list[Any]) -> Situation | None:
    """Put where the number's assignment stands, and its campaign where that is named too."""
    number, (status, of_campaign) = situation.number, value
    if number is None or entity_id not in (None, whom.number_id):
        return None
    campaign_id = None if status is None else number.campaign_id or _likely(situation.campaigns)
    supposed = replace(situation, number=replace(number, assignment_status=status, campaign_id=campaign_id))
    if of_campaign is None or campaign_id is None:
        return supposed
    return _put_campaign(supposed, whom, campaign_id, of_campaign) or supposed


def _likely(campaigns: Sequence[CampaignFacts]) -> UUID | None:
    """Give the campaign that a number of none would be of: an active one, else the first."""
    active = (each.id for each in campaigns if each.status == CampaignStatus.ACTIVE)
    return next(active, campaigns[0].id if campaigns else None)


def _read_number(value: Any) -> dict[str, Any] | None:
    if value is None:
        return None
    if isinstance(value, dict):
        return fields(value, {"type": one_of(PhoneNumberType), "state": one_of(NumberState)})
    return dict(zip(("type", "state"), members(value, (PhoneNumberType, NumberState)), strict=True))


def _put_number(
    situation: Situation, whom: Whom, entity_id: UUID | None, value: dict[str, Any] | None
) -> Situation | None:
    if entity_id not in (None, whom.user_id, whom.number_id):
        return None
    number = None if value is None else replace(situation.number or NumberFacts(), **value)
    return replace(situation, number=number)


def _read_switch(value: Any) -> TextingMode:
    if value is None or isinstance(value, bool):
        return TextingMode.INHERIT if value is None else TextingMode.ON if value else TextingMode.OFF
    if isinstance(value, str) and value in TextingMode.__members__:
        return TextingMode(value)
    raise Unsupposable("`true`, `false`, `ON`, `OFF`, or `INHERIT`")


def _put_switch(situation: Situation, whom: Whom, entity_id: UUID | None, mode: TextingMode) -> Situation | None:
    explicit = None if mode is TextingMode.INHERIT else mode is TextingMode.ON
    changes: Mapping[UUID, dict[str, Any]] = {
        whom.user_id: {"user_mode": mode},
        whom.location_id: {"location_mode": mode},
        whom.org_id: {"org_enabled": explicit},
    }
    found = changes.get(entity_id or whom.user_id)
    return None if found is None else replace(situation, switches=replace(situation.switches, **found))


_ORG, _LOCATION, _USER, _NUMBER = (level.lower() for level in (Level.ORG, Level.LOCATION, Level.USER, Level.NUMBER))
_AS_READ: Callable[[Any], Mapping[str, Any]] = lambda value: value  # noqa: E731 - one word for it

_SUPPOSING: Mapping[str, _Supposing] = {
    RuleId.ORG_CALLING_PLAN_US_CA: _Supposing(read=_read_plan, put=_facts(_ORG, _AS_READ)),
    RuleId.ORG_CUSTOMER_TYPE_ENTERPRISE: _Supposing(read=one_of(CustomerType), put=_named(_ORG, "customer_type")),
    RuleId.ORG_ADDON_LICENSED: _Supposing(read=_read_add_on, put=_facts(_ORG, _AS_READ)),
    RuleId.ORG_BRAND_REGISTERED: _Supposing(read=one_of(BrandStatus), put=_named(_ORG, "brand_status")),
    RuleId.ORG_CAMPAIGN_ACTIVE: _Supposing(read=_read_campaign, put=_put_campaign),
    RuleId.ORG_NOT_HIPAA: _Supposing(read=_read_phi, put=_facts(_ORG, _AS_READ)),
    RuleId.LOCATION_COUNTRY_US_CA: _Supposing(read=country, put=_named(_LOCATION, "country")),
    RuleId.LOCATION_PSTN_CISCO: _Supposing(
        read=one_of(PstnConnectionType), put=_named(_LOCATION, "pstn_connection_type")
    ),
    # A number is supposed before what is said of it.
    RuleId.USER_PRIMARY_TN_PRESENT: _Supposing(read=_read_number, put=_put_number),
    RuleId.NUMBER_CAMPAIGN_ASSIGNED: _Supposing(read=_read_assignment, put=_put_assignment),
    RuleId.USER_TN_FROM_CALLING_PLAN: _Supposing(read=one_of(NumberSource), put=_named(_NUMBER, "assigned_by")),
    RuleId.USER_TN_COUNTRY_US_CA: _Supposing(
        read=region, put=_facts(_NUMBER, lambda value: dict(zip(("region", "valid"), value, strict=True)))
    ),
    RuleId.CLIENT_VERSION_MIN: _Supposing(read=text, put=_named(_USER, "app_version")),
    RuleId.USER_ACTIVE: _Supposing(read=one_of(UserStatus), put=_named(_USER, "status")),
    RuleId.EFFECTIVE_SETTING_ENABLED: _Supposing(read=_read_switch, put=_put_switch),
}
"""In the order of applying."""
