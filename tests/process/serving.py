"""Real processes of the program: started, awaited, asked, stopped."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from texting import calling, postmaster

TEXTING = Path(sys.executable).with_name("texting")
READY_S = 60.0
STOP_S = 40.0


@dataclass(kw_only=True)
class Serving:
    """A `texting serve` that has said it is ready. `ready_s`: how long that took."""

    process: subprocess.Popen[str]
    folder: Path
    url: str
    lines: list[str]
    ready_s: float
    _reader: threading.Thread = field(repr=False)

    @property
    def tokens(self) -> dict[str, str]:
        """The demo's tokens by persona, as the file has them."""
        return dict(json.loads((self.folder / "demo-tokens.json").read_text()))

    def ask(self, document: str, *, persona: str = "provider_admin", **variables: Any) -> dict[str, Any]:
        """Send an operation as a persona; give the whole answer."""
        return calling.call(self.url, self.tokens[persona], document, variables)

    def data(self, document: str, *, persona: str = "provider_admin", **variables: Any) -> Any:
        """Send an operation; give the data of an answer without errors."""
        answer = self.ask(document, persona=persona, **variables)
        assert "errors" not in answer, answer["errors"][:3]
        return answer["data"]

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and wait for the end; give the exit status."""
        self.process.send_signal(how)
        status = self.process.wait(STOP_S)
        self._reader.join(STOP_S)
        return status

    @property
    def database_runs(self) -> bool:
        """Whether the embedded PostgreSQL of this data directory runs."""
        return postmaster.running(self.folder / "postgres") is not None


def start(folder: Path, *options: str, env: Mapping[str, str] | None = None, **how: Any) -> Serving:
    """Start a server on a free port and wait until it says that it is ready."""
    begun = time.monotonic()
    # A file, because nobody would empty a pipe.
    log = folder.with_name(f"{folder.name}.log")
    with log.open("a") as stderr:
        process = subprocess.Popen(
            [TEXTING, "serve", "--port", str(free_port()), "--data-dir", str(folder), *options],
            env=environment(env),
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            **how,
        )
    lines: list[str] = []
    ready = threading.Event()

    def read() -> None:
        assert process.stdout is not None
        with process.stdout as printed:
            for line in printed:
                lines.append(line.rstrip("\n"))
                if line.startswith("ready: "):
                    ready.set()
        ready.set()

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    assert ready.wait(READY_S), "the server did not become ready"
    found = [line for line in lines if line.startswith("ready: ")]
    assert found, f"the server ended: {log.read_text()}"
    return Serving(
        process=process,
        folder=folder,
        url=found[0].removeprefix("ready: "),
        lines=lines,
        ready_s=time.monotonic() - begun,
        _reader=reader,
    )


def run(*arguments: str | Path, env: Mapping[str, str] | None = None, **how: Any) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [TEXTING, *map(str, arguments)],
        env=environment(env),
        capture_output=True,
        text=True,
        timeout=READY_S,
        check=False,
        **how,
    )


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Give our environment without settings of the program, and `more`."""
    return {name: value for name, value in os.environ.items() if not name.startswith("TEXTING_")} | dict(more or {})


def free_port() -> int:
    """Give a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def sentence(done: subprocess.CompletedProcess[str]) -> str:
    """Check that a command failed with one sentence on stderr and nothing else; give it."""
    assert done.returncode == 1, (done.returncode, done.stdout, done.stderr)
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("texting: "), lines
    assert done.stdout == ""
    return lines[0].removeprefix("texting: ")


def names(answers: Sequence[Mapping[str, Any]]) -> list[str]:
    """Give the names of nodes."""
    return [each["node"]["name"] for each in answers]
