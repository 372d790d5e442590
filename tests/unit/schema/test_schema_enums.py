"""The domain's closed sets become enums without a word missing."""

from enum import StrEnum

import pytest

import schema.enums
from core.rules.enums import TextingMode
from schema.enums.described import describe


class Colour(StrEnum):
    """A closed set of two."""

    RED = "RED"
    BLUE = "BLUE"


@pytest.mark.parametrize("values", [{"RED": "Warm."}, {"RED": "Warm.", "BLUE": "Cold.", "GREEN": "Fresh."}])
def test_a_member_left_out_or_made_up_is_refused(values: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="describe each member once and nothing else"):
        describe(Colour, "A colour.", **values)


def test_the_enums_are_the_domain_s_own_classes() -> None:
    assert schema.enums.TextingMode is TextingMode


def test_a_member_s_name_is_its_value_as_rows_store_it() -> None:
    for name in schema.enums.__all__:
        members = getattr(schema.enums, name)
        assert all(member.name == member.value for member in members), name
