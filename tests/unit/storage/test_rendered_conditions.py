"""Every condition of a list whose pages the database writes can stand in the statement that writes them."""

import re

import pytest

from core.storage.listing import Listing
from core.storage.locations import LOCATIONS
from core.storage.rendering.conditions import condition
from core.storage.users import USERS

EVERY = [
    (type_name, listing, name)
    for type_name, listing in (("User", USERS), ("Location", LOCATIONS))
    for name in listing.conditions
]


@pytest.mark.parametrize(("type_name", "listing", "name"), EVERY, ids=[f"{each[0]}-{each[2]}" for each in EVERY])
def test_it_speaks_of_the_alias_and_of_named_values(type_name: str, listing: Listing, name: str):
    written = condition(type_name, name)
    assert "{0}." in written
    assert f"{listing.table.id.table.fullname}." not in written
    assert set(re.findall(r"\$\d+", written)) <= {"$1"}
    assert written.count("(") == written.count(")")


def test_what_is_looked_up_elsewhere_is_looked_up_for_the_row():
    written = condition("User", "redundant")
    assert "texting.locations.id = {0}.location_id" in written
    assert "FROM texting.locations \n" in written
