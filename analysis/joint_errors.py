"""How KPIs err together: whoever answers one question of a questionnaire answers the others too.

Answers of one person are alike, so the errors of such KPIs do not cancel out in a goal as those of
independent ones do. How much they go together is a property of the questions, and the same in all
cells of a run: it is estimated once, from some thousand responses, and not tallied.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import ibis
import numpy as np
from ibis.expr.types import Table

from analysis.cells import Coded, numbered
from analysis.definitions import Kpi, RatingSource
from analysis.engines import Connection, connected, fetch, read_files
from analysis.estimate import Integers
from analysis.facts import FactFile, FactsFolder
from analysis.interval import Floats
from analysis.votes import vote
from analysis.wanted import PLACE

# So many responses tell a correlation to about 0.007.
RESPONSES = 20_000
# They are looked for in the newest months, of so many rows or one month.
ROWS = 2_000_000
# Of fewer responses in common no correlation is told.
FEWEST = 10


def correlate_kpis(
    engine: str, folder: FactsFolder, months: Sequence[str], kpis: Sequence[Kpi]
) -> Floats:
    """The correlations between the errors of KPIs that make up goals.

    KPIs of one questionnaire are looked at where a goal has several of them; others, of visits or
    figures too, are taken for independent.

    Parameters
    ----------
    engine : str
        See ``analysis.engines``.
    folder : FactsFolder
    months : sequence of str
        Months as YYYY-MM, in order; the newest count.
    kpis : sequence of Kpi

    Returns
    -------
    array (kpis, kpis)
        Symmetrical, with ones on the diagonal; of values in the KPIs' own direction.
    """
    found = np.eye(len(kpis))
    together = _together(kpis)
    files = _newest(folder.files("ratings", months)) if together else []
    if not files:
        return found
    with connected(engine) as connection:
        ratings = read_files(connection, folder, files)
        for questionnaire, own in together.items():
            chosen = [kpis[number] for number in own]
            answers = _Answers.read(connection, ratings, questionnaire, chosen)
            votes = np.stack([answers.votes(kpi) for kpi in chosen])
            found[np.ix_(own, own)] = correlate_votes(votes, answers.place)
    return found


def correlate_votes(votes: Floats, place: Integers) -> Floats:
    """The correlations between the errors of means of votes that the same people cast.

    Parameters
    ----------
    votes : array (kpis, responses)
        NaN where a response has no vote on a KPI.
    place : array (responses,)
        Whole numbers from 0: the unit and representative of each. What differs from one place to
        another is no error of either, so votes are compared with the mean of their place.

    Returns
    -------
    array (kpis, kpis)
        r m / sqrt(n k): Pearson's correlation r over the m responses that have both votes, where n
        and k have one. 0 where ``FEWEST`` have not both, or all of them vote alike.

    Examples
    --------
    >>> first = np.tile([1.0, 2.0, 3.0, 4.0], 5)
    >>> second = np.where(np.arange(20) < 16, 10 - first, np.nan)
    >>> correlate_votes(np.stack([first, second]), np.zeros(20, np.int64)).round(4)
    array([[ 1.    , -0.8944],
           [-0.8944,  1.    ]])
    """
    there = (~np.isnan(votes)).astype(np.float64)
    known = np.nan_to_num(votes)
    centred = np.empty_like(known)
    for number, (own, has) in enumerate(zip(known, there, strict=True)):
        many = np.maximum(np.bincount(place, has), 1)
        centred[number] = (own - (np.bincount(place, own) / many)[place]) * has
    common, squares = there @ there.T, centred**2 @ there.T
    each = np.diag(common)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = centred @ centred.T / np.sqrt(squares * squares.T)
        found *= common / np.sqrt(np.outer(each, each))
    found[(common < FEWEST) | ~np.isfinite(found)] = 0.0
    np.fill_diagonal(found, 1.0)
    clipped: Floats = np.clip(found, -1.0, 1.0)
    return clipped


def _together(kpis: Sequence[Kpi]) -> dict[str, list[int]]:
    """By questionnaire, the positions of KPIs that stand in a goal with others of it."""
    asked = [
        (kpi.goal, kpi.source.questionnaire) if isinstance(kpi.source, RatingSource) else None
        for kpi in kpis
    ]
    times = Counter(asked)
    found: dict[str, list[int]] = {}
    for number, key in enumerate(asked):
        if key is not None and times[key] > 1:
            found.setdefault(key[1], []).append(number)
    return found


def _newest(files: Sequence[FactFile]) -> list[FactFile]:
    rows, months = 0, set[str]()
    for file in reversed(files):
        if months and file.month not in months and rows + file.rows > ROWS:
            break
        rows += file.rows
        months.add(file.month)
    return [file for file in files if file.month in months]


@dataclass(frozen=True)
class _Answers:
    """What some responses answered; ``place`` is theirs, all others are by answer."""

    place: Integers
    response: Integers
    question: Coded
    version: Integers
    value: Floats
    missing: Coded

    @classmethod
    def read(
        cls, connection: Connection, ratings: Table, questionnaire: str, kpis: Sequence[Kpi]
    ) -> Self:
        """The first responses by their identifier, whoever they are: the same on every engine."""
        asked = {
            question
            for kpi in kpis
            if isinstance(kpi.source, RatingSource)
            for question in (kpi.source.question, kpi.source.expected)
        }
        shown = ratings.filter(
            ratings["questionnaire"] == questionnaire, ratings["question"].isin(sorted(asked))
        )
        key = ["month", "response"]
        # Not distinct(): for Spark, ibis adds the columns of the filter to what differs.
        some = shown.group_by(key).aggregate(answers=ibis._.count())
        some = some.order_by(key).limit(RESPONSES)
        rows = fetch(
            connection,
            shown.semi_join(some, key).select(
                *key, *PLACE, "question", "version", "value", "missing"
            ),
        )
        unit, person, month, response = (
            Coded.of(rows[name]).column for name in (*PLACE, "month", "response")
        )
        first, number = numbered(month, response)
        place = numbered(unit, person)[1][first]
        return cls(
            place,
            number,
            Coded.of(rows["question"]),
            rows["version"].to_numpy(),
            rows["value"].to_numpy(),
            Coded.of(rows["missing"]),
        )

    def votes(self, kpi: Kpi) -> Floats:
        """One vote of every response on a KPI, NaN where there is none."""
        source = kpi.source
        assert isinstance(source, RatingSource)
        votes = self._votes_on(source.question, kpi)
        return votes - self._votes_on(source.expected, kpi) if source.expected else votes

    def _votes_on(self, question: str, kpi: Kpi) -> Floats:
        source = kpi.source
        assert isinstance(source, RatingSource)
        answered = ~np.isnan(self.value)
        counts = answered | (self.missing.positions(kpi.in_denominator) >= 0)
        chosen = (self.question.positions([question]) == 0) & counts
        if source.versions:
            chosen &= np.isin(self.version, source.versions)
        with np.errstate(invalid="ignore"):
            cast = np.where(answered, vote(kpi, self.value, np.where), 0.0)
        response = self.response[chosen]
        many = np.bincount(response, minlength=len(self.place))
        with np.errstate(invalid="ignore"):
            votes: Floats = np.bincount(response, cast[chosen], len(self.place)) / many
        return votes
