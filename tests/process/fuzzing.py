"""Mutated requests to a running server: whatever it is sent, it answers, says why not, and stays as it was.

`python -m tests.process.fuzzing 100000` starts a server of its own and says what was found; the same seed sends the
same requests.
"""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import websockets

from tests.process import serving
from tests.process.damage import DOCUMENTS, Fuzzer
from texting.failing import LOG

AT_ONCE = 8
WAIT_S = 20.0


@dataclass(kw_only=True)
class Found:
    """What a run came to. `wrong`: what must not be; `statuses`: how many answers of each kind."""

    statuses: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    memory_mb: tuple[float, float] = (0, 0)
    connections: tuple[int, int] = (0, 0)

    def look(self, status: int, text: str, sent: Any) -> None:
        """Note one answer, and whether it may be."""
        self.statuses[str(status)] += 1
        if status >= 500 or '"INTERNAL"' in text or "Traceback" in text:
            self.wrong.append(f"{status} {text[:300]} to {str(sent)[:1500]}")


async def run(served: serving.Serving, many: int, seed: int = 1) -> Found:
    """Send `many` requests, a fiftieth of them conversations over a socket; look at every answer and what is left."""
    found, fuzzer = (
        Found(),
        Fuzzer(chance=random.Random(seed), tokens=list(served.tokens.values()), ids=known_ids(served)),
    )
    base = served.url.removesuffix("/graphql")
    # What is loaded and kept once is there before anything is measured.
    await _all(base, fuzzer, many // 4, found)
    before = memory_mb(served), connections(served)
    await _all(base, fuzzer, many - many // 4, found)
    await asyncio.sleep(1)
    found.memory_mb, found.connections = (before[0], memory_mb(served)), (before[1], connections(served))
    if "errors" in await asyncio.to_thread(served.ask, DOCUMENTS[0]):
        found.wrong.append("a good operation is no longer answered")
    for log in (served.folder / LOG, served.folder.with_name(f"{served.folder.name}.log")):
        if log.exists() and "Traceback" in (told := log.read_text()):
            found.wrong.append(f"{log.name}: {told[-3_000:]}")
    return found


async def _all(base: str, fuzzer: Fuzzer, many: int, found: Found) -> None:
    left = iter(range(many))

    async def one_after_the_other() -> None:
        async with httpx.AsyncClient(base_url=base, timeout=WAIT_S, trust_env=False) as client:
            for at in left:
                await (_converse(base, fuzzer, found) if at % 50 == 0 else _ask(client, fuzzer, found))

    await asyncio.gather(*(one_after_the_other() for _ in range(AT_ONCE)))


async def _ask(client: httpx.AsyncClient, fuzzer: Fuzzer, found: Found) -> None:
    try:
        asked = client.build_request(**fuzzer.request())
    except (ValueError, httpx.InvalidURL, UnicodeError):
        found.statuses["not a request"] += 1
        return
    try:
        answer = await client.send(asked)
        found.look(answer.status_code, answer.text, asked.content)
    except httpx.LocalProtocolError:
        found.statuses["not a request"] += 1
    except httpx.HTTPError as error:
        found.wrong.append(f"{error!r} to {asked.method} {asked.url} {asked.headers} {asked.content[:300]!r}")


async def _converse(base: str, fuzzer: Fuzzer, found: Found) -> None:
    address = f"{base.replace('http', 'ws', 1)}/graphql"
    try:
        protocols = [websockets.Subprotocol("graphql-transport-ws")]
        async with websockets.connect(address, subprotocols=protocols, proxy=None) as socket:
            for frame in fuzzer.frames():
                await socket.send(frame)
            async with asyncio.timeout(0.3):
                async for told in socket:
                    found.look(101, str(told), "a socket")
    except TimeoutError:
        found.statuses["socket left"] += 1
    except websockets.ConnectionClosed as closed:
        code = closed.rcvd.code if closed.rcvd else 0
        found.statuses[f"socket closed {code}"] += 1
        if code in (0, 1011):
            found.wrong.append(f"a socket was closed with {closed!r}")


def known_ids(served: serving.Serving) -> list[str]:
    """Ids and cursors of two organizations, as their people were given them."""
    told = served.data("{ users(first: 5) { edges { cursor node { id location { id } } } } }", persona="org_admin")
    orgs = served.data("{ orgs(first: 5) { edges { cursor node { id } } } }")
    return [each for data in (told, orgs) for each in _texts(data)]


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [text for each in (value.values() if isinstance(value, dict) else value or ()) for text in _texts(each)]


def memory_mb(served: serving.Serving) -> float:
    """What the server holds of the machine's memory, in MB."""
    status = Path(f"/proc/{served.process.pid}/status").read_text()
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS"))


def connections(served: serving.Serving) -> int:
    """How many files and sockets the server has open."""
    return len(list(Path(f"/proc/{served.process.pid}/fd").iterdir()))


def main() -> None:
    """Run as many as asked for against a server of its own; end with 1 when something was wrong."""
    many = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000
    with tempfile.TemporaryDirectory() as folder:
        served = serving.start(Path(folder) / "data", "--demo")
        try:
            found = asyncio.run(run(served, many, seed=int(sys.argv[2]) if len(sys.argv) > 2 else 1))
        finally:
            served.stop()
    told = [f"answers: {dict(found.statuses)}", f"MB: {found.memory_mb}", f"open: {found.connections}"]
    sys.stdout.write("\n".join([*told, f"wrong: {len(found.wrong)}", *found.wrong[:20], ""]))
    sys.exit(bool(found.wrong))


if __name__ == "__main__":
    main()
