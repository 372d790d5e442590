"""The wheel, installed beside another distribution's `schema`: the rooms are found, and nobody's are taken."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.process.serving import environment

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of an environment that has the wheel, a foreign `schema`, and our dependencies."""
    folder = tmp_path_factory.mktemp("wheel")
    _run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder / "dist", cwd=ROOT)
    (wheel,) = (folder / "dist").glob("*.whl")
    _run(sys.executable, "-m", "venv", "--without-pip", folder / "env")
    programs = folder / "env" / "bin"
    _run(sys.executable, "-m", "pip", "--python", programs / "python", "install", "--no-deps", "--no-index", wheel)
    (site,) = (folder / "env" / "lib").glob("python3*/site-packages")
    (site / "schema").mkdir()
    (site / "schema" / "__init__.py").write_text("raise ImportError('the schema of another distribution')\n")
    # Behind what is installed there, so that our own checkout's editable install does not count.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return programs


def test_the_rooms_are_the_wheels_own(installed: Path) -> None:
    found = _run(installed / "python", "-c", "import texting; print(texting.ROOMS)", cwd=installed)
    assert Path(found.strip()).parts[-3:] == ("site-packages", "texting", "_rooms")
    assert str(ROOT) not in found


def test_it_helps_and_prints_its_schema(installed: Path) -> None:
    assert "Usage: texting" in _run(installed / "texting", "--help", cwd=installed)
    committed = (ROOT / "schema" / "schema.graphql").read_text()
    assert _run(installed / "texting", "schema", cwd=installed) == committed
    assert _run(installed / "python", "-m", "texting", "schema", cwd=installed) == committed


def test_it_brings_its_migrations_and_pages(installed: Path, tmp_path: Path) -> None:
    told = _run(installed / "texting", "migrate", "--data-dir", tmp_path / "data", cwd=tmp_path)
    assert told.startswith("the database is at revision ")
    assert "GraphiQL is installed" in _run(
        installed / "texting", "doctor", "--data-dir", tmp_path / "data", cwd=tmp_path
    )


def _run(*command: str | Path, cwd: Path | None = None) -> str:
    done = subprocess.run(
        [*map(str, command)], cwd=cwd, env=environment(), capture_output=True, text=True, check=False, timeout=100
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
