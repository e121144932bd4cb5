"""Group `coverage`: how often the library's intervals hold a truth that is known."""

from __future__ import annotations

from bench.coverage.durations import duration_rows
from bench.coverage.goals import at_post_rows, drawn_rows, goal_rows, same_people_rows
from bench.coverage.groups import group_rows
from bench.coverage.page import write_page
from bench.coverage.ratings import rating_rows
from bench.coverage.tally import Row
from bench.results import Figure

SEED = 20260801
# Samples of a setting: a standard error of 0.15 points where 95 % are covered.
SAMPLES, SAMPLES_IN_FULL = 20_000, 100_000
# What takes long is done with a part of them; a row has several settings.
GROUPS_PART, GOALS_PART, DRAWN_PART = 2, 8, 40


def measure_group(full: bool) -> dict[str, Figure]:
    """Simulate, write the page of the documentation, and give the figures."""
    rows = simulate(SAMPLES_IN_FULL if full else SAMPLES, SEED)
    write_page(rows, SEED)
    return {f"coverage_{row.key}": figure_of(row) for row in rows}


def simulate(samples: int, seed: int) -> list[Row]:
    """All rows of the table, with at most so many samples a setting."""
    return [
        *rating_rows(samples, seed),
        *duration_rows(samples, seed),
        *group_rows(samples // GROUPS_PART, seed),
        *goal_rows(samples // GOALS_PART, seed),
        *drawn_rows(max(2, samples // DRAWN_PART), seed),
        *at_post_rows(samples // GOALS_PART, seed),
        *same_people_rows(samples, seed),
    ]


def figure_of(row: Row) -> Figure:
    """The coverage as a figure; the reference is what the interval promises."""
    settings = len(row.settings)
    note = (
        f"{row.statistic}, {row.size}: share of intervals that hold the truth, mean over "
        f"{settings} setting{'s' if settings > 1 else ''}; least {row.least.covered:.3f} "
        f"({row.least.name}), greatest {row.greatest.covered:.3f}; no interval in "
        f"{row.without:.3f} of the samples"
    )
    return Figure(round(row.coverage, 4), "share", row.level, row.samples, note.replace("`", ""))
