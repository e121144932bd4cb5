"""Running the product on one machine: the web server and the worker, started and ended together."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import sys
import time
from types import FrameType

from survey_app.config import ConfigError, Settings

# A worker that dies at once, again and again, has a cause that starting it anew does not mend.
RESTARTS_ALLOWED = 5
RESTART_WINDOW = 60.0
SECONDS_TO_END = 20.0


def find_free_address(settings: Settings) -> None:
    """Raise ConfigError, in a sentence, where the web server could not listen."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise ConfigError(
                f"Port {settings.port} on {settings.host} cannot be used ({error.strerror}). End "
                "what uses it, or name another: SOUNDINGS_PORT=8001 make run"
            ) from error


def serve(settings: Settings) -> int:
    """Serve until a signal comes or the web server ends; gives back the exit code."""
    address = f"{settings.host}:{settings.port}"
    web = subprocess.Popen(
        web_command("survey_app.app:create_app()", address, settings.web_workers)
    )
    worker = subprocess.Popen(_worker_command())
    stopping = False

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    restarts: list[float] = []
    try:
        while not stopping and web.poll() is None:
            if worker.poll() is not None:
                restarts = [when for when in restarts if when > time.monotonic() - RESTART_WINDOW]
                if len(restarts) >= RESTARTS_ALLOWED:
                    print("soundings: the worker keeps ending; see its messages above.", flush=True)
                    return 1
                restarts.append(time.monotonic())
                worker = subprocess.Popen(_worker_command())
            time.sleep(0.2)
        return 0 if stopping else 1
    finally:
        for process in (web, worker):
            _end(process)


def web_command(application: str, address: str, workers: int) -> list[str]:
    """The command that serves a WSGI application at 'host:port'.

    No access log: it would write the personal links of customers to disk.
    """
    return [
        *(sys.executable, "-m", "gunicorn", application),
        *("--bind", address),
        *("--workers", str(workers), "--worker-class", "sync"),
        *("--log-level", "warning"),
    ]


def _worker_command() -> list[str]:
    return [sys.executable, "-m", "survey_app.cli", "worker"]


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(SECONDS_TO_END)
        return
    process.kill()
    process.wait()
