"""What a run keeps beside its rows, so that a number can be drawn and traced to its sources.

An exhibit is a document of plain values for one KPI and one scope. Its kinds are

``answers``
    of rating KPIs: counts per value and missing code, months, versions, series;
``curve``
    of duration KPIs: the share that has reached the milestone by each time;
``history``
    of all KPIs: the latest periods with control limits, signals and breaks;
``funnel``
    of KPIs that are shares or means of votes, at everybody and at units: all representatives there,
    raw and shrunken, with the limits of chance;
``drivers``
    of the outcome of each questionnaire, at everybody and at upper units: importance of the other
    questions against how they do.

They are made for the tree's top levels that have at most MOST_SCOPES scopes, drivers for fewer;
representatives below these still stand in funnels. What the scored rows withhold is in no exhibit;
see ``analysis.told_cells``.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from analysis.answer_exhibits import AnswerTally, answer_exhibits
from analysis.caching import TallyCache
from analysis.curve_exhibits import curve_exhibits
from analysis.definitions import DURATION_STATISTICS, RATING_STATISTICS, Scope, ScopeType
from analysis.driver_exhibits import choose_drivers, driver_exhibits
from analysis.engines import DEFAULT_ENGINE, connected
from analysis.estimate import Integers
from analysis.facts import find_facts
from analysis.funnel_exhibits import MEANS, SHARES, funnel_exhibits
from analysis.history_exhibits import HISTORY_PERIODS, history_exhibits
from analysis.periods import Period, WindowType
from analysis.pipeline import tally_kpis
from analysis.scorebook import Scorebook
from analysis.told_cells import Document, ToldCells, top_levels
from analysis.windows import Windows

# With 20 KPIs some 10 000 documents, 50 MB.
MOST_SCOPES = 300


@dataclass(frozen=True)
class Exhibit:
    """One document: what it is, of which KPI, for whom."""

    kind: str
    kpi_id: str
    scope: Scope
    document: Document


def make_exhibits(
    facts: str | Path,
    scorebook: Scorebook,
    period: Period,
    *,
    now: datetime,
    seed: int,
    engine: str = DEFAULT_ENGINE,
    cache: str | Path | None = None,
) -> Iterator[Exhibit]:
    """The exhibits of one period, one KPI after the other.

    They count the facts anew, since they look further back than scores do and by value; with the
    ``cache`` of the scores, only what these have not counted.

    Parameters
    ----------
    facts, scorebook, period, now, seed, engine, cache
        As for ``analysis.pipeline.score_kpis``.

    Yields
    ------
    Exhibit

    Raises
    ------
    FactsError, EngineError
        As for ``analysis.pipeline.score_kpis``.
    """
    folder = find_facts(facts)
    windows = Windows.of([period], tuple(WindowType), folder.months, HISTORY_PERIODS)
    tallies = tally_kpis(folder, scorebook, windows, now, engine, cache)
    spans = [windows.spans[at] for at in windows.current[0]]
    scored = slice(min(one.start for one in spans), max(one.stop for one in spans))
    with connected(engine) as connection:
        answers = AnswerTally.count_answers(
            scorebook,
            connection,
            folder,
            windows.months[scored],
            TallyCache(Path(cache) if cache else None),
        )
    told = top_levels(scorebook, MOST_SCOPES)
    of_kpi: dict[str, ToldCells] = {}
    for kpi in scorebook.kpis:
        cells = ToldCells.of(scorebook, kpi, period, windows, told, tallies.estimate(kpi))
        of_kpi[kpi.id] = cells
        made = [("history", history_exhibits(cells, period.is_over(now, scorebook.time_zone)))]
        if kpi.statistic in RATING_STATISTICS:
            made.append(("answers", answer_exhibits(cells, answers)))
        if kpi.statistic in DURATION_STATISTICS:
            made.append(("curve", curve_exhibits(cells, tallies.visits)))
        if kpi.statistic in SHARES + MEANS:
            made.append(("funnel", funnel_exhibits(cells, _units(scorebook, told), seed)))
        for kind, documents in made:
            for scope, document in documents:
                yield Exhibit(kind, kpi.id, scorebook.scopes[scope], document)
    with connected(engine) as connection:
        for chosen in choose_drivers(scorebook):
            kpis = [one.kpi.id for one in (chosen.outcome, *chosen.drivers)]
            asked = [of_kpi[kpi_id] for kpi_id in kpis]
            for scope, document in driver_exhibits(chosen, asked, connection, folder, seed):
                yield Exhibit("drivers", kpis[0], scorebook.scopes[scope], document)


def _units(book: Scorebook, told: Sequence[Scope]) -> Integers:
    """The positions of everybody and of the units among some scopes."""
    upper = {scope for scope in told if scope.type is not ScopeType.REPRESENTATIVE}
    return np.array([at for at, scope in enumerate(book.scopes) if scope in upper], np.int64)
