"""Where a decision's facts come from: whom it is about, the newest version, and what waits since when."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from core.ids import uuid7, uuid7_time
from core.rules.enums import CampaignStatus, Comparator, Level, RuleStatus
from core.rules.facts import CampaignFacts
from core.rules.registry import RULES
from core.rules.results import RuleResult
from core.rules.rule_ids import RuleId
from core.rules.send_rules import SEND_RULES
from core.storage.origins import Subjects, read_by, recorded_at, waiting_since
from core.storage.stamps import Stamp

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
ORG, BRAND, LOCATION, USER, NUMBER, CAMPAIGN, SECOND, THIRD = (UUID(int=at) for at in range(1, 9))
SUBJECTS = Subjects(
    org_id=ORG,
    brand_id=BRAND,
    campaigns=(
        CampaignFacts(id=CAMPAIGN, status=CampaignStatus.CARRIER_REVIEW),
        CampaignFacts(id=SECOND, status=CampaignStatus.SUBMITTED),
        CampaignFacts(id=THIRD, status=CampaignStatus.EXPIRED),
    ),
    location_id=LOCATION,
    user_id=USER,
    number_id=NUMBER,
    campaign_id=CAMPAIGN,
    switched_at=Level.ORG,
)
HOLDERS = {
    ORG: ("customer_type", "calling_plan_provider", "calling_plan_countries", "add_on_units", "add_on_suspended"),
    BRAND: ("registration",),
    CAMPAIGN: ("status",),
    SECOND: ("status",),
    THIRD: ("status",),
    LOCATION: ("country", "pstn_connection_type", "texting"),
    USER: ("status", "app_version", "texting"),
    NUMBER: ("type", "state", "assigned_by", "region", "valid", "campaign_id", "assignment_status"),
}
MORE = {ORG: ("handles_phi", "healthcare", "texting_enabled")}
MINUTES = {
    source: at
    for at, source in enumerate(
        (id, name) for holders in (HOLDERS, MORE) for id, names in holders.items() for name in names
    )
}
"""Every stored fact, each recorded and holding since so many minutes after noon."""


def stamps() -> dict[UUID, dict[str, Stamp]]:
    found: dict[UUID, dict[str, Stamp]] = {}
    for (id, name), minute in MINUTES.items():
        at = NOON + timedelta(minutes=minute)
        found.setdefault(id, {})[name] = Stamp(
            version_id=uuid7(at), valid_from=at - timedelta(days=1), audit_id=UUID(int=minute)
        )
    return found


STAMPS = stamps()


def result(message_id: str) -> RuleResult:
    rule_id, status, *_ = message_id.split(".")
    return RuleResult(
        rule_id=rule_id,
        level=Level.ORG,
        status=RuleStatus(status),
        observed=None,
        required=None,
        comparator=Comparator.EQUALS,
        message_id=message_id,
    )


def minute(moment: datetime | None, *, days: int = 0) -> int | None:
    return None if moment is None else round((moment + timedelta(days=days) - NOON).total_seconds() / 60)


@pytest.mark.parametrize(
    ("rule_id", "sources"),
    [
        (RuleId.ORG_CALLING_PLAN_US_CA, [(ORG, "calling_plan_provider"), (ORG, "calling_plan_countries")]),
        (RuleId.ORG_CUSTOMER_TYPE_ENTERPRISE, [(ORG, "customer_type")]),
        (RuleId.ORG_ADDON_LICENSED, [(ORG, "add_on_units"), (ORG, "add_on_suspended")]),
        (RuleId.ORG_BRAND_REGISTERED, [(BRAND, "registration")]),
        (RuleId.ORG_CAMPAIGN_ACTIVE, [(CAMPAIGN, "status"), (SECOND, "status"), (THIRD, "status")]),
        (
            RuleId.NUMBER_CAMPAIGN_ASSIGNED,
            [(NUMBER, "campaign_id"), (NUMBER, "assignment_status"), (CAMPAIGN, "status")],
        ),
        (RuleId.ORG_NOT_HIPAA, [(ORG, "handles_phi"), (ORG, "healthcare")]),
        (RuleId.LOCATION_COUNTRY_US_CA, [(LOCATION, "country")]),
        (RuleId.LOCATION_PSTN_CISCO, [(LOCATION, "pstn_connection_type")]),
        (RuleId.USER_PRIMARY_TN_PRESENT, [(NUMBER, "type"), (NUMBER, "state")]),
        (RuleId.USER_TN_FROM_CALLING_PLAN, [(NUMBER, "assigned_by")]),
        (RuleId.USER_TN_COUNTRY_US_CA, [(NUMBER, "region"), (NUMBER, "valid")]),
        (RuleId.CLIENT_VERSION_MIN, [(USER, "app_version")]),
        (RuleId.USER_ACTIVE, [(USER, "status")]),
        (RuleId.EFFECTIVE_SETTING_ENABLED, [(ORG, "texting_enabled")]),
    ],
)
def test_a_rule_is_as_old_as_the_newest_fact_it_read(rule_id: RuleId, sources: list[tuple[UUID, str]]):
    assert minute(recorded_at(rule_id, SUBJECTS, STAMPS)) == max(MINUTES[source] for source in sources)


def test_every_rule_reads_facts_that_are_stored():
    assert all(recorded_at(rule.rule_id, SUBJECTS, STAMPS) is not None for rule in RULES)
    assert all(recorded_at(rule.rule_id, SUBJECTS, STAMPS) is None for rule in SEND_RULES)


@pytest.mark.parametrize(
    ("level", "source"),
    [(Level.LOCATION, (LOCATION, "texting")), (Level.USER, (USER, "texting")), (Level.SYSTEM, None), (None, None)],
)
def test_a_switch_is_as_old_as_the_level_that_holds(level: Level | None, source: Any):
    subjects = Subjects(org_id=ORG, location_id=LOCATION, user_id=USER, switched_at=level)
    found = minute(recorded_at(RuleId.EFFECTIVE_SETTING_ENABLED, subjects, STAMPS))
    assert found == (None if source is None else MINUTES[source])


@pytest.mark.parametrize(
    ("message_id", "source"),
    [
        ("ORG_BRAND_REGISTERED.PENDING", (BRAND, "registration")),
        # The first of those that wait themselves; one that has ended waits for nothing.
        ("ORG_CAMPAIGN_ACTIVE.PENDING", (CAMPAIGN, "status")),
        ("NUMBER_CAMPAIGN_ASSIGNED.PENDING.assignment", (NUMBER, "assignment_status")),
        ("NUMBER_CAMPAIGN_ASSIGNED.PENDING.campaign", (CAMPAIGN, "status")),
        ("NUMBER_CAMPAIGN_ASSIGNED.FAIL.leaving", (NUMBER, "assignment_status")),
    ],
)
def test_what_waits_has_waited_since_its_fact_holds(message_id: str, source: tuple[UUID, str]):
    assert minute(waiting_since(result(message_id), SUBJECTS, STAMPS), days=1) == MINUTES[source]


def test_where_nothing_is_stored_nothing_is_dated():
    alone = Subjects(org_id=ORG)
    for rule in RULES:
        assert recorded_at(rule.rule_id, alone, {}) is None
    assert waiting_since(result("ORG_BRAND_REGISTERED.PENDING"), alone, {}) is None
    assert read_by(alone, {}) is None


def test_the_versions_of_everybody_who_was_read_name_a_decision():
    latest = max((stamp for facts in STAMPS.values() for stamp in facts.values()), key=lambda each: each.version_id)
    of_all = read_by(SUBJECTS, STAMPS)
    assert of_all is not None
    assert (of_all.newest, of_all.until) == (latest.version_id, latest.valid_from)
    of_user = read_by(Subjects(org_id=USER), STAMPS)
    assert of_user is not None
    assert minute(uuid7_time(of_user.newest)) == MINUTES[USER, "texting"]
    without = {id: facts for id, facts in STAMPS.items() if id != LOCATION}
    of_others = read_by(SUBJECTS, without)
    assert of_others is not None
    assert of_others.digest != of_all.digest


def test_each_level_is_somebody():
    assert SUBJECTS.at(Level.NUMBER) == ("UserPhoneNumber", NUMBER)
    assert SUBJECTS.at(Level.CAMPAIGN) == ("Campaign", CAMPAIGN)
    assert [SUBJECTS.at(level) for level in (Level.MESSAGE, Level.RECIPIENT, Level.SYSTEM)] == [None] * 3
