"""What a restored data directory says of itself: whole, without one of its keys, and older than what was published."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from tests.process.serving import Serving, run, start

ORG = "{ viewer { org { id } } }"
SIZE = "query($o: ID!) { auditCheckpoint(orgId: $o) { size oldestPendingAt } }"
GROWN = "query($o: ID!, $n: UnsignedInt64!) { auditConsistency(orgId: $o, fromSize: $n) { toSize } }"
FIRST = "{ users(first: 1) { edges { node { id } } } }"
RENAME = 'mutation($u: ID!) { updateUser(input: { userId: $u, displayName: "Renamed" }) { __typename } }'
SEALED_S = 20.0
KEYS = "audit-log-keys.json"


def sealed(serving: Serving, org: str) -> str:
    """Wait until nothing waits to be sealed; give the size of the log."""
    until = time.monotonic() + SEALED_S
    while time.monotonic() < until:
        checkpoint = serving.data(SIZE, persona="auditor", o=org)["auditCheckpoint"]
        if checkpoint is not None and checkpoint["oldestPendingAt"] is None:
            return str(checkpoint["size"])
        time.sleep(0.1)
    raise AssertionError("the log was not sealed")


def copied(folder: Path, name: str) -> Path:
    """Copy a stopped data directory, owners and modes included, as a backup does."""
    copy = folder.with_name(name)
    subprocess.run(["cp", "-a", folder, copy], check=True)
    return copy


@pytest.fixture(scope="module")
def backup(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """A backup, the organization in it, and the size its log had later."""
    folder = tmp_path_factory.mktemp("restore") / "data"
    serving = start(folder, "--demo")
    org = serving.data(ORG, persona="auditor")["viewer"]["org"]["id"]
    sealed(serving, org)
    serving.stop()
    old = copied(folder, "old")
    serving = start(folder)
    (edge,) = serving.data(FIRST, persona="org_admin")["users"]["edges"]
    assert serving.data(RENAME, persona="org_admin", u=edge["node"]["id"])["updateUser"]["__typename"] == "UserUpdated"
    later = sealed(serving, org)
    serving.stop()
    shutil.rmtree(folder)
    return old, org, later


def test_a_whole_backup_verifies(backup: tuple[Path, str, str]) -> None:
    whole = copied(backup[0], "whole")
    done = run("audit", "verify", "--data-dir", whole)
    assert (done.returncode, done.stdout.startswith("verified: ")) == (0, True), done.stdout + done.stderr
    assert run("doctor", "--data-dir", whole).returncode == 0


@pytest.mark.parametrize(
    ("lost", "said"),
    [
        ("audit-master-key.hex", "`audit-master-key.hex` does not open what the database holds"),
        ("audit-log-keys.json", "restore the keys of this one"),
    ],
)
def test_a_backup_without_a_key_says_which(backup: tuple[Path, str, str], lost: str, said: str) -> None:
    folder = copied(backup[0], f"without-{lost}")
    (folder / lost).unlink()
    # Asked first, before anything has made another key in its place.
    looked = run("doctor", "--data-dir", folder)
    assert looked.returncode == 1
    assert f"`{lost}` is missing, " in looked.stdout
    assert looked.stdout.count(": restore it before a start") == 1
    done = run("audit", "verify", "--data-dir", folder)
    assert done.returncode == 1
    assert "NOT VERIFIED" in done.stdout
    looked = run("doctor", "--data-dir", folder)
    assert looked.returncode == 1
    assert said in looked.stdout


@pytest.fixture(scope="module")
def rotated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A data directory whose log was signed by one key and then by two, and its key file from before."""
    folder = tmp_path_factory.mktemp("rotated") / "data"
    serving = start(folder, "--demo")
    org = serving.data(ORG, persona="auditor")["viewer"]["org"]["id"]
    sealed(serving, org)
    serving.stop()
    before = (folder / KEYS).read_text()
    assert run("audit", "rotate-key", "--data-dir", folder).returncode == 0
    serving = start(folder)
    (edge,) = serving.data(FIRST, persona="org_admin")["users"]["edges"]
    serving.data(RENAME, persona="org_admin", u=edge["node"]["id"])
    sealed(serving, org)
    serving.stop()
    return folder, before


def test_after_a_rotation_with_every_key_at_hand_the_log_verifies(rotated: tuple[Path, str]) -> None:
    folder = copied(rotated[0], "both")
    assert run("doctor", "--data-dir", folder).returncode == 0
    assert run("audit", "verify", "--data-dir", folder).returncode == 0


def test_keys_from_before_a_rotation_are_said_to_be_old(rotated: tuple[Path, str]) -> None:
    folder = copied(rotated[0], "before")
    (folder / KEYS).write_text(rotated[1])
    looked = run("doctor", "--data-dir", folder)
    assert looked.returncode == 1
    assert "lacks the key that signed last: restore the newest log keys" in looked.stdout
    done = run("audit", "verify", "--data-dir", folder)
    assert done.returncode == 1
    assert "none of these is among the keys at hand" in done.stdout


def test_a_key_taken_out_after_a_rotation_is_missed_by_what_it_signed_alone(rotated: tuple[Path, str]) -> None:
    folder = copied(rotated[0], "after")
    both = json.loads((folder / KEYS).read_text())
    (folder / KEYS).write_text(json.dumps({**both, "keys": both["keys"][1:]}))
    looked = run("doctor", "--data-dir", folder)
    assert looked.returncode == 0
    assert "lacks the key that signed first: sealing goes on" in looked.stdout
    done = run("audit", "verify", "--data-dir", folder)
    assert done.returncode == 1
    assert "none of these is among the keys at hand: restore the key file with it" in done.stdout
    assert "was changed" not in done.stdout


def test_an_older_backup_does_not_know_the_checkpoint_that_somebody_holds(backup: tuple[Path, str, str]) -> None:
    old, org, later = backup
    serving = start(copied(old, "older"))
    answer = serving.ask(GROWN, persona="auditor", o=org, n=later)
    serving.stop()
    assert "no checkpoint of that size was signed" in answer["errors"][0]["message"]
