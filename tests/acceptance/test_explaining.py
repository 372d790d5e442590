"""`texting explain`, from the question to the text: complete, and its mutations can be sent as they are printed."""

from __future__ import annotations

import json
import re
from uuid import UUID

import pytest

from core.commands.transaction import Store
from core.rules.rule_ids import RuleId
from tests.acceptance.asking import Asker
from tests.acceptance.mutating import Stage, new_stage
from tests.integration.worlds import World, new_world
from texting.explaining import Question, explained, language_of, supposed
from texting.explanation import lines
from texting.startup_error import StartupError

EMAIL = "query($id: ID!) { user(id: $id) { email } }"
OFF = "mutation($input: SetUserTextingInput!) { setUserTexting(input: $input) { __typename } }"


async def email_of(ask: Asker, stage: Stage) -> str:
    return str((await ask(stage.world.org_admin, EMAIL, id=stage["user"]))["user"]["email"])


async def printed(store: Store, email: str, world: World, *what_if: str, language: str = "en", **given: str) -> str:
    question = Question(
        email=email,
        org_id=world.org_id,
        what_if=[supposed(text) for text in what_if],
        language=language,
        as_of=given.get("as_of"),
    )
    return "\n".join(lines(await explained(store, question, [world.org_id]), what_if))


async def test_every_rule_is_printed_and_the_mutation_to_send(ask: Asker, store: Store):
    stage = await new_stage(store)
    email = await email_of(ask, stage)
    assert "nothing needs to be done" in await printed(store, email, stage.world)
    off = {"userId": stage["user"], "mode": "OFF"}
    await ask(stage.world.org_admin, OFF, input=off)
    text = await printed(store, email.upper(), stage.world)
    assert all(rule_id in text for rule_id in RuleId)
    assert "DENIED: prerequisites ALLOWED, switch off" in text
    assert "root causes: EFFECTIVE_SETTING_ENABLED" in text
    assert "1. Switch business texting on for this user (setUserTexting). [ADMIN_ACTION, ORG_ADMIN]" in text
    document, variables = re.findall(r"     (mutation.*)\n     (\{.*\})", text)[0]
    await ask(stage.world.org_admin, document, **json.loads(variables))
    assert "ALLOWED: prerequisites ALLOWED, switch on" in await printed(store, email, stage.world)


async def test_a_supposition_is_printed_as_one(ask: Asker, store: Store):
    stage = await new_stage(store)
    email = await email_of(ask, stage)
    text = await printed(store, email, stage.world, "ORG_ADDON_LICENSED=0", "CLIENT_VERSION_MIN=42.9")
    assert "SUPPOSED, not so: ORG_ADDON_LICENSED=0, CLIENT_VERSION_MIN=42.9" in text
    assert "denials: ORG_ADDON_LICENSED, CLIENT_VERSION_MIN" in text
    with pytest.raises(StartupError, match="gives `ORG_ADDON_LICENSED` the value `many`: give a whole number"):
        await printed(store, email, stage.world, "ORG_ADDON_LICENSED=many")
    named = f"LOCATION_PSTN_CISCO:{stage['location']}=LOCAL_GATEWAY"
    assert "denials: LOCATION_PSTN_CISCO" in await printed(store, email, stage.world, named)


async def test_it_speaks_the_language_asked_for(ask: Asker, store: Store):
    stage = await new_stage(store)
    email = await email_of(ask, stage)
    text = await printed(store, email, stage.world, "CLIENT_VERSION_MIN=42.9", language=language_of("ja-JP"))
    assert "ユーザーの Webex アプリはバージョン 42.9 です。バージョン 42.12 以上が必要です。" in text
    assert "ユーザーが Webex アプリをバージョン 42.12 以上に更新してください。" in text
    with pytest.raises(StartupError, match="`de` has no catalogue: use one of en, fr-CA, ja"):
        language_of("de")


async def test_where_nothing_helps_it_says_why(ask: Asker, store: Store):
    stage = await new_stage(store)
    text = await printed(store, await email_of(ask, stage), stage.world, "ORG_NOT_HIPAA=true")
    assert "nothing that can be done would let this user text:\n  ORG_NOT_HIPAA: Nothing fixes this" in text


async def test_a_time_is_read_or_refused(ask: Asker, store: Store):
    stage = await new_stage(store)
    email = await email_of(ask, stage)
    with pytest.raises(StartupError, match="yesterday"):
        await printed(store, email, stage.world, as_of="yesterday")


async def test_the_organization_is_found_by_the_email(ask: Asker, store: Store):
    stage, other = await new_stage(store), await new_world(store)
    email = await email_of(ask, stage)
    found = await explained(store, Question(email=email), [other.org_id, stage.org_id])
    assert found["email"] == email
    with pytest.raises(StartupError, match="is no user there: check the e-mail, and --org"):
        await explained(store, Question(email=email), [other.org_id])
    with pytest.raises(StartupError, match="is no user there"):
        await explained(store, Question(email="nobody"), [UUID(int=7)])


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("ORG_ADDON_LICENSED=5", {"ruleId": "ORG_ADDON_LICENSED", "value": 5}),
        ("CLIENT_VERSION_MIN=43", {"ruleId": "CLIENT_VERSION_MIN", "value": "43"}),
        ("CLIENT_VERSION_MIN=42.12", {"ruleId": "CLIENT_VERSION_MIN", "value": "42.12"}),
        ("ORG_NOT_HIPAA=true", {"ruleId": "ORG_NOT_HIPAA", "value": True}),
        ("USER_PRIMARY_TN_PRESENT=NONE", {"ruleId": "USER_PRIMARY_TN_PRESENT", "value": "NONE"}),
        ('ORG_CALLING_PLAN_US_CA=["US"]', {"ruleId": "ORG_CALLING_PLAN_US_CA", "value": ["US"]}),
        ("USER_ACTIVE:abc=ACTIVE", {"ruleId": "USER_ACTIVE", "entityId": "abc", "value": "ACTIVE"}),
        ("NO_RULE=x=y", {"ruleId": "NO_RULE", "value": "x=y"}),
    ],
)
def test_a_supposition_is_read_as_its_rule_reads_it(text: str, fact: dict[str, object]):
    assert supposed(text) == fact


@pytest.mark.parametrize("text", ["", "ORG_ADDON_LICENSED", "=5", ":x=5"])
def test_what_is_no_supposition_is_refused(text: str):
    with pytest.raises(StartupError, match="write RULE=VALUE"):
        supposed(text)
