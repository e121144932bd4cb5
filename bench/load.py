"""A small load generator: visits by a fixed number of client processes, each over raw sockets.

It shares the machine with what it measures, so it does little: a request is one write, an answer is
read to its end, its status is looked at, and a page is examined only where its bytes are new.
"""

from __future__ import annotations

import gzip
import math
import multiprocessing
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier

CLIENTS = 2
SECONDS_TO_ANSWER = 30.0
LARGEST_READ = 65536


@dataclass(frozen=True)
class Visit:
    """One visit: GET of a page and, with a form, POST of it and the page that it leads to.

    `form` is as browsers send it; the last page must hold the text `leads_to`.
    """

    port: int
    path: str
    form: bytes | None = None
    leads_to: str = ""


@dataclass(frozen=True)
class Load:
    """What one bout of visits took: seconds of each visit, and of all together."""

    visits: list[float]
    seconds: float

    @property
    def per_second(self) -> float:
        """Visits a second, all clients together."""
        return len(self.visits) / self.seconds

    @property
    def p99(self) -> float:
        """Seconds within which 99 of 100 visits were over."""
        return sorted(self.visits)[math.ceil(0.99 * len(self.visits)) - 1]


def generate(visits: Sequence[Visit], seconds: float = math.inf) -> Load:
    """Make these visits, `CLIENTS` at a time; each starts when the one before it has ended.

    With `seconds`, none starts later than that; there must be more visits than can be made.
    """
    shares = [(list(visits[client::CLIENTS]), seconds) for client in range(CLIENTS)]
    context = multiprocessing.get_context("spawn")
    gate = context.Barrier(CLIENTS)
    with context.Pool(CLIENTS, initializer=_keep_gate, initargs=(gate,)) as pool:
        bouts = pool.starmap(_make_visits, shares, chunksize=1)
    # One clock for all processes; their own start is not measured.
    started = min(bout[0] for bout in bouts)
    ended = max(bout[1] for bout in bouts)
    times = [one for bout in bouts for one in bout[2]]
    if seconds < math.inf and len(times) == len(visits):
        raise RuntimeError(f"{len(visits)} visits were too few for {seconds:g} seconds")
    return Load(times, ended - started)


def measure(visits: Sequence[Visit], cpu: Callable[[], float]) -> tuple[Load, float]:
    """Make these visits; also gives the CPU seconds that `cpu` counted, per visit."""
    before = cpu()
    load = generate(visits)
    return load, (cpu() - before) / len(visits)


def request(
    port: int, method: str, path: str, form: bytes | None = None
) -> tuple[int, dict[str, str], bytes]:
    """One request on a connection of its own: status, headers in small letters, body as sent."""
    lines = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept-Encoding: gzip\r\n"
    if form is not None:
        lines += (
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(form)}\r\n"
        )
    with socket.socket() as connection:
        connection.settimeout(SECONDS_TO_ANSWER)
        connection.connect(("127.0.0.1", port))
        connection.sendall(f"{lines}Connection: close\r\n\r\n".encode() + (form or b""))
        parts = []
        while part := connection.recv(LARGEST_READ):
            parts.append(part)
    head, _, body = b"".join(parts).partition(b"\r\n\r\n")
    first, *named = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in named)}
    if len(body) != int(headers["content-length"]):
        raise RuntimeError(f"{method} {path} was answered by half a page")
    return int(first.split()[1]), headers, body


def _keep_gate(gate: Barrier) -> None:
    global _gate
    _gate = gate


def _make_visits(visits: list[Visit], seconds: float) -> tuple[float, float, list[float]]:
    times = []
    seen: set[bytes] = set()
    _gate.wait(SECONDS_TO_ANSWER)
    began = ended = time.perf_counter()
    for visit in visits:
        started = ended
        if started > began + seconds:
            break
        _make_visit(visit, seen)
        ended = time.perf_counter()
        times.append(ended - started)
    return began, ended, times


def _make_visit(visit: Visit, seen: set[bytes]) -> None:
    status, _, body = request(visit.port, "GET", visit.path)
    if status != 200:
        raise RuntimeError(f"GET {visit.path} answered {status}: {body[:300]!r}")
    if visit.form is None:
        return
    status, headers, body = request(visit.port, "POST", visit.path, visit.form)
    if status in (302, 303):
        status, headers, body = request(visit.port, "GET", headers["location"])
    if status != 200:
        raise RuntimeError(f"POST {visit.path} answered {status}: {body[:300]!r}")
    if body not in seen:
        page = gzip.decompress(body) if headers.get("content-encoding") == "gzip" else body
        if visit.leads_to not in page.decode():
            raise RuntimeError(f"POST {visit.path} led to another page: {page[:300]!r}")
        seen.add(body)
