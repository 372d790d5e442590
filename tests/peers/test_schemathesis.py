"""Schemathesis makes operations from the schema that it is told: none of them makes the server fail."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.process.serving import Serving, start
from texting.failing import LOG

PACKAGE = "schemathesis==4.32.5"
EXAMPLES = 10
"""For each field of a query and each mutation."""


@pytest.fixture(scope="module")
def schemathesis(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program, in an environment of its own."""
    folder = tmp_path_factory.mktemp("schemathesis") / "venv"
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    done = subprocess.run([folder / "bin" / "pip", "install", "-q", PACKAGE], capture_output=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"{PACKAGE} cannot be installed from the package index here")
    return folder / "bin" / "schemathesis"


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Serving]:
    served = start(tmp_path / "data", "--demo", env={"TEXTING_GRAPHIQL": "false"})
    yield served
    served.stop()


SCALARS = '''"""Values of our own scalars, for Schemathesis to send."""
from graphql import StringValueNode, IntValueNode
from hypothesis import strategies as st
import schemathesis

def texts(*values):
    return (st.sampled_from(values) | st.text(max_size=30)).map(lambda text: StringValueNode(value=text))

MOMENTS = ("2026-03-03T10:00:00Z", "2026-03-03T10:00:00+14:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z")
schemathesis.graphql.scalar("DateTime", texts(*MOMENTS))
schemathesis.graphql.scalar("PhoneNumber", texts("+14155550123", "+1", ""))
schemathesis.graphql.scalar("AppVersion", texts("42.12", "42.x"))
schemathesis.graphql.scalar("UnsignedInt64", texts("0", "18446744073709551615", "18446744073709551616", "-1"))
schemathesis.graphql.scalar("JSON", texts("42.12") | st.integers().map(lambda each: IntValueNode(value=str(each))))
'''


def test_no_operation_that_it_makes_fails_inside(tmp_path: Path, schemathesis: Path, serving: Serving) -> None:
    (tmp_path / "scalars.py").write_text(SCALARS)
    token = serving.tokens["org_admin"]
    done = subprocess.run(
        [
            *(schemathesis, "run", serving.url, "--header", f"Authorization: Bearer {token}", "--seed", "1"),
            *("--checks", "not_a_server_error", "--phases", "fuzzing", "--max-examples", str(EXAMPLES)),
            *("--continue-on-failure", "--no-color"),
        ],
        cwd=tmp_path,
        env={"SCHEMATHESIS_HOOKS": "scalars", "PYTHONPATH": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
        timeout=400,
    )
    assert done.returncode == 0, done.stdout[-6_000:] + done.stderr[-2_000:]
    assert not (serving.folder / LOG).exists()
    assert "INTERNAL" not in serving.folder.with_name("data.log").read_text()
