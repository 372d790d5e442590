"""The load, as a process: `python -m tests.benchmarks.reading.load`, what to ask on standard input.

It writes prepared requests on keep-alive connections, one at a time on each, and reads answers by their length.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import statistics
import sys
import time
from collections.abc import Iterator

import uvloop

_HEAD_END = b"\r\n\r\n"
_LENGTH = b"content-length: "


class Connection(asyncio.Protocol):
    """One connection: the next request is sent when the last is answered."""

    def __init__(self, requests: Iterator[bytes], ends: float, done: asyncio.Future[None]) -> None:
        self._requests = requests
        self._ends = ends
        self._done = done
        self._buffer = bytearray()
        self._began = 0.0
        self.took: list[float] = []
        self.failed = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head = self._buffer.find(_HEAD_END)
        if head < 0:
            return
        fields = self._buffer[:head].lower() + b"\r"
        at = fields.index(_LENGTH) + len(_LENGTH)
        length = int(fields[at : fields.index(b"\r", at)])
        if len(self._buffer) < head + len(_HEAD_END) + length:
            return
        now = time.perf_counter()
        self.took.append(now - self._began)
        if not self._buffer.startswith(b"HTTP/1.1 200") or b'"errors"' in self._buffer:
            self.failed += 1
        self._buffer.clear()
        if now < self._ends:
            self._send()
        elif not self._done.done():
            self._done.set_result(None)

    def connection_lost(self, _: Exception | None) -> None:
        if not self._done.done():
            self._done.set_exception(ConnectionError("the server closed a connection"))

    def _send(self) -> None:
        self._began = time.perf_counter()
        self._transport.write(next(self._requests))  # type: ignore[attr-defined] # a transport of a socket


async def run(port: int, connections: int, seconds: float, requests: list[bytes]) -> dict[str, float]:
    """Ask for a while; give requests a second and milliseconds."""
    loop = asyncio.get_running_loop()
    ends, made, done = time.perf_counter() + seconds, [], []
    began, used = time.perf_counter(), time.process_time()
    for number in range(connections):
        asked = itertools.cycle(requests[number:] + requests[:number])
        future = loop.create_future()
        _, protocol = await loop.create_connection(lambda a=asked, f=future: Connection(a, ends, f), "127.0.0.1", port)
        made.append(protocol)
        done.append(future)
    await asyncio.gather(*done)
    elapsed = time.perf_counter() - began
    took = sorted(each * 1000 for protocol in made for each in protocol.took)
    cuts = statistics.quantiles(took, n=100)
    return {
        "count": len(took),
        "rate": len(took) / elapsed,
        "busy": (time.process_time() - used) / elapsed,
        "p50": cuts[49],
        "p99": cuts[98],
        "failed": sum(protocol.failed for protocol in made),
    }


def main() -> None:
    """Do what each line asks, and answer it by a line."""
    for line in sys.stdin:
        asked = json.loads(line)
        requests = [each.encode() for each in asked["requests"]]
        print(json.dumps(uvloop.run(run(asked["port"], asked["connections"], asked["seconds"], requests))), flush=True)


if __name__ == "__main__":
    main()
