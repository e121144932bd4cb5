"""Counted answers to votes: what each group of equal answers votes, summed per place and month.

A ballot is what decides how answers vote: which question, which versions, what counts for what.
KPIs with the same ballot share its sums. They depend on the facts of a month and on the ballots
alone, so they are kept by month (``analysis.caching``), and are a fraction of the answers' tally.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Self

import numpy as np
import pyarrow as pa

from analysis.caching import TallyCache
from analysis.cells import Coded, numbered, ranked, sorted_by
from analysis.definitions import DIMENSION, MISSING_CODES, RATING_STATISTICS, Kpi, RatingSource
from analysis.engines import Connection
from analysis.estimate import Integers
from analysis.facts import FactsFolder
from analysis.interval import Floats
from analysis.reduce import tally_batches
from analysis.scorebook import Scorebook
from analysis.votes import CastVotes, VoteSums, vote
from analysis.wanted import PLACE, Wanted

# Squares below this one's leave room for 500 million answers in the 53 bits of a number.
MOST_EXACT = 2.0**12
SUMS = tuple(one.name for one in fields(VoteSums))


def ballot_of(kpi: Kpi) -> str:
    """What decides how answers vote on a KPI, as JSON; equal texts give equal votes."""
    source = kpi.source
    assert isinstance(source, RatingSource)
    return json.dumps(
        [
            source.questionnaire,
            source.asked,
            source.versions,
            "mean" if kpi.statistic == "gap" else kpi.statistic,
            kpi.cut,
            kpi.promoters_from,
            kpi.detractors_to,
            sorted(kpi.in_denominator),
            [margin.dimension for margin in kpi.margins],
        ]
    )


def ballots_of(book: Scorebook) -> dict[str, Kpi]:
    """The ballots of a scorebook in order, each with a KPI that has it."""
    found = {ballot_of(kpi): kpi for kpi in book.kpis if kpi.statistic in RATING_STATISTICS}
    return dict(sorted(found.items()))


def tally_votes(
    book: Scorebook,
    connection: Connection,
    folder: FactsFolder,
    months: Sequence[str],
    cache: TallyCache,
    on_progress: Callable[[float], None],
    by: str = "",
) -> pa.Table:
    """The votes of the months, from the cache or counted now; parameters as in ``tally_months``.

    Returns
    -------
    pyarrow.Table
        See ``count_votes``.
    """
    wanted = Wanted.of("ratings", book, by)
    files = folder.files("ratings", months) if wanted.keys else []
    asked: list[object] = ["votes", list(ballots_of(book)), *([by] if by else [])]
    votes = [count_votes(book, wanted.empty(), by)]
    kept, contents = cache.read_months(folder, asked, files, votes[0].schema)
    votes += kept.values()
    missing = [file for file in files if file.month not in kept]
    for counted, tally in tally_batches(wanted, connection, folder, missing, cache, on_progress):
        votes.append(count_votes(book, tally, by))
        cache.write_months(folder, asked, votes[-1], contents, counted)
    return pa.concat_tables(votes)


def count_votes(book: Scorebook, tally: pa.Table, by: str = "") -> pa.Table:
    """The votes of counted answers.

    Parameters
    ----------
    tally : pyarrow.Table
        Counted answers, see ``analysis.reduce``.
    by : str
        The dimension whose values are kept apart, if any.

    Returns
    -------
    pyarrow.Table
        One row a ballot, month, unit, representative and series, and for ballots with margins each
        combination of their dimensions, and of ``by``; with the sums of ``VoteSums``. ``ballot`` is
        the position in ``ballots_of``.
    """
    answers = _Answers.of(tally)
    nobody = answers.table(-1, (), np.empty(0, np.int64), VoteSums.empty((0,)))
    apart = (DIMENSION + by,) if by else ()
    ballots = enumerate(ballots_of(book).values())
    parts = [answers.count(number, kpi, apart) for number, kpi in ballots]
    return pa.concat_tables([nobody, *parts])


@dataclass(frozen=True)
class _Answers:
    """Counted answers as arrays; ``rows`` are the positions of each question's.

    ``missing`` is the position in MISSING_CODES, -1 where there is a value.
    """

    rows: dict[tuple[str, str], Integers]
    keys: dict[str, Coded]
    version: Integers
    series: Integers
    low: Floats
    high: Floats
    value: Floats
    missing: Integers
    people: Floats

    @classmethod
    def of(cls, tally: pa.Table) -> Self:
        questionnaire, question = Coded.of(tally["questionnaire"]), Coded.of(tally["question"])
        first, number = numbered(questionnaire.column, question.column)
        value, version = tally["value"].to_numpy(), tally["version"].to_numpy()
        order = sorted_by((number, len(first)))
        people = tally["count"].to_numpy().astype(np.float64)
        if not _add_up_exactly(value):
            # Whatever order an engine gives its rows in, sums come to the same digits.
            order = sorted_by((number, len(first)), ranked(value), ranked(people))
        ends = np.cumsum(np.bincount(number, minlength=len(first)))
        names = ("month", *PLACE, *(one for one in tally.column_names if one.startswith(DIMENSION)))
        return cls(
            {
                (
                    questionnaire.words[questionnaire.codes[at]],
                    question.words[question.codes[at]],
                ): own
                for at, own in zip(first, np.split(order, ends[:-1]), strict=False)
            },
            {name: Coded.of(tally[name]) for name in names},
            version,
            tally["series"].to_numpy(),
            tally["scale_low"].to_numpy(),
            tally["scale_high"].to_numpy(),
            value,
            Coded.of(tally["missing"]).positions(MISSING_CODES),
            people,
        )

    def count(self, ballot: int, kpi: Kpi, apart: tuple[str, ...]) -> pa.Table:
        """The votes that the answers cast on a KPI, by the columns ``apart`` too."""
        source = kpi.source
        assert isinstance(source, RatingSource)
        rows = self.rows.get((source.questionnaire, source.asked), np.empty(0, np.int64))
        if source.versions:
            rows = rows[np.isin(self.version[rows], source.versions)]
        margins = (DIMENSION + margin.dimension for margin in kpi.margins)
        keys = tuple(dict.fromkeys(("month", *PLACE, *margins, *apart)))
        first, group = numbered(
            *(self.keys[name].take(rows).column for name in keys), ranked(self.series[rows])
        )
        sums = self._votes(kpi, rows, group).sum(len(first))
        return self.table(ballot, keys, rows[first], sums)

    def _votes(self, kpi: Kpi, rows: Integers, group: Integers) -> CastVotes:
        missing = self.missing[rows]
        answered = missing < 0
        counted = [MISSING_CODES.index(code) for code in kpi.in_denominator]
        with np.errstate(invalid="ignore"):
            cast = vote(kpi, self.value[rows], np.where)
        return CastVotes(
            cell=group,
            count=self.people[rows],
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

    def table(self, ballot: int, keys: Sequence[str], rows: Integers, sums: VoteSums) -> pa.Table:
        """Sums of groups, each of which one of the rows belongs to; other keys are left empty."""
        columns = {"ballot": pa.array(np.full(len(rows), ballot, np.int32))}
        for name, coded in self.keys.items():
            codes = coded.codes[rows] if name in keys else np.full(len(rows), -1)
            columns[name] = pa.DictionaryArray.from_arrays(
                pa.array(codes.astype(np.int32), mask=codes < 0), pa.array(coded.words, pa.string())
            )
        columns["series"] = pa.array(self.series[rows])
        return pa.table(columns | {name: pa.array(getattr(sums, name)) for name in SUMS})


def _add_up_exactly(value: Floats) -> bool:
    """Whether sums of the values and of their squares come to the same digits in any order.

    They do where floating point does not round: whole numbers, halves and quarters that are small.
    """
    fourfold = 4 * value[~np.isnan(value)]
    return bool((np.abs(fourfold) < MOST_EXACT).all() and (fourfold == np.rint(fourfold)).all())
