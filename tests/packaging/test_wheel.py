"""A wheel built from the tree holds all that the product needs, and runs far from the tree."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.error
import urllib.request
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = {"templates": "*.html", "migrations": "*", "examples": "*"}
SECONDS_TO_START = 240.0


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built with what is installed here."""
    folder = tmp_path_factory.mktemp("wheel")
    done = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    [built] = folder.glob("soundings-*.whl")
    return built


@pytest.fixture
def elsewhere(wheel: Path, tmp_path: Path) -> Path:
    """An environment in which the wheel is installed and, of the tree, nothing."""
    folder = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True, timeout=60)
    python = folder / "bin/python"
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--quiet", wheel],
        check=True,
        timeout=120,
        env={**os.environ, "PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
    )
    [packages] = folder.glob("lib/python*/site-packages")
    # The libraries are borrowed; a folder named in a .pth file brings no .pth files of its own, so
    # the tree's own editable installation stays out of sight.
    (packages / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder


def free_port() -> int:
    """A port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answer_of(address: str, running: subprocess.Popen[str]) -> tuple[int, str]:
    """Status and text of a page, as soon as the server gives one."""
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline and running.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError:
            raise
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"{address} did not answer")


def files_below(folder: str, pattern: str) -> set[str]:
    """What of a folder belongs into the wheel, as paths below that folder; caches do not."""
    found = (path.relative_to(ROOT / folder) for path in (ROOT / folder).rglob(pattern))
    return {
        str(path)
        for path in found
        if (ROOT / folder / path).is_file()
        and not any(part.startswith((".", "__pycache__")) for part in path.parts)
    }


@pytest.mark.parametrize("folder", SHIPPED)
def test_the_wheel_ships_the_folders_beside_the_package(wheel: Path, folder: str) -> None:
    wanted = files_below(folder, SHIPPED[folder])
    assert wanted
    prefix = f"survey_app/_shipped/{folder}/"
    assert {prefix + name for name in wanted} <= set(zipfile.ZipFile(wheel).namelist())


def test_the_wheel_holds_both_packages_the_static_files_and_the_translations(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for package in ("survey_app", "analysis"):
        assert {f"{package}/{name}" for name in files_below(package, "*.py")} <= names
    # What the report is set with.
    assert "survey_app/report/executive/executive.typ" in names
    for folder in ("survey_app/static", "survey_app/translations"):
        wanted = files_below(folder, "*")
        assert wanted
        assert {f"{folder}/{name}" for name in wanted} <= names


def test_the_wheel_holds_nothing_else(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert tops == {"survey_app", "analysis", "soundings-0.1.0.dist-info"}


def test_the_installed_wheel_runs_in_an_empty_folder(elsewhere: Path, tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    port = free_port()
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "SOUNDINGS_"))
    }
    log = tmp_path / "run.log"
    with log.open("w") as output:
        running = subprocess.Popen(
            [elsewhere / "bin/soundings", "run"],
            cwd=folder,
            env={**environment, "SOUNDINGS_PORT": str(port)},
            stdout=output,
            stderr=output,
            text=True,
            start_new_session=True,
        )
    try:
        status, page = answer_of(f"http://127.0.0.1:{port}/login", running)
        assert status == 200
        assert 'name="password"' in page
        status, style = answer_of(f"http://127.0.0.1:{port}/static/app.css", running)
        assert status == 200
        assert style == (ROOT / "survey_app/static/app.css").read_text(encoding="utf-8")

        running.terminate()
        assert running.wait(30) == 0
    finally:
        if running.poll() is None:
            os.killpg(running.pid, signal.SIGKILL)
            running.wait()
    told = log.read_text(encoding="utf-8")
    assert f"http://127.0.0.1:{port}" in told
    assert "manager@example.org" in told
    assert "Traceback" not in told
    assert str(ROOT) not in told
    assert (folder / "instance/soundings.sqlite").exists()
