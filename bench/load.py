"""A small load generator: a fixed number of visits, by a fixed number of client processes."""

from __future__ import annotations

import http.client
import multiprocessing
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

CLIENTS = 2
SECONDS_TO_ANSWER = 30.0

Form = list[tuple[str, str]]


@dataclass(frozen=True)
class Load:
    """What one bout of visits took: seconds of each visit, and of all together."""

    visits: list[float]
    seconds: float

    @property
    def per_second(self) -> float:
        """Visits a second, all clients together."""
        return len(self.visits) / self.seconds


@dataclass(frozen=True)
class Visit:
    """One visit: GET of a page and, with a form, POST of it and the page that it leads to."""

    port: int
    path: str
    form: Form | None = None


def generate(visits: Sequence[Visit]) -> Load:
    """Make these visits, `CLIENTS` at a time; each starts when the one before it has ended."""
    shares = [list(visits[client::CLIENTS]) for client in range(CLIENTS)]
    context = multiprocessing.get_context("spawn")
    ready = context.Barrier(CLIENTS + 1)
    # The clock starts when every client has, so that their own start is not measured.
    with context.Pool(CLIENTS, initializer=ready.wait, initargs=(SECONDS_TO_ANSWER,)) as pool:
        ready.wait(SECONDS_TO_ANSWER)
        started = time.perf_counter()
        times = pool.map(_make_visits, shares, chunksize=1)
        seconds = time.perf_counter() - started
    return Load([one for share in times for one in share], seconds)


def measure(visits: Sequence[Visit], cpu: Callable[[], float]) -> tuple[Load, float]:
    """Make these visits; also gives the CPU seconds that `cpu` counted, per visit."""
    before = cpu()
    load = generate(visits)
    return load, (cpu() - before) / len(visits)


def request(
    port: int, method: str, path: str, form: Form | None = None
) -> tuple[int, dict[str, str], bytes]:
    """One request on a connection of its own: status, headers in small letters, body as sent."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS_TO_ANSWER)
    headers = {"Accept-Encoding": "gzip"}
    body = None
    if form is not None:
        body = urlencode(form)
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, content
    finally:
        connection.close()


def _make_visits(visits: list[Visit]) -> list[float]:
    times = []
    for visit in visits:
        started = time.perf_counter()
        _make_visit(visit)
        times.append(time.perf_counter() - started)
    return times


def _make_visit(visit: Visit) -> None:
    status, _, content = request(visit.port, "GET", visit.path)
    if status != 200:
        raise RuntimeError(f"GET {visit.path} answered {status}: {content[:300]!r}")
    if visit.form is None:
        return
    status, headers, content = request(visit.port, "POST", visit.path, visit.form)
    if status in (302, 303):
        status, _, content = request(visit.port, "GET", headers["location"])
    if status != 200:
        raise RuntimeError(f"POST {visit.path} answered {status}: {content[:300]!r}")
