"""The pages' files: each under a name with its content's hash, so that a browser keeps it for good."""

from __future__ import annotations

import hashlib
import json
import re
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

PAGES = Path(__file__).with_name("pages")
SERVED_AT = "/assets/"

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self' data:; img-src 'self' data:; "
    "connect-src 'self'"
)
"""Nothing from elsewhere, nothing inline: what a page shows can neither run nor leave."""

_FILES = {
    "react.js": "vendor/react.production.min.js",
    "react-dom.js": "vendor/react-dom.production.min.js",
    "graphql-ws.js": "vendor/graphql-ws.min.js",
    "graphiql.js": "vendor/graphiql.min.js",
    "graphiql.css": "vendor/graphiql.min.css",
    "explorer.js": "vendor/index.umd.js",
    "explorer.css": "vendor/style.css",
    "boot.js": "boot.js",
    "page.css": "page.css",
}
_MEDIA = {".js": "text/javascript", ".css": "text/css", ".json": "application/json"}


class AssetsMissing(Exception):
    """a file that npm installs is not there"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One file. `url` is its path on our own origin, `integrity` what a page demands of it (Subresource Integrity)."""

    url: str
    content: bytes
    media_type: str
    integrity: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """GraphiQL's page, and every file by the last part of its path."""

    graphiql: bytes
    files: dict[str, Asset]


def load(pages: Path = PAGES) -> Pages:
    """Read the page and its files.

    Raises:
        AssetsMissing: GraphiQL was not installed.
    """
    assets = {"operations.json": _asset("operations.json", _operations(pages / "operations"))}
    for name, path in _FILES.items():
        try:
            assets[name] = _asset(name, (pages / "static" / path).read_bytes())
        except FileNotFoundError:
            raise AssetsMissing(f"GraphiQL's file `{path}` is not installed: run `make assets`") from None
    page = re.sub(r"\{([a-z.-]+)\}", lambda match: _element(assets[match[1]]), (pages / "graphiql.html").read_text())
    return Pages(graphiql=page.encode(), files={asset.url.removeprefix(SERVED_AT): asset for asset in assets.values()})


def _asset(name: str, content: bytes) -> Asset:
    digest = hashlib.sha384(content).digest()
    stem, suffix = name.rsplit(".", 1)
    return Asset(
        url=f"{SERVED_AT}{stem}.{digest.hex()[:20]}.{suffix}",
        content=content,
        media_type=_MEDIA[f".{suffix}"],
        integrity=f"sha384-{b64encode(digest).decode()}",
    )


def _element(asset: Asset) -> str:
    match asset.media_type:
        case "text/css":
            return f'<link rel="stylesheet" href="{asset.url}" integrity="{asset.integrity}" />'
        case "text/javascript":
            return f'<script src="{asset.url}" integrity="{asset.integrity}"></script>'
        case _:
            return asset.url


def _operations(folder: Path) -> bytes:
    """Pack the ready-made operations, in the order of their file names; the first comment is the title."""
    return json.dumps([_operation(path) for path in _numbered(folder.glob("*.graphql"))]).encode()


def _operation(path: Path) -> dict[str, object]:
    text = path.read_text()
    variables = path.with_suffix(".json")
    return {
        "title": text.partition("\n")[0].removeprefix("# "),
        "query": text,
        "variables": json.loads(variables.read_text()) if variables.exists() else {},
    }


def _numbered(paths: Iterable[Path]) -> list[Path]:
    return sorted(paths, key=lambda path: int(path.name.partition("-")[0]))
