"""Starting again and stopping: nothing answered is lost, and nothing is left behind."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.process import serving
from tests.process.serving import Serving
from texting import calling, postmaster

Start = Callable[..., Serving]

CREATE = """
mutation Create($name: String!) {
  createOrg(input: { name: $name, customerType: ENTERPRISE, reason: "test" }) {
    __typename ... on OrgCreated { org { id } } ... on Refusal { message }
  }
}
"""
ORGS = "{ orgs(first: 50) { edges { node { id name } } } }"


def test_sigterm_ends_it_and_its_database(folder: Path, start: Start) -> None:
    served = start(folder)
    assert served.database_runs
    assert served.stop(signal.SIGTERM) == 0
    assert not served.database_runs


def test_ctrl_c_ends_it_and_its_database(folder: Path, start: Start) -> None:
    served = start(folder)
    assert served.stop(signal.SIGINT) == 0
    assert not served.database_runs


def test_a_subscription_over_http_does_not_keep_it_waiting(folder: Path, start: Start) -> None:
    served = start(folder, "--demo")
    document = "subscription { messageEvents { cursor } }"
    headers = {"Accept": "text/event-stream", "Authorization": f"Bearer {served.tokens['org_admin']}"}
    with httpx.stream("POST", served.url, json={"query": document}, headers=headers, timeout=60) as stream:
        assert stream.status_code == 200
        begun = time.monotonic()
        assert served.stop() == 0
        assert time.monotonic() - begun < 8  # without the 10 s that requests get
        # Ended, not complete: its client comes back to the next server.
        assert "complete" not in stream.read().decode()


@pytest.mark.parametrize("milestone", ["postgres/postmaster.pid", "demo-tokens.json"])
def test_a_signal_while_it_starts_leaves_no_database_behind(folder: Path, milestone: str) -> None:
    command = [serving.TEXTING, "serve", "--demo", "--port", "0", "--data-dir", folder]
    quiet = serving.environment({"TEXTING_LOG_LEVEL": "error"})
    process = subprocess.Popen(command, env=quiet, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not (folder / milestone).exists():
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    printed, complained = process.communicate(timeout=serving.STOP_S)
    assert (process.returncode, complained) == (0, "")
    assert "ready" not in printed
    assert postmaster.running(folder / "postgres") is None


def test_what_was_answered_is_there_after_a_kill_and_the_next_stop_is_clean(
    folder: Path, start: Start, capsys: pytest.CaptureFixture[str]
) -> None:
    served = start(folder, "--demo")
    created = served.data(CREATE, name="Answered just before")["createOrg"]
    served.process.send_signal(signal.SIGKILL)
    served.process.wait()
    assert served.database_runs, "a killed program cannot stop its database"

    again = start(folder, "--demo")
    with capsys.disabled():
        print(f"\nready after a kill in {again.ready_s:.1f} s")  # noqa: T201 - a measurement to look at
    found = {edge["node"]["name"]: edge["node"]["id"] for edge in again.data(ORGS)["orgs"]["edges"]}
    assert found["Answered just before"] == created["org"]["id"]
    assert len(found) == 4, "the demo is made once"
    assert again.stop() == 0
    assert not again.database_runs


def test_a_second_start_finds_everything_and_tokens_of_the_first_still_stand(
    folder: Path, start: Start, capsys: pytest.CaptureFixture[str]
) -> None:
    first = start(folder, "--demo")
    tokens = first.tokens
    assert first.stop() == 0
    second = start(folder, "--demo")
    with capsys.disabled():
        print(f"\nfirst start {first.ready_s:.1f} s, second start {second.ready_s:.1f} s")  # noqa: T201 - as above
    asked = calling.call(second.url, tokens["auditor"], "{ viewer { subject } }", {})
    assert asked["data"]["viewer"]["subject"] == "demo:auditor"
    assert second.stop() == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_an_ordinary_user_serves_too(start: Start) -> None:
    account = pwd.getpwnam("nobody")
    became = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    tried = (
        subprocess.run(
            [sys.executable, "-c", "import texting.program"], cwd="/", capture_output=True, check=False, **became
        )
        if _may_run(sys.executable, account.pw_uid)
        else None
    )
    if tried is None or tried.returncode != 0:
        pytest.skip("this Python or this checkout lies under a private directory, which another user cannot read")
    folder = Path(tempfile.mkdtemp(prefix="texting-user-"))
    try:
        os.chown(folder, account.pw_uid, account.pw_gid)
        served = start(folder / "data", "--demo", env={"HOME": str(folder)}, cwd="/", **became)
        assert served.data("{ viewer { roles } }")["viewer"]["roles"] == ["PROVIDER_ADMIN"]
        assert (folder / "data" / "postgres").stat().st_uid == account.pw_uid
        assert served.stop() == 0
        assert not served.database_runs
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _may_run(program: str, uid: int) -> bool:
    try:
        done = subprocess.run([program, "-c", ""], cwd="/", user=uid, capture_output=True, check=False)
    except PermissionError:
        return False
    return done.returncode == 0
