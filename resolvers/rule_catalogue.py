"""The catalogue of eligibility rules: what each asks for and where it comes from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from core.rules.enums import Level
from core.rules.registry import RULES
from core.rules.results import Citation, Message
from core.rules.rule import Rule
from core.rules.words.catalogue import render
from core.storage import policies
from engine import Info, Registry
from resolvers.context import RequestContext
from resolvers.errors import BadInput

registry = Registry()

_VERSION_SHOWN_MAX = 100
"""What an error repeats of a version that is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EligibilityRule:
    """One rule under one policy. `summary`: what it wants, in the caller's language."""

    graphql_type: ClassVar[str] = "EligibilityRule"

    rule: Rule[Any]
    summary: str
    policy_version: str

    @property
    def rule_id(self) -> str:
        """Its id."""
        return self.rule.rule_id

    @property
    def level(self) -> Level:
        """What it is about."""
        return self.rule.level


@registry.bind("Query.eligibility_rules")
async def eligibility_rules(
    parents: Sequence[None], info: Info, *, policy_version: str | None
) -> list[list[EligibilityRule]]:
    """Give the rules in document order, of the policy in force or of the one that an old decision names."""
    context: RequestContext = info.context
    version = await _known_version(context, policy_version)
    listed = [
        EligibilityRule(
            rule=rule, summary=render(Message(id=rule.summary_id), context.language), policy_version=version
        )
        for rule in RULES
    ]
    return [listed] * len(parents)


@registry.bind("EligibilityRule.citation")
def citation(parents: Sequence[EligibilityRule], info: Info) -> list[Citation]:
    """Give the sentence that the rule comes from."""
    return [each.rule.citation for each in parents]


async def _known_version(context: RequestContext, asked: str | None) -> str:
    in_force = context.policy.version
    if asked is None or asked == in_force:
        return in_force
    if "\0" not in asked and await policies.load_version(context.db.fetch, asked) is not None:
        return asked
    shown = asked[:_VERSION_SHOWN_MAX]
    raise BadInput(f"no policy has the version `{shown}`: give the `policyVersion` of a decision, or leave it out")
