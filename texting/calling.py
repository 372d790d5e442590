"""Send one operation to a running server from the command line, as one of the demo's personas or with a token."""

import json
from collections.abc import Mapping, Sequence
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

TIMEOUT_S = 60.0
"""How long one answer may take; the server's own limits are shorter."""


class CallFailed(Exception):
    """The operation could not be sent, or was not answered as asked; the message says what to do."""


def demo_token(data_dir: Path, persona: str) -> str:
    """Read a persona's token from the file that `texting serve --demo` writes. Raises `CallFailed`."""
    path = data_dir / "demo-tokens.json"
    try:
        tokens: dict[str, str] = json.loads(path.read_bytes())
    except OSError:
        raise CallFailed(f"`{path}` cannot be read: start the server with `texting serve --demo` first") from None
    if persona not in tokens:
        raise CallFailed(f"`{persona}` is no persona of the demo: use one of {', '.join(sorted(tokens))}")
    return tokens[persona]


def variables_of(pairs: Sequence[str]) -> dict[str, Any]:
    """Read `name=value` pairs; `name:=value` takes JSON, as in `first:=10`. Raises `CallFailed`."""
    given: dict[str, Any] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.rstrip(":"):
            raise CallFailed(f"`{pair}` is no variable: write name=value, or name:=JSON")
        try:
            given[name.rstrip(":")] = json.loads(value) if name.endswith(":") else value
        except ValueError:
            raise CallFailed(f"`{value}` is not JSON: write {name}=… for plain text") from None
    return given


def call(
    url: str, token: str, document: str, variables: Mapping[str, Any], operation: str | None = None
) -> dict[str, Any]:
    """Send the operation, by name where the document has several; give the whole response object.

    Raises:
        CallFailed: there is none.
    """
    named = {} if operation is None else {"operationName": operation}
    body = json.dumps({"query": document, "variables": variables, **named}).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Accept": "application/json"}
    # No proxy: the server is this machine's or the operator's own.
    opener = build_opener(ProxyHandler({}))
    try:
        request = Request(url, data=body, headers=headers)  # noqa: S310 - the address is the operator's own
        with opener.open(request, timeout=TIMEOUT_S) as answer:
            content = answer.read()
    except HTTPError as error:
        content = error.read()
    except (OSError, HTTPException, ValueError) as error:
        raise CallFailed(f"no answer from `{url}` ({error}): is the server running?") from None
    try:
        answered = json.loads(content)
    except ValueError:
        raise CallFailed(f"`{url}` did not answer with JSON: is it the address of the GraphQL API?") from None
    if not isinstance(answered, dict):
        raise CallFailed(f"`{url}` did not answer with a GraphQL response: is it the address of the GraphQL API?")
    return answered


def pick(data: Any, path: str) -> Any:
    """Follow a dotted path such as `createOrg.org.id` or `users.edges.0.node.id`. Raises `CallFailed`."""
    for step in path.split("."):
        try:
            data = data[int(step)] if isinstance(data, list) else data[step]
        except (KeyError, IndexError, TypeError, ValueError):
            raise CallFailed(f"the answer has no `{step}` of `{path}`: {json.dumps(data)[:400]}") from None
    return data
