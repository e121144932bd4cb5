"""Group `analysis`: from generated facts to the finished CSV, against a hand-written GROUP BY.

Facts are made once, in a folder beside the temporary files that is removed at the end. Every timed
run is a process of its own, so that its peak memory is its own and nothing is warm but the disk's
cache, which is warm for both sides.
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.analysis_facts import write_ratings
from bench.results import Figure, median_of, ratio_of

ROWS = 100_000_000
UNITS = 500
MONTHS = 12
RUNS = 5
# Rows of the comparison between engines: what Spark on two cores counts in a minute.
SPARK_ROWS = 2_000_000


def measure_group(full: bool) -> dict[str, Figure]:
    """All figures of the group; those of a billion ratings with ``size=full`` only."""
    with tempfile.TemporaryDirectory(prefix="soundings-bench-") as name:
        place = Path(name)
        _say(f"writing {2 * ROWS:,} ratings")
        write_ratings(place / "facts", 2 * ROWS, 2 * MONTHS, UNITS)
        figures = _hundred_million(place / "facts")
        figures |= _one_month_more(place)
        figures |= _ten_times_the_cells()
        figures |= _both_engines(place / "few")
    if full:
        with tempfile.TemporaryDirectory(prefix="soundings-bench-") as name:
            figures |= _a_billion(Path(name))
    return figures


def _hundred_million(place: Path) -> dict[str, Figure]:
    """100 million ratings, 120,000 cells of KPI, unit and month, to the finished CSV."""
    ours, references, memory = [], [], []
    for number in range(RUNS):
        _say(f"scoring and grouping a year, run {number + 1} of {RUNS}")
        references.append(_run("group_by", place, str(MONTHS))["seconds"])
        done = _run("score", place, str(UNITS), str(MONTHS))
        ours.append(done["seconds"])
        memory.append(done["peak_mb"])
        assert done["rows"] == 20 * UNITS * MONTHS
    note = f"{ROWS:,} ratings in {MONTHS} files to {20 * UNITS * MONTHS:,} rows of CSV"
    return {
        "score_100m_s": median_of(ours, "s", f"{note}, imports left out"),
        "score_100m_vs_duckdb": ratio_of(
            ours,
            references,
            "times",
            "against GROUP BY month, question, unit, value, missing of the same files into Arrow",
        ),
        "score_100m_rss_mb": median_of(memory, "MB", "peak resident memory of the whole process"),
    }


def _one_month_more(place: Path) -> dict[str, Figure]:
    """24 months were scored with a cache; one more comes, and the same is done with and without it.

    What is scored is the newest month as a scorecard shows it: the month and the twelve months up
    to it, both against those before, and the trend, which reach back over all 25 months; and
    beside it every one of the 25 months by itself.
    """
    months = 2 * MONTHS
    facts, cache = place / "facts", place / "cache"
    _say("scoring 24 months with a cache")
    _run("score_newest", facts, str(UNITS), str(months), str(place / "kept"))
    _say("writing one month more")
    write_ratings(facts, ROWS // MONTHS, 1, UNITS, first=months)
    added: dict[str, list[float]] = {"score_newest": [], "score": []}
    full: dict[str, list[float]] = {"score_newest": [], "score": []}
    for what in added:
        for number in range(RUNS):
            _say(f"adding a month ({what}), run {number + 1} of {RUNS}")
            # As it was before the month came: nothing of it is counted, nor hashed.
            shutil.rmtree(cache, ignore_errors=True)
            shutil.copytree(place / "kept", cache)
            given = (what, facts, str(UNITS), str(months + 1))
            added[what].append(_run(*given, str(cache))["seconds"])
            full[what].append(_run(*given)["seconds"])
    rows = f"{ROWS // MONTHS * (months + 1):,} ratings in {months + 1} months"
    return {
        "score_add_month_share": ratio_of(
            added["score_newest"],
            full["score_newest"],
            "share",
            f"{rows}: the newest, with its long window, changes and trend, scored and written, "
            "with 24 tallies kept against none",
        ),
        "score_add_month_each_share": ratio_of(
            added["score"],
            full["score"],
            "share",
            f"{rows}: each of them scored and written again, {20 * UNITS * (months + 1):,} rows, "
            "with 24 tallies kept against none",
        ),
    }


def _ten_times_the_cells() -> dict[str, Figure]:
    """From tallies in memory to the finished CSV: ten times the units, ten times the tallies."""
    ratios = []
    seconds = []
    for number in range(RUNS):
        _say(f"ten times the cells, run {number + 1} of {RUNS}")
        one = _run("infer", Path("."), "50", str(MONTHS))["seconds"]
        ten = _run("infer", Path("."), "500", str(MONTHS))["seconds"]
        ratios.append(ten / one)
        seconds.append(one)
    note = "inference and CSV at 120,000 cells against 12,000, from tallies in memory"
    return {
        "score_cells_x10": Figure(
            float(f"{statistics.median(ratios):.5g}"),
            "times",
            float(f"{statistics.median(seconds):.5g}"),
            RUNS,
            note,
        )
    }


def _both_engines(place: Path) -> dict[str, Figure]:
    _say("both engines")
    write_ratings(place, SPARK_ROWS, 2, 20)
    same = _run("spark", place, "20", "2")["equal"]
    return {
        "score_spark_equal": Figure(
            float(same), "1 or 0", None, 1, f"{SPARK_ROWS:,} ratings on Spark local[2]: every cell"
        )
    }


def _a_billion(place: Path) -> dict[str, Figure]:
    _say("writing 1,000,000,000 ratings")
    write_ratings(place, 10 * ROWS, MONTHS, UNITS)
    _say("scoring them")
    done = _run("score", place, str(UNITS), str(MONTHS))
    return {
        "score_1b_s": median_of([done["seconds"]], "s", "a billion ratings to the finished CSV"),
        "score_1b_rss_mb": median_of([done["peak_mb"]], "MB", "peak of the whole process"),
    }


def _run(what: str, place: Path, *more: str) -> dict[str, float]:
    """One timed run in a process of its own; what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.analysis_runs", what, str(place), *more],
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def _say(words: str) -> None:
    print(f"analysis: {words} ...", file=sys.stderr, flush=True)
