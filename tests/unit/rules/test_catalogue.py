"""What the rules say in words: every message they can give is there, with every parameter, and none is left over."""

import re
from pathlib import Path
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rules.carrier_errors import TABLE
from core.rules.eligibility import RULES
from core.rules.enums import RuleStatus
from core.rules.fix_steps import STEPS
from core.rules.remedies import REMEDIES
from core.rules.results import NOTHING, Message, params
from core.rules.rule_ids import RuleId, SendRuleId
from core.rules.send_rules import SEND_RULES
from core.rules.words.catalogue import catalogue, languages, matched, preferred, render
from tests.unit.rules.every_result import eligibility_results, send_results

ENGLISH = catalogue("en")
RESULTS = eligibility_results() | send_results()
TO_DO = {RuleStatus.FAIL, RuleStatus.PENDING, RuleStatus.UNKNOWN}
_RESULT = re.compile(rf"({'|'.join((*RuleId, *SendRuleId))})\.({'|'.join(RuleStatus)})(\.(?!fix$)[a-z_]+)?")


def test_what_the_rules_say_is_exactly_what_the_catalogue_has():
    assert {result.message_id for result in RESULTS} == {id for id in ENGLISH if _RESULT.fullmatch(id)}


def test_every_result_is_said_with_all_its_parameters():
    for result in RESULTS:
        text = render(result.message)
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


WORDS = ("LEVEL.", "UNIT.", "REASON.", "VALUE.")
"""Texts that stand in others."""


def placeholders(text):
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name is not None)


@pytest.mark.parametrize("language", sorted(languages()))
def test_texts_are_sentences(language):
    for id, text in catalogue(language).items():
        assert text.strip() == text, id
        if not id.startswith(WORDS):
            assert text[0].isupper() or text[0] == "{" or language == "ja", id
            assert text[-1] in ("。}" if language == "ja" else ".}"), id


@pytest.mark.parametrize("language", sorted(languages()))
def test_no_language_lacks_a_text_or_a_parameter(language):
    texts = catalogue(language)
    assert list(texts) == list(ENGLISH)
    assert {id: placeholders(text) for id, text in texts.items()} == {
        id: placeholders(text) for id, text in ENGLISH.items()
    }


@pytest.mark.parametrize("language", sorted(languages()))
def test_a_translation_says_codes_and_mutations_as_they_are(language):
    code = re.compile(
        r"\b[A-Z]+(?:_[A-Z]+)+\b|\b(?:ACTIVE|APPROVED|FAILED|ASSIGNED|SUSPENDED|ENTERPRISE|HIPAA)\b|\b[a-z]+[A-Z]\w+\b"
    )
    for id, text in catalogue(language).items():
        said = set(code.findall(ENGLISH[id]))
        assert said <= set(re.findall(r"[A-Za-z_]+", text)), id


def test_every_text_can_be_said_in_every_language():
    for language in languages():
        for result in RESULTS:
            said = render(result.message, language)
            assert not set("{}") & set(said)
            assert language == "en" or said != render(result.message, "en"), (language, result.message_id)


def test_the_languages_are_those_of_the_markets_and_of_the_source():
    assert languages() == {"en", "fr-CA", "ja"}


def test_japanese_says_what_the_source_says_as_the_source_says_it():
    source = Path(__file__).parents[3].parent / "shared" / "source" / "business-text-messaging.ja.txt"
    if not source.exists():
        pytest.skip("the source is not beside this checkout")
    said = source.read_text(encoding="utf-8")
    japanese = " ".join(catalogue("ja").values())
    for term in (
        "ビジネス テキスト メッセージ",
        "Cisco Calling プラン",
        "米国またはカナダ",
        "エンタープライズをご利用のお客様のみが利用できます",
        "プライマリ電話番号",
        "Cisco PSTN を使用してロケーションを設定",
        "ビジネス テキスト メッセージの追加を購入",
        "10 DLC 登録",
        "組織のデフォルト設定を使用する",
        "デフォルト設定をオーバーライドする",
        "宛先キャリア",
        "スロットル",
        "単独の裁量で行われます",
        "国際テキスト",
    ):
        assert term in said, term
        assert term in japanese, term


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("en", "en"),
        ("EN-gb", "en"),
        ("en_US", "en"),
        ("fr", "fr-CA"),
        ("fr-FR", "fr-CA"),
        ("fr-ca", "fr-CA"),
        ("FR-Latn-CA-x-y", "fr-CA"),
        ("ja-JP", "ja"),
        ("ja-Jpan-JP", "ja"),
        ("de", None),
        ("f", None),
        ("fra", None),
        ("", None),
        ("*", None),
        ("../en", None),
        ("x" * 1_000, None),
    ],
)
def test_a_tag_is_matched_with_the_nearest_catalogue(tag, language):
    assert matched(tag) == language


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("fr-CA,fr;q=0.9", "fr-CA"),
        ("fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5", "fr-CA"),
        ("en;q=0.5, ja-JP", "ja"),
        ("de, ja;q=0.2, fr;q=0.3", "fr-CA"),
        ("ja;q=0, fr;q=0.1", "fr-CA"),
        ("de", "en"),
        ("*", "en"),
        ("en;q=0, *", "fr-CA"),
        ("en;q=0", "en"),
        ("ja;q=0.001", "ja"),
        ("ja ; q=1.0", "ja"),
        ("ja;q=2", "en"),
        ("ja;q=abc, fr", "fr-CA"),
        ("../../ja", "en"),
        (", ,ja,", "ja"),
        ("de," * 5_000 + "ja", "en"),
    ],
)
def test_a_header_chooses_by_weight_among_the_languages_there_are(header, language):
    assert preferred(header) == language


@given(st.text())
def test_any_header_chooses_a_language(header):
    assert preferred(header) in languages()


@pytest.mark.parametrize("language", [None, "en", "EN", "en-CA", "en_US", "de", "tlh", "", "../en", "x" * 1_000])
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
        (None, NOTHING),
        ((), NOTHING),
        (("US", "CA"), "US, CA"),
        (["US"], "US"),
        (1_600, "1,600"),
        (True, "True"),
        ("x", "x"),
    ],
)
def test_a_parameter_is_written(value, text):
    assert params(name=value) == (("name", text),)
