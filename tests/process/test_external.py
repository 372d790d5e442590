"""A database that somebody else runs, whose user is no superuser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import pytest

from tests.process.serving import Serving, run, sentence
from texting.embedded import Addresses, Server

ROLES = "texting_owner, texting_app, texting_worker, texting_auditor"


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Addresses]:
    """A server of its own, which has none of our roles."""
    with Server(tmp_path_factory.mktemp("elsewhere"), durable=False) as found:
        yield found


@pytest.fixture(scope="module")
async def maker(elsewhere: Addresses, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of the user who may create roles, and whose database is migrated."""
    url = await _database(elsewhere, "maker", "CREATEROLE")
    done = run("migrate", "--data-dir", tmp_path_factory.mktemp("maker"), env={"TEXTING_DATABASE_URL": url})
    assert done.returncode == 0, done.stderr
    return url


async def test_a_user_who_may_create_roles_migrates_and_serves(
    maker: str, folder: Path, start: Callable[..., Serving]
) -> None:
    served = start(folder, "--demo", env={"TEXTING_DATABASE_URL": maker})
    assert served.data("{ viewer { roles } }", persona="auditor")["viewer"]["roles"] == ["AUDITOR"]
    assert served.stop() == 0
    assert not (folder / "postgres").exists()
    connection = await asyncpg.connect(maker)
    assert await connection.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
    await connection.close()


async def test_a_user_without_the_roles_is_told_what_to_ask_for(elsewhere: Addresses, maker: str, folder: Path) -> None:
    url = await _database(elsewhere, "stranger", "NOCREATEROLE")
    told = sentence(run("migrate", "--data-dir", folder, env={"TEXTING_DATABASE_URL": url}))
    assert told.startswith("the database user may not migrate (")
    assert told.endswith("give the user of TEXTING_DATABASE_URL the rights to create roles and schemas")


async def test_a_user_who_was_granted_the_roles_migrates(elsewhere: Addresses, maker: str, folder: Path) -> None:
    url = await _database(elsewhere, "friend", "NOCREATEROLE")
    connection = await asyncpg.connect(elsewhere.admin)
    await connection.execute(f"GRANT {ROLES} TO friend")
    await connection.close()
    done = run("migrate", "--data-dir", folder, env={"TEXTING_DATABASE_URL": url})
    assert done.returncode == 0, done.stderr


async def test_a_dump_that_a_superuser_loaded_lacks_one_owner(elsewhere: Addresses, maker: str, folder: Path) -> None:
    url = await _database(elsewhere, "restored", "CREATEROLE")
    settings = {"TEXTING_DATABASE_URL": url}
    connection = await asyncpg.connect(elsewhere.admin)
    await connection.execute(f"GRANT {ROLES} TO restored")
    await connection.close()
    assert run("migrate", "--data-dir", folder, env=settings).returncode == 0
    superuser = await asyncpg.connect(elsewhere.admin.replace("/texting?", "/restored?"))
    await superuser.execute("ALTER TABLE alembic_version OWNER TO CURRENT_USER")
    looked = run("doctor", "--data-dir", folder, env=settings)
    assert looked.returncode == 1
    assert "(permission denied for table alembic_version): give the user of TEXTING_DATABASE_URL that" in looked.stdout
    await superuser.execute("ALTER TABLE alembic_version OWNER TO restored")
    await superuser.close()
    assert run("doctor", "--data-dir", folder, env=settings).returncode == 0


async def _database(elsewhere: Addresses, name: str, right: str) -> str:
    """Make a login and a database of its own; give its address."""
    connection = await asyncpg.connect(elsewhere.admin)
    await connection.execute(f"CREATE ROLE {name} LOGIN {right}")
    await connection.execute(f"CREATE DATABASE {name} OWNER {name}")
    await connection.close()
    return elsewhere.login.replace("texting_login@", f"{name}@").replace("/texting?", f"/{name}?")
