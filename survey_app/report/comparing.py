"""Two runs compared: every number that differs, and every reason there is for it to differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from analysis.definitions import DIMENSION
from survey_app.report.breakdowns import part_of
from survey_app.report.causes import Cause, Explainer
from survey_app.report.models import ScoreRun
from survey_app.report.queries import SeenResults, stream_rows

# What a reader would call another number; all other columns follow from these or are about the run.
COMPARED = ("value", "ci_low", "ci_high", "n", "target", "target_adjusted", "score", "verdict")
KEPT = frozenset(
    {
        *COMPARED,
        *("kpi_id", "kpi_name", "unit", "statistic", "scope_type", "scope_id", "scope_name"),
        *("window", "n_censored", "computed_at", "target_scope", "target_version"),
        "suppressed_reason",
    }
)
Row: TypeAlias = dict[str, Any]
_Pair: TypeAlias = tuple[Row | None, Row | None]


@dataclass(frozen=True)
class Difference:
    """A KPI of one scope in one window that differs; `first` or `second` is None where it lacks."""

    first: dict[str, Any] | None
    second: dict[str, Any] | None
    causes: tuple[Cause, ...]

    @property
    def row(self) -> dict[str, Any]:
        """Either of the two rows, for what both have in common."""
        row = self.second if self.second is not None else self.first
        assert row is not None
        return row

    @property
    def part(self) -> str:
        """What the number is told for, as 'region: north'; '' for the whole scope."""
        part = part_of(self.row)
        return f"{part['dimension']}: {part['dimension_value']}" if part["dimension"] else ""


@dataclass(frozen=True)
class Comparison:
    """What differs between two runs for one user: causes that concern all rows, and the rows.

    Rows whose verdict turned come first; of `count` rows that differ not all need be told.
    """

    general: tuple[Cause, ...]
    differences: tuple[Difference, ...]
    count: int
    alike: int


def compare_runs(
    first: ScoreRun, second: ScoreRun, sight: SeenResults, most: int | None = None
) -> Comparison:
    """Compare the rows in sight, by KPI, scope, window and dimension; the second is the newer.

    At most so many differences are told, or all.
    """
    explain = Explainer(first, second)
    before = {_place(row): _kept(row) for row in stream_rows(first.id, sight)}
    turned: list[_Pair] = []
    others: list[_Pair] = []
    count = alike = 0
    for pair in _pairs(before, stream_rows(second.id, sight)):
        old, new = pair
        if old is not None and new is not None:
            if all(old[name] == new[name] for name in COMPARED):
                alike += 1
                continue
            found = turned if old["verdict"] != new["verdict"] else others
        else:
            found = others
        count += 1
        if most is None or len(found) < most:
            found.append(pair)
    told = [Difference(*pair, explain.causes_of(*pair)) for pair in [*turned, *others][:most]]
    return Comparison(explain.general, tuple(told), count, alike)


def _pairs(before: dict[tuple[Any, ...], Row], rows: Iterable[Row]) -> Iterator[_Pair]:
    """Rows of both runs that belong together; None where one of them lacks it."""
    for row in rows:
        yield before.pop(_place(row), None), _kept(row)
    for old in before.values():
        yield old, None


def _kept(row: Row) -> Row:
    """What is compared, told or looked at of a row; runs may have very many."""
    return {
        name: value for name, value in row.items() if name in KEPT or name.startswith(DIMENSION)
    }


def _place(row: Mapping[str, Any]) -> tuple[Any, ...]:
    part = part_of(row)
    return (row["kpi_id"], row["scope_type"], row["scope_id"], row["window"], *part.values())
