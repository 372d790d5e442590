"""The pages' files: each under a name with its content's hash."""

import hashlib
import json
import re
from base64 import b64encode

import pytest

from texting.assets import CONTENT_SECURITY_POLICY, PAGES, AssetsMissing, load

FILES = [
    "vendor/react.production.min.js",
    "vendor/react-dom.production.min.js",
    "vendor/graphql-ws.min.js",
    "vendor/graphiql.min.js",
    "vendor/graphiql.min.css",
    "vendor/index.umd.js",
    "vendor/style.css",
    "boot.js",
    "page.css",
]


@pytest.fixture
def pages(tmp_path):
    (tmp_path / "static" / "vendor").mkdir(parents=True)
    for name in FILES:
        (tmp_path / "static" / name).write_text(f"/* {name} */")
    (tmp_path / "operations").mkdir()
    (tmp_path / "operations" / "10-last.graphql").write_text("# The last\n{ a }\n")
    (tmp_path / "operations" / "2-first.graphql").write_text("# The first\n{ b }\n")
    (tmp_path / "operations" / "2-first.json").write_text('{"x": 1}')
    (tmp_path / "graphiql.html").write_text((PAGES / "graphiql.html").read_text())
    return tmp_path


def test_every_file_is_served_under_its_contents_hash(pages):
    for name, asset in load(pages).files.items():
        digest = hashlib.sha384(asset.content).digest()
        assert asset.url == f"/assets/{name}"
        assert f".{digest.hex()[:20]}." in name
        assert asset.integrity == f"sha384-{b64encode(digest).decode()}"


def test_another_content_is_another_name(pages):
    before = set(load(pages).files)
    (pages / "static" / "boot.js").write_text("changed")
    changed = set(load(pages).files) - before
    assert [name.partition(".")[0] for name in changed] == ["boot"]


def test_the_page_names_each_script_and_style_with_what_it_must_contain(pages):
    found = load(pages)
    page = found.graphiql.decode()
    assert not re.search(r"\{[a-z.-]+\}", page)
    for asset in found.files.values():
        if asset.media_type != "application/json":
            assert f'"{asset.url}" integrity="{asset.integrity}"' in page
        else:
            assert asset.url in page


def test_the_page_runs_nothing_inline(pages):
    page = load(pages).graphiql.decode()
    assert re.findall(r"<script(?![^>]*\bsrc=)", page) == []
    assert re.findall(r"\bon[a-z]+=|style=|javascript:", page) == []
    assert "'unsafe" not in CONTENT_SECURITY_POLICY
    assert "http:" not in CONTENT_SECURITY_POLICY


def test_the_ready_made_operations_come_in_order_with_their_variables(pages):
    [packed] = [asset for asset in load(pages).files.values() if asset.media_type == "application/json"]
    assert json.loads(packed.content) == [
        {"title": "The first", "query": "# The first\n{ b }\n", "variables": {"x": 1}},
        {"title": "The last", "query": "# The last\n{ a }\n", "variables": {}},
    ]


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_was_not_installed_is_named(pages, name):
    (pages / "static" / name).unlink()
    with pytest.raises(AssetsMissing, match=f"`{name}` is not installed: run `make assets`"):
        load(pages)
