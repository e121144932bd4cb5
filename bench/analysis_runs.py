"""One timed run of the group `analysis`, in a process of its own; prints what it took as JSON."""

from __future__ import annotations

import json
import re
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from analysis.ballots import count_votes
from analysis.engines import DEFAULT_ENGINE
from analysis.figure_tally import FigureTally
from analysis.periods import Period, WindowType
from analysis.pipeline import Tallies, score_kpis, score_tallies
from analysis.visits import VisitTally
from analysis.vote_tally import VoteTally
from analysis.wanted import Wanted
from analysis.windows import Windows
from bench.analysis_facts import label_of, make_book

NOW = datetime(2030, 1, 1, tzinfo=UTC)
PERIOD = [WindowType.PERIOD]


def score(place: Path, units: str, months: str, cache: str = "") -> dict[str, float]:
    """Facts to the finished CSV, every month by itself."""
    periods = [Period.parse(label_of(number)) for number in range(int(months))]
    return _score(place, units, periods, PERIOD, cache)


def score_newest(place: Path, units: str, months: str, cache: str = "") -> dict[str, float]:
    """Facts to the finished CSV of the newest month and the twelve months up to it."""
    newest = Period.parse(label_of(int(months) - 1))
    return _score(place, units, [newest], list(WindowType), cache)


def _score(
    place: Path, units: str, periods: list[Period], windows: list[WindowType], cache: str
) -> dict[str, float]:
    book = make_book(int(units))
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        scores = score_kpis(
            place, book, periods, now=NOW, seed=1, windows=windows, cache=cache or None
        )
        scores.write_csv(Path(folder) / "scores.csv")
        seconds = time.perf_counter() - started
    return {"seconds": seconds, "rows": len(scores), "peak_mb": _peak()}


def group_by(place: Path, months: str) -> dict[str, float]:
    """The same tallies by hand: what the scores rest on, from the same files."""
    files = [
        f"{place}/ratings/month={label_of(number)}/facts.parquet" for number in range(int(months))
    ]
    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar = false")
        started = time.perf_counter()
        counted = connection.execute(
            f"""
            SELECT month, question, unit, value, missing, count(*) AS count
            FROM read_parquet({files}, hive_partitioning = true)
            GROUP BY month, question, unit, value, missing
            """
        ).to_arrow_table()
        seconds = time.perf_counter() - started
    return {"seconds": seconds, "rows": counted.num_rows, "peak_mb": _peak()}


def infer(place: Path, units: str, months: str) -> dict[str, float]:
    """Tallies in memory to the finished CSV."""
    book = make_book(int(units))
    labels = [label_of(number) for number in range(int(months))]
    tally = _random_tally(int(units), labels)
    periods = [Period.parse(label) for label in labels]
    windows = Windows.of(periods, PERIOD, labels)
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        tallies = Tallies(
            windows,
            VoteTally.of(book, windows, count_votes(book, tally)),
            None,
            VisitTally.of(book, windows, Wanted("durations", ()).empty(), NOW),
            FigureTally.of(book, windows, Wanted("figures", ()).empty()),
            lambda kpis: np.eye(len(kpis)),
            {},
        )
        scores = score_tallies(tallies, book, periods, NOW, seed=1)
        scores.write_csv(Path(folder) / "scores.csv")
        seconds = time.perf_counter() - started
    return {"seconds": seconds, "rows": len(scores)}


def spark(place: Path, units: str, months: str) -> dict[str, float]:
    """Whether both engines give the same scores, in every cell."""
    book = make_book(int(units))
    periods = [Period.parse(label_of(number)) for number in range(int(months))]
    tables = [
        score_kpis(place, book, periods, now=NOW, seed=1, engine=engine).table
        for engine in (DEFAULT_ENGINE, "local[2]")
    ]
    return {"equal": float(tables[0].equals(tables[1])), "rows": tables[0].num_rows}


RUNS: dict[str, Callable[..., dict[str, float]]] = {
    "score": score,
    "score_newest": score_newest,
    "group_by": group_by,
    "infer": infer,
    "spark": spark,
}


def _random_tally(units: int, months: list[str]) -> pa.Table:
    """A tally of twenty questions on a scale of 0 to 10: every value in every cell, and a code."""
    cells = 20 * units * len(months)
    answers = 12
    question, unit, month = (
        np.repeat(one.ravel(), answers)
        for one in np.meshgrid(
            [f"q{number:02d}" for number in range(20)],
            [f"u{number:04d}" for number in range(units)],
            months,
            indexing="ij",
        )
    )
    rows = cells * answers
    code = np.tile(np.arange(answers), cells)
    counts = np.random.default_rng(1).integers(1, 150, rows)
    columns = {
        "questionnaire": pa.repeat("feedback", rows),
        "question": pa.array(question),
        "unit": pa.array(unit),
        "representative": pa.repeat("", rows),
        "version": pa.repeat(pa.scalar(1, pa.int32()), rows),
        "series": pa.repeat(pa.scalar(1, pa.int32()), rows),
        "scale_low": pa.repeat(0.0, rows),
        "scale_high": pa.repeat(10.0, rows),
        "value": pa.array(code.astype(np.float64), mask=code == 11),
        "missing": pa.array(np.where(code == 11, "skipped", ""), mask=code != 11),
        "month": pa.array(month),
        "count": pa.array(counts),
    }
    return pa.table(columns).select(Wanted("ratings", ()).empty().column_names)


def _peak() -> float:
    """The most memory this process ever held, in MB.

    Not ``ru_maxrss``: that begins with what the process held that started this one.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak = re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    assert peak is not None
    return int(peak[1]) * 1024 / 1e6


if __name__ == "__main__":
    name, place, *more = sys.argv[1:]
    print(json.dumps(RUNS[name](Path(place), *more)))
