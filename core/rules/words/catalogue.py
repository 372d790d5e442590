"""Renders messages: a language's catalogue, else English."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from importlib import resources

from core.rules.results import Message

FALLBACK = "en"
_RANGE = re.compile(r"\s*([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*|\*)\s*(?:;\s*[qQ]\s*=\s*([01](?:\.[0-9]{0,3})?)\s*)?")
_RANGES_MAX = 50
"""Ranges of one header that are read; a browser sends a handful."""


def render(message: Message, language: str | None = None) -> str:
    """Write a message in a language (a BCP 47 tag); in English where that language or that message is missing.

    KeyError when English has no such message or the message lacks a parameter.
    """
    for tag in (matched(language) if language else None, FALLBACK):
        text = catalogue(tag).get(message.id) if tag is not None else None
        if text is not None:
            return text.format_map({name: _value(value, language) for name, value in message.params})
    raise KeyError(message.id)


def matched(tag: str) -> str | None:
    """Give the language with a catalogue that a BCP 47 tag asks for (RFC 4647 §3.4); `None` when there is none.

    A regional catalogue serves its whole language: `fr` and `fr-FR` are answered in `fr-CA` rather than in English.
    """
    known = languages()
    if tag in known:
        return tag
    wanted = tag.casefold().replace("_", "-")
    exact = {each.casefold(): each for each in known}
    parts = wanted.split("-")
    for end in range(len(parts), 0, -1):
        if (found := exact.get("-".join(parts[:end]))) is not None:
            return found
    return next((each for each in sorted(known) if each.casefold().partition("-")[0] == parts[0]), None)


@lru_cache(maxsize=64)
def preferred(accept_language: str) -> str:
    """Give the language with a catalogue that an Accept-Language header likes best (RFC 9110 §12.5.4), else English."""
    ranges = sorted(_ranges(accept_language), key=lambda each: -each[1])
    refused = {matched(tag) for tag, weight in ranges if weight == 0}
    for tag, weight in ranges:
        any_other = (each for each in (FALLBACK, *sorted(languages())) if each not in refused)
        found = next(any_other, None) if tag == "*" else matched(tag)
        if weight > 0 and found is not None and found not in refused:
            return found
    return FALLBACK


def _ranges(header: str) -> Iterator[tuple[str, float]]:
    for part in header.split(",", _RANGES_MAX)[:_RANGES_MAX]:
        match = _RANGE.fullmatch(part)
        if match is not None:
            yield match[1], min(float(match[2] or 1), 1.0)


def _value(value: str | Message, language: str | None) -> str:
    return render(value, language) if isinstance(value, Message) else value


@cache
def languages() -> frozenset[str]:
    """Give the languages that have a catalogue."""
    files = resources.files(__package__ or __name__).iterdir()
    return frozenset(file.name.removesuffix(".json") for file in files if file.name.endswith(".json"))


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Give a language's texts by message id."""
    text = resources.files(__package__ or __name__).joinpath(f"{language}.json").read_text(encoding="utf-8")
    texts: dict[str, str] = json.loads(text)
    return texts
