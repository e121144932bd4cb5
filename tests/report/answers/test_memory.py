"""Downloads of any size are made in the same memory."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]

MEASURED = """
import json, re, sys
from pathlib import Path
from bench.answered import KEY, install_answered
from survey_app.app import create_app
from survey_app.config import read_settings
from survey_app.db import utc_now

def told(name):
    return int(re.search(name + r":\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1000

def peak():
    return told("VmHWM")

def reset():
    Path("/proc/self/clear_refs").write_text("5")
    return told("VmRSS")

home = Path(sys.argv[1])
install_answered(home, int(sys.argv[2]), days=31)
with create_app(read_settings({"SOUNDINGS_HOME": str(home)})).app_context():
    from survey_app.report.answers.commanding import answer_pieces
    reset()
    sum(map(len, answer_pieces(KEY, utc_now(), texts=True, named=True)))
    collected = peak()
    before = reset()
    size = sum(map(len, answer_pieces(KEY, utc_now())))
    print(json.dumps({"size": size, "collected": collected, "anonymous": peak() - before}))
"""


def test_three_times_the_responses_take_hardly_more_memory(tmp_path: Path) -> None:
    found = []
    for name, count in (("small", 30_000), ("large", 90_000)):
        home = tmp_path / name
        home.mkdir()
        done = subprocess.run(
            [sys.executable, "-c", MEASURED, str(home), str(count)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        found.append(json.loads(done.stdout))
    small, large = found
    assert large["size"] > 2.8 * small["size"]
    # 60,000 responses more are 29 MB of documents, and several times that as objects.
    assert large["collected"] < small["collected"] + 60
    # Beyond what collecting has left in memory, which the line above bounds.
    assert large["anonymous"] < small["anonymous"] + 40
