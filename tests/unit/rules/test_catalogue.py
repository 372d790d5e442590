"""What the rules say in words: every message they can give is there, with every parameter, and none is left over."""

import re

import pytest

from core.rules.carrier_errors import TABLE
from core.rules.eligibility import RULES
from core.rules.enums import RuleStatus
from core.rules.fix_steps import STEPS
from core.rules.remedies import REMEDIES
from core.rules.results import Message, params
from core.rules.rule_ids import RuleId, SendRuleId
from core.rules.send_rules import SEND_RULES
from core.rules.words.catalogue import catalogue, languages, render, render_result
from tests.unit.rules.every_result import eligibility_results, send_results

ENGLISH = catalogue("en")
RESULTS = eligibility_results() | send_results()
TO_DO = {RuleStatus.FAIL, RuleStatus.PENDING, RuleStatus.UNKNOWN}
_RESULT = re.compile(rf"({'|'.join((*RuleId, *SendRuleId))})\.({'|'.join(RuleStatus)})(\.(?!fix$)[a-z_]+)?")


def test_what_the_rules_say_is_exactly_what_the_catalogue_has():
    assert {result.message_id for result in RESULTS} == {id for id in ENGLISH if _RESULT.fullmatch(id)}


def test_every_result_is_said_with_all_its_parameters():
    for result in RESULTS:
        text = render_result(result)
        assert text.strip() == text
        assert not set("{}") & set(text)


def test_every_result_that_does_not_hold_has_a_remedy_and_every_remedy_a_result():
    assert {result.message_id for result in RESULTS if result.status in TO_DO} == set(REMEDIES)


def test_a_remedy_is_said_with_the_parameters_of_its_result():
    for result in RESULTS:
        if result.status in TO_DO:
            assert render(Message(id=REMEDIES[result.message_id].message_id, params=result.params))


def test_every_rule_and_every_carriers_error_is_explained():
    for rule in (*RULES, *SEND_RULES):
        assert render(Message(id=rule.summary_id))
    for line in TABLE.values():
        assert render(line.message)
        assert render(line.remediation)


def test_no_text_of_the_catalogue_is_left_over():
    said = {result.message_id for result in RESULTS}
    said |= {remedy.message_id for remedy in REMEDIES.values()}
    said |= {step.remedy.message_id for steps in STEPS.values() for step in steps}
    said |= {rule.summary_id for rule in (*RULES, *SEND_RULES)}
    said |= {message.id for line in TABLE.values() for message in (line.message, line.remediation)}
    assert {id for id in ENGLISH if id.partition(".")[0] in {*RuleId, *SendRuleId, "CARRIER"}} == said


def test_texts_are_sentences():
    for id, text in ENGLISH.items():
        assert text[0].isupper() or text[0] == "{", id
        assert text[-1] in ".}", id


@pytest.mark.parametrize("language", [None, "en", "EN", "en-CA", "en_US", "fr-CA", "tlh", "", "../en", "x" * 1_000])
def test_a_language_without_a_catalogue_reads_english(language):
    message = Message(id="NO_MEDIA.FAIL", params=params(observed=2))
    assert render(message, language) == "The message carries 2 attachments; MMS is not supported."


def test_a_message_may_stand_in_a_message():
    inner = Message(id="NO_MEDIA.FAIL", params=params(observed="{observed}"))
    outer = Message(id="SEND_ELIGIBLE.FAIL", params=params(because=inner))
    assert render(outer).endswith("The message carries {observed} attachments; MMS is not supported.")


def test_an_unknown_message_or_a_missing_parameter_is_an_error():
    with pytest.raises(KeyError, match=re.escape("NO.SUCH")):
        render(Message(id="NO.SUCH"))
    with pytest.raises(KeyError, match="observed"):
        render(Message(id="NO_MEDIA.FAIL"))


def test_english_is_among_the_languages():
    assert "en" in languages()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "nothing"),
        ((), "nothing"),
        (("US", "CA"), "US, CA"),
        (["US"], "US"),
        (1_600, "1,600"),
        (True, "True"),
        ("x", "x"),
    ],
)
def test_a_parameter_is_written(value, text):
    assert params(name=value) == (("name", text),)
