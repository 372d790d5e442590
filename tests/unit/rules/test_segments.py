"""How a body is cut into parts (3GPP 23.038 and 23.040)."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rules.enums import Encoding
from core.rules.segments import measure, split, units_of

GSM7 = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = "^{}\\[~]|€\f"
SINGLE = {Encoding.GSM7: 160, Encoding.UCS2: 70}
CONCATENATED = {Encoding.GSM7: 153, Encoding.UCS2: 67}

gsm7 = st.text(st.sampled_from(GSM7 + EXTENSION * 3), max_size=500)
long = st.builds(lambda text, times: text * times, st.text(max_size=20), st.integers(1, 25))
bodies = st.one_of(gsm7, long, st.text(st.sampled_from("a€中\N{GRINNING FACE}"), max_size=250))


def units(text, encoding):
    return sum(units_of(char, encoding) for char in text)


def test_the_basic_alphabet_has_127_characters_besides_the_escape():
    assert len(set(GSM7)) == 127
    assert measure(GSM7).encoding is Encoding.GSM7
    assert measure(GSM7).units == 127


@pytest.mark.parametrize(
    ("body", "encoding", "segments", "size"),
    [
        ("", "GSM7", 1, 0),
        ("a" * 160, "GSM7", 1, 160),
        ("a" * 161, "GSM7", 2, 161),
        ("a" * 306, "GSM7", 2, 306),
        ("a" * 307, "GSM7", 3, 307),
        ("a" * 1_530, "GSM7", 10, 1_530),
        ("€" * 80, "GSM7", 1, 160),
        ("€" * 80 + "a", "GSM7", 2, 161),
        ("中" * 70, "UCS2", 1, 70),
        ("中" * 71, "UCS2", 2, 71),
        ("中" * 134, "UCS2", 2, 134),
        ("中" * 135, "UCS2", 3, 135),
        ("\N{GRINNING FACE}" * 35, "UCS2", 1, 70),
        ("\N{GRINNING FACE}" * 36, "UCS2", 2, 72),
        ("a" * 70 + "“", "UCS2", 2, 71),
    ],
)
def test_the_limits_of_one_part_and_of_several(body, encoding, segments, size):
    found = measure(body)
    assert (found.encoding, found.segments, found.units) == (encoding, segments, size)


@pytest.mark.parametrize("char", list("`çêâôîûëïœ“”‘’–…\t\N{NO-BREAK SPACE}"))
def test_what_looks_like_gsm7_and_is_not_makes_the_text_ucs2(char):
    assert measure(f"a{char}").encoding is Encoding.UCS2


@pytest.mark.parametrize("char", list("àèéùìòÇñ@£"))
def test_accents_of_the_basic_alphabet_cost_one(char):
    assert (measure(char).encoding, measure(char).units) == (Encoding.GSM7, 1)


@pytest.mark.parametrize("char", list(EXTENSION))
def test_extension_characters_cost_two_and_are_never_split_from_their_escape(char):
    assert measure(char).units == 2
    body = "a" * 152 + char + "a" * 20
    assert split(body) == ["a" * 152, char + "a" * 20]


def test_a_surrogate_pair_is_never_split():
    body = "中" * 66 + "\N{GRINNING FACE}" + "中" * 20
    assert split(body) == ["中" * 66, "\N{GRINNING FACE}" + "中" * 20]


def test_what_is_left_at_the_end_of_a_part_may_cost_one_more_part():
    body = ("a" * 152 + "€") * 2
    assert measure(body).units == 308
    assert [units(part, Encoding.GSM7) for part in split(body)] == [152, 153, 3]


@given(bodies)
def test_the_parts_are_the_body_and_none_is_over_its_limit(body):
    parts, found = split(body), measure(body)
    assert "".join(parts) == body
    assert len(parts) == found.segments
    assert sum(units(part, found.encoding) for part in parts) == found.units
    limit = SINGLE[found.encoding] if len(parts) == 1 else CONCATENATED[found.encoding]
    assert all(units(part, found.encoding) <= limit for part in parts)


@given(bodies)
def test_every_part_but_the_last_is_as_full_as_it_can_be(body):
    parts, encoding = split(body), measure(body).encoding
    for part, following in pairwise(parts):
        assert units(part, encoding) + units_of(following[0], encoding) > CONCATENATED[encoding]
    assert len(parts) == 1 or all(parts)


@given(bodies)
def test_the_encoding_is_gsm7_exactly_when_every_character_is_in_its_tables(body):
    assert (measure(body).encoding is Encoding.GSM7) == (set(body) <= set(GSM7 + EXTENSION))
