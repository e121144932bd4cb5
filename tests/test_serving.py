from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import psutil
import pytest

from survey_app.serving import cut_tokens, web_command
from tests.conftest import MailCatcher, free_port
from tests.journeys.installation import run_soundings


@pytest.mark.parametrize("place", ["/r/", "/p/"])
def test_a_customers_link_is_cut_from_every_line_of_the_log(place: str) -> None:
    told = f"POST {place}s2fQn-Xea"
    record = logging.LogRecord(
        "gunicorn", logging.ERROR, "", 0, "Error handling request %s", (told,), None
    )
    assert cut_tokens(record)
    assert record.getMessage() == f"Error handling request POST {place}…"


@pytest.mark.skipif(sys.platform != "linux", reason="asks the system for child processes")
def test_web_server_and_worker_begin_and_end_together_and_a_killed_worker_is_replaced(
    tmp_path: Path, smtp_server: MailCatcher
) -> None:
    with run_soundings(tmp_path, smtp_server, "--without-examples") as installation:
        parent = psutil.Process(installation.process)
        worker = find_child(parent, "worker")
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait(10)
        until = time.monotonic() + 10
        while time.monotonic() < until and find_child(parent, "worker").pid == worker.pid:
            time.sleep(0.1)
        assert find_child(parent, "worker").is_running()
        children = parent.children(recursive=True)
        with urlopen(f"{installation.address}/login", timeout=10) as answer:
            assert answer.status == 200
        assert sorted(installation.passwords) == [
            "admin@example.org",
            "analyst@example.org",
            "manager@example.org",
        ]
    assert len(children) >= 3
    _gone, alive = psutil.wait_procs([parent, *children], timeout=10)
    assert not alive


SLOW = """
import time
from flask import Flask, Response
from survey_app.web import kept_alive

app = Flask(__name__)

@app.get("/<int:seconds>")
def show(seconds):
    def pieces():
        for _ in range(seconds * 2):
            yield b"x" * 1000
            time.sleep(0.5)
    return Response(kept_alive(pieces()))
"""


def test_a_download_may_take_longer_than_a_request_is_waited_for(tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text(SLOW, encoding="utf-8")
    port = free_port()
    command = web_command("slow:app", f"127.0.0.1:{port}", workers=1)
    command[command.index("--timeout") + 1] = "2"
    path = os.pathsep.join([str(tmp_path), str(Path.cwd())])
    server = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": path})
    try:
        until = time.monotonic() + 30
        while True:
            try:
                with urlopen(f"http://127.0.0.1:{port}/0", timeout=10):
                    break
            except OSError:
                assert time.monotonic() < until
                time.sleep(0.2)
        with urlopen(f"http://127.0.0.1:{port}/5", timeout=30) as answer:
            assert len(answer.read()) == 10_000
    finally:
        server.terminate()
        server.wait(20)


def find_child(parent: psutil.Process, word: str) -> psutil.Process:
    """The child of a process whose last argument is `word`."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        for child in parent.children(recursive=True):
            if safe_command(child)[-1:] == [word]:
                return child
        time.sleep(0.1)
    raise AssertionError(f"There is no process {word}.")


def safe_command(process: psutil.Process) -> list[str]:
    try:
        return list(process.cmdline())
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return []


@pytest.mark.skipif(sys.platform != "linux", reason="asks the system for child processes")
@pytest.mark.parametrize("how", [signal.SIGHUP, signal.SIGKILL])
def test_when_its_terminal_closes_or_it_is_killed_nothing_goes_on_alone(
    tmp_path: Path, smtp_server: MailCatcher, how: signal.Signals
) -> None:
    with run_soundings(tmp_path, smtp_server, "--without-examples") as installation:
        parent = psutil.Process(installation.process)
        children = parent.children(recursive=True)
        assert len(children) >= 3
        os.kill(parent.pid, how)
        _gone, alive = psutil.wait_procs([parent, *children], timeout=30)
        assert not alive
