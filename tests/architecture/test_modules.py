"""Small modules with one subject, and imports that point one way."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("texting", "resolvers", "schema", "engine", "core", "audit", "migrations")
MODULES = sorted(
    path.relative_to(ROOT)
    for room in (*ROOMS, "tests")
    for path in (ROOT / room).rglob("*.py")
    if "node_modules" not in path.parts
)
LINES_MAX = 400
LONGER = {
    Path("audit/export/verify_bundle.py"): "handed out with a bundle: one file that needs nothing else",
}
TEST_LINES_MAX = 500
"""Tests of one subject stay together; what they share goes into a module of its own."""
NAMES_THAT_SAY_NOTHING = {"base", "common", "helper", "helpers", "manager", "managers", "misc", "util", "utils"}


def lines(module: Path) -> int:
    return len((ROOT / module).read_text(encoding="utf-8").splitlines())


def program() -> list[Path]:
    return [module for module in MODULES if module.parts[0] != "tests"]


def test_the_modules_were_found() -> None:
    assert {module.parts[0] for module in MODULES} == {*ROOMS, "tests"}


@pytest.mark.parametrize("module", program(), ids=str)
def test_a_module_is_short(module: Path) -> None:
    if module not in LONGER:
        assert lines(module) <= LINES_MAX, "it has more than one subject: divide it"


def test_a_longer_module_is_there_and_longer() -> None:
    assert all(lines(module) > LINES_MAX for module in LONGER)


def test_most_modules_are_far_shorter() -> None:
    assert median(count for module in program() if (count := lines(module)) > 1) <= 120


def test_a_module_of_tests_is_not_endless() -> None:
    assert [module for module in MODULES if module.parts[0] == "tests" and lines(module) > TEST_LINES_MAX] == []


def test_a_name_says_what_is_inside() -> None:
    named = {module: {*module.with_suffix("").parts} for module in MODULES}
    parts = {module: {word for part in names for word in part.split("_")} for module, names in named.items()}
    assert [str(module) for module, words in parts.items() if words & NAMES_THAT_SAY_NOTHING] == []


def test_every_room_is_in_the_wheel_and_checked() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    assert set(settings["hatch"]["build"]["targets"]["wheel"]["only-include"]) == set(ROOMS)
    assert set(settings["importlinter"]["root_packages"]) == set(ROOMS) - {"migrations"}
    assert set(settings["mypy"]["packages"]) == set(ROOMS) - {"migrations"}


def test_imports_point_one_way(tmp_path: Path) -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [linter, "--cache-dir", tmp_path],
        cwd=ROOT,
        env=os.environ | {"NO_COLOR": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert ", 0 broken." in done.stdout
