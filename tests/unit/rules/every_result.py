"""Every kind of result that the rules can give: eligibility from all values of all facts, sending case by case."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from functools import cache
from itertools import product
from uuid import UUID

from core.rules.consent import NOTHING_SAID, ConsentEvent, ConsentState
from core.rules.content import ContentRule
from core.rules.default_policy import DEFAULT_POLICY
from core.rules.eligibility import (
    decide,
    location_results,
    number_results,
    org_results,
    switch_result,
    user_results,
)
from core.rules.enums import (
    AssignmentStatus,
    BlockAuthority,
    BrandStatus,
    CampaignStatus,
    ConsentAction,
    ConsentBasis,
    ConsentScope,
    CustomerType,
    Level,
    LimitKind,
    NumberSource,
    NumberState,
    PhoneNumberType,
    PolicyAction,
    PstnConnectionType,
    TrafficBlockKind,
    TrafficBlockReason,
    UsageUnit,
    UserStatus,
)
from core.rules.facts import CampaignFacts, LocationFacts, NumberFacts, SwitchFacts, UserFacts
from core.rules.hours import HoursPolicy
from core.rules.numbers import parse
from core.rules.policy import Limit
from core.rules.sending import SendFacts, TrafficBlock, Usage, decide_send
from tests.unit.rules.strategies import CAMPAIGN_IDS, NUMBER, ORG, PASSING, passing

NOON = datetime(2026, 3, 2, 18, tzinfo=UTC)
"""Between 8 and 21 o'clock in all of the US and Canada."""
NIGHT = datetime(2026, 3, 2, 5, tzinfo=UTC)
NEW_YORK = frozenset({"America/New_York"})


@cache
def eligibility_results():
    """Give the results of all rules of eligibility over every value of the facts each reads."""
    found = set()
    for values in _orgs():
        found.update(org_results(values, (), DEFAULT_POLICY))
    for status in CampaignStatus:
        found.update(org_results(ORG, (CampaignFacts(id=UUID(int=1), status=status),), DEFAULT_POLICY))
    for country, pstn in product((None, "US", "CA", "PR"), (None, *PstnConnectionType)):
        facts = LocationFacts(country=country, pstn_connection_type=pstn)
        found.update(location_results(facts, DEFAULT_POLICY))
    for status, version in product((None, *UserStatus), (None, " ", "42.9", "42.12", "next")):
        for number in _present():
            found.update(user_results(UserFacts(status=status, app_version=version), number, DEFAULT_POLICY))
    for number, status in product(_numbers(), (None, *CampaignStatus)):
        found.update(number_results(number, status, DEFAULT_POLICY))
    for enabled, level, lock in product((True, False), (Level.SYSTEM, Level.ORG, Level.USER), (None, Level.ORG)):
        found.add(switch_result(SwitchFacts(enabled=enabled, level=level, locked_by=lock), DEFAULT_POLICY))
    found.add(switch_result(SwitchFacts(enabled=False, locked_by=Level.LOCATION), DEFAULT_POLICY))
    return frozenset(found)


def _orgs():
    for provider, countries in product((None, "", "CISCO", "Other"), (None, (), ("US",), ("GB",))):
        yield replace(ORG, calling_plan_provider=provider, calling_plan_countries=countries)
    for customer in (None, *CustomerType):
        yield replace(ORG, customer_type=customer)
    for units, suspended in product((None, 0, 1), (None, False, True)):
        yield replace(ORG, add_on_units=units, add_on_suspended=suspended)
    for brand in (None, *BrandStatus):
        yield replace(ORG, brand_status=brand)
    for phi, healthcare in product((None, False, True), (None, False, True)):
        yield replace(ORG, handles_phi=phi, healthcare=healthcare)


def _present():
    yield None
    for kind, state in product((None, *PhoneNumberType), (None, *NumberState)):
        yield NumberFacts(type=kind, state=state)


def _numbers():
    yield None
    yield replace(NUMBER, type=PhoneNumberType.FAX)
    for status in (None, *AssignmentStatus):
        yield replace(NUMBER, assignment_status=status, campaign_id=CAMPAIGN_IDS[0])
    for source in (None, *NumberSource):
        yield replace(NUMBER, assigned_by=source)
    for region, valid in product((None, "US", "JM"), (None, False, True)):
        yield replace(NUMBER, region=region, valid=valid)


def said(scope, action=ConsentAction.OPT_OUT):
    """Give a state of consent that one event made."""
    event = ConsentEvent(
        id=UUID(int=1),
        recipient="+14165550123",
        scope=scope,
        action=action,
        basis=ConsentBasis.KEYWORD,
        occurred_at=NOON,
        recorded_at=NOON,
    )
    return ConsentState(opted_out=action is ConsentAction.OPT_OUT, decided_by=event, since=NOON)


def block(kind, target=Level.NUMBER, *, started=-60, ended=None):
    """Give what a carrier imposed, minutes from noon."""
    return TrafficBlock(
        target=target,
        kind=kind,
        imposed_by=BlockAuthority.CARRIER,
        reason=TrafficBlockReason.SPAM,
        started_at=NOON + timedelta(minutes=started),
        ended_at=None if ended is None else NOON + timedelta(minutes=ended),
    )


def policy(*limits, hours=None, content=()):
    """Give a policy with these limits, hours and content rules alone."""
    return replace(
        DEFAULT_POLICY,
        limits=replace(DEFAULT_POLICY.limits, value=limits),
        hours=replace(DEFAULT_POLICY.hours, value=hours or HoursPolicy()),
        content=replace(DEFAULT_POLICY.content, value=tuple(content)),
    )


def limit(kind, action, count=1):
    """Give a limit by the name of its kind."""
    return Limit(
        name=kind.lower(),
        level=Level.USER,
        kind=kind,
        unit=UsageUnit.MESSAGES,
        window_s=60,
        count=count,
        action=action,
        source_id="L5",
        source="test",
    )


def content(action):
    """Give a content rule that finds `wine`."""
    return ContentRule(id="wine", category="alcohol", words=("wine",), action=action, allowed_if_age_gated=True)


ALLOWED = SendFacts(
    eligibility=decide(PASSING, DEFAULT_POLICY),
    destination=parse("+14165550123"),
    body="hello",
    now=NOON,
    consent=NOTHING_SAID,
    recipient_zones=NEW_YORK,
)
"""A message that nothing stands in the way of."""

_ON = HoursPolicy(enabled=True)
_NEVER = HoursPolicy(enabled=True, opens=time(9), closes=time(10))
_BLOCK, _WARN = PolicyAction.BLOCK, PolicyAction.WARN
_FREES = NOON + timedelta(seconds=40)


def _limit_cases(rule_id, kind):
    for status, action in (("WARN", _WARN), ("FAIL", _BLOCK)):
        used = Usage(name=kind.lower(), used=1)
        yield rule_id, status, {"usage": (used,)}, policy(limit(kind, action))
        yield rule_id, f"{status}.frees", {"usage": (replace(used, frees_at=_FREES),)}, policy(limit(kind, action))
    yield rule_id, "PASS", {"usage": (Usage(name=kind.lower(), used=0),)}, policy(limit(kind, _BLOCK))
    yield rule_id, "PASS", {}, policy()


def _eligibility(**changes):
    return {"eligibility": decide(passing(**changes), DEFAULT_POLICY)}


_BAD = {"destination": parse("nobody")}
_INVALID = {"destination": parse("+15551234567")}
SEND_CASES = [
    ("SEND_ELIGIBLE", "PASS", {}, policy()),
    ("SEND_ELIGIBLE", "FAIL", _eligibility(user={"app_version": "42.9"}), policy()),
    ("SEND_ELIGIBLE", "PENDING", _eligibility(org={"brand_status": BrandStatus.PENDING}), policy()),
    ("SEND_ELIGIBLE", "UNKNOWN", _eligibility(user={"app_version": None}), policy()),
    ("DEST_VALID", "PASS", {}, policy()),
    ("DEST_VALID", "FAIL.problem", _BAD, policy()),
    ("DEST_VALID", "FAIL.invalid", _INVALID, policy()),
    ("DEST_COUNTRY_US_CA", "PASS", {}, policy()),
    ("DEST_COUNTRY_US_CA", "PASS", {"destination": parse("+12125550100")}, policy()),
    ("DEST_COUNTRY_US_CA", "FAIL", {"destination": parse("+17875550123")}, policy()),
    ("DEST_COUNTRY_US_CA", "FAIL", {"destination": parse("+18095550123")}, policy()),
    ("DEST_COUNTRY_US_CA", "FAIL", {"destination": parse("+442079460958")}, policy()),
    ("DEST_COUNTRY_US_CA", "NOT_APPLICABLE", _INVALID, policy()),
    ("DEST_COUNTRY_US_CA", "NOT_APPLICABLE", _BAD, policy()),
    ("NO_MEDIA", "PASS", {}, policy()),
    ("NO_MEDIA", "FAIL", {"media_urls": ("https://media.example/a.jpg",)}, policy()),
    ("BODY_PRESENT", "PASS", {}, policy()),
    ("BODY_PRESENT", "FAIL", {"body": " \n"}, policy()),
    ("BODY_LENGTH_MAX", "PASS", {"body": "x" * 1_600}, policy()),
    ("BODY_LENGTH_MAX", "FAIL", {"body": "x" * 1_601}, policy()),
    ("RECIPIENT_NOT_OPTED_OUT", "PASS", {}, policy()),
    ("RECIPIENT_NOT_OPTED_OUT", "PASS", {"consent": said(ConsentScope.ORG, ConsentAction.OPT_IN)}, policy()),
    *(
        ("RECIPIENT_NOT_OPTED_OUT", f"FAIL.{scope.lower()}", {"consent": said(scope)}, policy())
        for scope in ConsentScope
    ),
    ("RECIPIENT_NOT_OPTED_OUT", "UNKNOWN", {"consent": None}, policy()),
    ("RECIPIENT_NOT_OPTED_OUT", "NOT_APPLICABLE", _BAD, policy()),
    ("NOT_BLOCKED", "PASS", {}, policy()),
    ("NOT_BLOCKED", "PASS", {"blocks": (block(TrafficBlockKind.BLOCK, ended=0),)}, policy()),
    ("NOT_BLOCKED", "PASS", {"blocks": (block(TrafficBlockKind.BLOCK, started=1),)}, policy()),
    ("NOT_BLOCKED", "WARN", {"blocks": (block(TrafficBlockKind.THROTTLE),)}, policy()),
    ("NOT_BLOCKED", "FAIL", {"blocks": (block(TrafficBlockKind.BLOCK, started=0, ended=1),)}, policy()),
    ("NOT_BLOCKED", "FAIL", {"blocks": tuple(block(kind) for kind in reversed(TrafficBlockKind))}, policy()),
    *_limit_cases("WITHIN_LIMITS", LimitKind.QUANTITY),
    *_limit_cases("NO_BURST", LimitKind.BURST),
    ("CONTENT_ALLOWED", "PASS", {"body": "vine"}, policy(content=[content(_BLOCK)])),
    ("CONTENT_ALLOWED", "PASS", {"body": "wine", "age_gated": True}, policy(content=[content(_BLOCK)])),
    ("CONTENT_ALLOWED", "WARN", {"body": "wine"}, policy(content=[content(_WARN)])),
    ("CONTENT_ALLOWED", "FAIL", {"body": "wine"}, policy(content=[content(_BLOCK)])),
    ("WITHIN_HOURS", "PASS", {}, policy(hours=_ON)),
    ("WITHIN_HOURS", "PASS.off", {"now": NIGHT}, policy()),
    ("WITHIN_HOURS", "PASS.reply", {"now": NIGHT, "conversational": True}, policy(hours=_ON)),
    ("WITHIN_HOURS", "FAIL", {"now": NIGHT}, policy(hours=_ON)),
    (
        "WITHIN_HOURS",
        "FAIL",
        {"now": NIGHT, "conversational": True},
        policy(hours=HoursPolicy(enabled=True, conversational=True)),
    ),
    (
        "WITHIN_HOURS",
        "FAIL.never",
        {"now": NIGHT, "recipient_zones": frozenset({"America/New_York", "America/Los_Angeles"})},
        policy(hours=_NEVER),
    ),
    ("WITHIN_HOURS", "UNKNOWN", {"recipient_zones": frozenset()}, policy(hours=_ON)),
    ("WITHIN_HOURS", "UNKNOWN", {"recipient_zones": NEW_YORK | {"Mars/Olympus"}}, policy(hours=_ON)),
    ("WITHIN_HOURS", "NOT_APPLICABLE", _BAD, policy(hours=_ON)),
]
"""The rule, the status with its variant, what differs from `ALLOWED`, and the policy."""


def sent(changes, rules):
    """Decide about a message."""
    return decide_send(replace(ALLOWED, **changes), rules)


@cache
def send_results():
    """Give the results of all send rules over the cases."""
    return frozenset(result for _, _, changes, rules in SEND_CASES for result in sent(changes, rules).rules)
