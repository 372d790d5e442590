"""Normal forms of names and e-mails."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rules.names import SORT_NAME_LENGTH_MAX, email_key, is_email, search_bounds, sort_name

names = st.text(max_size=30)


@pytest.mark.parametrize(
    "email", ["Ana@Example.com", " ana@example.com ", "ANA@EXAMPLE.COM", "ａna@example.com", "ana@example.com\n"]
)
def test_an_email_has_one_key_however_it_is_written(email):
    assert email_key(email) == "ana@example.com"


def test_accents_tell_emails_apart():
    assert email_key("josé@example.com") != email_key("jose@example.com")
    assert email_key("JOSÉ@example.com") == email_key("jose\N{COMBINING ACUTE ACCENT}@example.com")


@pytest.mark.parametrize("name", ["José  Álvarez", "jose alvarez", " JOSÉ ÁLVAREZ ", "Jose\N{NO-BREAK SPACE}Alvarez"])
def test_a_name_is_sorted_without_accents_case_and_double_blanks(name):
    assert sort_name(name) == "jose alvarez"


@pytest.mark.parametrize(("name", "sorts"), [("Straße", "strasse"), ("Œuvre", "œuvre"), ("ﬁne", "fine"), ("", "")])
def test_a_name_is_folded(name, sorts):
    assert sort_name(name) == sorts


def test_a_sort_name_has_a_longest_length():
    assert len(sort_name("ß" * 500)) == SORT_NAME_LENGTH_MAX


@pytest.mark.parametrize(
    ("search", "name", "found"),
    [
        ("jos", "José", True),
        ("JOSÉ", "Josefina", True),
        ("josé a", "Jose Álvarez", True),
        ("alv", "Jose Álvarez", False),
        ("josf", "José", False),
        ("", "anyone", True),
        ("\N{GRINNING FACE}", "\N{GRINNING FACE} Ana", True),
    ],
)
def test_a_search_finds_how_a_name_begins(search, name, found):
    low, high = search_bounds(search)
    assert (low <= sort_name(name) < high) is found


@pytest.mark.parametrize("email", ["a@b.c", "ana.ruiz+x@mail.example.com", "josé@bücher.example", "a@b@c.d", "'@b.c"])
def test_what_is_shaped_like_an_email(email):
    assert is_email(email)


@pytest.mark.parametrize(
    "email",
    ["", "a", "@b.c", "a@", "a@b", "a@b.", "a@.b", "a b@c.d", "a@b.c,d@e.f", "a@b.c;", "<a@b.c>", 'a"@b.c', "a@b.c\n"],
)
def test_what_is_no_email(email):
    assert not is_email(email)


@given(names, st.integers(0, 30))
def test_every_beginning_of_a_name_finds_it(name, length):
    low, high = search_bounds(sort_name(name)[:length])
    # PostgreSQL's collation "C" compares UTF-8, which orders as code points do.
    assert low <= sort_name(name) < high


@given(names, names)
def test_what_a_search_finds_begins_with_it(search, name):
    low, high = search_bounds(search)
    if low <= sort_name(name) < high:
        assert sort_name(name).startswith(sort_name(search))


@given(names)
def test_a_normal_form_is_its_own(name):
    assert sort_name(sort_name(name)) == sort_name(name)
    assert email_key(email_key(name)) == email_key(name)
