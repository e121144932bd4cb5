"""From facts and a scorebook to scored rows: the one entry to this library."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import chain
from pathlib import Path

import pyarrow as pa

from analysis.ballots import tally_votes
from analysis.breakdowns import BreakdownTally
from analysis.caching import TallyCache
from analysis.changes import adjust_together
from analysis.customers import CustomerTally, tally_customers
from analysis.definitions import (
    DURATION_STATISTICS,
    RATING_STATISTICS,
    Kpi,
    UnitOfAnalysis,
)
from analysis.engines import DEFAULT_ENGINE, Connection, connected, explain
from analysis.estimated import Breakdown, Estimated
from analysis.facts import KINDS, FactsFolder, find_facts
from analysis.figure_tally import FigureTally
from analysis.gap_votes import count_gaps
from analysis.goals import coverages, score_goals
from analysis.interval import Floats
from analysis.joint_errors import correlate_kpis
from analysis.periods import Period, WindowType
from analysis.ratings import Votes, estimate_ratings
from analysis.reduce import Facts, batches_of, count_query, tally_months
from analysis.rows import Run, ScoredKpi
from analysis.scorebook import Scorebook
from analysis.scores import Scores, schema_with
from analysis.visits import VisitTally
from analysis.vote_tally import VoteTally, WindowedVotes
from analysis.wanted import Wanted
from analysis.windows import Windows

# Per cent of a run at which the facts are read, and at which they are counted.
FOUND, COUNTED = 2, 80


def _say_nothing(percent: int, message: str) -> None:
    """Progress nobody asked to hear."""


def score_kpis(
    facts: str | Path,
    scorebook: Scorebook,
    period: Period | Sequence[Period],
    *,
    now: datetime,
    seed: int,
    windows: Sequence[WindowType] = tuple(WindowType),
    engine: str = DEFAULT_ENGINE,
    cache: str | Path | None = None,
    run_id: str = "",
    on_progress: Callable[[int, str], None] | None = None,
) -> Scores:
    """Score every KPI of the scorebook for every scope it is declared for.

    Parameters
    ----------
    facts : str or Path
        A facts folder, or an object store's URL of one.
    scorebook : Scorebook
    period : Period or sequence of Period
        Periods of one length, each scored by itself.
    now : datetime
        An aware time: a period that ends after it is provisional, a visit still running is open
        until it.
    seed : int
        Seed of whatever is drawn at random; it belongs to the run.
    windows : sequence of WindowType
        The period itself, and the twelve months that end with it.
    engine : str
        See ``analysis.engines``.
    cache : str or Path, optional
        A folder for tallies of months; what was counted before is not counted again.
    on_progress : callable, optional
        Hears per cent and words.

    Returns
    -------
    Scores
        One row per KPI, scope, period and window. A scope without facts has its row too. Where a
        KPI is broken down, further rows for each value of each dimension.

    Raises
    ------
    FactsError
        For facts that cannot be counted.
    EngineError
        For what the engine cannot do.
    """
    if now.tzinfo is None:
        raise ValueError("The time 'now' needs a time zone.")
    tell = on_progress or _say_nothing
    tell(0, "Reading the facts")
    periods = [period] if isinstance(period, Period) else list(period)
    folder = find_facts(facts)
    stretches = Windows.of(periods, windows, folder.months)
    tallies = tally_kpis(folder, scorebook, stretches, now, engine, cache, tell)
    scores = score_tallies(tallies, scorebook, periods, now, seed, run_id, tell)
    tell(100, "Done")
    return scores


def score_tallies(
    tallies: "Tallies",
    scorebook: Scorebook,
    periods: Sequence[Period],
    now: datetime,
    seed: int,
    run_id: str = "",
    on_progress: Callable[[int, str], None] = _say_nothing,
) -> Scores:
    """Score what was counted; parameters as in ``score_kpis``."""
    tell = on_progress
    tell(COUNTED, "Estimating and scoring")
    indices = tallies.figures.indices(scorebook, tallies.windows)
    run = Run.of(scorebook, periods, tallies.windows, indices, now, run_id)
    scored, broken_down = list[ScoredKpi](), list[ScoredKpi]()
    for number, kpi in enumerate(scorebook.kpis, start=1):
        scored.append(run.score(kpi, tallies.estimate(kpi)))
        broken_down += [run.break_down(kpi, one) for one in tallies.break_down(kpi)]
        tell(COUNTED + (99 - COUNTED) * number // len(scorebook.kpis), "Estimating and scoring")
    schema = schema_with(scorebook.dimensions)
    coverage = coverages(run, scored)
    tables: dict[str, list[pa.Table]] = {}
    for one, p in zip(scored, adjust_together([one.moves for one in scored]), strict=True):
        told = one.table(schema, change_p_adjusted=p, coverage=coverage[one.kpi.goal][one.scopes])
        tables[one.kpi.id] = [told]
    # By themselves: what is added to a scorecard for a closer look changes nothing on it.
    for one, p in zip(
        broken_down, adjust_together([one.moves for one in broken_down]), strict=True
    ):
        tables[one.kpi.id].append(one.table(schema, change_p_adjusted=p))
    # By name, so that tallies do not last as long as the scores.
    correlate = tallies.correlate
    return Scores(
        pa.concat_tables([schema.empty_table(), *chain.from_iterable(tables.values())]),
        lambda: score_goals(run, scored, correlate(scorebook.kpis), seed),
    )


def explain_run(
    facts: str | Path,
    scorebook: Scorebook,
    period: Period | Sequence[Period],
    *,
    windows: Sequence[WindowType] = tuple(WindowType),
    engine: str = DEFAULT_ENGINE,
) -> str:
    """What a run would read and count: months, files, and the queries with the engine's plan.

    Of each kind the query of the first batch of months is told; the others are the same. Gaps,
    customers, breakdowns and goals have queries of their own, which are not.
    """
    periods = [period] if isinstance(period, Period) else list(period)
    folder = find_facts(facts)
    stretches = Windows.of(periods, windows, folder.months)
    told = [
        f"Periods: {', '.join(one.label for one in periods)}",
        f"Months: {stretches.months[0]} to {stretches.months[-1]}",
    ]
    with connected(engine) as connection:
        for kind in KINDS:
            wanted = Wanted.of(kind, scorebook)
            files = folder.files(kind, stretches.months) if wanted.keys else []
            rows = sum(file.rows for file in files)
            told.append(f"\n{kind}: {len(wanted.keys)} asked, {len(files)} files, {rows} rows")
            told += [f"  {file.path}" for file in files]
            if files:
                batches = batches_of(files)
                told.append(f"Counted in {len(batches)} batches; the first:")
                first = Facts.of(connection, folder, wanted, batches[0])
                told.append(explain(connection, count_query(wanted, first)))
    return "\n".join(told)


@dataclass(frozen=True)
class Tallies:
    """What was counted, kind by kind, and how every KPI is estimated from it.

    ``correlate`` tells how the errors of KPIs go together, (kpis, kpis); it reads answers, and is
    asked where goals are. ``breakdowns`` are by the names of their dimensions.
    """

    windows: Windows
    answers: VoteTally
    customers: CustomerTally | None
    visits: VisitTally
    figures: FigureTally
    correlate: Callable[[Sequence[Kpi]], Floats]
    breakdowns: Mapping[str, BreakdownTally]

    def estimate(self, kpi: Kpi) -> Estimated:
        """The KPI's statistic in every scope and window, and the series that each rests on."""
        if kpi.statistic in RATING_STATISTICS:
            if kpi.unit_of_analysis is UnitOfAnalysis.CUSTOMER:
                assert self.customers is not None
                counted = self.customers.sum_votes(kpi)
            else:
                counted = self.answers.sum_votes(kpi, self.windows)
            estimates = estimate_ratings(kpi, Votes.of(counted.sums, counted.weights))
            return Estimated.from_votes(estimates, counted)
        if kpi.statistic in DURATION_STATISTICS:
            return Estimated.plain(*self.visits.estimate(kpi, self.windows))
        return Estimated.plain(*self.figures.estimate(kpi, self.windows))

    def break_down(self, kpi: Kpi) -> list[Breakdown]:
        """The KPI by each of the dimensions that it asks for."""
        found = (self.breakdowns[name].estimate(kpi, self.windows) for name in kpi.by)
        # Where nobody has a value of the dimension there is no row.
        return [one for one in found if len(one.values)]


def tally_kpis(
    folder: FactsFolder,
    book: Scorebook,
    windows: Windows,
    now: datetime,
    engine: str = DEFAULT_ENGINE,
    cache: str | Path | None = None,
    on_progress: Callable[[int, str], None] = _say_nothing,
) -> Tallies:
    """Count all facts that the KPIs ask for, in the months of the windows."""
    tell = on_progress
    tell(FOUND, "Counting the facts")
    kept = TallyCache(Path(cache) if cache else None)
    counted = {}
    with connected(engine) as connection:
        parts = _parts_of(tell, len(KINDS) + len(book.dimensions))
        for kind in KINDS:
            given = (connection, folder, windows.months, kept, next(parts))
            if kind == "ratings":
                counted[kind] = tally_votes(book, *given)
            else:
                counted[kind] = tally_months(Wanted.of(kind, book), *given)
        gaps = count_gaps(book, connection, folder, windows.months)
        answers = VoteTally.of(book, windows, pa.concat_tables([counted["ratings"], *gaps]))
        customers = _tally_customers(connection, folder, book, windows, answers)
        breakdowns = {
            name: BreakdownTally.of(name, book, windows, connection, folder, kept, next(parts))
            for name in book.dimensions
        }
    return Tallies(
        windows,
        answers,
        customers,
        VisitTally.of(book, windows, counted["durations"], now),
        FigureTally.of(book, windows, counted["figures"]),
        partial(correlate_kpis, engine, folder, windows.months),
        breakdowns,
    )


def _parts_of(tell: Callable[[int, str], None], number: int) -> Iterator[Callable[[float], None]]:
    """What tells how far each of so many equal parts of the counting is, one after the other."""
    share = (COUNTED - FOUND) / number
    for part in range(number):

        def tell_part(done: float, begun: float = FOUND + share * part) -> None:
            tell(int(begun + share * done), "Counting the facts")

        yield tell_part


def _tally_customers(
    connection: Connection,
    folder: FactsFolder,
    book: Scorebook,
    windows: Windows,
    answers: VoteTally,
) -> CustomerTally | None:
    kpis = [
        kpi
        for kpi in book.kpis
        if kpi.statistic in RATING_STATISTICS and kpi.unit_of_analysis is UnitOfAnalysis.CUSTOMER
    ]
    if not kpis:
        return None
    counted: dict[str, WindowedVotes] = {kpi.id: answers.sum_votes(kpi, windows) for kpi in kpis}
    files = folder.files("ratings", windows.months)
    if not files:
        return CustomerTally.empty(book, windows, counted)
    facts = Facts.of(connection, folder, Wanted.of("ratings", book), files).table
    return tally_customers(connection, facts, book, windows, counted)
