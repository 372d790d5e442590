"""A policy as a JSON document: how storage keeps its versions."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date, time
from enum import StrEnum
from typing import Any, TypeVar
from zoneinfo import available_timezones

from core.rules.content import ContentRule
from core.rules.enums import ConsentScope, Level, LimitKind, PolicyAction, UsageUnit
from core.rules.hours import HoursPolicy
from core.rules.keywords import KeywordLists, normalised
from core.rules.policy import Limit, Policy, PolicyValue
from core.rules.versions import AppVersion

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

_LIMIT_LEVELS = (Level.ORG, Level.CAMPAIGN, Level.USER, Level.NUMBER)
_LONGEST_PERIOD_DAYS = 36_500
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)


class PolicyError(ValueError):
    """A policy document cannot be read; the message names the place and the value."""


def parse_policy(document: str | bytes | Mapping[str, Any]) -> Policy:
    """Read a policy from JSON text or a decoded object; every value is required, nothing unknown is taken."""
    tree = _object(_decoded(document), "policy")
    _known(tree, {"version", "effective_from", *_READERS}, "policy")
    values = {name: _value(tree, name, read) for name, read in _READERS.items()}
    return Policy(version=_text(tree, "version", "policy"), effective_from=_date(tree, "policy"), **values)


def _decoded(document: str | bytes | Mapping[str, Any]) -> Any:
    if isinstance(document, Mapping):
        return document
    try:
        return json.loads(document)
    except ValueError as error:
        raise PolicyError(f"the policy is not JSON: {error}; write one JSON object") from error


def _value(tree: Mapping[str, Any], name: str, read: Callable[[Any, str], T]) -> PolicyValue[T]:
    if name not in tree:
        raise PolicyError(f"`{name}` is missing; give its name, version, effective_from, source and value")
    entry = _object(tree[name], name)
    _known(entry, {"name", "version", "effective_from", "source", "value"}, name)
    if "value" not in entry:
        raise PolicyError(f"`{name}.value` is missing; give it")
    return PolicyValue(
        name=_text(entry, "name", name),
        version=_text(entry, "version", name),
        effective_from=_date(entry, name),
        source=_text(entry, "source", name),
        value=read(entry["value"], f"{name}.value"),
    )


def _object(value: Any, place: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise _wrong(place, value, "an object")
    return value


def _known(tree: Mapping[str, Any], names: set[str], place: str) -> None:
    for name in tree:
        if name not in names:
            raise PolicyError(f"`{place}` has no entry `{name}`; the entries are {', '.join(sorted(names))}")


def _text(tree: Mapping[str, Any], name: str, place: str) -> str:
    value = tree.get(name)
    if not isinstance(value, str) or not value:
        raise _wrong(f"{place}.{name}", value, "a text")
    return value


def _date(tree: Mapping[str, Any], place: str) -> date:
    try:
        return date.fromisoformat(_text(tree, "effective_from", place))
    except ValueError as error:
        raise _wrong(f"{place}.effective_from", tree.get("effective_from"), "a date as 2024-01-31") from error


def _texts(value: Any, place: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise _wrong(place, value, "a list of texts")
    return tuple(value)


def _countries(value: Any, place: str) -> tuple[str, ...]:
    countries = _texts(value, place)
    if not countries or not all(_COUNTRY.fullmatch(code) for code in countries):
        raise _wrong(place, value, "a list of ISO 3166 codes as US")
    return countries


def _providers(value: Any, place: str) -> tuple[str, ...]:
    return tuple(provider.casefold() for provider in _texts(value, place))


def _app_version(value: Any, place: str) -> AppVersion:
    version = AppVersion.parse(value) if isinstance(value, str) else None
    if version is None:
        raise _wrong(place, value, "a version as 42.12")
    return version


def _count(value: Any, place: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise _wrong(place, value, "a whole number from 1")
    return value


def _days(value: Any, place: str) -> int:
    if _count(value, place) > _LONGEST_PERIOD_DAYS:
        raise _wrong(place, value, f"at most {_LONGEST_PERIOD_DAYS} days")
    return int(value)


def _optional_days(value: Any, place: str) -> int | None:
    return None if value is None else _days(value, place)


def _member(kind: type[E]) -> Callable[[Any, str], E]:
    def read(value: Any, place: str) -> E:
        if not isinstance(value, str) or value not in kind.__members__:
            raise _wrong(place, value, f"one of {', '.join(kind.__members__)}")
        return kind[value]

    return read


def _keywords(value: Any, place: str) -> KeywordLists:
    tree = _object(value, place)
    names = ("opt_out", "opt_in", "help")
    _known(tree, set(names), place)
    lists = {name: tuple(normalised(word) for word in _texts(tree.get(name), f"{place}.{name}")) for name in names}
    seen: set[str] = set()
    for name, words in lists.items():
        for word in words:
            if not word or word in seen:
                raise _wrong(f"{place}.{name}", word, "words that are in one list, once")
            seen.add(word)
    return KeywordLists(**lists)


def _keyword_scope(value: Any, place: str) -> ConsentScope:
    scope = _member(ConsentScope)(value, place)
    if scope not in (ConsentScope.CAMPAIGN, ConsentScope.ORG):
        raise _wrong(place, value, "CAMPAIGN or ORG: a keyword never reaches less than the program")
    return scope


def _hours(value: Any, place: str) -> HoursPolicy:
    tree = _object(value, place)
    _known(tree, {"enabled", "conversational", "opens", "closes"}, place)
    opens, closes = (_time(tree.get(name), f"{place}.{name}") for name in ("opens", "closes"))
    if opens >= closes:
        raise _wrong(f"{place}.closes", tree.get("closes"), "a time after `opens`")
    return HoursPolicy(
        enabled=_flag(tree.get("enabled"), f"{place}.enabled"),
        conversational=_flag(tree.get("conversational"), f"{place}.conversational"),
        opens=opens,
        closes=closes,
    )


def _time(value: Any, place: str) -> time:
    try:
        moment = time.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise _wrong(place, value, "a local time as 08:00") from error
    if moment.tzinfo is not None or moment.second or moment.microsecond:
        raise _wrong(place, value, "a local time as 08:00, without a zone or seconds")
    return moment


def _flag(value: Any, place: str) -> bool:
    if not isinstance(value, bool):
        raise _wrong(place, value, "true or false")
    return value


def _limits(value: Any, place: str) -> tuple[Limit, ...]:
    limits = tuple(_limit(item, f"{place}.{index}") for index, item in enumerate(_items(value, place)))
    _distinct([limit.name for limit in limits], place)
    return limits


def _limit(value: Any, place: str) -> Limit:
    tree = _object(value, place)
    _known(tree, {item.name for item in fields(Limit)}, place)
    zone = tree.get("resets_daily_in")
    if zone is not None and zone not in available_timezones():
        raise _wrong(f"{place}.resets_daily_in", zone, "an IANA zone or null")
    level = _member(Level)(tree.get("level"), f"{place}.level")
    if level not in _LIMIT_LEVELS:
        raise _wrong(f"{place}.level", level, f"one of {', '.join(_LIMIT_LEVELS)}")
    return Limit(
        name=_text(tree, "name", place),
        level=level,
        kind=_member(LimitKind)(tree.get("kind"), f"{place}.kind"),
        unit=_member(UsageUnit)(tree.get("unit"), f"{place}.unit"),
        window_s=_count(tree.get("window_s"), f"{place}.window_s"),
        count=_count(tree.get("count"), f"{place}.count"),
        action=_member(PolicyAction)(tree.get("action"), f"{place}.action"),
        source_id=_text(tree, "source_id", place),
        source=_text(tree, "source", place),
        resets_daily_in=zone,
    )


def _content(value: Any, place: str) -> tuple[ContentRule, ...]:
    rules = tuple(_content_rule(item, f"{place}.{index}") for index, item in enumerate(_items(value, place)))
    _distinct([rule.id for rule in rules], place)
    return rules


def _content_rule(value: Any, place: str) -> ContentRule:
    tree = _object(value, place)
    _known(tree, {item.name for item in fields(ContentRule)}, place)
    return ContentRule(
        id=_text(tree, "id", place),
        category=_text(tree, "category", place),
        words=_texts(tree.get("words"), f"{place}.words"),
        action=_member(PolicyAction)(tree.get("action"), f"{place}.action"),
        allowed_if_age_gated=_flag(tree.get("allowed_if_age_gated", False), f"{place}.allowed_if_age_gated"),
    )


def _items(value: Any, place: str) -> list[Any]:
    if not isinstance(value, list):
        raise _wrong(place, value, "a list")
    return value


def _distinct(names: list[str], place: str) -> None:
    for name in names:
        if names.count(name) > 1:
            raise _wrong(place, name, "names that occur once")


def _wrong(place: str, value: Any, wanted: str) -> PolicyError:
    shown = json.dumps(value, ensure_ascii=False, default=str)[:80].replace("`", "'")
    return PolicyError(f"`{place}` is `{shown}`; give {wanted}")


_READERS: dict[str, Callable[[Any, str], Any]] = {
    "territory": _countries,
    "calling_plan_providers": _providers,
    "min_app_version": _app_version,
    "body_max_characters": _count,
    "retention_days": _days,
    "regulatory_retention_days": _optional_days,
    "delivery_receipt_timeout_s": _count,
    "campaign_numbers_max": _count,
    "keywords": _keywords,
    "keyword_scope": _keyword_scope,
    "opt_out_business_days": _days,
    "limits": _limits,
    "hours": _hours,
    "content": _content,
}
