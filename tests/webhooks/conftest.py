"""A real receiver of calls, and settings that allow calling it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from survey_app.config import Settings
from tests.conftest import make_settings


@dataclass
class Call:
    """What arrived."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """An HTTP server on 127.0.0.1 that keeps what it is told and answers with `status`."""

    port: int = 0
    status: int = 204
    location: str = ""
    calls: list[Call] = field(default_factory=list)

    @property
    def address(self) -> str:
        """Where it is called."""
        return f"http://127.0.0.1:{self.port}/hook?from=soundings"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver that runs."""
    kept = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            kept.calls.append(Call(self.path, dict(self.headers), self.rfile.read(length)))
            self.send_response(kept.status)
            if kept.location:
                self.send_header("Location", kept.location)
            self.end_headers()

        def log_message(self, *_anything: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    kept.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield kept
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """An installation that may call this machine."""
    return make_settings(tmp_path, database_url, webhook_private=True)
