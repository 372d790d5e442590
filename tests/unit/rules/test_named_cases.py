"""The named cases: what each rule says, what holds of a setting, what becomes of a user step by step."""

import pytest

from core.rules.default_policy import DEFAULT_POLICY
from core.rules.eligibility import decide
from core.rules.enums import Level, SettingKey, TextingMode
from core.rules.fix_changes import Reserve
from core.rules.minimal_fixes import minimal_fixes
from core.rules.settings import resolve, texting_levels
from tests.unit.rules.named_cases import load, with_facts
from tests.unit.rules.strategies import PASSING, SWITCHED_ON, situation_of

SETTINGS, STORIES = load("settings"), load("stories")
_ORG = {"unset": None, "on": True, "off": False}


@pytest.mark.parametrize("case", SETTINGS, ids=[case["case"] for case in SETTINGS])
def test_a_setting_is_what_the_first_level_with_a_say_says(case):
    levels = texting_levels(
        org_enabled=_ORG[case["org"]],
        location_mode=TextingMode(case["location"]),
        user_mode=TextingMode(case["user"]),
        org_locked=case.get("org_locked", False),
        location_locked=case.get("location_locked", False),
    )
    setting = resolve(SettingKey.BUSINESS_TEXTING, levels)
    locked_by = Level(case["locked_by"]) if "locked_by" in case else None
    assert (setting.value, setting.level, setting.locked_by) == (case["enabled"], Level(case["by"]), locked_by)
    if "redundant" in case:
        assert setting.override_is_redundant == case["redundant"]


def test_every_combination_of_settings_is_a_case():
    named = {(case["org"], case["location"], case["user"]) for case in SETTINGS}
    assert named == {(org, location, user) for org in _ORG for location in TextingMode for user in TextingMode}


@pytest.mark.parametrize("story", STORIES, ids=[story["story"] for story in STORIES])
def test_a_story_is_decided_step_by_step(story):
    subject = PASSING
    for step in story["steps"]:
        subject = with_facts(subject, step["given"])
        decision = decide(subject, DEFAULT_POLICY)
        assert decision.outcome == step["outcome"], step
        assert [each.rule_id for each in decision.denials] == step.get("denials", [])
        assert [each.rule_id for each in decision.root_causes] == step.get("root_causes", [])
        sets = minimal_fixes(situation_of(subject, SWITCHED_ON), DEFAULT_POLICY, Reserve(), limit=1)
        found = [[fix.step.remedy.message_id.removesuffix(".fix") for fix in fixes] for fixes in sets]
        if "fixes" in step:
            assert found == [step["fixes"]], step
