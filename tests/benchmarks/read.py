"""The read path's cost, in one run: `python -m tests.benchmarks.read` (`make bench`).

The same database, roles and row policies, asked through HTTP on loopback by 1 and 16 keep-alive connections: this
server with both gears and with the first alone, the same with graphql-core's own executor, one by hand, and one whose
JSON a single statement writes. Their answers are compared first.

Options: `--quick` for a database of a tenth and short runs, `--only abc` for some operations, `--ours` for ours alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
from joserfc.jwk import OKPKey

from audit.log import AuditLog
from core.commands.transaction import Store
from core.rules.default_policy import DEFAULT_POLICY
from core.storage import policies
from core.storage.database import open_pool
from core.storage.migrating import upgrade
from tests.benchmarks.reading.filling import Filled, fill
from tests.benchmarks.reading.operations import INTROSPECTION, OPERATIONS, Operation
from tests.benchmarks.reading.serve import KINDS
from texting import tokens
from texting.database import MIGRATIONS
from texting.embedded import Addresses, Server

CONNECTIONS = (1, 16)
ROUNDS = 3
"""Each server is measured so often, taking turns; the median counts."""
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A server that runs."""

    kind: str
    pid: int
    port: int

    def cpu_s(self) -> float:
        """How much processor time it has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What one server achieved: requests a second, milliseconds, processor seconds a thousand requests."""

    rate: float
    p50: float
    p99: float
    cpu: float


class Load:
    """The process that asks."""

    def __init__(self, token: str) -> None:
        self._token = token
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.reading.load"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def run(self, server: Running, operation: Operation, filled: Filled, connections: int, seconds: float) -> Measured:
        """Load one server with one operation."""
        requests = [self._request(operation, given) for given in operation.variables(filled)]
        asked = {"port": server.port, "connections": connections, "seconds": seconds, "requests": requests}
        before = server.cpu_s()
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked).encode() + b"\n")
        self._process.stdin.flush()
        found = json.loads(self._process.stdout.readline())
        assert not found["failed"], f"{server.kind} failed {found['failed']} times on {operation.title}"
        cpu = (server.cpu_s() - before) / found["count"] * 1000
        return Measured(rate=found["rate"], p50=found["p50"], p99=found["p99"], cpu=cpu)

    def end(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def _request(self, operation: Operation, variables: Mapping[str, Any]) -> str:
        head, body = request(self._token, operation, variables)
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        return f"POST /graphql HTTP/1.1\r\nHost: localhost\r\n{lines}Content-Length: {len(body.encode())}\r\n\r\n{body}"


def request(token: str, operation: Operation, variables: Mapping[str, Any]) -> tuple[dict[str, str], str]:
    """Give the headers and the body that ask it."""
    name = operation.text.split("(")[0].split()[1] if operation is not INTROSPECTION else "IntrospectionQuery"
    body = json.dumps({"query": operation.text, "operationName": name, "variables": variables})
    return {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "Accept": "application/json",
    }, body


@contextlib.contextmanager
def served(kinds: Sequence[str], given: Mapping[str, Any]) -> Iterator[list[Running]]:
    """Run servers for as long as the block does."""
    with contextlib.ExitStack() as stack:
        running = []
        for kind in kinds:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.benchmarks.reading.serve", kind],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=(Path(given["folder"]) / f"{kind}.log").open("wb"),
            )
            stack.callback(process.wait)
            stack.callback(process.terminate)
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(json.dumps(given).encode() + b"\n")
            process.stdin.flush()
            port = process.stdout.readline()
            assert port, f"the server `{kind}` did not start"
            running.append(Running(kind=kind, pid=process.pid, port=int(port)))
        yield running


def compare(running: Sequence[Running], operations: Sequence[Operation], filled: Filled, token: str) -> None:
    """Stop unless all servers that answer an operation answer it alike."""
    for operation in operations:
        for variables in operation.variables(filled)[:20]:
            answers = {
                each.kind: ask(each, token, operation, variables) for each in running if answers_it(each, operation)
            }
            first = next(iter(answers.values()))
            assert "errors" not in first, first
            different = [kind for kind, answer in answers.items() if answer != first]
            assert not different, f"{operation.title}: {different} answer otherwise than {next(iter(answers))}"
        print(f"({operation.name}) {operation.title}: {len(answers)} servers answer alike", flush=True)


def ask(server: Running, token: str, operation: Operation, variables: Mapping[str, Any]) -> Any:
    """Give the parsed answer."""
    head, body = request(token, operation, variables)
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    try:
        connection.request("POST", "/graphql", body, head)
        answer = connection.getresponse()
        content = answer.read()
        assert answer.status == 200, f"{server.kind}: {answer.status} {content[:300]!r}"
        return json.loads(content)
    finally:
        connection.close()


def answers_it(server: Running, operation: Operation) -> bool:
    """Whether a server has an answer for an operation."""
    if operation is INTROSPECTION:
        return server.kind in {"ours", "one gear", "stock"}
    return server.kind != "one SQL" or not operation.has_rules


def measure(load: Load, running: Sequence[Running], operation: Operation, filled: Filled, seconds: float) -> None:
    """Print what each server achieves with one operation, and the ratios that have a bar."""
    for connections in CONNECTIONS:
        taken: dict[str, list[Measured]] = {each.kind: [] for each in running if answers_it(each, operation)}
        for _ in range(ROUNDS):
            for each in running:
                if each.kind in taken:
                    taken[each.kind].append(load.run(each, operation, filled, connections, seconds))
        rates = {}
        for kind, found in taken.items():
            middle = sorted(found, key=lambda one: one.rate)[len(found) // 2]
            rates[kind] = statistics.median(one.rate for one in found)
            print(
                f"({operation.name}) {operation.title:26} {connections:>2} {kind:8} {middle.rate:8.1f}/s "
                f"p50 {middle.p50:8.2f} ms p99 {middle.p99:8.2f} ms {middle.cpu:7.3f} CPU s/1,000"
            )
        print("    " + ", ".join(ratios(operation, rates)), flush=True)


def ratios(operation: Operation, rates: Mapping[str, float]) -> Iterator[str]:
    """Give the ratios of our rate to the others', with what is wanted."""
    bars = (
        ("one gear", "by hand", 0.8),
        ("ours", "by hand", 0.8),
        ("ours", "one SQL", 0.8),
        ("ours", "stock", 5 if operation.name in "bcd" else 0.97),
    )
    for ours, theirs, bar in bars:
        if ours in rates and theirs in rates:
            ratio = rates[ours] / rates[theirs]
            yield f"{ours} / {theirs} {ratio:.2f} (bar {bar}{'' if ratio >= bar else ', missed'})"


async def prepare(addresses: Addresses, folder: Path, scale: float) -> tuple[Filled, str, dict[str, Any]]:
    """Fill the database; give what is in it, a token, and what servers must know."""
    await upgrade(addresses.admin, MIGRATIONS)
    key = OKPKey.generate_key("Ed25519")
    async with await open_pool(addresses.login, max_size=2) as pool:
        await policies.seed(pool)
        store = Store(pool=pool, audit=AuditLog(bytes(32), product_version="benchmark"), policy=DEFAULT_POLICY)
        admin = await asyncpg.connect(addresses.admin)
        try:
            filled = await fill(admin, store, scale=scale)
        finally:
            await admin.close()
        operator = tokens.Operator(account="benchmark")
        token = await tokens.issue(
            store, key, filled.caller, life=timedelta(days=1), now=datetime.now(UTC), operator=operator
        )
    given = {
        "dsn": addresses.login,
        "key": key.as_dict(private=True),
        "folder": str(folder),
        "log_level": "info",
    }
    return filled, token, given


def main(arguments: Sequence[str]) -> None:
    """Run everything."""
    quick = "--quick" in arguments
    chosen = arguments[arguments.index("--only") + 1] if "--only" in arguments else "abcdefi"
    kinds = KINDS[:1] if "--ours" in arguments else KINDS
    operations = [each for each in (*OPERATIONS, INTROSPECTION) if each.name in chosen]
    with tempfile.TemporaryDirectory(prefix="texting-bench-") as scratch, contextlib.ExitStack() as stack:
        addresses = stack.enter_context(Server(Path(scratch) / "server"))
        filled, token, given = asyncio.run(prepare(addresses, Path(scratch), 0.1 if quick else 1))
        print("filled", flush=True)
        running = stack.enter_context(served(kinds, given))
        compare(running, operations, filled, token)
        load = Load(token)
        stack.callback(load.end)
        for operation in operations:
            measure(load, running, operation, filled, 1.5 if quick else 4)


if __name__ == "__main__":
    main(sys.argv[1:])
