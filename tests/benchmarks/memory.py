"""What a stream of documents that nobody asks twice does to a server's memory: `python -m tests.benchmarks.memory`.

A real server is sent 10,000 distinct documents: small and large ones, with conditions and with fragments that multiply
when written out. Its resident memory is looked at on the way. It may grow by twice what the caches of documents and
plans count: the rest is what the allocator cannot give back between them, and statements that are kept prepared.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx

from engine.cache import BYTES_KEPT
from tests.benchmarks.read import prepare, served
from texting.documents import KEPT_CHARACTERS_IN_ALL
from texting.embedded import Server

DOCUMENTS = 10_000
LOOKED_AT = (500, 1_000, 2_000, 4_000, 6_000, 8_000, 10_000)
BYTES_A_CHARACTER = 100
"""A document's syntax tree, a character of its text."""
BOUND_BYTES = (BYTES_KEPT + KEPT_CHARACTERS_IN_ALL * BYTES_A_CHARACTER) * 2

CARD = "id displayName email status location { id name } primaryNumber { id phoneNumber }"
CALLS_AT_ONCE = 8


def documents(count: int) -> Iterator[tuple[str, dict[str, object]]]:
    """Make documents that differ, each with its variables."""
    chance = random.Random(7)
    for number in range(count):
        cards = " ".join(
            f"u{number}x{at}: users(first: 2) {{ edges {{ node {{ {CARD} }} }} }}" for at in range(chance.randint(1, 6))
        )
        match number % 4:
            case 0:
                yield f"query A{number} {{ {cards} }}", {}
            case 1:
                yield (
                    f"query B{number}($w: Boolean!) {{ {cards} viewer {{ subject @include(if: $w) }} }}",
                    {"w": number % 8 == 1},
                )
            case 2:
                nested = " ".join(
                    f"fragment F{at} on User {{ a{at}: location {{ id }} ...F{at + 1} }}" for at in range(6)
                )
                yield (
                    (
                        f"query C{number} {{ users(first: 2) {{ edges {{ node {{ ...F0 }} }} }} }} {nested} "
                        f"fragment F6 on User {{ id x{number}: displayName }}"
                    ),
                    {},
                )
            case _:
                yield f"query D{number} {{ viewer {{ subject n{number}: roles }} }}", {}


def main() -> int:
    """Run it; give the process's exit code."""
    with tempfile.TemporaryDirectory(prefix="texting-memory-") as scratch, contextlib.ExitStack() as stack:
        addresses = stack.enter_context(Server(Path(scratch) / "server"))
        _, token, given = asyncio.run(prepare(addresses, Path(scratch), 0.01))
        [server] = stack.enter_context(served(["ours"], None, {**given, "postmaster": 0}))
        return asyncio.run(_send(server.pid, server.port, token))


async def _send(pid: int, port: int, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, trust_env=False) as client:
        await _ask(client, list(documents(50)))
        began = _resident(pid)
        print(f"at the start: {began / 1e6:.0f} MB; bound: {BOUND_BYTES / 1e6:.0f} MB more")
        made = documents(DOCUMENTS)
        sent, most = 0, began
        for until in LOOKED_AT:
            while sent < until:
                await _ask(client, [next(made) for _ in range(CALLS_AT_ONCE)])
                sent += CALLS_AT_ONCE
            now = _resident(pid)
            most = max(most, now)
            print(f"after {until:6,} documents: {now / 1e6:.0f} MB", flush=True)
    grown = most - began
    print(f"grown by {grown / 1e6:.0f} MB{'' if grown <= BOUND_BYTES else ': over its bound'}")
    return 0 if grown <= BOUND_BYTES else 1


async def _ask(client: httpx.AsyncClient, asked: list[tuple[str, dict[str, object]]]) -> None:
    answers = await asyncio.gather(
        *(client.post("/graphql", json={"query": text, "variables": variables}) for text, variables in asked)
    )
    for answer, (text, _) in zip(answers, asked, strict=True):
        assert answer.status_code == 200, answer.text[:300]
        assert "errors" not in json.loads(answer.content), (text[:200], answer.text[:300])


def _resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096


if __name__ == "__main__":
    sys.exit(main())
