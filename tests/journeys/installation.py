"""A whole installation for a journey: `soundings run` in a folder of its own, with real mail."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Page, expect

from tests.conftest import MailCatcher, free_port

SECONDS_TO_START = 60.0


@dataclass
class Installation:
    """A running installation: its address, its first process, the passwords that it printed."""

    address: str
    process: int
    passwords: dict[str, str] = field(default_factory=dict)


@contextmanager
def run_soundings(home: Path, mail: MailCatcher, *arguments: str) -> Iterator[Installation]:
    """Start web server and worker as `make run` does, and end them afterwards."""
    port = free_port()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("SOUNDINGS_")},
        "SOUNDINGS_HOME": str(home / "instance"),
        "SOUNDINGS_PORT": str(port),
        "SOUNDINGS_ORGANISATION": "Harbour Leasing",
        "SOUNDINGS_SMTP_HOST": "127.0.0.1",
        "SOUNDINGS_SMTP_PORT": str(mail.port),
        "SOUNDINGS_SMTP_SECURITY": "none",
        "SOUNDINGS_MAIL_FROM": "feedback@harbour.example",
        "PYTHONUNBUFFERED": "1",
    }
    log = home / "soundings.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "survey_app.cli", "run", *arguments],
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
        )
        try:
            installation = Installation(f"http://127.0.0.1:{port}", process.pid)
            _wait_until_it_answers(installation.address, process, log)
            found = re.findall(r"^  (\S+@\S+)\s+(\S+)", log.read_text(), re.MULTILINE)
            installation.passwords.update(found)
            yield installation
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)
            print(log.read_text())  # shown where a test failed


def _wait_until_it_answers(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            with urlopen(f"{address}/health", timeout=5):
                return
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    raise AssertionError(f"Soundings did not start:\n{log.read_text()}")


def sign_in(page: Page, installation: Installation, email: str) -> None:
    """Sign in with the password that the installation printed."""
    page.goto(f"{installation.address}/login")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(installation.passwords[email])
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()


def wait_for_scores(page: Page, installation: Installation) -> None:
    """The examples are scored by the worker: wait until no run waits."""
    for _second in range(90):
        page.goto(f"{installation.address}/report/runs")
        text = page.locator("main").inner_text()
        if "queued" not in text and "running" not in text:
            return
        page.wait_for_timeout(1000)
    raise AssertionError("The examples were not scored within a minute and a half.")
