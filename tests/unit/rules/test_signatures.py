import pytest
from hypothesis import given

from core.rules.default_policy import DEFAULT_POLICY
from core.rules.eligibility import decide
from core.rules.enums import CampaignStatus, Outcome
from core.rules.signatures import (
    location_signature,
    number_signature,
    org_signature,
    outcome_of,
    user_signature,
)
from tests.unit.rules.strategies import CAMPAIGN_IDS, CAMPAIGNS, LOCATION, NUMBER, ORG, USER, passing, subjects


def signed(subject, **changes):
    values = {
        "org_signature": org_signature(subject.org, subject.campaigns, DEFAULT_POLICY),
        "location_signature": location_signature(subject.location, DEFAULT_POLICY),
        "user_signature": user_signature(subject.user, subject.number, DEFAULT_POLICY),
        "enabled": subject.switch.enabled,
        "campaigns": {campaign.id: campaign.status for campaign in subject.campaigns},
    }
    return outcome_of(**(values | changes))


@given(subjects)
def test_signatures_say_what_the_facts_decide(subject):
    decision, outcome = decide(subject, DEFAULT_POLICY), signed(subject)
    assert (outcome.outcome, outcome.prerequisites) == (decision.outcome, decision.prerequisites)
    assert outcome.failing == tuple(result.rule_id for result in decision.denials)
    assert outcome.root_causes == tuple(result.rule_id for result in decision.root_causes)
    assert outcome.statuses == tuple((result.rule_id, result.status) for result in decision.rules)


@given(subjects)
def test_the_number_may_be_read_from_its_own_row(subject):
    own = number_signature(subject.number, DEFAULT_POLICY)
    assert signed(subject, number_signature=own) == signed(subject)


def test_a_campaign_that_changes_rewrites_no_user():
    subject = passing()
    assert signed(subject).outcome is Outcome.ALLOWED
    suspended = signed(subject, campaigns={CAMPAIGN_IDS[0]: CampaignStatus.SUSPENDED})
    assert suspended.failing == ("NUMBER_CAMPAIGN_ASSIGNED",)


def test_signatures_are_short_and_stable():
    assert org_signature(ORG, CAMPAIGNS, DEFAULT_POLICY) == "PPPPPP"
    assert location_signature(LOCATION, DEFAULT_POLICY) == "PP"
    assert user_signature(USER, NUMBER, DEFAULT_POLICY) == f"PPP|PPA:{CAMPAIGN_IDS[0]}"
    assert user_signature(USER, None, DEFAULT_POLICY) == "FPP|NNN"


@pytest.mark.parametrize("text", ["", "PPPPP", "PPPPPPP", "PPPPPX"])
def test_what_is_no_signature_is_refused(text):
    with pytest.raises(ValueError, match="is no signature"):
        signed(passing(), org_signature=text)
