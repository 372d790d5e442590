from __future__ import annotations

import pytest

from audit.actions import Action, OcsfClass, Verb


@pytest.mark.parametrize("action", list(Action))
def test_every_action_follows_the_grammar_and_has_an_ocsf_class(action: Action) -> None:
    assert str(Verb.parse(action.value)) == action.value
    ocsf_class, activity = action.ocsf
    assert isinstance(ocsf_class, OcsfClass)
    assert activity > 0


@pytest.mark.parametrize("text", ["", "org", "Org:create", "org:", "org:a:b:c", "org create", "org:create "])
def test_other_text_is_not_an_action(text: str) -> None:
    with pytest.raises(ValueError, match="is not an action"):
        Verb.parse(text)


def test_verbs_name_their_ocsf_activity() -> None:
    assert Action.USER_TEXTING_ENABLE.ocsf == (3004, 8)
    assert Action.ORG_TEXTING_DISABLE.ocsf == (3004, 9)
    assert Action.MESSAGE_SEND.ocsf == (4009, 1)
