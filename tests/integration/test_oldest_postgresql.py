"""The oldest PostgreSQL that is supported, where the machine has it: Debian's, started for this test alone."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from audit.actions import Action
from audit.log import AuditLog
from core.commands.send_facts import Draft
from core.commands.sends import send_message
from core.commands.transaction import Store
from core.rules.default_policy import DEFAULT_POLICY
from core.storage import audit_records, policies
from core.storage.database import ROLE_APP, ROLE_WORKER, Reader, open_pool
from core.storage.listing import EVERYTHING, fetch_page
from core.storage.migrating import upgrade
from core.storage.pages import page_request
from tests.conftest import MASTER_KEY, ROOT
from tests.integration.audit.sealed import seal_all
from tests.integration.databases import catalogue, declare
from tests.integration.worlds import new_world
from texting.database import OLDEST, check
from texting.embedded import Addresses

ENVIRONMENT = {"LC_ALL": "C", "PATH": "/usr/bin:/bin"}


def programs() -> Path | None:
    """Where that version's programs are, if anywhere."""
    folders = [Path(f"/usr/lib/postgresql/{OLDEST}/bin")]
    if found := shutil.which("pg_config"):
        told = subprocess.run([found, "--bindir"], capture_output=True, text=True, check=False)
        folders.append(Path(told.stdout.strip()))
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            told = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False)
            if f" {OLDEST}." in told.stdout:
                return folder
    return None


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A server of that version; gives a superuser's address. PostgreSQL does not run as root: it runs as nobody."""
    folder = programs()
    if folder is None:
        pytest.skip(f"no PostgreSQL {OLDEST} on this machine: install the package postgresql-{OLDEST}")
    with contextlib.ExitStack() as stack:
        home = Path(tempfile.mkdtemp(prefix="texting-oldest-", dir="/tmp"))
        stack.callback(shutil.rmtree, home, ignore_errors=True)
        account: dict[str, Any] = {}
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(home, nobody.pw_uid, nobody.pw_gid)
            account = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        options: dict[str, Any] = {"cwd": "/", "env": ENVIRONMENT, **account}
        data = home / "data"
        made = subprocess.run(
            [
                folder / "initdb",
                f"--pgdata={data}",
                "--username=postgres",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync",
            ],
            capture_output=True,
            text=True,
            check=False,
            **options,
        )
        assert made.returncode == 0, made.stderr
        settings = ["fsync=off", "listen_addresses=", f"unix_socket_directories={home}", "max_connections=40"]
        log = stack.enter_context((home / "log").open("wb"))
        running = subprocess.Popen(
            [folder / "postgres", "-D", data, *(part for each in settings for part in ("-c", each))],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            **options,
        )
        stack.callback(_stop, running)
        _await(folder, home, running)
        yield f"postgresql://postgres@/postgres?host={home}"


@pytest.fixture
async def dsn(server: str) -> str:
    """A database of the test's own."""
    name = f"scratch_{uuid4().hex}"
    connection = await asyncpg.connect(server)
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()
    return server.replace("/postgres?", f"/{name}?")


@pytest.fixture
async def migrated(dsn: str) -> AsyncIterator[tuple[str, Store, asyncpg.Pool]]:
    """A migrated database: its address, what commands need, and the worker's pool."""
    await check(Addresses(admin=dsn, login=dsn))
    assert (await upgrade(dsn, ROOT / "migrations")).is_current
    async with (
        await open_pool(dsn, role=ROLE_APP, max_size=4) as pool,
        await open_pool(dsn, role=ROLE_WORKER, max_size=4) as worker_pool,
    ):
        await policies.seed(pool)
        yield dsn, Store(pool=pool, audit=AuditLog(MASTER_KEY), policy=DEFAULT_POLICY), worker_pool


async def test_the_schema_is_as_declared_there_too(dsn: str, migrated: tuple[str, Store, asyncpg.Pool]) -> None:
    other = dsn.replace("/scratch_", "/scratch_declared_")
    connection = await asyncpg.connect(dsn)
    assert connection.get_server_version().major == OLDEST
    await connection.execute(f"CREATE DATABASE {other.split('/')[3].split('?')[0]}")
    await declare(other)
    beside = await asyncpg.connect(other)
    found, declared = await catalogue(connection), await catalogue(beside)
    await connection.close()
    await beside.close()
    assert sorted(found ^ declared) == []


async def test_an_organization_is_made_texts_and_is_read_there_too(
    migrated: tuple[str, Store, asyncpg.Pool],
) -> None:
    _, store, worker_pool = migrated
    world = await new_world(store, people=1)
    person = world.people[0]
    draft = Draft(user_id=person.user_id, to="+14155550123", body="hello")
    said = {"action": Action.MESSAGE_SEND, "idempotency_key": "k", "body_digest": b"\1"}
    made = await world.answer(person.principal, lambda tx: send_message(tx, draft), **said)
    assert await world.answer(person.principal, lambda tx: send_message(tx, draft), **said) == made
    reader = Reader(store.pool, world.org_id)
    try:
        chosen = page_request(audit_records.NEWEST_FIRST, first=1, after=None, last=None, before=None)
        page = await fetch_page(
            reader.fetch, audit_records.RECORDS, chosen, org=world.org_id, where=EVERYTHING, counted=True
        )
        involving = await fetch_page(
            reader.fetch,
            audit_records.RECORDS,
            chosen,
            org=world.org_id,
            where=audit_records.where(involves=person.user_id),
            counted=False,
        )
    finally:
        await reader.close()
    assert [str(row.id) for row in page.nodes] == [made.refs["record_ref"]]
    assert [row.id for row in involving.nodes] == [row.id for row in page.nodes]
    assert page.total_count is not None
    await seal_all(worker_pool, world.org_id, uuid4())
    async with worker_pool.acquire() as connection:
        sealed = await connection.fetchval("SELECT size FROM audit.tree_head WHERE org_id = $1", world.org_id)
    assert sealed == page.total_count


def _await(folder: Path, home: Path, running: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        ready = subprocess.run(
            [folder / "pg_isready", "-q", "-h", home, "-U", "postgres", "-t", "1"], env=ENVIRONMENT, check=False
        )
        if ready.returncode == 0:
            return
        assert running.poll() is None, (home / "log").read_text()
        time.sleep(0.05)
    raise AssertionError((home / "log").read_text())


def _stop(running: subprocess.Popen[bytes]) -> None:
    running.terminate()
    try:
        running.wait(30)
    except subprocess.TimeoutExpired:
        running.kill()
        running.wait()
