"""Explaining for a person at a terminal: the API's own answer, asked in this process as the operator."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from graphql import parse

from core.commands.transaction import Store
from core.ids import encode, uuid7
from core.rules.supposed_values import Unsupposable
from core.rules.what_if import Override, check
from core.rules.words.catalogue import FALLBACK, languages, matched
from resolvers.context import RequestContext
from texting.app import bound_schema
from texting.documents import Document
from texting.execution import executor
from texting.operator import operator
from texting.request_body import GraphQLRequest
from texting.startup_error import StartupError

FIND = "query($email: String!, $org: ID!) { user(email: $email, orgId: $org) { id org { name } } }"
EXPLAIN = """
query($user: ID!, $asOf: DateTime, $knownAt: DateTime, $whatIf: [FactOverride!]) {
  user(id: $user) {
    displayName email org { name } location { name }
    eligibility(asOf: $asOf, knownAt: $knownAt, whatIf: $whatIf) {
      id outcome prerequisites enabled simulated asOf knownAt policyVersion
      rules { ruleId status message citation { sourceId } blockedBy observedAt remediation { kind summary } }
      denials { ruleId }
      rootCauses { ruleId }
      minimalFixes { ruleId kind owner summary mutation variables waitingSince }
    }
  }
}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Whom to explain. `org_id` `None`: whichever organization has the e-mail. Times are RFC 3339; `None` = now."""

    email: str
    org_id: UUID | None = None
    what_if: Sequence[Mapping[str, Any]] = ()
    as_of: str | None = None
    known_at: str | None = None
    language: str = FALLBACK


def supposed(text: str) -> dict[str, Any]:
    """Read `RULE=VALUE` or `RULE:ENTITY=VALUE`; the value is JSON where its rule takes that, else plain text.

    Raises:
        StartupError: it is not of that form.
    """
    fact, equals, value = text.partition("=")
    rule_id, _, entity_id = fact.partition(":")
    if not equals or not rule_id:
        raise StartupError(f"`{text[:80]}` supposes nothing: write RULE=VALUE, such as ORG_ADDON_LICENSED=5")
    named = {"entityId": entity_id} if entity_id else {}
    return {"ruleId": rule_id, **named, "value": _value(rule_id, value)}


def language_of(tag: str) -> str:
    """Give the language that a tag asks for. Raises `StartupError`."""
    found = matched(tag)
    if found is None:
        raise StartupError(f"`{tag[:40]}` has no catalogue: use one of {', '.join(sorted(languages()))}")
    return found


async def explained(store: Store, question: Question, orgs: Sequence[UUID]) -> dict[str, Any]:
    """Ask for the explanation; `orgs`: where to look for the e-mail.

    Raises:
        StartupError: nobody or several have it, or the API says what is wrong with the question.
    """
    found = {org_id: user for org_id in orgs if (user := await _find(store, org_id, question)) is not None}
    if len(found) > 1:
        names = ", ".join(f"`{user['org']['name']}` ({org_id})" for org_id, user in found.items())
        raise StartupError(f"`{question.email}` is a user of {names}: name one with --org")
    if not found:
        raise StartupError(f"`{question.email}` is no user there: check the e-mail, and --org")
    ((org_id, user),) = found.items()
    asked = {
        "user": user["id"],
        "asOf": question.as_of,
        "knownAt": question.known_at,
        "whatIf": list(question.what_if),
    }
    answer: dict[str, Any] = (await _ask(store, org_id, EXPLAIN, asked, question.language))["user"]
    return answer


async def _find(store: Store, org_id: UUID, question: Question) -> Any:
    variables = {"email": question.email, "org": encode("Org", org_id, org_id)}
    return (await _ask(store, org_id, FIND, variables, question.language))["user"]


async def _ask(store: Store, org_id: UUID, text: str, variables: Mapping[str, Any], language: str) -> dict[str, Any]:
    context = RequestContext(
        principal=operator(),
        org_id=org_id,
        tracking_id=f"cli:{uuid7()}",
        now=datetime.now(UTC),
        store=store,
        language=language,
    )
    asked = GraphQLRequest(query=text, operation_name=None, variables=variables, wants_plan=False)
    try:
        result = await executor(bound_schema())(Document(tree=parse(text)), asked, context)
    finally:
        await context.close()
    if result.errors:
        raise StartupError(result.errors[0].message)
    assert result.data is not None
    return result.data


def _value(rule_id: str, text: str) -> Any:
    """Read a value: `5` is a number where its rule counts, `43` a version where its rule reads one."""
    for read in (_json(text), text):
        try:
            check(Override(rule_id=rule_id, value=read))
        except Unsupposable:
            continue
        return read
    return text


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
