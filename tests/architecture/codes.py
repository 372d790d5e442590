"""Every code that the program can answer, found in its source."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
_CODE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*")
_ROOMS = ("texting", "resolvers", "schema", "core")
_LISTING = {"add", "invalid"}
"""What notes a problem of an input: its second argument, or `code`, is the problem's code."""


def found() -> Mapping[str, set[str]]:
    """Give the codes by what they are codes of: `refusal`, `problem`, `extension`."""
    codes: dict[str, set[str]] = defaultdict(set)
    for room in _ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            for kind, code in _codes(ast.parse(path.read_text())):
                codes[kind].add(code)
    return codes


def _codes(tree: ast.AST) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        match node:
            case ast.Call():
                yield from (("problem", code) for code in _problems(node))
            case ast.MatchAs(pattern=ast.MatchValue(value=ast.Constant(value=str(code))), name="code"):
                yield "problem", code
            case ast.ClassDef(bases=[ast.Name(id="Refusal")]):
                yield from (("refusal", code) for code in _assigned(node, "code"))
            case ast.ClassDef(name="FailureCode"):
                yield from (("extension", each.value.value) for each in node.body if isinstance(each, ast.Assign))
            case ast.Dict(keys=[ast.Constant(value="code")], values=[ast.Constant(value=str(code))]):
                yield "extension", code


def _problems(call: ast.Call) -> Iterator[str]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name in _LISTING and len(call.args) > 1:
        yield from _constants(call.args[1])
    if name in _LISTING or name in {"Problem", "_problem"}:
        for keyword in call.keywords:
            if keyword.arg == "code":
                yield from _constants(keyword.value)


def _assigned(node: ast.ClassDef, name: str) -> Iterator[str]:
    for each in node.body:
        if isinstance(each, ast.Assign) and getattr(each.targets[0], "id", None) == name:
            yield from _constants(each.value)


def _constants(node: ast.AST) -> Iterator[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.Constant) and isinstance(each.value, str) and _CODE.fullmatch(each.value):
            yield each.value
