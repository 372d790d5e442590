"""How often a client of PostgreSQL waits for it: a socket in between that counts each time the client speaks again."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

_CHUNK = 65_536


@dataclass(kw_only=True)
class Trips:
    """What went through: `said` is what the client sent between two answers, a trip each."""

    dsn: str
    said: list[bytes] = field(default_factory=list)


@asynccontextmanager
async def counted(dsn: str) -> AsyncIterator[Trips]:
    """Give another address of an embedded database, for as long as the block runs."""
    asked = parse_qs(urlsplit(dsn).query)
    name = f".s.PGSQL.{asked['port'][0]}"
    # Not in a test's own folder: the path of a socket is short.
    folder = Path(tempfile.mkdtemp(prefix="trips-"))
    trips = Trips(dsn=f"{dsn.partition('?')[0]}?host={folder}&port={asked['port'][0]}")
    open_: set[asyncio.Task[None]] = set()

    async def connected(client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        server, to_server = await asyncio.open_unix_connection(f"{asked['host'][0]}/{name}")
        spoke_last = [to_server]

        async def carry(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
            while chunk := await source.read(_CHUNK):
                if target is to_server:
                    if spoke_last[0] is to_server and trips.said:
                        trips.said[-1] += chunk
                    else:
                        trips.said.append(chunk)
                spoke_last[0] = target
                target.write(chunk)
                await target.drain()
            target.close()

        both = {asyncio.ensure_future(carry(client, to_server)), asyncio.ensure_future(carry(server, to_client))}
        open_.update(both)
        await asyncio.gather(*both, return_exceptions=True)
        open_.difference_update(both)

    try:
        async with await asyncio.start_unix_server(connected, folder / name):
            yield trips
    finally:
        for each in open_:
            each.cancel()
        shutil.rmtree(folder, ignore_errors=True)
