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
import pyarrow as pa

from analysis.cells import Coded, numbered
from analysis.definitions import Kpi, RatingSource
from analysis.engines import Connection, connected, fetch, read_files
from analysis.estimate import Integers, Mask
from analysis.facts import COLUMNS, FactsError, FactsFolder
from analysis.interval import Floats
from analysis.votes import vote

# So many responses tell a correlation to about 0.007; of fewer in common than FEWEST none is told,
# as it could be off by 0.2 and more.
RESPONSES = 20_000
FEWEST = 30


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
        Months as YYYY-MM. Responses of the newest ones are read first, until there are enough.
    kpis : sequence of Kpi

    Returns
    -------
    array (kpis, kpis)
        Symmetrical, with ones on the diagonal; of values in the KPIs' own direction.

    Raises
    ------
    FactsError, EngineError
        If the facts are gone or cannot be read.
    """
    found = np.eye(len(kpis))
    together = _together(kpis)
    if not together:
        return found
    with connected(engine) as connection:
        for questionnaire, own in together.items():
            chosen = [kpis[number] for number in own]
            sources = [kpi.source for kpi in chosen if isinstance(kpi.source, RatingSource)]
            asked = {name for one in sources for name in (one.question, one.expected) if name}
            rows = read_responses(connection, folder, months, questionnaire, asked, RESPONSES)
            answers = _Answers.of(rows)
            found[np.ix_(own, own)] = correlate_votes(
                np.stack([answers.votes(kpi) for kpi in chosen])
            )
    return found


def correlate_votes(votes: Floats) -> Floats:
    """The correlations between the errors of means of votes that the same people cast.

    Parameters
    ----------
    votes : array (kpis, responses)
        NaN where a response has no vote on a KPI.

    Returns
    -------
    array (kpis, kpis)
        With x and y the votes less their means, sum(x y) / sqrt(sum(x²) sum(y²)), where the first
        sum is over the responses that have both: the covariance of the two means over their
        standard deviations. Pearson's correlation where all have both. 0 where fewer than
        ``FEWEST`` have both, or all vote alike.

    Examples
    --------
    >>> first = np.tile([1.0, 2.0, 3.0, 4.0], 15)
    >>> second = np.where(np.arange(60) < 48, 10 - first, np.nan)
    >>> correlate_votes(np.stack([first, second])).round(4)
    array([[ 1.    , -0.8944],
           [-0.8944,  1.    ]])
    """
    there = ~np.isnan(votes)
    many = np.maximum(there.sum(axis=1, keepdims=True), 1)
    known = np.where(there, votes, 0.0)
    centred = np.where(there, known - known.sum(axis=1, keepdims=True) / many, 0.0)
    products = centred @ centred.T
    size = np.sqrt(np.diag(products))
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Floats = products / np.outer(size, size)
    common = there.astype(np.float64) @ there.T.astype(np.float64)
    found[(common < FEWEST) | ~np.isfinite(found)] = 0.0
    np.fill_diagonal(found, 1.0)
    return found


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


def read_responses(
    connection: Connection,
    folder: FactsFolder,
    months: Sequence[str],
    questionnaire: str,
    asked: set[str],
    most: int,
    more: Sequence[str] = (),
) -> pa.Table:
    """Answers to questions by the first responses, by their identifier, of each month.

    The newest month comes first, until there are ``most`` responses.

    Returns
    -------
    pyarrow.Table
        A row an answer: month, response, question, version, series, value, missing, and the columns
        of the ratings named in ``more``.
    """
    schema = pa.schema([*_ROWS, *((name, COLUMNS["ratings"][name]) for name in more)])
    found, responses = [schema.empty_table()], 0
    for month in sorted(months, reverse=True):
        files = folder.files("ratings", [month])
        if not files:
            continue
        try:
            ratings = read_files(connection, folder, files)
        except OSError as error:
            raise FactsError(
                f"The ratings of {month} were there and cannot be read now: {error}. Run again."
            ) from error
        shown = ratings.filter(
            ratings["questionnaire"] == questionnaire, ratings["question"].isin(sorted(asked))
        )
        # Not distinct(): for Spark, ibis adds the columns of the filter to what differs.
        some = shown.group_by("response").aggregate(answers=ibis._.count())
        some = some.order_by("response").limit(most - responses)
        own = fetch(connection, shown.semi_join(some, "response").select(*schema.names))
        found.append(own.cast(schema))
        responses += len(own["response"].unique())
        if responses >= most:
            break
    return pa.concat_tables(found)


_ROWS = pa.schema(
    {
        name: pa.string() if name == "month" else COLUMNS["ratings"][name]
        for name in ("month", "response", "question", "version", "series", "value", "missing")
    }
)


@dataclass(frozen=True)
class _Answers:
    """Answers of some responses, which are numbered from 0."""

    responses: int
    response: Integers
    question: Coded
    version: Integers
    series: Integers
    value: Floats
    missing: Coded

    @classmethod
    def of(cls, rows: pa.Table) -> Self:
        """From rows of facts."""
        first, number = numbered(*(Coded.of(rows[name]).column for name in ("month", "response")))
        return cls(
            len(first),
            number,
            Coded.of(rows["question"]),
            rows["version"].to_numpy(),
            rows["series"].to_numpy(),
            rows["value"].to_numpy(),
            Coded.of(rows["missing"]),
        )

    def votes(self, kpi: Kpi) -> Floats:
        """One vote of every response on a KPI, NaN where there is none.

        Only the newest series of a question that has a value counts, as in what is scored: across a
        breaking change answers move together because the question did.
        """
        source = kpi.source
        assert isinstance(source, RatingSource)
        of_version = np.isin(self.version, source.versions) | (not source.versions)
        votes = self._votes_on(source.question, kpi, of_version)
        if not source.expected:
            return votes
        return votes - self._votes_on(source.expected, kpi, np.ones_like(of_version))

    def _votes_on(self, question: str, kpi: Kpi, rows: Mask) -> Floats:
        answered = ~np.isnan(self.value)
        counts = answered | (self.missing.positions(kpi.in_denominator) >= 0)
        chosen = rows & counts & (self.question.positions([question]) == 0)
        chosen &= self.series == self.series[chosen & answered].max(initial=0)
        with np.errstate(invalid="ignore"):
            cast = np.where(answered, vote(kpi, self.value, np.where), 0.0)
        response = self.response[chosen]
        many = np.bincount(response, minlength=self.responses)
        with np.errstate(invalid="ignore"):
            votes: Floats = np.bincount(response, cast[chosen], self.responses) / many
        return votes
