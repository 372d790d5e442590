"""A manifest of known operations: what clients' build steps write, read once so that no first request waits.

Relay's persisted queries are `{"<id>": "<document>"}`; Apollo's manifest is
`{"format": "apollo-persisted-query-manifest", "version": 1, "operations": [{"id", "name", "type", "body"}]}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from texting.startup_error import StartupError

_APOLLO = "apollo-persisted-query-manifest"


def read_manifest(path: Path) -> Mapping[str, str]:
    """Read the documents by id.

    Raises:
        StartupError: the file cannot be read, or is neither Relay's nor Apollo's.
    """
    try:
        content = orjson.loads(path.read_bytes())
    except OSError as error:
        raise StartupError(f"the manifest of operations `{path}` cannot be read: {error.strerror}") from None
    except orjson.JSONDecodeError as error:
        raise StartupError(f"the manifest of operations `{path}` is no JSON: {error}") from None
    documents = _documents(content)
    if documents is None:
        raise StartupError(
            f"the manifest of operations `{path}` is neither Relay's nor Apollo's: give the file that the client's "
            "compiler wrote"
        )
    return documents


def _documents(content: Any) -> Mapping[str, str] | None:
    if not isinstance(content, dict):
        return None
    if content.get("format") != _APOLLO:
        pairs = list(content.items())
    elif isinstance(operations := content.get("operations"), list) and all(isinstance(op, dict) for op in operations):
        pairs = [(operation.get("id"), operation.get("body")) for operation in operations]
    else:
        return None
    if not all(isinstance(id, str) and isinstance(text, str) for id, text in pairs):
        return None
    return dict(pairs)
