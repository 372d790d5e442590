"""The README's walk-through, run exactly as it is printed."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.process import serving
from tests.process.serving import Serving

ROOT = Path(__file__).parents[2]
TIMEOUT_S = 580
"""A minute on a machine that does nothing else."""


@pytest.mark.timeout(TIMEOUT_S + 20)
def test_the_walk_through_tells_its_story(folder: Path, tmp_path: Path, start: Callable[..., Serving]) -> None:
    served = start(folder, "--demo")
    port = served.url.rsplit(":", 1)[1].partition("/")[0]
    *_, turning, denial, mended, story = told = _walk(_checkout(tmp_path / "checkout", folder), port)
    assert len(told) == 7

    assert "imported: 19,900 created, 19,700 numbers given, 100 skipped without a calling service\n" in told[2]

    preview, turned_on, override = _answers(turning)
    assert preview["dryRun"] is True
    assert preview["impact"]["turnedOn"] == turned_on["impact"]["turnedOn"] == 19_900
    assert turned_on["org"] == {"textingEnabled": True}
    assert override["user"]["effectiveSetting"]["enabled"] is False
    assert override["user"]["effectiveSetting"]["source"] == {"level": "USER"}

    assert _answers(denial)[-1]["ruleId"] == "CLIENT_VERSION_MIN"
    assert _answers(denial)[-1]["citation"]["sourceId"] == "P4"

    reported, accepted = _answers(mended)[:2]
    assert reported["eligibility"] == {"outcome": "ALLOWED"}
    assert accepted["data"]["sendMessage"]["acceptedMessage"]["status"] == "QUEUED"
    assert mended.endswith("true\n")

    denied, thread, history = _answers(story)
    assert denied["data"]["sendMessage"]["decision"]["decidedBy"]["ruleId"] == "RECIPIENT_NOT_OPTED_OUT"
    bodies = [edge["node"]["body"] for edge in thread["messages"]["edges"]]
    assert bodies[:2] == ["Your order is ready.", "STOP"]
    records = [edge["node"] for edge in history["edges"]]
    assert [each["action"] for each in records][:5] == [
        "user:create",
        "number:campaign:assign",
        "number:campaign:record",
        "user:app-version:report",
        "message:send",
    ]
    assert "message:receive" in [each["action"] for each in records]
    denials = [(each["action"], each["rule"]) for each in records if each["outcome"] == "DENIED"]
    assert denials == [("message:send", "RECIPIENT_NOT_OPTED_OUT")]
    assert "\nverified: " in story


def _checkout(path: Path, data: Path) -> Path:
    """Make what a checkout looks like to its reader after `make run`, the data where the default says."""
    path.mkdir()
    (path / ".texting").symlink_to(data)
    (path / ".venv").mkdir()
    (path / ".venv/bin").symlink_to(Path(sys.executable).parent)
    (path / "docs").symlink_to(ROOT / "docs")
    return path


def _walk(checkout: Path, port: str) -> list[str]:
    """Run the blocks in one shell, as a person pastes them; give what each printed."""
    readme = (ROOT / "README.md").read_text()
    blocks = re.findall(r"^```sh\n(.*?)^```", readme.partition("<!-- walk-through -->")[2], re.MULTILINE | re.DOTALL)
    border = "-- a block has ended --"
    script = "set -euo pipefail\n" + "".join(f"{block}echo '{border}'\n" for block in blocks)
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=checkout,
        env=serving.environment({"TEXTING_PORT": port}),
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT_S,
    )
    assert done.returncode == 0, done.stdout[-3_000:] + done.stderr
    return done.stdout.split(f"{border}\n")[: len(blocks)]


def _answers(printed: str) -> list[Any]:
    """Read the JSON answers among what was printed."""
    found, at, decoder = [], 0, json.JSONDecoder()
    while (at := printed.find("{", at)) >= 0:
        answer, at = decoder.raw_decode(printed, at)
        found.append(answer)
    return found
