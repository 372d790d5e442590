"""Keywords of consent: a whole message that is one of the lists' words (47 CFR 64.1200(a)(10))."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rules.enums import Keyword
from core.rules.keywords import DEFAULT_KEYWORDS, KeywordLists, normalised, recognise

WORDS = {
    **dict.fromkeys(DEFAULT_KEYWORDS.opt_out, Keyword.OPT_OUT),
    **dict.fromkeys(DEFAULT_KEYWORDS.opt_in, Keyword.OPT_IN),
    **dict.fromkeys(DEFAULT_KEYWORDS.help, Keyword.HELP),
}


@pytest.mark.parametrize(
    "body",
    [
        "STOP",
        "stop",
        "Stop",
        " stop ",
        "STOP.",
        "stop!!!",
        "stop ?! ",
        "STOP\r\n",
        "STOP" + " " * 100,
        "\n" * 100 + "stop",
        "STOP" + "!" * 200,
        "ＳＴＯＰ",
        "ｓｔｏｐ！",
        "Stóp",
        "STOP\N{ZERO WIDTH SPACE}",
        "\N{ZERO WIDTH NO-BREAK SPACE}STOP",
        "STOPALL",
        "stop all",
        "Stop   All.",
        "STOP\N{NO-BREAK SPACE}ALL",
        "Unsubscribe",
        "CANCEL",
        "End",
        "quit",
        "Revoke",
        "OPTOUT",
        "opt out",
        "ARRET",
        "ARRÊT",
        "arrêt",
        "ARRE\N{COMBINING CIRCUMFLEX ACCENT}T",
    ],
)
def test_a_message_that_is_an_opt_out(body):
    assert recognise(body) is Keyword.OPT_OUT


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("START", Keyword.OPT_IN),
        ("Yes!", Keyword.OPT_IN),
        ("unstop", Keyword.OPT_IN),
        ("HELP", Keyword.HELP),
        ("info?", Keyword.HELP),
        ("AIDE", Keyword.HELP),
    ],
)
def test_a_message_that_asks_for_something_else(body, kind):
    assert recognise(body) is kind


@pytest.mark.parametrize(
    "body",
    [
        "",
        " ",
        "!",
        "STOP 12345",
        "please stop",
        "stop it",
        "stopp",
        "sto p",
        "don't stop",
        "STOP START",
        "yes please",
        "STOP \N{PERSON WITH FOLDED HANDS}",
        "stop" * 1_000,
    ],
)
def test_a_message_that_is_no_keyword(body):
    assert recognise(body) is None


@given(st.sampled_from(sorted(WORDS)), st.data())
def test_however_a_keyword_is_written_it_is_one(word, data):
    shouted = "".join(data.draw(st.sampled_from((char, char.upper()))) for char in word)
    wide = "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in shouted)
    end = data.draw(st.text(st.sampled_from(" .!?,;:-)\n"), max_size=5))
    written = data.draw(st.sampled_from((shouted, wide)))
    assert recognise(f"  {written}{end}") is WORDS[word]


@given(st.sampled_from(sorted(WORDS)), st.text(min_size=1, max_size=5).filter(lambda text: text.strip().isalnum()))
def test_a_keyword_with_more_behind_it_is_none(word, more):
    body = f"{word} {more}"
    assert recognise(body) is WORDS.get(normalised(body))


@given(st.text(max_size=40))
def test_what_is_normalised_stays_so(body):
    assert normalised(normalised(body)) == normalised(body)


def test_a_list_of_ones_own_replaces_the_default():
    lists = KeywordLists(opt_out=("basta",), opt_in=("si",), help=())
    assert recognise("BASTA!", lists) is Keyword.OPT_OUT
    assert recognise("Sí", lists) is Keyword.OPT_IN
    assert recognise("STOP", lists) is None


def test_the_default_lists_are_written_as_messages_are_compared():
    words = [*DEFAULT_KEYWORDS.opt_out, *DEFAULT_KEYWORDS.opt_in, *DEFAULT_KEYWORDS.help]
    assert words == [normalised(word) for word in words]
    assert len(set(words)) == len(words)
    assert all(unicodedata.is_normalized("NFKD", word) for word in words)
