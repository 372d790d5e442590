"""Evidence as an auditor gets it: asked for over HTTP, fetched by its link, checked by the program inside it."""

from __future__ import annotations

import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import urljoin
from urllib.request import ProxyHandler, build_opener

import pytest

from tests.process.serving import Serving, run, sentence

ASK = """mutation($org: ID!, $from: UnsignedInt64, $at: UnsignedInt64) { createExport(input: {
  orgId: $org, kind: EVIDENCE, format: ZIP, fromSize: $from, atSize: $at, reason: "audit of 2026" }) {
  ... on ExportStarted { exportJob { id } } ... on Refusal { message } } }"""
SHOW = "query($id: ID!) { node(id: $id) { ... on Export { state url sha256 error checkpoint { size } } } }"


def test_what_is_fetched_is_what_the_command_line_writes_and_checks_itself(demo: Serving, tmp_path: Path) -> None:
    org = demo.data("{ viewer { org { id } } }", persona="auditor")["viewer"]["org"]["id"]
    made = _made(demo, org)
    fetched = tmp_path / "fetched.zip"
    fetched.write_bytes(_get(urljoin(demo.url, made["url"])))
    program = tmp_path / "verify.py"
    program.write_bytes(zipfile.ZipFile(fetched).read("verify.py"))
    vkey = run("audit", "vkeys", "--org", org, "--data-dir", demo.folder).stdout.splitlines()[0]
    kept, asked = tmp_path / "kept.note", tmp_path / "checkpoint.graphql"
    asked.write_text("query($org: ID!) { auditCheckpoint(orgId: $org) { note } }")
    picked = run(
        "call", asked, f"org={org}", "--as", "auditor", "--url", demo.url, "--pick", "auditCheckpoint.note",
        "--data-dir", demo.folder,
    )  # fmt: skip
    kept.write_text(picked.stdout)
    assert picked.stdout == demo.data(asked.read_text(), persona="auditor", org=org)["auditCheckpoint"]["note"]
    command = [sys.executable, program, fetched, "--vkey", vkey]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr

    # The command line writes as much as a compliance officer may see.
    officers = tmp_path / "officers.zip"
    size = made["checkpoint"]["size"]
    again = _made(demo, org, persona="compliance_officer", at=size)
    officers.write_bytes(_get(urljoin(demo.url, again["url"])))
    written = tmp_path / "written.zip"
    done = run(
        "audit", "export", written, "--org", org, "--at-size", size, "--reason", "compare",
        "--data-dir", demo.folder,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"wrote written.zip: {int(size):,} records, from size 0 to size {size}, SHA-256 ")
    assert _parts(officers) == _parts(written)

    content = bytearray(fetched.read_bytes())
    content[len(content) // 2] ^= 1
    fetched.write_bytes(content)
    broken = subprocess.run(command, capture_output=True, text=True, check=False)
    assert broken.returncode != 0


@pytest.mark.parametrize(
    ("sizes", "told"),
    [
        (("--at-size", "999999"), "no checkpoint of size `999999` was signed: leave --at-size out for the newest one"),
        (("--from-size", "999999"), "no record lies between size `999999` and "),
    ],
)
def test_sizes_without_evidence_are_refused_by_what_was_given(
    demo: Serving, tmp_path: Path, sizes: tuple[str, str], told: str
) -> None:
    org = demo.data("{ viewer { org { id } } }", persona="auditor")["viewer"]["org"]["id"]
    _made(demo, org)
    file = tmp_path / "evidence.zip"
    said = run("audit", "export", file, "--org", org, *sizes, "--reason", "test", "--data-dir", demo.folder)
    assert sentence(said).startswith(told)
    assert not file.exists()


def _made(demo: Serving, org: str, *, persona: str = "auditor", at: str | None = None) -> dict[str, Any]:
    for _ in range(300):
        started = demo.data(ASK, persona=persona, org=org, at=at)["createExport"]
        if "exportJob" in started:
            break
        # Nothing is signed in the first moment.
        time.sleep(0.1)
    id = started["exportJob"]["id"]
    for _ in range(300):
        shown: dict[str, Any] = demo.data(SHOW, persona=persona, id=id)["node"]
        if shown["state"] in {"READY", "FAILED"}:
            break
        time.sleep(0.1)
    assert shown["state"] == "READY", shown
    return shown


def _get(url: str) -> bytes:
    with build_opener(ProxyHandler({})).open(url, timeout=60) as answer:
        content: bytes = answer.read()
    return content


def _parts(path: Path) -> dict[str, bytes]:
    bundle = zipfile.ZipFile(path)
    return {name: bundle.read(name) for name in bundle.namelist()}
