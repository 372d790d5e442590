"""Content rules (L6c, L6d): which rule matched, and where in the body."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from core.rules.enums import PolicyAction


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentRule:
    """Words that mark a kind of content. `allowed_if_age_gated`: the campaign may carry it when it is age-gated."""

    id: str
    category: str
    words: tuple[str, ...]
    action: PolicyAction
    allowed_if_age_gated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentMatch:
    """A rule that matched, and the half-open span of the body, in characters."""

    rule_id: str
    category: str
    action: PolicyAction
    start: int
    end: int


def matches(body: str, rules: Iterable[ContentRule], *, age_gated: bool) -> tuple[ContentMatch, ...]:
    """Give the first match of every rule, blocking ones first, then by place."""
    found = [
        ContentMatch(rule_id=rule.id, category=rule.category, action=rule.action, start=hit.start(), end=hit.end())
        for rule in rules
        if not (age_gated and rule.allowed_if_age_gated) and (hit := _pattern(rule.words).search(body)) is not None
    ]
    return tuple(sorted(found, key=lambda match: (match.action is not PolicyAction.BLOCK, match.start, match.rule_id)))


@lru_cache(maxsize=256)
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    if not words:
        return re.compile(r"(?!)")
    alternatives = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{alternatives})(?!\w)", re.IGNORECASE)


DEFAULT_CONTENT_RULES = (
    ContentRule(
        id="shaft.sex", category="sex", words=("escort service", "porn", "xxx video"), action=PolicyAction.WARN
    ),
    ContentRule(id="shaft.hate", category="hate", words=("ethnic cleansing", "white power"), action=PolicyAction.WARN),
    ContentRule(
        id="shaft.alcohol",
        category="alcohol",
        words=("beer", "liquor", "vodka", "whiskey", "wine"),
        action=PolicyAction.WARN,
        allowed_if_age_gated=True,
    ),
    ContentRule(
        id="shaft.firearms",
        category="firearms",
        words=("ammo", "ammunition", "firearm", "firearms", "handgun", "rifle"),
        action=PolicyAction.WARN,
        allowed_if_age_gated=True,
    ),
    ContentRule(
        id="shaft.tobacco",
        category="tobacco",
        words=("cigar", "cigarettes", "tobacco", "vape", "vaping"),
        action=PolicyAction.WARN,
        allowed_if_age_gated=True,
    ),
    ContentRule(
        id="cannabis", category="cannabis", words=("cannabis", "cbd", "marijuana", "thc"), action=PolicyAction.WARN
    ),
    ContentRule(
        id="gambling", category="gambling", words=("casino", "free spins", "sportsbook"), action=PolicyAction.WARN
    ),
    ContentRule(
        id="high-risk-lending",
        category="high-risk lending",
        words=("debt relief", "payday loan", "payday loans"),
        action=PolicyAction.WARN,
    ),
)
"""Carriers' usual categories. They warn until a policy says BLOCK: the source leaves blocking to Cisco (L6e)."""
