"""How answers are distributed: counts per value and per missing code, and their months."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from analysis.caching import TallyCache
from analysis.cells import Coded, Places
from analysis.definitions import MISSING_CODES, Kpi, RatingSource, UnitOfAnalysis
from analysis.engines import Connection
from analysis.estimate import Integers
from analysis.facts import FactsFolder
from analysis.gaps import tally_gaps
from analysis.interval import Floats
from analysis.reduce import Facts, tally_months
from analysis.scorebook import Scorebook
from analysis.told_cells import EMPTY, SHOWN, SUPPRESSED, Document, ToldCells, plain
from analysis.votes import DETRACTORS_TO, PROMOTERS_FROM
from analysis.wanted import PLACE, Wanted

# A scale with more different values than this is drawn in so many classes.
MOST_VALUES, CLASSES = 21, 10


@dataclass(frozen=True)
class AnswerTally:
    """Answers counted by value; arrays of one entry a group of equal answers.

    ``month`` is the position in the windows' months, ``missing`` that in MISSING_CODES or -1.
    """

    months: tuple[str, ...]
    asked: dict[tuple[str, str], Integers]
    places: Places
    month: Integers
    version: Integers
    series: Integers
    low: Floats
    high: Floats
    value: Floats
    missing: Integers
    count: Floats

    @classmethod
    def count_answers(
        cls,
        book: Scorebook,
        connection: Connection,
        folder: FactsFolder,
        months: Sequence[str],
        cache: TallyCache,
    ) -> "AnswerTally":
        """Count the answers of the months that the scorebook's KPIs ask for."""
        wanted = Wanted.of("ratings", book)
        parts = [tally_months(wanted, connection, folder, months, cache, lambda _share: None)]
        files = folder.files("ratings", months) if wanted.keys else []
        if files and any(kpi.statistic == "gap" for kpi in book.kpis):
            facts = Facts.of(connection, folder, wanted, files).table
            parts += tally_gaps(connection, facts, book, wanted)
        return cls.of(book, months, pa.concat_tables(parts))

    @classmethod
    def of(cls, book: Scorebook, months: Sequence[str], tally: pa.Table) -> "AnswerTally":
        """From the engine's tally."""
        questionnaire, question = Coded.of(tally["questionnaire"]), Coded.of(tally["question"])
        pair = questionnaire.codes * max(1, len(question.words)) + question.codes
        asked = {
            (
                questionnaire.words[one // len(question.words)],
                question.words[one % len(question.words)],
            ): np.flatnonzero(pair == one)
            for one in np.unique(pair)
        }
        return cls(
            tuple(months),
            asked,
            Places.of(book, *(Coded.of(tally[name]) for name in PLACE)),
            Coded.of(tally["month"]).positions(months),
            tally["version"].to_numpy(),
            tally["series"].to_numpy(),
            tally["scale_low"].to_numpy(),
            tally["scale_high"].to_numpy(),
            tally["value"].to_numpy(),
            Coded.of(tally["missing"]).positions(MISSING_CODES),
            tally["count"].to_numpy().astype(np.float64),
        )

    def rows_of(self, source: RatingSource, months: slice, series: int) -> Integers:
        """The positions of a question's answers in some months, of one series or, with 0, of all.

        ``months`` are positions in this tally's months.
        """
        rows = self.asked.get((source.questionnaire, source.asked), np.empty(0, np.int64))
        if source.versions:
            rows = rows[np.isin(self.version[rows], source.versions)]
        inside = (self.month[rows] >= months.start) & (self.month[rows] < months.stop)
        rows = rows[inside]
        own: Integers = rows[self.series[rows] == series] if series else rows
        return own

    def sums(self, rows: Integers, column: Integers, columns: int, of: Floats) -> Floats:
        """Sums of ``of`` over the rows of each scope and column, shape (scopes, columns)."""
        places = self.places.members.shape[1]
        cell = self.places.place[rows] * columns + column
        sums = np.bincount(cell, of, minlength=places * columns).reshape(places, columns)
        return np.asarray(self.places.members @ sums)


def answer_exhibits(cells: ToldCells, tally: AnswerTally) -> list[tuple[int, Document]]:
    """How the answers to a rating KPI's question are distributed, in every scope.

    Answers are counted as they were given, each as one, whatever the KPI makes of them: before
    they are reduced to one vote a customer, and unweighted. The counts of a cell that is shown are
    told in full, small ones too: what is protected is that a cell has enough people.

    Parameters
    ----------
    cells : ToldCells
    tally : AnswerTally
        Of the months of the period and of the long window.

    Returns
    -------
    list of (position of the scope, document)
        Scopes in which nobody was shown the question are left out. A document holds ``groups``,
        what answers count as (``name``, ``low`` included, ``high`` excluded); by window
        ``status``, ``n``, ``values`` (each with ``low``, ``high``, which are the same but where
        values are classed, and ``count``), ``missing`` (by code), ``versions``, ``series`` and
        ``other_series`` (answers with a value that are left out); and of each month of the long
        window that has answers ``n`` and ``mean``.
    """
    source = cells.kpi.source
    assert isinstance(source, RatingSource)
    by_window = {
        window: _count_window(cells, tally, source, cells.span(window))
        for window in cells.windows.types
    }
    months = _count_months(cells, tally, source)
    found = []
    for at, scope in enumerate(cells.scopes):
        windows = {}
        for window, counted in by_window.items():
            status = cells.status(int(scope), window)
            told = counted.document(int(scope)) if status != SUPPRESSED else {}
            windows[window.value] = {"status": status} | told
        if all(one["status"] == EMPTY and not one["missing"] for one in windows.values()):
            continue
        document = {
            "question": source.question,
            "questionnaire": source.questionnaire,
            "expected": source.expected,
            "unit_of_analysis": cells.kpi.unit_of_analysis.value,
            "is_weighted": bool(cells.kpi.margins),
            "groups": _groups(cells.kpi),
            "windows": windows,
        }
        found.append((int(scope), document | months(at)))
    return found


def _groups(kpi: Kpi) -> list[Document]:
    """What answers count as by the KPI's cuts; None for an end that is open."""
    if kpi.statistic == "top_box":
        return [
            {"name": "other", "low": None, "high": kpi.cut},
            {"name": "top_box", "low": kpi.cut, "high": None},
        ]
    if kpi.statistic == "net_score":
        above = PROMOTERS_FROM if kpi.promoters_from is None else kpi.promoters_from
        below = DETRACTORS_TO if kpi.detractors_to is None else kpi.detractors_to
        # An answer that is the highest of the detractors is one of them.
        between = float(np.nextafter(below, np.inf))
        return [
            {"name": "detractors", "low": None, "high": between},
            {"name": "neither", "low": between, "high": above},
            {"name": "promoters", "low": above, "high": None},
        ]
    return [{"name": "answers", "low": None, "high": None}]


@dataclass(frozen=True)
class _Window:
    """A window's answers counted in every scope; arrays (scopes, ...)."""

    classes: Floats
    counts: Floats
    missing: Floats
    versions: Integers
    of_version: Floats
    series: list[int]
    other_series: Floats
    scale: tuple[float, float] | None

    def document(self, scope: int) -> Document:
        return {
            "n": int(self.counts[scope].sum()),
            "scale": None if self.scale is None else list(self.scale),
            "values": [
                {"low": float(low), "high": float(high), "count": int(count)}
                for (low, high), count in zip(self.classes, self.counts[scope], strict=True)
            ],
            "missing": {
                code: int(count)
                for code, count in zip(MISSING_CODES, self.missing[scope], strict=True)
                if count
            },
            "versions": self.versions[self.of_version[scope] > 0].tolist(),
            "series": self.series,
            "other_series": int(self.other_series[scope, 0]),
        }


def _count_window(cells: ToldCells, tally: AnswerTally, source: RatingSource, span: int) -> _Window:
    months, series = _months(cells, tally, span), int(cells.series[span])
    rows = tally.rows_of(source, months, series)
    every = tally.rows_of(source, months, 0)
    rows_of_others = every[(tally.missing[every] < 0) & ~np.isin(every, rows)]
    valued = rows[tally.missing[rows] < 0]
    low, high = tally.low[valued], tally.high[valued]
    # Adding 0 turns a -0 into 0.
    scale = (float(low.min()) + 0.0, float(high.max()) + 0.0) if len(valued) else None
    classes, which = _classes(tally.value[valued], scale)
    absent = rows[tally.missing[rows] >= 0]
    versions, version = np.unique(tally.version[rows], return_inverse=True)
    none = np.zeros(len(rows_of_others), np.int64)
    return _Window(
        classes,
        tally.sums(valued, which, len(classes), tally.count[valued]),
        tally.sums(absent, tally.missing[absent], len(MISSING_CODES), tally.count[absent]),
        versions,
        tally.sums(rows, version, max(1, len(versions)), tally.count[rows])[:, : len(versions)],
        np.unique(tally.series[rows]).tolist(),
        tally.sums(rows_of_others, none, 1, tally.count[rows_of_others]),
        scale,
    )


def _classes(values: Floats, scale: tuple[float, float] | None) -> tuple[Floats, Integers]:
    """The values or classes of values that are counted, (classes, 2), and the one of each value.

    Of a short scale of whole numbers every value, also one that nobody gave.
    """
    if scale is None:
        return np.empty((0, 2)), np.empty(0, np.int64)
    low, high = scale
    whole = bool((values == np.rint(values)).all()) and low == round(low) and high == round(high)
    listed = whole and high - low < MOST_VALUES
    distinct = np.arange(low, high + 1) if listed else np.unique(values)
    if len(distinct) <= MOST_VALUES:
        return np.column_stack([distinct, distinct]), np.searchsorted(distinct, values)
    edges = np.linspace(low, high, CLASSES + 1)
    which = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, CLASSES - 1)
    return np.column_stack([edges[:-1], edges[1:]]), which


def _count_months(cells: ToldCells, tally: AnswerTally, source: RatingSource) -> Any:
    """What is told of each scope's months in the long window, by the scope's place in ``cells``."""
    span = _longest(cells)
    months, series = _months(cells, tally, span), int(cells.series[span])
    rows = tally.rows_of(source, months, series)
    rows = rows[tally.missing[rows] < 0]
    column, columns = tally.month[rows] - months.start, months.stop - months.start
    n = tally.sums(rows, column, columns, tally.count[rows])
    total = tally.sums(rows, column, columns, tally.count[rows] * tally.value[rows])
    # A month has at most as many customers as answers, and nobody has counted them.
    uncounted = cells.kpi.unit_of_analysis is UnitOfAnalysis.CUSTOMER and cells.book.minimum_n > 1
    withheld = cells.withheld_series(n[cells.scopes].astype(np.int64)) | uncounted

    def tell(at: int) -> Document:
        if withheld[at]:
            return {"months_status": SUPPRESSED, "months": []}
        scope = cells.scopes[at]
        return {
            "months_status": SHOWN,
            "months": [
                {"month": month, "n": int(count), "mean": plain(sum_ / count)}
                for month, count, sum_ in zip(
                    tally.months[months], n[scope], total[scope], strict=True
                )
                if count
            ],
        }

    return tell


def _longest(cells: ToldCells) -> int:
    """The position of the longest of the period's windows."""
    spans = cells.windows.spans
    return max(
        map(cells.span, cells.windows.types), key=lambda at: spans[at].stop - spans[at].start
    )


def _months(cells: ToldCells, tally: AnswerTally, span: int) -> slice:
    """A window's months as positions in those of the tally, which are some of the windows'."""
    first = cells.windows.months.index(tally.months[0])
    own = cells.windows.spans[span]
    return slice(own.start - first, own.stop - first)
