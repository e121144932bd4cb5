"""The lock: exact, complete, checked by hash, and silent about where it was made."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;]+)")
HASH = re.compile(r"^\s+--hash=sha256:[0-9a-f]{64}")


def pins(lock: Path) -> dict[str, str]:
    """Versions by canonical name."""
    found = (PIN.match(line) for line in lock.read_text(encoding="utf-8").splitlines())
    return {canonicalize_name(hit["name"]): hit["version"] for hit in found if hit}


def unmet(ranges: list[str], locked: dict[str, str]) -> list[str]:
    """Those of the ranges that the locked versions do not satisfy."""
    wanted = [Requirement(text) for text in ranges]
    return [
        str(requirement)
        for requirement in wanted
        if not requirement.specifier.contains(
            locked.get(canonicalize_name(requirement.name), "0.dev0"), prereleases=True
        )
        or canonicalize_name(requirement.name) not in locked
    ]


def test_there_is_a_lock_for_running_and_one_for_testing() -> None:
    assert [lock.name for lock in LOCKS] == ["run.txt", "test.txt"]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_line_is_a_pin_a_hash_or_a_comment(lock: Path) -> None:
    for line in lock.read_text(encoding="utf-8").splitlines():
        assert (
            PIN.match(line) or HASH.match(line) or line.strip() == "" or line.lstrip()[0] == "#"
        ), line


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_pin_has_a_hash(lock: Path) -> None:
    lines = lock.read_text(encoding="utf-8").splitlines()
    pinned = [number for number, line in enumerate(lines) if PIN.match(line)]
    assert pinned
    for number in pinned:
        assert HASH.match(lines[number + 1]), lines[number]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_no_address_of_an_index_stands_in_it(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    for trace in (
        "://",
        "--index-url",
        "--extra-index-url",
        "--find-links",
        "--trusted-host",
        " @ ",
    ):
        assert trace not in text


def test_the_ranges_are_met_by_the_lock() -> None:
    project = PROJECT["project"]
    run = project["dependencies"] + PROJECT["build-system"]["requires"]
    assert unmet(run, pins(ROOT / "requirements/run.txt")) == []
    everything = run + project["optional-dependencies"]["test"]
    assert unmet(everything, pins(ROOT / "requirements/test.txt")) == []


def test_what_is_tested_is_what_runs() -> None:
    run, test = pins(ROOT / "requirements/run.txt"), pins(ROOT / "requirements/test.txt")
    assert {name: test.get(name) for name in run} == run


def test_a_range_that_is_not_met_is_seen() -> None:
    assert unmet(["flask>=3", "nowhere"], {"flask": "2.9"}) == ["flask>=3", "nowhere"]


def test_what_the_product_imports_is_named_in_the_project() -> None:
    """A library that only comes along with another one may leave with it."""
    known = importlib.metadata.packages_distributions()
    named = {
        canonicalize_name(Requirement(text).name)
        for text in [
            *PROJECT["project"]["dependencies"],
            *PROJECT["project"]["optional-dependencies"]["spark"],
        ]
    }
    imported: set[str] = set()
    for folder in ("survey_app", "analysis", "migrations"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    imported |= {alias.name.split(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
                    imported.add(node.module.split(".")[0])
    ours = {"survey_app", "analysis"}
    missing = {
        name
        for name in imported - set(sys.stdlib_module_names) - ours
        if not {canonicalize_name(source) for source in known.get(name, [])} & named
    }
    assert missing == set()
