"""What a run keeps beside its rows, so that a number can be drawn and traced to its sources.

An exhibit is a document of plain values for one KPI and one scope. Its kinds are

``answers``
    of rating KPIs: counts per value and missing code, months, versions, series;
``curve``
    of duration KPIs: the share that has reached the milestone by each time;
``history``
    of all KPIs: the latest periods with control limits, signals and breaks.

Answers, curves and histories are made for the tree's top levels that have at most MOST_SCOPES
scopes. What the scored rows withhold is in no exhibit; see ``analysis.told_cells``.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from analysis.answer_exhibits import AnswerTally, answer_exhibits
from analysis.caching import TallyCache
from analysis.curve_exhibits import curve_exhibits
from analysis.definitions import DURATION_STATISTICS, RATING_STATISTICS, Scope
from analysis.engines import DEFAULT_ENGINE, connected
from analysis.facts import find_facts
from analysis.history_exhibits import HISTORY_PERIODS, history_exhibits
from analysis.periods import Period
from analysis.pipeline import tally_kpis
from analysis.scorebook import Scorebook
from analysis.told_cells import Document, ToldCells, top_levels
from analysis.windows import Windows, WindowType

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
    is_over = period.is_over(now, scorebook.time_zone)
    for kpi in scorebook.kpis:
        cells = ToldCells.of(scorebook, kpi, period, windows, told, tallies.estimate(kpi))
        made = [("history", history_exhibits(cells, is_over))]
        if kpi.statistic in RATING_STATISTICS:
            made.append(("answers", answer_exhibits(cells, answers)))
        if kpi.statistic in DURATION_STATISTICS:
            made.append(("curve", curve_exhibits(cells, tallies.visits)))
        for kind, documents in made:
            for scope, document in documents:
                yield Exhibit(kind, kpi.id, scorebook.scopes[scope], document)
