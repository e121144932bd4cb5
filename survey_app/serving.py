"""Running the product on one machine: the web server and the worker, started and ended together."""

from __future__ import annotations

import contextlib
import ctypes
import logging
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable
from types import FrameType
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from gunicorn.glogging import Logger
from gunicorn.workers.sync import SyncWorker

from survey_app.config import ConfigError, Settings
from survey_app.web import SIGN_OF_LIFE

# A worker that dies at once, again and again, has a cause that starting it anew does not mend.
RESTARTS_ALLOWED = 5
RESTART_WINDOW = 60.0
SECONDS_TO_END = 20.0
SECONDS_FOR_A_REQUEST = 120
PR_SET_PDEATHSIG = 1
# An open link is no secret, but which one somebody came by is nobody's to read either.
TOKEN = re.compile(r"/([rup])/\S+")


class DiscreetLogger(Logger):
    """gunicorn's log, with the token cut from the address of a customer's page."""

    def setup(self, cfg: Any) -> None:
        """Set up as gunicorn does, then look at every line before it is written."""
        super().setup(cfg)
        self.error_log.addFilter(cut_tokens)


class DownloadWorker(SyncWorker):
    """gunicorn's worker, which hears of requests that are still at work.

    Otherwise it would be ended in the middle of a download over a slow line.
    """

    def load_wsgi(self) -> None:
        """Load the application, and give it with each request what tells of life."""
        super().load_wsgi()
        application = self.wsgi

        def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            environ[SIGN_OF_LIFE] = self.notify
            return application(environ, start_response)

        self.wsgi = answer


def cut_tokens(record: logging.LogRecord) -> bool:
    """Replace the token in a log line; the line itself stays."""
    record.msg, record.args = TOKEN.sub(r"/\1/…", record.getMessage()), ()
    return True


def find_free_address(settings: Settings) -> None:
    """Raise ConfigError, in a sentence, where the web server could not listen."""
    try:
        found = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise ConfigError(
            f"SOUNDINGS_HOST is {settings.host!r}, which is no address of this machine "
            f"({error.strerror}); use 127.0.0.1, or 0.0.0.0 for every address."
        ) from error
    family, kind, protocol, _name, address = found[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            raise ConfigError(
                f"Port {settings.port} on {settings.host} cannot be used ({error.strerror}). End "
                "what uses it, or name another: SOUNDINGS_PORT=8001 make run"
            ) from error


def serve(settings: Settings) -> int:
    """Serve until a signal comes or the web server ends; gives back the exit code."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    address = f"{host}:{settings.port}"
    web = _start(web_command("survey_app.app:create_app()", address, settings.web_workers))
    worker = _start(_worker_command())
    stopping = False

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    # A terminal that is closed says so with SIGHUP, which `nohup` has us not hear.
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, stop)
    restarts: list[float] = []
    try:
        while not stopping and web.poll() is None:
            if worker.poll() is not None:
                restarts = [when for when in restarts if when > time.monotonic() - RESTART_WINDOW]
                if len(restarts) >= RESTARTS_ALLOWED:
                    print("soundings: the worker keeps ending; see its messages above.", flush=True)
                    return 1
                restarts.append(time.monotonic())
                worker = _start(_worker_command())
            time.sleep(0.2)
        return 0 if stopping else 1
    finally:
        for process in (web, worker):
            _end(process)


def _start(command: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, preexec_fn=_end_with_parent)


def _end_with_parent() -> None:
    """On Linux a child hears of its parent's death, also of one by SIGKILL, and ends too."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def web_command(application: str, address: str, workers: int) -> list[str]:
    """The command that serves a WSGI application at 'host:port'.

    No access log, and no personal links in the error log: who reads logs must not be able to
    answer for customers.
    """
    return [
        *(sys.executable, "-m", "gunicorn", application),
        *("--bind", address),
        *("--workers", str(workers), "--worker-class", "survey_app.serving.DownloadWorker"),
        # Longer than a busy database is waited for, so that its sentence still reaches the page.
        *("--timeout", str(SECONDS_FOR_A_REQUEST)),
        *("--log-level", "warning"),
        *("--logger-class", "survey_app.serving.DiscreetLogger"),
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
