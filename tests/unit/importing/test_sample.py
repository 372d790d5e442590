"""The sample files are what the import reads."""

from core.rules.default_policy import DEFAULT_POLICY
from texting.importing.locations_file import read_locations
from texting.importing.sample import USERS_MAX, locations_csv, users_csv
from texting.importing.table import parse
from texting.importing.users_file import read_users


def test_the_sample_has_no_fault_and_skips_whoever_has_no_calling_service() -> None:
    read = read_users(parse(users_csv(1_000, campaign="CARE"), name="exported_users.csv"))
    assert (len(read.users), read.skipped, read.faults) == (995, 5, ())
    assert sum(user.phone is None for user in read.users) == 10
    assert sum(user.campaign == "CARE" for user in read.users) == DEFAULT_POLICY.campaign_numbers_max.value
    assert all(user.phone is not None for user in read.users if user.campaign is not None)


def test_there_are_enough_fictional_numbers_for_the_largest_sample() -> None:
    assert len(parse(users_csv(USERS_MAX), name="exported_users.csv").lines) == USERS_MAX


def test_the_sample_locations_have_no_fault() -> None:
    assert read_locations(parse(locations_csv(), name="locations.csv")).faults == ()
