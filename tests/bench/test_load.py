"""The load generator sees what it is answered, and stops in time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bench.load import Load, Visit, generate

PAGES = {
    "GET /page": (200, b"a page"),
    "POST /page": (200, b"a page"),
    "GET /form": (200, b"a form"),
    "POST /form": (200, b"thank you"),
    "GET /refused": (404, b"no"),
    "GET /strict": (200, b"a form"),
    "POST /strict": (422, b"thank you, no"),
}


class Handler(BaseHTTPRequestHandler):
    """Answers as `PAGES` says; what is posted is read and forgotten."""

    def do_GET(self) -> None:
        """Answer with a page."""
        status, body = PAGES[f"{self.command} {self.path}"]
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        """Read the form and answer as GET does."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, *_told: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """The port of a small web server."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def test_every_visit_is_made_and_timed(port: int) -> None:
    load = generate([Visit(port, "/page")] * 5 + [Visit(port, "/form", b"a=1", "thank")] * 4)
    assert len(load.visits) == 9
    assert 0 < max(load.visits) <= load.seconds


@pytest.mark.parametrize(
    "visit",
    [("/refused",), ("/strict", b"a=1", "thank you"), ("/page", b"a=1", "thank you")],
    ids=["refused page", "refused form", "another page"],
)
def test_an_answer_that_is_not_the_expected_one_ends_the_run(
    port: int, visit: tuple[object, ...]
) -> None:
    with pytest.raises(RuntimeError):
        generate([Visit(port, *visit)] * 2)


def test_no_visit_starts_after_the_time(port: int) -> None:
    load = generate([Visit(port, "/page")] * 5000, seconds=0.2)
    assert 0 < len(load.visits) < 5000
    assert load.seconds < 5
    with pytest.raises(RuntimeError, match="too few"):
        generate([Visit(port, "/page")] * 2, seconds=60)


def test_the_99th_percentile_has_one_in_a_hundred_above_it() -> None:
    assert Load([float(number) for number in range(1, 201)], 1.0).p99 == 198
