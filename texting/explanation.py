"""An explanation as text: every rule, what follows from them, and what exactly to do."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from texting.commands.columns import aligned

_MAYBE = {True: "on", False: "off"}


def lines(user: Mapping[str, Any], supposed: Sequence[str] = ()) -> Iterator[str]:
    """Write the explanation of one user, as the API answers it; `supposed`: what was supposed, as it was given."""
    decision = user["eligibility"]
    yield f"{user['displayName']} <{user['email']}>, {user['location']['name']}, {user['org']['name']}"
    yield (
        f"{decision['outcome']}: prerequisites {decision['prerequisites']}, "
        f"switch {_MAYBE[decision['enabled']]}, policy {decision['policyVersion']}, as of {decision['asOf']}"
    )
    if decision["simulated"]:
        yield f"SUPPOSED, not so: {', '.join(supposed)}"
    yield f"decision {decision['id']}"
    yield ""
    header = ("status", "rule", "source", "what was found")
    yield aligned(header, [_row(rule) for rule in decision["rules"]])
    yield ""
    yield f"denials: {_named(decision['denials'])}"
    yield f"root causes: {_named(decision['rootCauses'])}"
    yield ""
    yield from _fixes(decision)


def _row(rule: Mapping[str, Any]) -> tuple[str, ...]:
    because = f" (because of {', '.join(rule['blockedBy'])})" if rule["blockedBy"] else ""
    return rule["status"], rule["ruleId"], rule["citation"]["sourceId"], rule["message"] + because


def _named(rules: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(rule["ruleId"] for rule in rules) or "none"


def _fixes(decision: Mapping[str, Any]) -> Iterator[str]:
    sets = decision["minimalFixes"]
    if decision["outcome"] == "ALLOWED":
        yield "nothing needs to be done"
    elif not sets:
        yield "nothing that can be done would let this user text:"
        never = (rule for rule in decision["rules"] if (rule["remediation"] or {}).get("kind") == "NOT_FIXABLE")
        yield from (f"  {rule['ruleId']}: {rule['remediation']['summary']}" for rule in never)
    else:
        yield "what to do, each way alone suffices, its steps in this order:"
        for at, fixes in enumerate(sets, start=1):
            yield f"way {at}, {len(fixes)} step{'s' if len(fixes) > 1 else ''}:"
            for step, fix in enumerate(fixes, start=1):
                yield from _fix(step, fix)


def _fix(step: int, fix: Mapping[str, Any]) -> Iterator[str]:
    since = f", waiting since {fix['waitingSince']}" if fix["waitingSince"] else ""
    yield f"  {step}. {fix['summary']} [{fix['kind']}, {fix['owner']}{since}]"
    if fix["mutation"]:
        name = fix["mutation"]
        kind = f"{name[0].upper()}{name[1:]}Input"
        said = "__typename ... on Refusal { code message }"
        yield f"     mutation($input: {kind}!) {{ {name}(input: $input) {{ {said} }} }}"
        yield f"     {json.dumps({'input': fix['variables']})}"
