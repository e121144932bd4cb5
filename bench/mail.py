"""Mails a second of the product's worker against a bare smtplib loop that sends the same bytes."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.accounting import cpu_seconds
from bench.installation import install
from bench.mail_sink import Kept, count_kept, read_kept
from bench.results import Figure, median_of, ratio_of
from bench.servers import ROOT
from survey_app.app import create_app
from survey_app.config import read_settings
from survey_app.db import db, utc_now
from survey_app.invite.inviting import launch
from survey_app.invite.models import Campaign
from survey_app.jobs import dispatch_queued

MAILS = 3_000
RUNS = 5
SECONDS_FOR_ALL = 120
# Reads what to send, then sends it as simply as smtplib can, and prints how long that took.
LOOP = """
import smtplib, sys, time
from bench.mail_sink import read_kept
from pathlib import Path
mails = read_kept(Path(sys.argv[2]))
started = time.perf_counter()
with smtplib.SMTP("127.0.0.1", int(sys.argv[1])) as server:
    for mail in mails:
        server.sendmail("soundings@localhost", [mail.recipient], mail.content)
print(time.perf_counter() - started)
"""


def measure_mail() -> dict[str, Figure]:
    """`mail_vs_smtplib` and `mail_cpu_ms`."""
    ours, bare, cpu = [], [], []
    for number in range(1, RUNS + 1):
        print(f"invite: mails, run {number} of {RUNS}", file=sys.stderr)
        with tempfile.TemporaryDirectory() as name:
            rate, milliseconds, reference = _run(Path(name))
        ours.append(rate)
        bare.append(reference)
        cpu.append(milliseconds)
    about = f"{MAILS:,} mails to an aiosmtpd sink, SQLite with a commit for each mail"
    return {
        "mail_vs_smtplib": ratio_of(
            ours, bare, "of its rate", f"{about}; the reference in mails a second"
        ),
        "mail_cpu_ms": median_of(cpu, "ms", f"CPU of the worker for one mail; {about}"),
    }


def _run(folder: Path) -> tuple[float, float, float]:
    """Mails a second, CPU milliseconds a mail, and mails a second of the bare loop."""
    kept = folder / "kept"
    with _sink(kept) as port:
        environment = prepare(folder, port, MAILS)
        with worker(environment, folder / "worker.log") as process:
            before = _await_idle(process)
            launch_campaign(environment)
            mails = _await_all(kept)
            used = cpu_seconds([process]) - before
    again = folder / "again"
    with _sink(again) as port:
        told = subprocess.run(
            [sys.executable, "-c", LOOP, str(port), str(kept)],
            cwd=ROOT,
            capture_output=True,
            check=True,
            text=True,
        )
    seconds = float(json.loads(told.stdout))
    return len(mails) / (mails[-1].at - mails[0].at), used / len(mails) * 1000, MAILS / seconds


def prepare(folder: Path, port: int, people: int) -> dict[str, str]:
    """An installation with a campaign to so many people that is not launched yet."""
    environment = {
        "SOUNDINGS_SMTP_HOST": "127.0.0.1",
        "SOUNDINGS_SMTP_PORT": str(port),
        "SOUNDINGS_SMTP_SECURITY": "none",
        **install(folder / "home", "", people, launched=False).environment,
    }
    return environment


def launch_campaign(environment: dict[str, str]) -> None:
    """Launch it, as the page does."""
    app = create_app(read_settings(environment))
    with app.app_context():
        campaign = db.session.query(Campaign).one()
        count, problems = launch(campaign, utc_now())
        assert count, problems
        db.session.commit()
        dispatch_queued()
        db.engine.dispose()


@contextmanager
def worker(environment: dict[str, str], log: Path) -> Iterator[int]:
    """The product's worker as a process of its own; gives its id."""
    with log.open("ab") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "survey_app.cli", "worker"],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=file,
            stderr=file,
        )
    try:
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def _sink(file: Path) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.mail_sink", str(port), str(file)], cwd=ROOT
    )
    try:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait()


def _await_idle(process: int) -> float:
    """Wait until the worker has started, which is not the mails' work; gives its CPU so far."""
    used = -1.0
    while (now := cpu_seconds([process])) > used + 0.02:
        used = now
        time.sleep(1.0)
    return now


def _await_all(file: Path) -> list[Kept]:
    deadline = time.monotonic() + SECONDS_FOR_ALL
    # To count them while they come would take a part of the two cores they are measured on.
    size = -1
    while (now := file.stat().st_size if file.exists() else 0) > size or not now:
        if time.monotonic() > deadline:
            break
        size = now
        time.sleep(0.5)
    if count_kept(file) < MAILS:
        raise RuntimeError(f"{count_kept(file)} of {MAILS} mails came in {SECONDS_FOR_ALL} s")
    return read_kept(file)
