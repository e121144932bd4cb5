"""The tally of answers in memory: votes of every KPI, scope and window from it."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import pyarrow as pa

from analysis.cells import Coded, Places, ranked, sorted_by
from analysis.definitions import (
    MISSING_CODES,
    Kpi,
    RatingSource,
)
from analysis.estimate import Integers, Mask, Texts
from analysis.facts import DIMENSION
from analysis.interval import Floats
from analysis.scorebook import Scorebook
from analysis.votes import CastVotes, VoteSums, vote
from analysis.weighting import WeightedSums, weigh_votes
from analysis.windows import Windows

# Squares below this one's leave room for 500 million answers in the 53 bits of a number.
MOST_EXACT = 2.0**12


@dataclass(frozen=True)
class AnswerTally:
    """Counted answers; arrays of one entry a group of equal answers.

    ``rows`` are the positions of each question's answers, ``month`` is the position in the windows'
    months, and ``missing`` that in MISSING_CODES, -1 where there is a value.
    """

    scopes: int
    months: int
    rows: dict[tuple[str, str], Integers]
    places: Places
    month: Integers
    version: Integers
    series: Integers
    low: Floats
    high: Floats
    value: Floats
    missing: Integers
    count: Floats
    dimensions: dict[str, Coded]

    @classmethod
    def of(cls, book: Scorebook, windows: Windows, tally: pa.Table) -> Self:
        """From the engine's tally of the windows' months."""
        questionnaire, question = Coded.of(tally["questionnaire"]), Coded.of(tally["question"])
        pair = questionnaire.codes * max(1, len(question.words)) + question.codes
        present = np.flatnonzero(np.bincount(pair))
        number = np.searchsorted(present, pair)
        places = Places.of(book, Coded.of(tally["unit"]), Coded.of(tally["representative"]))
        month = Coded.of(tally["month"]).positions(windows.months)
        value = tally["value"].to_numpy()
        order = sorted_by((number, len(present)))
        if not _add_up_exactly(value):
            order = sorted_by(
                (number, len(present)),
                (places.place, places.members.shape[1]),
                (month, len(windows.months)),
                ranked(value),
                ranked(tally["version"].to_numpy()),
            )
        ends = np.cumsum(np.bincount(number, minlength=len(present)))[:-1]
        rows = {
            (
                questionnaire.words[one // len(question.words)],
                question.words[one % len(question.words)],
            ): own
            for one, own in zip(present, np.split(order, ends), strict=False)
        }
        return cls(
            len(book.scopes),
            len(windows.months),
            rows,
            places,
            month,
            version=tally["version"].to_numpy(),
            series=tally["series"].to_numpy(),
            low=tally["scale_low"].to_numpy(),
            high=tally["scale_high"].to_numpy(),
            value=value,
            missing=Coded.of(tally["missing"]).positions(MISSING_CODES),
            count=tally["count"].to_numpy().astype(np.float64),
            dimensions={
                name.removeprefix(DIMENSION): Coded.of(tally[name])
                for name in tally.column_names
                if name.startswith(DIMENSION)
            },
        )

    def sum_votes(self, kpi: Kpi, windows: Windows) -> "WindowedVotes":
        """The KPI's votes of every scope and window, of one series each.

        Answers before and after a breaking change of the question are never pooled: within a window
        only the newest series that has an answer with a value counts, in all scopes alike.
        """
        source = kpi.source
        assert isinstance(source, RatingSource)
        rows = self._rows(source)
        series = self.series[rows]
        if len(rows) and (series == series[0]).all():
            numbers, of_series = series[:1], [rows]
        else:
            numbers = np.unique(series)
            of_series = [rows[series == one] for one in numbers]
        sums = [self._sum(kpi, own).over(windows.spans) for own in of_series]
        shape = (self.scopes, len(windows.spans))
        counted = WindowedVotes.of(numbers, sums, shape)
        if not kpi.margins or not sums:
            return counted
        return counted.weighted([self._weigh(kpi, own, windows) for own in of_series])

    def _weigh(self, kpi: Kpi, rows: Integers, windows: Windows) -> tuple[WeightedSums, Texts]:
        columns = [self.dimensions[margin.dimension] for margin in kpi.margins]
        codes = np.stack([column.codes[rows] for column in columns])
        found, number = np.unique(codes, axis=1, return_inverse=True)
        combinations = [
            tuple(column.words[code] for column, code in zip(columns, one, strict=True))
            for one in found.T
        ]
        sums = [
            self._sum(kpi, rows[number.ravel() == one]).over(windows.spans)
            for one in range(len(combinations))
        ]
        return weigh_votes(kpi, combinations, sums)

    def _rows(self, source: RatingSource) -> Integers:
        wanted = (source.questionnaire, source.asked)
        rows = self.rows.get(wanted, np.empty(0, np.int64))
        if source.versions:
            rows = rows[np.isin(self.version[rows], source.versions)]
        return rows

    def _sum(self, kpi: Kpi, rows: Integers) -> VoteSums:
        """Sums per scope and month."""
        value, missing = self.value[rows], self.missing[rows]
        answered = missing < 0
        counted = [MISSING_CODES.index(code) for code in kpi.in_denominator]
        places = self.places.members.shape[1]
        with np.errstate(invalid="ignore"):
            cast = vote(kpi, value, np.where)
        votes = CastVotes(
            cell=self.places.place[rows] * self.months + self.month[rows],
            count=self.count[rows],
            cast=np.where(answered, cast, 0.0),
            answers=np.ones(len(rows)),
            voted=answered | np.isin(missing, counted),
            shown=missing != MISSING_CODES.index("not_shown"),
            valued=answered,
            low=self.low[rows],
            low_most=self.low[rows],
            high=self.high[rows],
            high_most=self.high[rows],
        )
        sums = votes.sum(places * self.months).shaped((places, self.months))
        return sums.to_scopes(self.places.members)


def _add_up_exactly(value: Floats) -> bool:
    """Whether sums of the values and of their squares come to the same digits in any order.

    They do where floating point does not round: whole numbers, halves and quarters that are small.
    """
    fourfold = 4 * value[~np.isnan(value)]
    return bool((np.abs(fourfold) < MOST_EXACT).all() and (fourfold == np.rint(fourfold)).all())


SERIES_NOTE = (
    "Only series {series} of the question counts; answers from before the question changed are "
    "left out."
)


@dataclass(frozen=True)
class WindowedVotes:
    """Sums of votes of one KPI, shape (scopes, windows), with what was left out.

    ``present`` are the series there are, ``series`` the one that counts in each window, 0 where
    there is no answer, and ``note`` the sentence on what does not count.
    """

    sums: VoteSums
    present: Integers
    series: Integers
    note: list[str]
    weights: WeightedSums | None = None
    trouble: Texts | None = None

    @classmethod
    def of(cls, numbers: Integers, sums: list[VoteSums], shape: tuple[int, int]) -> Self:
        """Choose in each window the newest series in which anybody answered.

        ``numbers`` are the series, rising, with their ``sums``; the first scope is everybody. Where
        nobody answered in any, all who were shown the question count.
        """
        if not sums:
            return cls(
                VoteSums.empty(shape), numbers, np.zeros(shape[1], np.int64), [""] * shape[1]
            )
        answered = np.stack([one.valued[0] > 0 for one in sums])
        newest = len(numbers) - 1 - np.argmax(answered[::-1], axis=0)
        anybody: Mask = np.asarray(answered.any(axis=0))
        several = answered.sum(axis=0) > 1
        chosen = VoteSums.choose(sums, newest, anybody)
        series = np.where(anybody, numbers[newest], 0)
        note = [
            SERIES_NOTE.format(series=one) if left_out else ""
            for one, left_out in zip(series, several, strict=True)
        ]
        return cls(chosen, numbers, series, note)

    def weighted(self, found: list[tuple[WeightedSums, Texts]]) -> Self:
        """The same with the weighted sums of the series that counts in each window."""
        weights, trouble = found[0]
        for number, (others, told) in zip(self.present[1:], found[1:], strict=True):
            chosen = self.series == number
            weights = others.choose(weights, chosen)
            trouble = np.where(chosen, told, trouble)
        return replace(self, weights=weights, trouble=trouble)
