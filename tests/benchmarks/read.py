"""The read path's cost, in one run: `python -m tests.benchmarks.read` (`make bench`).

The same database, roles and row policies, asked through HTTP on loopback by 1 and 16 keep-alive connections: this
server with both gears and with the first alone, the same with graphql-core's own executor, the same without any
authorization, one by hand, and one whose JSON a single statement writes. Their answers are compared first.

`--peers` adds PostGraphile and Mercurius for (a) to (d), installed from npm into a cache (`reading/peers.py`). Other
options: `--quick` for a database of a tenth and short runs, `--only abc` for some operations, `--ours` for ours alone,
`--kinds ours,Mercurius` for some servers, `--seconds`, `--rounds` and `--connections 1,16` for how long and how wide.
"""

from __future__ import annotations

import argparse
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
from tests.benchmarks.reading import peers, unguarded
from tests.benchmarks.reading.filling import Filled, fill
from tests.benchmarks.reading.operations import INTROSPECTION, OPERATIONS, Operation
from tests.benchmarks.reading.serve import KINDS, SCHEMA_KINDS
from texting import tokens
from texting.database import MIGRATIONS
from texting.embedded import Addresses, Server

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A server that runs."""

    kind: str
    pid: int
    port: int
    postmaster: int

    def cpu_s(self) -> float:
        """How much processor time it and PostgreSQL's processes have used: no other server works meanwhile."""
        children = Path(f"/proc/{self.postmaster}/task/{self.postmaster}/children").read_text().split()
        return sum(map(_cpu_s, (self.pid, *map(int, children))))


def _cpu_s(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return (int(fields[11]) + int(fields[12])) / TICKS


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How much is measured: each server `rounds` times by turns, of which the median counts."""

    seconds: float
    rounds: int
    connections: Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What one server achieved: requests a second, milliseconds, processor seconds a thousand requests.

    `busy`: the asking process's share of a processor.
    """

    rate: float
    p50: float
    p99: float
    cpu: float
    busy: float


class Load:
    """The process that asks."""

    def __init__(self, token: str) -> None:
        self._token = token
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.reading.load"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def run(self, server: Running, operation: Operation, filled: Filled, connections: int, seconds: float) -> Measured:
        """Load one server with one operation."""
        requests = [self._request(server.kind, operation, filled, given) for given in operation.variables(filled)]
        asked = {"port": server.port, "connections": connections, "seconds": seconds, "requests": requests}
        before = server.cpu_s()
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked).encode() + b"\n")
        self._process.stdin.flush()
        found = json.loads(self._process.stdout.readline())
        assert not found["failed"], f"{server.kind} failed {found['failed']} times on {operation.title}"
        cpu = (server.cpu_s() - before) / found["count"] * 1000
        return Measured(rate=found["rate"], p50=found["p50"], p99=found["p99"], cpu=cpu, busy=found["busy"])

    def end(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def _request(self, kind: str, operation: Operation, filled: Filled, variables: Mapping[str, Any]) -> str:
        head, body = request(kind, self._token, operation, filled, variables)
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        return f"POST /graphql HTTP/1.1\r\nHost: localhost\r\n{lines}Content-Length: {len(body.encode())}\r\n\r\n{body}"


def request(
    kind: str, token: str, operation: Operation, filled: Filled, variables: Mapping[str, Any]
) -> tuple[dict[str, str], str]:
    """Give the headers and the body that ask it of a kind of server."""
    name = operation.text.split("(")[0].split()[1] if operation is not INTROSPECTION else "IntrospectionQuery"
    text, variables = peers.translated(kind, operation, variables)
    body = json.dumps({"query": text, "operationName": name, "variables": variables})
    # Who asks a server without authorization is not even told to it.
    who = {} if kind == "unguarded" else {"Authorization": f"Bearer {token}"}
    head = {peers.ORG_HEADER: str(filled.org_id), **who, "Content-Type": "application/json"}
    return {**head, "Accept": "application/json"}, body


@contextlib.contextmanager
def served(
    kinds: Sequence[str], installed: peers.Installed | None, given: Mapping[str, Any]
) -> Iterator[list[Running]]:
    """Run servers for as long as the block does."""
    with contextlib.ExitStack() as stack:
        running = []
        for kind in kinds:
            command, environment = [sys.executable, "-m", "tests.benchmarks.reading.serve", kind], None
            if installed is not None and kind in peers.KINDS:
                command, environment = installed.command(kind), installed.environment(given["dsn"])
            process = subprocess.Popen(
                command,
                env=environment,
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
            running.append(Running(kind=kind, pid=process.pid, port=int(port), postmaster=given["postmaster"]))
        yield running


def compare(running: Sequence[Running], operations: Sequence[Operation], filled: Filled, token: str) -> None:
    """Stop unless all servers that answer an operation answer it alike."""
    for operation in operations:
        for variables in operation.variables(filled)[:20]:
            answers = {
                each.kind: ask(each, token, operation, filled, variables)
                for each in running
                if answers_it(each, operation)
            }
            first = next(iter(answers.values()))
            failed = {kind: answer["errors"] for kind, answer in answers.items() if "errors" in answer}
            assert not failed, failed
            plain = peers.plain(first)
            different = [
                kind
                for kind, answer in answers.items()
                if (peers.plain(answer) != plain if kind in peers.KINDS else answer != first)
            ]
            assert not different, f"{operation.title}: {different} answer otherwise than {next(iter(answers))}"
        print(f"({operation.name}) {operation.title}: {len(answers)} servers answer alike", flush=True)


def ask(server: Running, token: str, operation: Operation, filled: Filled, variables: Mapping[str, Any]) -> Any:
    """Give the parsed answer."""
    head, body = request(server.kind, token, operation, filled, variables)
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
        return server.kind in SCHEMA_KINDS
    return server.kind not in {"one SQL", *peers.KINDS} or not operation.has_rules


def measure(load: Load, running: Sequence[Running], operation: Operation, filled: Filled, extent: Extent) -> None:
    """Print what each server achieves with one operation, and the ratios that have a bar."""
    for connections in extent.connections:
        taken: dict[str, list[Measured]] = {each.kind: [] for each in running if answers_it(each, operation)}
        for _ in range(extent.rounds):
            for each in running:
                if each.kind in taken:
                    taken[each.kind].append(load.run(each, operation, filled, connections, extent.seconds))
        rates, costs = {}, {}
        for kind, found in taken.items():
            costs[kind] = statistics.median(one.cpu for one in found)
            middle = sorted(found, key=lambda one: one.rate)[len(found) // 2]
            rates[kind] = statistics.median(one.rate for one in found)
            print(
                f"({operation.name}) {operation.title:26} {connections:>2} {kind:12} {middle.rate:8.1f}/s "
                f"p50 {middle.p50:8.2f} ms p99 {middle.p99:8.2f} ms {middle.cpu:7.3f} CPU s/1,000, "
                f"load {middle.busy:4.0%}"
            )
        print("    " + ", ".join(ratios(operation, rates)))
        if "ours" in costs:
            others = (f"{kind} {cost / costs['ours']:.2f}" for kind, cost in costs.items() if kind != "ours")
            print("    CPU a request, ours = 1: " + ", ".join(others), flush=True)


def ratios(operation: Operation, rates: Mapping[str, float]) -> Iterator[str]:
    """Give the ratios of our rate to the others', with what is wanted."""
    bars = [
        ("one gear", "by hand", 0.8),
        ("ours", "by hand", 0.8),
        ("ours", "one SQL", 0.8),
        ("ours", "stock", 5 if operation.name in "bcd" else 0.97),
        ("ours", "unguarded", 0.8),
    ]
    if operation.name in "abcd":
        bars += [("ours", kind, bar) for kind, bar in peers.BARS.items()]
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
            await unguarded.make_role(admin, addresses.login)
        finally:
            await admin.close()
        operator = tokens.Operator(account="benchmark")
        token = await tokens.issue(
            store, key, filled.caller, life=timedelta(days=1), now=datetime.now(UTC), operator=operator
        )
    given = {
        "dsn": addresses.login,
        "token": token,
        "key": key.as_dict(private=True),
        "folder": str(folder),
        "log_level": "info",
    }
    return filled, token, given


def options(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.read")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--ours", action="store_true")
    parser.add_argument("--only", default="abcdefi")
    parser.add_argument("--kinds", type=lambda text: text.split(","), default=None)
    parser.add_argument("--seconds", type=float, default=None)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=lambda text: [int(each) for each in text.split(",")], default=[1, 16])
    return parser.parse_args(arguments)


def main(arguments: Sequence[str]) -> None:
    """Run everything."""
    asked = options(arguments)
    installed = peers.install() if asked.peers else None
    kinds = KINDS[:1] if asked.ours else KINDS + (peers.KINDS if installed is not None else ())
    kinds = tuple(kind for kind in kinds if asked.kinds is None or kind in asked.kinds)
    operations = [each for each in (*OPERATIONS, INTROSPECTION) if each.name in asked.only]
    seconds = asked.seconds or (1.5 if asked.quick else 4)
    extent = Extent(seconds=seconds, rounds=asked.rounds, connections=asked.connections)
    with tempfile.TemporaryDirectory(prefix="texting-bench-") as scratch, contextlib.ExitStack() as stack:
        addresses = stack.enter_context(Server(Path(scratch) / "server"))
        filled, token, given = asyncio.run(prepare(addresses, Path(scratch), 0.1 if asked.quick else 1))
        [lock] = (Path(scratch) / "server").glob("**/postmaster.pid")
        given["postmaster"] = int(lock.read_text().split()[0])
        print("filled", flush=True)
        running = stack.enter_context(served(kinds, installed, given))
        compare(running, operations, filled, token)
        load = Load(token)
        stack.callback(load.end)
        for operation in operations:
            measure(load, running, operation, filled, extent)


if __name__ == "__main__":
    main(sys.argv[1:])
