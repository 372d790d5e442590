"""Every rule and limit cites a sentence, and the sentence is the source document's own."""

import re
from pathlib import Path

import pytest

from core.rules.citations import CITATIONS, cite
from core.rules.default_policy import DEFAULT_POLICY
from core.rules.eligibility import RULES
from core.rules.send_rules import SEND_RULES

SOURCE = Path(__file__).parents[4] / "shared" / "source" / "business-text-messaging.en.md"
_SENTENCE = re.compile(r"^- \*\*([A-Z][0-9])\*\* (.*?)(?=^- |^#|\Z)", re.MULTILINE | re.DOTALL)

present = pytest.mark.skipif(not SOURCE.exists(), reason="the source document is not beside this checkout")


def sentences():
    text = SOURCE.read_text(encoding="utf-8")
    return {id: " ".join(sentence.split()) for id, sentence in _SENTENCE.findall(text)}


@present
def test_the_sentences_are_the_source_documents_word_for_word():
    assert {id: citation.text for id, citation in CITATIONS.items()} == sentences()


@pytest.mark.parametrize("rule", [*RULES, *SEND_RULES], ids=lambda rule: rule.rule_id)
def test_a_rule_cites_a_sentence_or_says_that_it_is_an_extension(rule):
    citation = rule.citation
    assert citation.source_id == rule.source_id
    extension = citation.text.startswith("Our extension")
    assert extension == (rule.source_id not in CITATIONS and rule.source_id.rstrip("abcde") not in CITATIONS)


def test_every_limit_cites_a_sentence():
    for limit in DEFAULT_POLICY.limits.value:
        assert cite(limit.source_id).text


def test_a_part_keeps_its_id_and_has_the_whole_sentence():
    assert cite("L6b").source_id == "L6b"
    assert cite("L6b").text == CITATIONS["L6"].text


@present
@pytest.mark.parametrize("part", ["L6b", "L6c", "L6d", "L6e", "U2a", "U2b", "U3a", "U3b"])
def test_a_part_that_may_be_cited_is_named_in_its_sentence(part):
    assert f"({part})" in sentences()[part[:2]]


@pytest.mark.parametrize("id", ["", "Z1", "P99", "p4", "L6z"])
def test_an_id_that_nothing_has_is_an_error(id):
    with pytest.raises(KeyError):
        cite(id)
