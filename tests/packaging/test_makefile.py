"""`make run` on a machine that lacks something, and on one where it was interrupted."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ("make", "sh", "dirname", "grep", "cat", "rm", "mv")

# A build backend of a few lines, so that a tree can be installed with nothing to download.
BACKEND = """
import zipfile


def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    name = "soundings-0-py3-none-any.whl"
    with zipfile.ZipFile(f"{wheel_directory}/{name}", "w") as wheel:
        wheel.writestr("soundings_started.py", "def main():\\n    print('started')\\n")
        wheel.writestr(
            "soundings-0.dist-info/METADATA",
            "Metadata-Version: 2.1\\nName: soundings\\nVersion: 0\\n",
        )
        wheel.writestr(
            "soundings-0.dist-info/WHEEL",
            "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
        )
        wheel.writestr(
            "soundings-0.dist-info/entry_points.txt",
            "[console_scripts]\\nsoundings = soundings_started:main\\n",
        )
        wheel.writestr("soundings-0.dist-info/RECORD", "")
    return name
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """An empty copy of the project: only what `make` reads before anything is installed."""
    copy = tmp_path / "tree"
    copy.mkdir()
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, copy / name)
    for name in ("scripts", "requirements"):
        shutil.copytree(ROOT / name, copy / name)
    return copy


@pytest.fixture
def small_tree(tree: Path) -> Path:
    """A tree that needs no packages and whose `soundings run` says that it was started."""
    (tree / "requirements/run.txt").write_text("# none\n")
    (tree / "pyproject.toml").write_text(
        "[build-system]\nrequires = []\nbuild-backend = 'backend'\nbackend-path = ['.']\n"
    )
    (tree / "backend.py").write_text(BACKEND)
    return tree


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A folder with the few programs that `make run` needs, and no Python."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in TOOLS:
        found = shutil.which(name)
        assert found, name
        (folder / name).symlink_to(found)
    return folder


def give(tools: Path, name: str, script: str) -> None:
    """Put a program of this name, written for the shell, into the folder of tools."""
    program = tools / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


def give_python(tools: Path) -> None:
    """Put a working Python into the folder of tools."""
    give(tools, "python3", f'exec "{sys.executable}" "$@"')


def make_run(tree: Path, tools: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """`make run` that sees only these tools and these variables."""
    return subprocess.run(
        ["make", "run"],
        cwd=tree,
        env={"PATH": str(tools), "HOME": str(tree), "PIP_NO_INDEX": "1", **environment},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


def test_without_python_a_sentence_says_what_to_install(tree: Path, tools: Path) -> None:
    give(tools, "python3.12", "echo 'no such version' >&2; exit 127")
    done = make_run(tree, tools)
    assert done.returncode != 0
    assert "needs Python 3.11 or newer, and found none" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tree / ".venv").exists()


def test_without_the_venv_module_a_sentence_says_what_to_install(tree: Path, tools: Path) -> None:
    give(
        tools,
        "python3",
        f'case "$*" in *ensurepip*) exit 1;; esac\nexec "{sys.executable}" "$@"',
    )
    done = make_run(tree, tools)
    assert done.returncode != 0
    assert "has no venv module" in done.stderr
    assert "python3-venv" in done.stderr
    assert not (tree / ".venv").exists()


def test_without_a_network_a_sentence_says_what_to_do(tree: Path, tools: Path) -> None:
    give_python(tools)
    done = make_run(tree, tools)
    assert done.returncode != 0
    assert "packages could not be installed" in done.stderr
    assert "Check the network connection" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert "No matching distribution" in (tree / ".venv/install-run.log").read_text()
    assert not (tree / ".venv/installed-run").exists()


def test_a_folder_that_cannot_be_made_is_a_sentence(tree: Path, tools: Path) -> None:
    give_python(tools)
    (tree / ".venv").write_text("in the way")
    done = make_run(tree, tools)
    assert done.returncode != 0
    assert "could not create the environment .venv" in done.stderr


def test_what_is_installed_is_not_installed_again(small_tree: Path, tools: Path) -> None:
    give_python(tools)
    first = make_run(small_tree, tools)
    assert first.returncode == 0, first.stderr
    assert "Creating .venv" in first.stdout
    assert first.stdout.endswith("started\n")
    assert make_run(small_tree, tools).stdout == "started\n"

    with (small_tree / "requirements/run.txt").open("a") as lock:
        lock.write("# another lock\n")
    changed = make_run(small_tree, tools)
    assert "Creating" not in changed.stdout
    assert "Installing" in changed.stdout


def test_an_interrupted_installation_is_done_again(small_tree: Path, tools: Path) -> None:
    give_python(tools)
    # As a first start leaves it that was stopped while it made the environment.
    (small_tree / ".venv/bin").mkdir(parents=True)
    (small_tree / ".venv/bin/python").symlink_to(sys.executable + "-not-there")
    done = make_run(small_tree, tools)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("started\n")
