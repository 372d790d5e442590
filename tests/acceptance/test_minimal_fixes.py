"""What exactly to do: every set of fixes is carried out as it is told, and then the user may text."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from itertools import count
from typing import Any

import asyncpg
import pytest

from core.commands.transaction import Store
from core.principal import Role
from core.rules.fix_steps import STEPS
from tests.acceptance.asking import Asker
from tests.acceptance.directories import directory
from tests.acceptance.mutating import Stage, new_stage
from tests.integration.worlds import PROVIDER

FIX = "ruleId kind owner summary mutation variables waitingSince"
EXPLAIN = f"""query($id: ID!, $limit: Int) {{ eligibility(userId: $id) {{
  outcome minimalFixes(limit: $limit) {{ {FIX} }} }} }}"""
MANY = f"""query($n: Int!) {{ users(first: $n) {{ edges {{ node {{
  id eligibility {{ outcome minimalFixes {{ {FIX} }} }} }} }} }} }}"""

_serial = count(1)
Break = Callable[["Desk"], Awaitable[Any]]


class Desk:
    """Where mutations are sent, as whoever may."""

    def __init__(self, ask: Asker, stage: Stage) -> None:
        self.ask, self.stage = ask, stage

    async def send(self, mutation: str, **given: Any) -> Any:
        kind = f"{mutation[0].upper()}{mutation[1:]}Input"
        said = "... on PhoneNumbersAdded { phoneNumbers { id } }" if mutation == "addPhoneNumbers" else "__typename"
        document = (
            f"mutation($input: {kind}!) {{ {mutation}(input: $input) {{ {said} ... on Refusal {{ message }} }} }}"
        )
        roles = (Role.ORG_ADMIN, Role.PROVIDER_ADMIN)
        provided = ("record", "updatePhoneNumber", "setOrgEntitlements", "addPhoneNumbers")
        who = self.stage.person(roles[mutation.startswith(provided)])
        answer = (await self.ask(who, document, input=given))[mutation]
        assert "message" not in answer, (mutation, given, answer)
        return answer

    async def explained(self, limit: int | None = 10) -> Any:
        answer = await self.ask(self.stage.person(Role.ORG_ADMIN), EXPLAIN, id=self.stage["user"], limit=limit)
        return answer["eligibility"]

    async def campaign(self, *statuses: str, of: str) -> None:
        for status in statuses:
            await self.send("recordCampaignStatus", campaignId=of, status=status)

    async def assignment(self, *statuses: str, number: str | None = None) -> None:
        for status in statuses:
            await self.send(
                "recordNumberAssignment",
                phoneNumberId=number or self.stage["number"],
                campaignId=self.stage["campaign"],
                status=status,
            )

    async def another_campaign(self) -> None:
        world = self.stage.world
        document = """mutation($input: SubmitCampaignInput!) { submitCampaign(input: $input) {
          ... on CampaignSubmitted { campaign { id } } } }"""
        given = {"orgId": self.stage["org"], "useCase": "MARKETING", "description": "News", "sampleMessages": ["News."]}
        made = (await self.ask(world.org_admin, document, input=given))["submitCampaign"]["campaign"]["id"]
        await self.campaign("REGISTRY_REVIEW", "CARRIER_REVIEW", "ACTIVE", of=made)


async def number_of_puerto_rico(desk: Desk) -> None:
    given = {"orgId": desk.stage["org"], "assignedBy": "CISCO_CALLING_PLAN"}
    added = await desk.send("addPhoneNumbers", **given, phoneNumbers=[f"+1787{2_000_000 + next(_serial)}"])
    await desk.send("assignPhoneNumber", phoneNumberId=desk.stage["number"], userId=None)
    (number,) = added["phoneNumbers"]
    await desk.send("assignPhoneNumber", phoneNumberId=number["id"], userId=desk.stage["user"], type="PRIMARY")


async def suspended_beside_another(desk: Desk) -> None:
    await desk.another_campaign()
    await desk.campaign("SUSPENDED", of=desk.stage["campaign"])


BROKEN: dict[str, Break] = {
    "the organization is off": lambda on: on.send("setOrgTexting", orgId=on.stage["org"], enabled=False),
    "the location is off": lambda on: on.send("setLocationTexting", locationId=on.stage["location"], mode="OFF"),
    "the user is off": lambda on: on.send("setUserTexting", userId=on.stage["user"], mode="OFF"),
    "the organization is locked off": lambda on: on.send(
        "setOrgTexting", orgId=on.stage["org"], enabled=False, locked=True
    ),
    "the location is locked off": lambda on: on.send(
        "setLocationTexting", locationId=on.stage["location"], mode="OFF", locked=True
    ),
    "no Cisco PSTN": lambda on: on.send(
        "updateLocation", locationId=on.stage["location"], pstnConnectionType="LOCAL_GATEWAY"
    ),
    "abroad": lambda on: on.send("updateLocation", locationId=on.stage["location"], address={"country": "DE"}),
    "nothing declared": lambda on: on.send("updateOrg", orgId=on.stage["org"], healthcare=True, handlesPhi=None),
    "only an alternate number": lambda on: on.send(
        "assignPhoneNumber", phoneNumberId=on.stage["number"], userId=on.stage["user"], type="ALTERNATE"
    ),
    "no number": lambda on: on.send("assignPhoneNumber", phoneNumberId=on.stage["number"], userId=None),
    "ported away": lambda on: on.send(
        "updatePhoneNumber", phoneNumberId=on.stage["number"], assignedBy="PORTED_ELSEWHERE"
    ),
    "a number of Puerto Rico": number_of_puerto_rico,
    "out of service": lambda on: on.send("updatePhoneNumber", phoneNumberId=on.stage["number"], state="INACTIVE"),
    "of no campaign any more": lambda on: on.assignment("PENDING_UNASSIGNMENT", "UNASSIGNED"),
    "of a suspended campaign": suspended_beside_another,
}
"""What is wrong with one user of an organization that is ready to text."""


async def carried_out(desk: Desk, fixes: list[dict[str, Any]]) -> None:
    """Send a set's mutations in their order; the registry confirms what was asked of it."""
    for fix in fixes:
        await desk.send(fix["mutation"], **fix["variables"])
        if fix["mutation"] == "assignCampaignNumber":
            number, campaign = fix["variables"]["phoneNumberId"], fix["variables"]["campaignId"]
            kept = campaign or desk.stage["campaign"]
            answered = {"phoneNumberId": number, "campaignId": kept, "status": "ASSIGNED" if campaign else "UNASSIGNED"}
            await desk.send("recordNumberAssignment", **answered)


@pytest.mark.parametrize("broken", list(BROKEN))
async def test_every_set_of_mutations_is_sent_and_the_user_may_text(ask: Asker, store: Store, broken: str):
    desk = Desk(ask, await new_stage(store))
    await BROKEN[broken](desk)
    first = await desk.explained()
    assert first["outcome"] != "ALLOWED"
    sendable = [at for at, fixes in enumerate(first["minimalFixes"]) if all(fix["mutation"] for fix in fixes)]
    assert sendable
    for at in sendable:
        fresh = Desk(ask, await new_stage(store))
        await BROKEN[broken](fresh)
        fixes = (await fresh.explained())["minimalFixes"][at]
        await carried_out(fresh, fixes)
        assert await fresh.explained() == {"outcome": "ALLOWED", "minimalFixes": []}, fixes


async def test_every_fix_that_has_a_mutation_is_sent_by_these_tests(ask: Asker, store: Store):
    told = set()
    for broken in BROKEN.values():
        desk = Desk(ask, await new_stage(store))
        await broken(desk)
        told |= {
            (fix["ruleId"], fix["mutation"])
            for fixes in (await desk.explained())["minimalFixes"]
            if all(each["mutation"] for each in fixes)
            for fix in fixes
        }
    known = {
        (message_id.partition(".")[0], step.remedy.mutation)
        for message_id, steps in STEPS.items()
        for step in steps
        if step.remedy.mutation is not None
    }
    assert known - told == set()


async def test_what_waits_says_since_when_and_what_is_not_a_mutation_is_said_in_words(ask: Asker, store: Store):
    desk = Desk(ask, await new_stage(store))
    await desk.campaign("SUSPENDED", of=desk.stage["campaign"])
    await desk.send("setOrgTexting", orgId=desk.stage["org"], enabled=False)
    first = (await desk.explained())["minimalFixes"][0]
    assert [(fix["kind"], fix["owner"], fix["mutation"]) for fix in first] == [
        ("CARRIER_WAIT", "PROVIDER_ADMIN", None),
        ("ADMIN_ACTION", "ORG_ADMIN", "setUserTexting"),
    ]
    assert first[0]["waitingSince"] is not None
    assert first[1]["waitingSince"] is None
    assert "carriers" in first[0]["summary"]


async def test_where_nothing_helps_there_is_no_set_and_the_rule_says_why(ask: Asker, store: Store):
    desk = Desk(ask, await new_stage(store))
    await desk.send("updateOrg", orgId=desk.stage["org"], handlesPhi=True)
    document = """query($id: ID!) { eligibility(userId: $id) { minimalFixes { ruleId } decidedBy {
      remediation { kind owner summary } } } }"""
    found = (await ask(desk.stage.person(Role.ORG_ADMIN), document, id=desk.stage["user"]))["eligibility"]
    assert found["minimalFixes"] == []
    assert found["decidedBy"]["remediation"]["kind"] == "NOT_FIXABLE"
    assert "HIPAA" in found["decidedBy"]["remediation"]["summary"]


async def test_of_a_supposed_decision_the_fixes_are_for_what_is_supposed(ask: Asker, store: Store):
    desk = Desk(ask, await new_stage(store))
    document = """query($id: ID!, $whatIf: [FactOverride!]) { eligibility(userId: $id, whatIf: $whatIf) {
      minimalFixes { ruleId kind mutation } } }"""
    supposed = [{"ruleId": "ORG_ADDON_LICENSED", "value": 0}]
    found = await ask(desk.stage.person(Role.ORG_ADMIN), document, id=desk.stage["user"], whatIf=supposed)
    assert found["eligibility"]["minimalFixes"] == [
        [{"ruleId": "ORG_ADDON_LICENSED", "kind": "PARTNER_ORDER", "mutation": None}]
    ]


@pytest.mark.parametrize("limit", [0, -1, 11, 2_147_483_647])
async def test_a_limit_out_of_range_is_refused(ask: Asker, store: Store, limit: int):
    desk = Desk(ask, await new_stage(store))
    answer = await ask(desk.stage.person(Role.ORG_ADMIN), EXPLAIN, id=desk.stage["user"], limit=limit)
    assert answer.codes == ["BAD_USER_INPUT"]
    assert f"`{limit}`" in answer.errors[0]["message"]
    assert "1 to 10" in answer.errors[0]["message"]


async def test_a_limit_stops_at_so_many_and_three_is_the_default(ask: Asker, store: Store):
    desk = Desk(ask, await new_stage(store))
    await desk.send("setLocationTexting", locationId=desk.stage["location"], mode="OFF")
    await desk.send("updateLocation", locationId=desk.stage["location"], pstnConnectionType="LOCAL_GATEWAY")
    sets = (await desk.explained())["minimalFixes"]
    assert len(sets) > 3
    for limit in (1, 2):
        assert (await desk.explained(limit))["minimalFixes"] == sets[:limit]
    assert (await desk.explained(None))["minimalFixes"] == sets[:3]


async def test_fifty_cost_as_many_statements_as_five(ask: Asker, pool: asyncpg.Pool):
    crowd = await directory(pool, users=25, texting_enabled=False)
    counted = set()
    for many in (5, 50):
        answer = await ask(crowd.admin, MANY, n=many)
        assert [bool(edge["node"]["eligibility"]["minimalFixes"]) for edge in answer["users"]["edges"]] == [True] * many
        counted.add(answer.statements)
    assert len(counted) == 1


async def test_who_may_not_see_what_was_found_is_told_to_ask_and_learns_no_id(ask: Asker, store: Store):
    desk = Desk(ask, await new_stage(store))
    await desk.campaign("SUSPENDED", of=desk.stage["campaign"])
    await desk.send("assignPhoneNumber", phoneNumberId=desk.stage["number"], userId=None)
    user = desk.stage.world.user(desk.stage.world.people[0].user_id)
    sets = (await ask(user, EXPLAIN, id=desk.stage["user"], limit=10))["eligibility"]["minimalFixes"]
    assert sets
    for fixes in sets:
        by_rule = {fix["ruleId"]: fix for fix in fixes}
        for rule_id in ("ORG_CAMPAIGN_ACTIVE", "NUMBER_CAMPAIGN_ASSIGNED"):
            assert by_rule[rule_id]["summary"].startswith("Ask an administrator")
            assert by_rule[rule_id]["variables"] is None
        assert desk.stage["spare"] not in str(fixes)
    assert PROVIDER.subject not in str(sets)


async def test_of_a_past_moment_the_fixes_are_told_in_words(ask: Asker, store: Store):
    desk = Desk(ask, await new_stage(store))
    await desk.send("setUserTexting", userId=desk.stage["user"], mode="OFF")
    document = """query($id: ID!, $at: DateTime) { eligibility(userId: $id, asOf: $at) {
      outcome evaluatedAt minimalFixes { ruleId mutation variables } } }"""
    admin = desk.stage.person(Role.ORG_ADMIN)
    then = (await ask(admin, document, id=desk.stage["user"]))["eligibility"]["evaluatedAt"]
    await desk.send("setUserTexting", userId=desk.stage["user"], mode="INHERIT")
    past = (await ask(admin, document, id=desk.stage["user"], at=then))["eligibility"]
    setting = [{"ruleId": "EFFECTIVE_SETTING_ENABLED", "mutation": None, "variables": None}]
    assert (past["outcome"], past["minimalFixes"]) == ("DENIED", [setting, setting])
    assert (await desk.explained())["outcome"] == "ALLOWED"


@pytest.mark.parametrize(
    ("language", "said"),
    [("ja", "有効にしてください"), ("fr-CA", "Activez la messagerie texte"), ("de", "Switch business texting on")],
)
async def test_fixes_are_said_in_the_callers_language(ask: Asker, store: Store, language: str, said: str):
    desk = Desk(replace(ask, language=language), await new_stage(store))
    await desk.send("setUserTexting", userId=desk.stage["user"], mode="OFF")
    assert said in (await desk.explained())["minimalFixes"][0][0]["summary"]


def with_room_for(store: Store, numbers: int) -> Store:
    """The same under a policy that lets a campaign have so many numbers."""
    room = replace(store.policy.campaign_numbers_max, value=numbers)
    return replace(store, policy=replace(store.policy, campaign_numbers_max=room))


async def without_a_place(ask: Asker, store: Store) -> Desk:
    """A user whose number is of no campaign any more, and whose former campaign is full since."""
    few = with_room_for(store, 2)
    desk = Desk(replace(ask, store=few), await new_stage(few))
    await desk.assignment("PENDING_UNASSIGNMENT", "UNASSIGNED")
    await desk.send("assignCampaignNumber", phoneNumberId=desk.stage["spare"], campaignId=desk.stage["campaign"])
    return desk


async def test_a_campaign_that_is_full_is_not_offered_but_one_more(ask: Asker, store: Store):
    desk = await without_a_place(ask, store)
    joining = {"phoneNumberId": desk.stage["number"], "campaignId": desk.stage["campaign"]}
    document = """mutation($input: AssignCampaignNumberInput!) { assignCampaignNumber(input: $input) {
      ... on InvalidInput { problems { code } } } }"""
    refused = await desk.ask(desk.stage.person(Role.ORG_ADMIN), document, input=joining)
    assert refused["assignCampaignNumber"]["problems"] == [{"code": "CAMPAIGN_FULL"}]
    (fixes,) = (await desk.explained())["minimalFixes"]
    assert [(fix["kind"], fix["mutation"]) for fix in fixes] == [("ADMIN_ACTION", None)] * 2
    assert "submit one more" in fixes[0]["summary"]
    assert "Assign the primary number" in fixes[1]["summary"]


@pytest.mark.parametrize("asked", ["minimalFixes", "remediation"])
async def test_once_another_campaign_has_room_that_one_is_offered_and_taken(ask: Asker, store: Store, asked: str):
    desk = await without_a_place(ask, store)
    await desk.another_campaign()
    document = f"""query($id: ID!) {{ eligibility(userId: $id) {{ minimalFixes {{ {FIX} }}
      decidedBy {{ remediation {{ {FIX} }} }} }} }}"""
    found = (await desk.ask(desk.stage.person(Role.ORG_ADMIN), document, id=desk.stage["user"]))["eligibility"]
    fix = found["minimalFixes"][0][0] if asked == "minimalFixes" else found["decidedBy"]["remediation"]
    campaign = fix["variables"]["campaignId"]
    assert campaign != desk.stage["campaign"]
    await desk.send(fix["mutation"], **fix["variables"])
    await desk.send("recordNumberAssignment", **fix["variables"], status="ASSIGNED")
    assert await desk.explained() == {"outcome": "ALLOWED", "minimalFixes": []}


async def test_where_a_number_left_it_finds_its_place_again(ask: Asker, store: Store):
    few = with_room_for(store, 2)
    desk = Desk(replace(ask, store=few), await new_stage(few))
    await desk.assignment("PENDING_UNASSIGNMENT")
    (fixes,) = (await desk.explained())["minimalFixes"]
    assert [fix["mutation"] for fix in fixes] == [None, "assignCampaignNumber"]
    assert fixes[1]["variables"]["campaignId"] == desk.stage["campaign"]
    await desk.assignment("UNASSIGNED")
    await carried_out(desk, fixes[1:])
    assert (await desk.explained())["outcome"] == "ALLOWED"


async def test_whoever_administers_the_location_alone_is_not_sent_to_a_full_campaign_either(ask: Asker, store: Store):
    desk = await without_a_place(ask, store)
    admin = desk.stage.person(Role.LOCATION_ADMIN)
    (fixes,) = (await desk.ask(admin, EXPLAIN, id=desk.stage["user"], limit=10))["eligibility"]["minimalFixes"]
    assert [fix["mutation"] for fix in fixes] == [None, None]
    assert "submit one more" in fixes[0]["summary"]
