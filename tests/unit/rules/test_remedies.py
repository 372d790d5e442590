from hypothesis import given

from core.rules.default_policy import DEFAULT_POLICY
from core.rules.eligibility import decide
from core.rules.enums import AssignmentStatus, ConsentScope, PstnConnectionType, RemediationKind, RuleStatus
from core.rules.facts import SwitchFacts
from core.rules.remedies import SubjectIds, remedy
from core.rules.results import Message
from core.rules.words.catalogue import render
from tests.unit.rules.every_result import policy, said, sent
from tests.unit.rules.strategies import passing, subjects

IDS = SubjectIds(org_id="org", location_id="location", user_id="user", number_id="number", campaign_id="campaign")
HOLDS = {RuleStatus.PASS, RuleStatus.WARN, RuleStatus.NOT_APPLICABLE}


@given(subjects)
def test_whatever_does_not_hold_says_what_would_and_who_does_it(subject):
    for result in decide(subject, DEFAULT_POLICY).rules:
        found = remedy(result, IDS)
        assert (found is None) == (result.status in HOLDS)
        if found is not None:
            assert render(Message(id=found.message_id, params=found.params))
            assert (found.owner is None) == (found.kind is RemediationKind.NOT_FIXABLE)
            assert (found.mutation is None) == (found.variables is None)
            assert found.mutation is None or found.kind is RemediationKind.ADMIN_ACTION


def fix(rule_id, ids=IDS, **changes):
    return remedy(decide(passing(**changes), DEFAULT_POLICY).rule(rule_id), ids)


def test_an_administrators_action_comes_with_its_mutation():
    on = fix("EFFECTIVE_SETTING_ENABLED", switch=SwitchFacts(enabled=False))
    assert (on.mutation, on.variables) == ("setUserTexting", {"input": {"userId": "user", "mode": "ON"}})
    pstn = fix("LOCATION_PSTN_CISCO", location={"pstn_connection_type": PstnConnectionType.LOCAL_GATEWAY})
    assert pstn.variables == {"input": {"locationId": "location", "pstnConnectionType": "CISCO_PSTN"}}


def test_a_mutation_whose_argument_is_not_known_is_left_to_words():
    changes = {"number": {"assignment_status": AssignmentStatus.FAILED_ASSIGNMENT}}
    assert fix("NUMBER_CAMPAIGN_ASSIGNED", **changes).mutation == "assignCampaignNumber"
    nobody = SubjectIds(org_id="org", location_id="location", user_id="user", number_id="number")
    assert fix("NUMBER_CAMPAIGN_ASSIGNED", nobody, **changes).mutation is None


def test_protected_health_information_cannot_be_fixed():
    assert fix("ORG_NOT_HIPAA", org={"handles_phi": True}).kind is RemediationKind.NOT_FIXABLE


def test_start_is_advised_only_where_it_lifts_the_opt_out():
    # A keyword is about the number's campaign, and lifts nothing wider.
    for scope in ConsentScope:
        decided = sent({"consent": said(scope)}, policy()).rules
        (refused,) = [each for each in decided if each.rule_id == "RECIPIENT_NOT_OPTED_OUT"]
        found = remedy(refused, IDS)
        told = render(Message(id=found.message_id, params=found.params))
        assert ("by texting START" in told) is (scope is not ConsentScope.ORG)
