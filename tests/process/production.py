"""The two ways of setting a server for production that `docs/operating.md` gives."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

WHO = "query Who { viewer { subject } }"
"""The one operation that clients of a trusting server send."""

WAYS = ("trusted documents", "a closed schema")


def settings(way: str, folder: Path) -> Mapping[str, str]:
    """Give the settings; the manifest of clients' operations is written into a folder."""
    if way == "a closed schema":
        return {"TEXTING_GRAPHIQL": "false", "TEXTING_INTROSPECTION": "false", "TEXTING_GET_QUERIES": "false"}
    manifest = folder / "manifest.json"
    manifest.write_text(json.dumps({"who": WHO}))
    return {
        "TEXTING_GRAPHIQL": "false",
        "TEXTING_OPERATIONS_MANIFEST": str(manifest),
        "TEXTING_TRUSTED_DOCUMENTS": "true",
    }
