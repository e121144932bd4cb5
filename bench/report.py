"""Group `report`: a million responses exported wide as CSV, against DuckDB's own COPY."""

from __future__ import annotations

import http.client
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

from bench.accounting import process_tree
from bench.answered import KEY, Answered, install_answered
from bench.results import Figure, median_of, ratio_of
from bench.scorecard import measure_scorecard
from bench.servers import Server, web_server

RESPONSES = 1_000_000
RUNS = 5
FILE = f"/answers/{KEY}/file"
ABOUT = f"{RESPONSES:,} responses of 20 questions, wide, CSV, anonymised, through the web server"
COPY = """
import json, sys, time
import duckdb
with duckdb.connect() as connection:
    connection.execute("SET enable_progress_bar = false")
    started = time.perf_counter()
    connection.execute(f"COPY (SELECT * FROM '{sys.argv[1]}') TO '{sys.argv[2]}' (HEADER)")
    print(json.dumps(time.perf_counter() - started))
"""


@dataclass(frozen=True)
class Download:
    """Seconds until the first byte of the body and until the last; how many bytes there were."""

    first: float
    seconds: float
    size: int


@dataclass(frozen=True)
class Run:
    """One run: with nothing copied yet, with the copy made, DuckDB's COPY, memory of the web."""

    cold: Download
    warm: Download
    copy: float
    peak_mb: float


def measure_group(full: bool) -> dict[str, Figure]:
    """The group's figures; both sizes are the same, since none takes five minutes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        home = folder / "home"
        home.mkdir()
        print(f"report: storing {RESPONSES:,} responses", file=sys.stderr)
        answered = install_answered(home, RESPONSES)
        runs = []
        for number in range(1, RUNS + 1):
            print(f"report: run {number} of {RUNS}", file=sys.stderr)
            # A server of its own for each run: memory once held is not always given back.
            log = folder / "server.log"
            application = "survey_app.app:create_app()"
            with web_server(application, answered.environment, log) as web:
                runs.append(_run(web, answered, home / "answers", folder))
    return figures_of(runs) | measure_scorecard()


def figures_of(runs: Sequence[Run]) -> dict[str, Figure]:
    """The figures of these runs; a ratio is taken within each."""
    warm = [run.warm.seconds for run in runs]
    copies = [run.copy for run in runs]
    made = median_of(warm, "s", "").value
    return {
        "export_1m_s": median_of(
            [run.cold.seconds for run in runs],
            "s",
            f"{ABOUT}, with nothing prepared: copied from the tables of SQLite into columns, then "
            f"sent; once the columns are there it takes {made:g} s",
        ),
        "export_1m_vs_copy": ratio_of(
            warm,
            copies,
            "COPY",
            f"{ABOUT} / DuckDB's COPY of the same table from Parquet into a file, in the same run, "
            "both with their columns prepared; reference in s",
        ),
        "export_1m_rss_mb": median_of(
            [run.peak_mb for run in runs],
            "MB",
            "the most memory that a web worker held, copying and sending included",
        ),
        "export_first_byte_s": median_of(
            [run.warm.first for run in runs],
            "s",
            f"{ABOUT}: from the request to the first byte, columns prepared",
        ),
    }


def _run(web: Server, answered: Answered, copies: Path, folder: Path) -> Run:
    cookie = sign_in(web.port, answered)
    shutil.rmtree(copies, ignore_errors=True)
    cold = fetch(web.port, FILE, cookie, folder / "cold.csv")
    warm = fetch(web.port, FILE, cookie, folder / "warm.csv")
    if cold.size != warm.size:
        raise RuntimeError(f"{cold.size} bytes at first, {warm.size} later")
    peak = max(peak_megabytes(process) for process in process_tree(web.process)[1:])
    fetch(web.port, f"{FILE}?format=parquet", cookie, folder / "answers.parquet")
    source, target = folder / "answers.parquet", folder / "copy.csv"
    done = subprocess.run(
        [sys.executable, "-c", COPY, str(source), str(target)],
        capture_output=True,
        text=True,
        check=True,
    )
    # Ours ends its lines with CRLF and marks nothing else differently.
    if abs(target.stat().st_size - warm.size) > 2 * RESPONSES:
        raise RuntimeError(f"{target.stat().st_size} bytes of COPY, {warm.size} of ours")
    return Run(cold, warm, float(json.loads(done.stdout)), peak)


def sign_in(port: int, answered: Answered) -> str:
    """The cookie of a session of the installation's analyst."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", "/login")
    answer = connection.getresponse()
    page, cookie = answer.read().decode(), _cookie(answer)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    if token is None:
        raise RuntimeError("the sign-in page has no token")
    form = {"email": answered.email, "password": answered.password, "csrf_token": token[1]}
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie}
    connection.close()
    connection.request("POST", "/login", urlencode(form), headers)
    answer = connection.getresponse()
    answer.read()
    if answer.status != 302:
        raise RuntimeError(f"signing in was answered {answer.status}")
    connection.close()
    return _cookie(answer)


def fetch(port: int, path: str, cookie: str, target: Path) -> Download:
    """Download a file to its end; raises RuntimeError where it is refused."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    started = time.perf_counter()
    connection.request("GET", path, headers={"Cookie": cookie})
    answer = connection.getresponse()
    size = 0
    with target.open("wb") as file:
        content = answer.read(1)
        first = time.perf_counter() - started
        while content:
            size += file.write(content)
            content = answer.read1(1024 * 1024)
    seconds = time.perf_counter() - started
    connection.close()
    if answer.status != 200:
        raise RuntimeError(f"GET {path} was answered {answer.status}")
    return Download(first, seconds, size)


def peak_megabytes(process: int) -> float:
    """The most memory that a process ever held, in megabytes (10^6 bytes)."""
    status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    peak = re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    if peak is None:
        raise ProcessLookupError(f"process {process} has ended")
    return int(peak[1]) * 1024 / 1e6


def _cookie(answer: http.client.HTTPResponse) -> str:
    cookies = SimpleCookie()
    for line in answer.headers.get_all("Set-Cookie") or []:
        cookies.load(line)
    return "; ".join(f"{name}={morsel.value}" for name, morsel in cookies.items())
