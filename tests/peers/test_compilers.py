"""relay-compiler and graphql-codegen on the printed schema: it compiles, and the server knows what was written."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import httpx

from tests.peers.npm import Npm
from tests.process.serving import start

SCHEMA = Path(__file__).parents[2] / "schema" / "schema.graphql"
CODEGEN = (
    "graphql@16.14.0",
    "@graphql-codegen/cli@7.4.3",
    "@graphql-codegen/client-preset@6.2.0",
    "@graphql-typed-document-node/core@3.2.0",
    "typescript@5.9.3",
)


def test_what_relay_compiles_is_what_the_server_starts_with_and_answers(npm: Npm, tmp_path: Path) -> None:
    relay = npm.install("relay-compiler@21.0.1").below("relay")
    shutil.copy(SCHEMA, relay.folder)
    (relay.folder / "src" / "__generated__").mkdir()
    relay.run("../node_modules/relay-compiler/cli.js", "relay.config.json")
    manifest = relay.folder / "operations.json"
    operations = json.loads(manifest.read_text())
    ids = {text.split("(")[0].removeprefix("query "): id for id, text in operations.items()}
    assert sorted(ids) == ["UsersPageQuery", "UsersQuery"]

    serving = start(tmp_path / "data", "--demo", env={"TEXTING_OPERATIONS_MANIFEST": str(manifest)})
    try:
        org = serving.data("{ viewer { org { id } } }", persona="org_admin")["viewer"]["org"]["id"]
        page = serving.data(operations[ids["UsersQuery"]], persona="org_admin", orgId=org)["users"]
        by_id = httpx.post(
            serving.url,
            json={"doc_id": ids["UsersQuery"], "variables": {"orgId": org}},
            headers={"Authorization": f"Bearer {serving.tokens['org_admin']}"},
            trust_env=False,
        )
        assert by_id.json()["data"]["users"] == page
        asked = {"orgId": org, "first": 2, "after": page["pageInfo"]["endCursor"]}
        call = (serving.url, serving.tokens["org_admin"], ids["UsersPageQuery"], json.dumps(asked))
        (answer,) = relay.lines("network.mjs", *call)
    finally:
        assert serving.stop() == 0
    next_page = answer["data"]["users"]
    seen = [edge["node"]["id"] for edge in page["edges"] + next_page["edges"]]
    assert len(set(seen)) == 4


def test_typescript_accepts_what_codegen_makes_of_the_schema_and_no_field_beside_it(npm: Npm) -> None:
    codegen = npm.install(*CODEGEN).below("codegen")
    shutil.copy(SCHEMA, codegen.folder)
    codegen.run("../node_modules/@graphql-codegen/cli/esm/bin.js", "--config", "codegen.mjs")
    tsc = "../node_modules/typescript/bin/tsc"
    codegen.run(tsc)

    users = codegen.folder / "users.ts"
    users.write_text(users.read_text().replace("edge?.node?.displayName", "edge?.node?.nickname"))
    refused = codegen.run(tsc, succeeds=False)
    assert (refused.returncode, "nickname" in refused.stdout) == (2, True)
