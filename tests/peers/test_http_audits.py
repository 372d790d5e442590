"""GraphQL over HTTP as the people of the specification check it: every audit of graphql-http, without a warning."""

from __future__ import annotations

from tests.peers.npm import Npm
from tests.process.serving import Serving


def test_every_audit_of_graphql_over_http_passes(npm: Npm, demo: Serving) -> None:
    audits = npm.install("graphql@16.14.0", "graphql-http@1.23.1")
    results = audits.lines("http_audits.mjs", demo.url, demo.tokens["org_admin"])
    assert [each for each in results if each["status"] != "ok"] == []
    assert len(results) == 61
