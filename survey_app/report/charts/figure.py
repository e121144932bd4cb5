"""What a chart says, as plain values: the finding, the table, what to draw. Loads no library."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from analysis.export import FORMULA_STARTS
from survey_app.marks import show_count, show_value
from survey_app.report.wording import bare

# How long an axis must be, in a coarser unit, before seconds are drawn in it.
TIME_AXES = ((86400, "days"), (3600, "hours"), (60, "minutes"), (1, "seconds"))
LEAST_TICKS = 2.0


@dataclass(frozen=True)
class Column:
    """A column of a figure's table: its key in the rows, its heading, its unit of measurement.

    `unit` is that of the numbers in the rows: "share" and "seconds" are written for the reader as
    per cent and as days to seconds; "count" is a whole number; "" is text or a plain number.
    """

    key: str
    label: str
    unit: str = ""
    is_number: bool = True

    def show(self, value: Any) -> str:
        """The value as the page's table shows it; a dash where there is none."""
        if value is None or value == "":
            return "–"
        if not self.is_number:
            return str(value)
        return show_count(value) if self.unit == "count" else show_value(value, bare(self.unit))

    @property
    def heading(self) -> str:
        """The label, with the unit where the numbers themselves carry none."""
        plain = self.unit and self.unit != "count" and not bare(self.unit)
        return f"{self.label} ({self.unit})" if plain else self.label


@dataclass(frozen=True)
class Figure:
    """One chart: its finding in words, its caption, its table, and what to draw.

    `description` says what is drawn to who cannot see it. `drawing` holds what the drawing needs
    besides the rows; its numbers are in the units of the axes.
    """

    kind: str
    title: str
    caption: str
    description: str
    columns: tuple[Column, ...]
    rows: tuple[Mapping[str, Any], ...]
    drawing: Mapping[str, Any]

    def to_json(self) -> str:
        """The same as text; equal figures give equal texts."""
        return json.dumps(asdict(self), sort_keys=True, ensure_ascii=False, allow_nan=False)

    def to_csv(self) -> str:
        """The table as CSV: numbers in full, empty cells for none, texts no spreadsheet runs."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow([column.key for column in self.columns])
        for row in self.rows:
            writer.writerow([_cell(row.get(column.key)) for column in self.columns])
        return text.getvalue()


@dataclass(frozen=True)
class Axis:
    """How numbers of a KPI's unit are drawn: divided by `divisor`, with `title` at the axis."""

    divisor: float
    title: str

    def place(self, value: float | None) -> float | None:
        """The number on the axis; None stays None."""
        return None if value is None else value / self.divisor


def axis_of(unit: str, values: Iterable[float | None], what: str) -> Axis:
    """The axis for numbers of a unit: shares in per cent, seconds in what makes them readable."""
    if unit == "share":
        return Axis(0.01, f"{what} (%)")
    if unit == "seconds":
        most = max((abs(one) for one in values if one is not None), default=0.0)
        seconds, name = next(
            (one for one in TIME_AXES if most / one[0] >= LEAST_TICKS), TIME_AXES[-1]
        )
        return Axis(seconds, f"{what} ({name})")
    return Axis(1.0, f"{what} ({unit})" if unit else what)


def list_names(names: Sequence[str], most: int = 3) -> str:
    """Names in a sentence; beyond so many they are only counted."""
    if len(names) > most:
        return f"{', '.join(names[:most])} and {len(names) - most} more"
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]])) if names else ""


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(FORMULA_STARTS) else value
    return repr(value) if isinstance(value, float) else str(value)
