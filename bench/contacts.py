"""Group `invite`, contacts: ten thousand looked at and stored, and a million in bounded memory."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.installation import accept
from bench.results import Figure, median_of
from survey_app.app import create_app
from survey_app.config import read_settings
from survey_app.db import db, utc_now
from survey_app.invite.importing import import_contacts
from survey_app.loading import set_up
from survey_app.migrating import upgrade_database

FEW, MANY = 10_000, 1_000_000
RUNS = 5
FIRST = ("Mia", "Jo", "Anna", "Carl", "Zoe", "Uma", "Lea", "Noa", "Ada", "Tim")
LAST = ("Keller", "Baker", "Weber", "Berg", "Bohn", "Smith", "Meier", "Huber", "Frei", "Graf")
# Prints the peak of a process of its own: the command line imports just so. Not `ru_maxrss`: that
# begins with what the process held that started this one.
IMPORT = """
import re, sys
from pathlib import Path
from survey_app.cli import commands
commands.main(["contacts", "import", sys.argv[1]], standalone_mode=False)
told = Path("/proc/self/status").read_text(encoding="utf-8")
print(int(re.search(r"VmHWM:\\s+(\\d+) kB", told)[1]) * 1024 / 1e6)
"""


def measure_contacts() -> dict[str, Figure]:
    """Seconds for FEW contacts and megabytes for MANY, on SQLite."""
    seconds = []
    with tempfile.TemporaryDirectory() as name:
        for number in range(1, RUNS + 1):
            print(f"invite: run {number} of {RUNS}, {FEW:,} contacts", file=sys.stderr)
            seconds.append(_store_few(Path(name) / str(number)))
        print(f"invite: {MANY:,} contacts", file=sys.stderr)
        peak = _store_many(Path(name) / "many")
    return {
        "contacts_10k_s": median_of(
            seconds, "s", f"{FEW:,} contacts of six columns from CSV, looked at and stored, SQLite"
        ),
        "contacts_1m_rss_mb": median_of(
            [peak],
            "MB",
            f"the most memory of a process that looks at {MANY:,} contacts from CSV and stores "
            "them, SQLite",
        ),
    }


def write_contacts(path: Path, count: int) -> None:
    """A CSV file of so many contacts; no two share an address or an external id."""
    with path.open("w", encoding="utf-8") as file:
        file.write("email,name,external_id,language,segment,city\n")
        for number in range(count):
            first, last = FIRST[number % 10], LAST[number // 10 % 10]
            file.write(
                f"{first.lower()}.{last.lower()}{number}@mail{number % 50}.example.org,"
                f"{first} {last},C-{number},en,s{number % 5},Bern\n"
            )


def _store_few(home: Path) -> float:
    home.mkdir()
    write_contacts(home / "contacts.csv", FEW)
    data = (home / "contacts.csv").read_bytes()
    with create_app(read_settings({"SOUNDINGS_HOME": str(home)})).app_context():
        upgrade_database()
        set_up("Example Ltd", utc_now())
        db.session.commit()
        started = time.perf_counter()
        done = accept(import_contacts(data, "contacts.csv", utc_now()))
        db.session.commit()
        seconds = time.perf_counter() - started
        db.engine.dispose()
    if done.added != FEW:
        raise RuntimeError(f"{done.added} contacts were added")
    return seconds


def _store_many(home: Path) -> float:
    home.mkdir()
    write_contacts(home / "contacts.csv", MANY)
    with create_app(read_settings({"SOUNDINGS_HOME": str(home)})).app_context():
        upgrade_database()
        set_up("Example Ltd", utc_now())
        db.session.commit()
        db.engine.dispose()
    done = subprocess.run(
        [sys.executable, "-c", IMPORT, str(home / "contacts.csv")],
        env={"SOUNDINGS_HOME": str(home)},
        capture_output=True,
        text=True,
        check=True,
    )
    told, peak = done.stdout.splitlines()[-2:]
    if not told.startswith(f"{MANY} added"):
        raise RuntimeError(told)
    return float(peak)
