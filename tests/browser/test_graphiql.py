"""GraphiQL as a person meets it: signing in, ready-made operations, and nothing from or to anybody else."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any
from uuid import uuid4

import pytest
from playwright.async_api import Error, Page, expect

from tests.browser.conftest import Watched
from tests.process.serving import Serving

pytestmark = pytest.mark.browser

ANSWER = "document.querySelector('.graphiql-response .CodeMirror')?.CodeMirror.getValue() ?? ''"
QUERY = "document.querySelector('.graphiql-query-editor .CodeMirror').CodeMirror.getValue()"
USERS = "Which locations and users are there, and who may text?"
AS_IT_HAPPENS = "Which messages come in, and what becomes of those sent, as it happens?"
SEND = "mutation($input: SendMessageInput!) { sendMessage(input: $input) { __typename } }"
WHY_NOT = "Why can this user not text, and what exactly to do about it?"


async def test_a_ready_made_operation_is_answered_after_signing_in(shown: Serving, watched: Watched) -> None:
    page = await _signed_in(shown, watched, "org_admin")
    await expect(page.locator("#who")).to_have_text("demo:org_admin: ORG_ADMIN in Harbor & Pine Outfitters")
    answer = await _run(page, USERS)
    assert answer["data"]["org"]["name"] == "Harbor & Pine Outfitters"
    assert answer["data"]["org"]["users"]["totalCount"] == 60
    await _check_alone(shown, watched)


async def test_what_is_ready_made_is_about_a_customer_for_a_provider(shown: Serving, watched: Watched) -> None:
    page = await _signed_in(shown, watched, "provider_admin")
    await expect(page.locator("#who")).to_have_text("demo:provider_admin: PROVIDER_ADMIN in Provider")
    answer = await _run(page, USERS)
    assert answer["data"]["org"]["name"] == "Harbor & Pine Outfitters"
    assert (await _run(page, WHY_NOT))["data"]["user"]["eligibility"]["outcome"] == "DENIED"
    await _check_alone(shown, watched)


async def test_the_explanation_is_about_somebody_who_is_denied(shown: Serving, watched: Watched) -> None:
    page = await _signed_in(shown, watched, "org_admin")
    user = (await _run(page, WHY_NOT))["data"]["user"]
    assert user["eligibility"]["outcome"] == "DENIED"
    assert user["eligibility"]["rootCauses"]
    await _check_alone(shown, watched)


async def test_a_subscription_tells_what_happens_while_it_is_open(shown: Serving, watched: Watched) -> None:
    page = await _signed_in(shown, watched, "user")
    await page.select_option("#ready", AS_IT_HAPPENS)
    await page.wait_for_function(f"(title) => {QUERY}.startsWith(`# ${{title}}`)", arg=AS_IT_HAPPENS)
    await page.locator(".graphiql-execute-button").click()
    me = shown.data("{ viewer { user { id } } }", persona="user")["viewer"]["user"]["id"]
    # What is sent before the subscription is open is not told.
    for _ in range(20):
        given = {"userId": me, "to": "+12125550166", "body": "Hello", "idempotencyKey": str(uuid4())}
        shown.data(SEND, persona="user", input=given)
        with suppress(Error):
            await page.wait_for_function(f"() => ({ANSWER}).includes('+12125550166')", timeout=2_000)
            break
    told = json.loads(await page.evaluate(ANSWER))["data"]["messageEvents"]
    assert told["message"]["user"]["displayName"] == "Ana Álvarez"
    await page.locator(".graphiql-execute-button").click()
    await _check_alone(shown, watched)


async def test_the_schemas_descriptions_are_in_the_page(shown: Serving, watched: Watched) -> None:
    page = await _signed_in(shown, watched, "auditor")
    await page.get_by_label("Show Documentation Explorer").click()
    await page.locator(".graphiql-doc-explorer").get_by_role("link", name="Query", exact=True).click()
    await expect(page.locator(".graphiql-doc-explorer")).to_contain_text("eligibility")
    await page.get_by_label("Show GraphiQL Explorer").click()
    await expect(page.locator(".graphiql-explorer-root")).to_contain_text("viewer")
    await _check_alone(shown, watched)


async def test_a_wrong_token_is_refused_in_words_and_signing_out_forgets_the_right_one(
    shown: Serving, watched: Watched
) -> None:
    page = watched.page
    await page.goto(_page(shown))
    await page.fill("#token", "nonsense")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.locator("#notice")).to_contain_text("Not signed in: the token is not valid here")
    await page.fill("#token", shown.tokens["user"])
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.locator("#who")).to_contain_text("Ana Álvarez: USER")
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.locator("#token")).to_be_visible()
    assert await page.evaluate("[...Object.keys(sessionStorage), ...Object.keys(localStorage)]") == []
    assert await page.context.cookies() == []


async def _signed_in(shown: Serving, watched: Watched, persona: str) -> Page:
    page = watched.page
    await page.goto(_page(shown))
    await page.fill("#token", shown.tokens[persona])
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.locator("#session")).to_be_visible()
    await expect(page.locator(".graphiql-execute-button")).to_be_visible()
    return page


async def _run(page: Page, title: str) -> dict[str, Any]:
    """Choose a ready-made operation, run it, and give its answer."""
    await page.select_option("#ready", title)
    await page.wait_for_function(f"(title) => {QUERY}.startsWith(`# ${{title}}`)", arg=title)
    before = await page.evaluate(ANSWER)
    async with page.expect_response("**/graphql"):
        await page.locator(".graphiql-execute-button").click()
    await page.wait_for_function(f"(before) => ({ANSWER}) !== before && ({ANSWER}).endsWith('}}')", arg=before)
    answer: dict[str, Any] = json.loads(await page.evaluate(ANSWER))
    assert "errors" not in answer, answer["errors"][:2]
    return answer


async def _check_alone(shown: Serving, watched: Watched) -> None:
    """Check that the page asked nobody else, and that its policy had nothing to stop."""
    origin = shown.url.removesuffix("graphql")
    assert [url for url in watched.requests if not url.startswith((origin, "data:", "blob:"))] == []
    assert await watched.violations() == []
    assert watched.complaints == []


def _page(shown: Serving) -> str:
    return shown.url.removesuffix("graphql") + "graphiql"
