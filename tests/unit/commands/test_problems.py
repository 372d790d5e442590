"""Everything that is wrong with an input, in one answer."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.commands.problems import Problems, place, shown
from core.commands.refusals import InvalidInput, Refused

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def checked(value, *, longest=10, lines=False):
    problems = Problems()
    text = problems.text(("input", "name"), value, longest=longest, lines=lines)
    return text, [problem.code for problem in problems.found]


@pytest.mark.parametrize(
    ("value", "text", "codes"),
    [
        ("Ana", "Ana", []),
        ("  Ana ", "Ana", []),
        ("x" * 10, "x" * 10, []),
        ("x" * 11, "x" * 11, ["TOO_LONG"]),
        ("e\N{COMBINING ACUTE ACCENT}" * 10, "é" * 10, []),
        ("", "", ["EMPTY"]),
        ("  ", "", ["EMPTY"]),
        ("\N{ZERO WIDTH SPACE}", "\N{ZERO WIDTH SPACE}", ["EMPTY"]),
        ("\N{RIGHT-TO-LEFT OVERRIDE} \N{WORD JOINER}", "\N{RIGHT-TO-LEFT OVERRIDE} \N{WORD JOINER}", ["EMPTY"]),
        ("\U0001fae8", "\U0001fae8", []),
        ("a\0b", "a\0b", ["NUL_CHARACTER"]),
        ("\0", "\0", ["NUL_CHARACTER"]),
        ("a\nb", "a\nb", ["CONTROL_CHARACTER"]),
        ("a\tb", "a\tb", ["CONTROL_CHARACTER"]),
        ("a\x7fb", "a\x7fb", ["CONTROL_CHARACTER"]),
        ("a\N{LINE SEPARATOR}b", "a\N{LINE SEPARATOR}b", ["CONTROL_CHARACTER"]),
        ("Ana\n", "Ana", []),
        ("a\ud800", "", ["NOT_UNICODE"]),
    ],
)
def test_a_text_is_trimmed_composed_and_checked(value, text, codes):
    assert checked(value) == (text, codes)


@pytest.mark.parametrize(("value", "codes"), [("a\nb\tc", []), ("a\r\nb", []), ("a\x0bb", ["CONTROL_CHARACTER"])])
def test_a_text_of_lines_may_have_line_breaks_and_tabs(value, codes):
    assert checked(value, lines=True)[1] == codes
    assert checked(value)[1] == ["CONTROL_CHARACTER"]


@given(st.text(max_size=40))
def test_a_text_without_a_problem_can_be_stored(value):
    text, codes = checked(value, longest=20)
    if not codes:
        assert 0 < len(text) <= 20
        assert text == text.strip()
        assert "\0" not in text
        assert text.encode()


def test_a_value_that_cannot_be_cleared_is_not_given_as_null():
    problems = Problems()
    assert problems.required_text(("name",), None, longest=5) == ""
    assert problems.required_text(("name",), "x", longest=5) == "x"
    assert [problem.code for problem in problems.found] == ["NOT_CLEARABLE"]


@pytest.mark.parametrize(
    ("value", "text", "codes"), [(None, None, []), (" ", None, []), ("x", "x", []), ("\0", "\0", ["NUL_CHARACTER"])]
)
def test_a_text_that_may_be_null_is_null_when_it_is_blank(value, text, codes):
    problems = Problems()
    assert problems.optional_text(("name",), value, longest=5) == text
    assert [problem.code for problem in problems.found] == codes


@pytest.mark.parametrize(("ahead", "faulty"), [(None, False), (-1, False), (0, False), (1, True)])
def test_a_time_must_have_come(ahead, faulty):
    problems = Problems()
    problems.not_future(("at",), None if ahead is None else NOW + timedelta(microseconds=ahead), NOW)
    assert bool(problems.found) is faulty


def test_nothing_wrong_refuses_nothing():
    Problems().refuse()


def test_one_problem_is_the_refusal_s_message_and_of_several_the_first():
    problems = Problems()
    problems.add(("a",), "ONE", "`x` is wrong: write y")
    with pytest.raises(Refused, match=r"^`x` is wrong: write y$"):
        problems.refuse()
    problems.add(("b", "0"), "TWO", "`z` is wrong too: leave it out")
    with pytest.raises(Refused, match=r"^2 problems, the first: `x` is wrong: write y$") as refused:
        problems.refuse()
    refusal = refused.value.refusal
    assert isinstance(refusal, InvalidInput)
    assert [(problem.path, problem.code) for problem in refusal.problems] == [(("a",), "ONE"), (("b", "0"), "TWO")]


def test_of_several_things_the_path_says_which():
    assert (place(0, 1), place(0, 2), place(11, 12)) == ((), ("0",), ("11",))


@given(st.text())
def test_what_is_shown_is_one_short_line_without_backticks(value):
    text = shown(value)
    assert len(text) <= 41
    assert text.splitlines() in ([text], [])
    assert "`" not in text
    assert text.encode().decode() == text


def test_what_is_long_is_cut_and_what_is_broken_replaced():
    assert shown("x" * 40) == "x" * 40
    assert shown("x" * 41) == "x" * 40 + "…"
    assert shown("a\nb`c\ud800") == "a\N{REPLACEMENT CHARACTER}b'c?"
