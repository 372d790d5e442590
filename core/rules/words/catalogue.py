"""Renders messages: a language's catalogue, else English."""

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources

from core.rules.results import Message, RuleResult

_FALLBACK = "en"


def render(message: Message, language: str | None = None) -> str:
    """Write a message in a language (a BCP 47 tag); in English where that language or that message is missing.

    KeyError when English has no such message or the message lacks a parameter.
    """
    for tag in _tags(language):
        text = catalogue(tag).get(message.id)
        if text is not None:
            return text.format_map({name: _value(value, language) for name, value in message.params})
    raise KeyError(message.id)


def render_result(result: RuleResult, language: str | None = None) -> str:
    """Write what a rule's result says."""
    return render(result.message, language)


def _value(value: str | Message, language: str | None) -> str:
    return render(value, language) if isinstance(value, Message) else value


def _tags(language: str | None) -> list[str]:
    """`fr-CA` is tried as `fr-ca`, `fr`, `en`."""
    parts = (language or _FALLBACK).casefold().replace("_", "-").split("-")
    return [tag for tag in ("-".join(parts[:end]) for end in range(len(parts), 0, -1)) if tag in languages()] + [
        _FALLBACK
    ]


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
