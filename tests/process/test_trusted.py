"""A server that executes the operations of its clients' manifest and no others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx

from tests.process import serving

WHO = "query Who { viewer { subject } }"


def test_a_server_that_trusts_a_manifest_executes_it_and_nothing_else(tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.json"
    operation = {"id": "who", "name": "Who", "type": "query", "body": WHO}
    manifest.write_text(
        json.dumps({"format": "apollo-persisted-query-manifest", "version": 1, "operations": [operation]})
    )
    trusting = {"TEXTING_OPERATIONS_MANIFEST": str(manifest), "TEXTING_TRUSTED_DOCUMENTS": "true"}
    served = serving.start(tmp_path / "data", "--demo", env=trusting)
    try:
        headers = {"Authorization": f"Bearer {served.tokens['org_admin']}"}

        def ask(body: Any) -> Any:
            return httpx.post(served.url, json=body, headers=headers, trust_env=False).json()

        assert ask({"documentId": "who"})["data"]["viewer"]["subject"]
        assert ask({"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "who"}}}) == ask({"query": WHO})
        for body in ({"query": "{ viewer { subject } }"}, {"query": "{ __schema { types { name } } }"}):
            assert ask(body)["errors"][0]["extensions"]["code"] == "DOCUMENT_NOT_TRUSTED"
    finally:
        assert served.stop() == 0


def test_a_server_with_nothing_to_trust_does_not_start(tmp_path: Path) -> None:
    refused = serving.run(
        "serve", "--port", "0", "--data-dir", tmp_path / "data", env={"TEXTING_TRUSTED_DOCUMENTS": "true"}
    )
    assert serving.sentence(refused).startswith("TEXTING_TRUSTED_DOCUMENTS is on, and there are no operations to trust")
