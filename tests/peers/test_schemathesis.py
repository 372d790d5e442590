"""Schemathesis makes operations from the schema that it is told: none of them makes the server fail.

The same few for each field and mutation each time. `SCHEMATHESIS_SECONDS=600 pytest tests/peers/test_schemathesis.py`
makes others for ten minutes, and prints which errors were answered how often.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.process.fuzzing import known_ids
from tests.process.serving import Serving, start
from texting.failing import LOG

PACKAGE = "schemathesis==4.32.5"
SCHEMA = Path(__file__).parents[2] / "schema/schema.graphql"
EXAMPLES = 10
"""For each field of a query and each mutation."""

SECONDS = int(os.environ.get("SCHEMATHESIS_SECONDS", "0"))
EXTENT = ("--max-time", str(SECONDS)) if SECONDS else ("--max-examples", str(EXAMPLES), "--seed", "1")

FORESEEN = (
    *("200", "200 BAD_USER_INPUT", "200 FORBIDDEN", "200 GRAPHQL_VALIDATION_FAILED"),
    *("200 ANSWER_TOO_LARGE", "200 LIMIT_EXCEEDED", "200 REPORT_TOO_LARGE", "200 ONE_ORG_PER_OPERATION"),
)
"""What operations may be answered that fit the schema, or nearly: status and code. Schemathesis' own check takes each
error with a path for the server's failure, FORBIDDEN too.
"""


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


HOOKS = '''"""What Schemathesis sends for scalars and as whom, and what it was answered, one answer a line."""
import json, zlib
from pathlib import Path
from graphql import StringValueNode, IntValueNode
from hypothesis import strategies as st
import schemathesis

FOLDER = Path(__file__).parent
TOLD = json.loads((FOLDER / "told.json").read_text())
ANSWERS = (FOLDER / "answers").open("w", buffering=1)

def texts(*values):
    return (st.sampled_from(values) | st.text(max_size=30)).map(lambda text: StringValueNode(value=text))

MOMENTS = ("2026-03-03T10:00:00Z", "2026-03-03T10:00:00+14:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z")
SIZES = st.sampled_from((1, 2, 3, 100)) | st.integers(-(2**31), 2**31 - 1)
schemathesis.graphql.scalar("Int", SIZES.map(lambda each: IntValueNode(value=str(each))))
schemathesis.graphql.scalar("ID", texts(*TOLD["ids"]))
schemathesis.graphql.scalar("String", texts(*TOLD["ids"], "person@example.com"))
schemathesis.graphql.scalar("DateTime", texts(*MOMENTS))
schemathesis.graphql.scalar("PhoneNumber", texts("+14155550123", "+1", ""))
schemathesis.graphql.scalar("AppVersion", texts("42.12", "42.x"))
schemathesis.graphql.scalar("UnsignedInt64", texts("0", "18446744073709551615", "18446744073709551616", "-1"))
schemathesis.graphql.scalar("JSON", texts("42.12") | st.integers().map(lambda each: IntValueNode(value=str(each))))

@schemathesis.hook
def before_call(context, case, kwargs):
    # The same operation is always the same persona's.
    token = TOLD["tokens"][zlib.crc32(str(case.body).encode()) % len(TOLD["tokens"])]
    case.headers["Authorization"] = f"Bearer {token}"

@schemathesis.check
def foreseen(ctx, response, case):
    codes = {error["extensions"]["code"] for error in response.json().get("errors", ())}
    told = [f"{response.status_code} {code}".strip() for code in codes or {""}]
    ANSWERS.writelines(f"{each}\\n" for each in told)
    assert set(told) <= set(TOLD["foreseen"]), told
'''


@pytest.mark.timeout(460 + SECONDS)
def test_no_operation_that_it_makes_fails_inside(tmp_path: Path, schemathesis: Path, serving: Serving) -> None:
    (tmp_path / "hooks.py").write_text(HOOKS)
    told = {"ids": known_ids(serving), "tokens": list(serving.tokens.values()), "foreseen": FORESEEN}
    (tmp_path / "told.json").write_text(json.dumps(told))
    done = subprocess.run(
        [
            *(schemathesis, "run", SCHEMA, "--url", serving.url),
            *("--checks", "foreseen", "--phases", "fuzzing", "--continue-on-failure", "--no-color", *EXTENT),
        ],
        cwd=tmp_path,
        env={"SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
        timeout=400 + SECONDS,
    )
    answers = Counter((tmp_path / "answers").read_text().splitlines())
    sys.stdout.write(f"{done.stdout}\n{answers}\n")
    assert done.returncode == 0, done.stdout[-6_000:] + done.stderr[-2_000:]
    assert answers["200"] > sum(answers.values()) / 20, answers
    assert not (serving.folder / LOG).exists()
    log = serving.folder.with_name("data.log").read_text()
    assert "INTERNAL" not in log
    assert "Traceback" not in log
