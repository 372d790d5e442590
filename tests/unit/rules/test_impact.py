from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from core.rules.enums import Level, Outcome, SettingKey, TextingMode
from core.rules.impact import Impact, ImpactGroup, Switches, impact, user_group
from core.rules.settings import resolve
from tests.unit.rules.strategies import modes

ON, OFF, INHERIT = TextingMode.ON, TextingMode.OFF, TextingMode.INHERIT
BEFORE = Switches(org_enabled=False, location_mode=INHERIT, user_mode=INHERIT)


def group(count, *, user=INHERIT, location=INHERIT, prerequisites=Outcome.ALLOWED):
    before = replace(BEFORE, user_mode=user, location_mode=location)
    return ImpactGroup(before=before, after=replace(before, org_enabled=True), prerequisites=prerequisites, count=count)


def test_a_preview_counts_every_user_once():
    groups = [
        group(5),
        group(3, prerequisites=Outcome.DENIED),
        group(2, prerequisites=Outcome.PENDING),
        group(7, user=OFF),
        group(11, user=ON),
        group(13, location=OFF),
    ]
    assert impact(groups, changed=Level.ORG) == Impact(
        turned_on=10, turned_off=0, unchanged=11, kept_by_override=20, still_blocked=5
    )


def test_giving_up_ones_own_value_may_turn_a_user_off():
    switches = replace(BEFORE, user_mode=ON)
    one = user_group(switches, INHERIT, Outcome.ALLOWED)
    assert impact([one], changed=Level.USER) == Impact(turned_off=1)


def test_nobody_is_an_impact_of_nothing():
    assert impact([], changed=Level.ORG) == Impact()


@given(st.lists(st.tuples(st.booleans(), modes, modes, st.booleans(), st.booleans(), st.integers(1, 9)), max_size=6))
def test_the_counts_add_up_and_equal_the_flips(cases):
    groups = []
    for before, location, user, lock, after, count in cases:
        switches = Switches(org_enabled=before, location_mode=location, user_mode=user, location_locked=lock)
        changed = replace(switches, org_enabled=after)
        groups.append(ImpactGroup(before=switches, after=changed, prerequisites=Outcome.DENIED, count=count))
    found = impact(groups, changed=Level.ORG)
    total = found.turned_on + found.turned_off + found.unchanged + found.kept_by_override
    assert total == sum(one.count for one in groups)
    assert found.still_blocked == found.turned_on
    flips = sum(
        one.count
        for one in groups
        if resolve(SettingKey.BUSINESS_TEXTING, one.before.levels()).value
        != resolve(SettingKey.BUSINESS_TEXTING, one.after.levels()).value
    )
    assert found.turned_on + found.turned_off == flips
