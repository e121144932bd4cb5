"""Generated ratings in the product's own form: as many as asked for, the same ones every time."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import yaml

from analysis.kpi import read_scorebook
from analysis.scorebook import Scorebook

QUESTIONS = 20
# Rows come in order from one thread a month; so many months are written side by side.
WRITERS = 2
# Each month's answers come from so many customers.
CUSTOMERS = 2_000_000
OPTIONS = (
    {"statistic": "mean", "unit": "points", "score": {"worst": 0, "best": 10}},
    {"statistic": "top_box", "cut": 8, "unit": "share", "score": {"worst": 0, "best": 1}},
    {"statistic": "net_score", "unit": "points", "score": {"worst": -100, "best": 100}},
)
# About half of the cells lie on each side: every verdict occurs.
TARGETS = {"mean": 5.0, "top_box": 0.27, "net_score": -45.0}


def write_ratings(folder: Path, rows: int, months: int, units: int, first: int = 0) -> None:
    """Write ``months`` months of ``rows`` ratings in all, months ``first`` on from 2024-01.

    Laid out as the product writes facts: sorted by question, zstd, row groups of 122,880 rows. One
    in twenty answers is a missing code; the others are 0 to 10.
    """
    responses = rows // months // QUESTIONS

    def write(number: int) -> None:
        target = folder / "ratings" / f"month={label_of(number)}"
        target.mkdir(parents=True, exist_ok=True)
        with duckdb.connect(config={"threads": 1, "memory_limit": "2GB"}) as connection:
            connection.execute("SET enable_progress_bar = false")
            connection.execute(_query(number, responses, units, target / "facts.parquet"))

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(first, first + months)))
    # Nothing is timed while the system still brings to the disk what was written here.
    os.sync()


def label_of(number: int) -> str:
    """The month so many months after 2024-01."""
    return f"{2024 + number // 12}-{number % 12 + 1:02d}"


def make_book(units: int) -> Scorebook:
    """Twenty KPIs, one a question: a mean, a top box or a net score; for every unit."""
    kpis = [
        {
            "id": f"k{number:02d}",
            "goal": "quality",
            "name": f"KPI {number}",
            "direction": "higher_is_better",
            "source": {"questionnaire": "feedback", "question": f"q{number:02d}"},
            "scopes": ["unit"],
        }
        | OPTIONS[number % len(OPTIONS)]
        for number in range(QUESTIONS)
    ]
    book = {
        "format": "soundings-scorebook/1",
        "time_zone": "UTC",
        "units": [{"id": f"u{number:04d}", "name": f"Unit {number}"} for number in range(units)],
        "goals": [{"id": "quality", "name": "Quality"}],
        "kpis": kpis,
        "targets": [
            {
                "kpi": kpi["id"],
                "scope_type": "all",
                "value": TARGETS[str(kpi["statistic"])],
                "valid_from": "2020-01-01",
            }
            for kpi in kpis
        ],
    }
    return read_scorebook(yaml.safe_dump(book))


def _query(number: int, responses: int, units: int, path: Path) -> str:
    month = label_of(number)
    seed = number * 1_000_003
    return f"""
        COPY (
            SELECT
                'feedback' AS questionnaire, 1::INT AS version, 1::INT AS series,
                printf('q%02d', q) AS question,
                printf('{month}-%08d', r) AS response,
                printf('c%07d', hash(r * 7 + {seed}) % {CUSTOMERS}) AS customer,
                printf('u%04d', hash(r * 3 + {seed}) % {units}) AS unit,
                '' AS representative,
                TIMESTAMPTZ '{month}-01 00:00:00+00' + INTERVAL (r * 2) SECOND AS answered_at,
                CASE WHEN hash(r * 100 + q + {seed}) % 20 = 0 THEN NULL
                     ELSE (hash(r * 100 + q + {seed} + 50) % 11)::DOUBLE END AS value,
                CASE WHEN hash(r * 100 + q + {seed}) % 20 = 0
                     THEN CASE WHEN hash(r + q) % 2 = 0 THEN 'skipped' ELSE 'dont_know' END
                     END AS missing,
                0::DOUBLE AS scale_low, 10::DOUBLE AS scale_high
            FROM (
                SELECT i // {responses} AS q, i % {responses} AS r
                FROM range({QUESTIONS * responses}) AS t(i)
            )
        ) TO '{path}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880)
    """
