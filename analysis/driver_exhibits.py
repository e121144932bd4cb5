"""What an overall answer goes with: importance of the other questions against how they do."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from scipy.special import stdtrit

from analysis.cells import Coded, Places, numbered
from analysis.definitions import Direction, Kpi, RatingSource, ScopeType
from analysis.drivers import DriverRows, complete_rows, regress
from analysis.engines import Connection
from analysis.estimate import Integers, Mask
from analysis.facts import FactsFolder
from analysis.importance import bootstrap_interval, importance, lmg
from analysis.interval import CI_LEVEL, Floats
from analysis.joint_errors import read_responses
from analysis.periods import WindowType
from analysis.scorebook import Scorebook
from analysis.told_cells import EMPTY, SHOWN, SUPPRESSED, Document, ToldCells, plain, top_levels

# So many responses, of the newest months, tell importance to a few per cent.
RESPONSES = 5_000
# The upper levels of the tree with at most so many scopes get drivers.
MOST_SCOPES = 30
MOST_DRIVERS = 10
# Complete responses there must be at least, and as many for each driver.
FEWEST, FEWEST_FOR_EACH = 50, 10
RESAMPLES = 400
# A question that fewer than this share of the responses answer would leave too few complete.
LEAST_ANSWERED = 0.5


@dataclass(frozen=True)
class Question:
    """A question of a questionnaire and the KPI that asks it."""

    key: str
    kpi: Kpi


@dataclass(frozen=True)
class Drivers:
    """An outcome of a questionnaire and what may drive it."""

    questionnaire: str
    outcome: Question
    drivers: tuple[Question, ...]


def choose_drivers(book: Scorebook) -> list[Drivers]:
    """By questionnaire the outcome and its drivers, where it has three questions or more.

    The outcome is the question of the first net score; without one, that of the first KPI. Gaps
    are of two questions, and are left out.
    """
    asked: dict[str, dict[str, Question]] = {}
    outcomes: dict[str, str] = {}
    for kpi in book.kpis:
        if isinstance(kpi.source, RatingSource) and not kpi.source.expected:
            questions = asked.setdefault(kpi.source.questionnaire, {})
            questions.setdefault(kpi.source.question, Question(kpi.source.question, kpi))
            if kpi.statistic == "net_score":
                outcomes.setdefault(kpi.source.questionnaire, kpi.source.question)
    return [
        Drivers(name, outcome, others[:MOST_DRIVERS])
        for name, questions in asked.items()
        for outcome in [questions[outcomes.get(name, next(iter(questions)))]]
        if len(others := tuple(one for one in questions.values() if one != outcome)) > 1
    ]


def driver_exhibits(
    chosen: Drivers,
    cells: Sequence[ToldCells],
    connection: Connection,
    folder: FactsFolder,
    seed: int,
) -> Iterator[tuple[int, Document]]:
    """Importance and performance of the drivers, for everybody and the upper units.

    Importance is the share of the outcome's variance that goes with a driver (Lindeman, Merenda
    and Gold), with a bootstrap interval. Performance is the mean answer in per cent of its scale,
    100 the good end, with Student's t interval. Both rest on the same complete responses, the
    newest of the long window.

    Parameters
    ----------
    chosen : Drivers
    cells : sequence of ToldCells
        Of the outcome's and the drivers' KPIs.
    seed : int
        Of the resamples.

    Yields
    ------
    (position of the scope, document)
        With ``status``; where shown ``n`` complete responses of ``n_rows`` with an outcome,
        ``r2``, ``outcome`` (name), ``drivers`` (``kpi``, ``name``, ``importance``, ``low``,
        ``high``, ``performance``, ``performance_low``, ``performance_high``, ``p``) and
        ``left_out`` (names); where empty the ``reason``. ``p`` is that of the driver's coefficient
        beside the others.
    """
    book, windows = cells[0].book, cells[0].windows
    span = windows.spans[cells[0].span(WindowType.LONG)]
    questions = {chosen.outcome.key, *(one.key for one in chosen.drivers)}
    rows = read_responses(
        connection,
        folder,
        windows.months[span],
        chosen.questionnaire,
        questions,
        RESPONSES,
        ("unit", "representative", "scale_low", "scale_high"),
    )
    answers = _Answers.of(book, rows, chosen)
    for scope in top_levels(book, MOST_SCOPES):
        if scope.type is ScopeType.REPRESENTATIVE:
            continue
        at = book.scopes.index(scope)
        if any(one.status(at, WindowType.LONG) == SUPPRESSED for one in cells):
            yield at, {"status": SUPPRESSED}
        elif (found := answers.explain(at, chosen, book.minimum_n, seed)) is not None:
            yield at, found


@dataclass(frozen=True)
class _Answers:
    """Answers of responses; ``value`` (responses, 1 + drivers) in per cent of the scale, 100 good.

    The outcome comes first; NaN where a response has no answer of the newest series.
    """

    value: Floats
    place: Integers
    places: Places

    @classmethod
    def of(cls, book: Scorebook, rows: pa.Table, chosen: Drivers) -> "_Answers":
        first, response = numbered(*(Coded.of(rows[name]).column for name in ("month", "response")))
        places = Places.of(book, Coded.of(rows["unit"]), Coded.of(rows["representative"]))
        low, high = rows["scale_low"].to_numpy(), rows["scale_high"].to_numpy()
        with np.errstate(invalid="ignore", divide="ignore"):
            reached = 100 * (rows["value"].to_numpy() - low) / (high - low)
        question, series = Coded.of(rows["question"]), rows["series"].to_numpy()
        asked = (chosen.outcome, *chosen.drivers)
        value = np.full((len(first), len(asked)), np.nan)
        for column, one in enumerate(asked):
            own = (question.positions([one.key]) == 0) & ~np.isnan(reached)
            own &= series == series[own].max(initial=0)
            is_good_high = one.kpi.direction is Direction.HIGHER
            value[response[own], column] = reached[own] if is_good_high else 100 - reached[own]
        return cls(value, places.place[first], places)

    def explain(self, scope: int, chosen: Drivers, minimum_n: int, seed: int) -> Document | None:
        """The document of a scope; None where nobody answered the outcome."""
        inside: Mask = self.places.members[[scope]].toarray()[0][self.place] > 0
        value = self.value[inside & ~np.isnan(self.value[:, 0])]
        answered = ~np.isnan(value)
        if not len(value):
            return None
        kept = [
            number
            for number, share in enumerate(answered.mean(axis=0)[1:], start=1)
            if share >= LEAST_ANSWERED and np.ptp(value[answered[:, number], number]) > 0
        ]
        names = [chosen.drivers[number - 1].kpi.name for number in kept]
        complete = value[answered[:, kept].all(axis=1)]
        fewest = max(minimum_n, FEWEST, FEWEST_FOR_EACH * len(kept))
        if len(kept) < 2 or len(complete) < fewest:
            reason = (
                f"Drivers need two questions or more that most answer, and {fewest} complete "
                "responses of the last twelve months."
            )
            return {"status": EMPTY, "reason": reason}
        try:
            rows = complete_rows(names, value[:, kept], value[:, 0])
        except ValueError as error:
            return {"status": EMPTY, "reason": str(error)}
        kpis = [chosen.drivers[number - 1].kpi.id for number in kept]
        left_out = [one.kpi.name for one in chosen.drivers if one.kpi.name not in names]
        return {"status": SHOWN, "outcome": chosen.outcome.kpi.name, "left_out": left_out} | _told(
            rows, kpis, seed
        )


def _told(rows: DriverRows, kpis: Sequence[str], seed: int) -> Document:
    found, regression = importance(rows), regress(rows)
    interval = bootstrap_interval(rows, lmg, seed, RESAMPLES)
    low, high = np.asarray(interval.low), np.asarray(interval.high)
    half = float(stdtrit(rows.n - 1, 0.5 + CI_LEVEL / 2)) * rows.drivers.std(axis=0, ddof=1)
    half = half / np.sqrt(rows.n)
    return {
        "n": rows.n,
        "n_rows": rows.n_rows,
        "r2": found.r2,
        "drivers": [
            {
                "kpi": kpi,
                "name": name,
                "importance": float(found.lmg[at]),
                "low": plain(low[at]),
                "high": plain(high[at]),
                "performance": float(found.performance[at]),
                "performance_low": float(found.performance[at] - half[at]),
                "performance_high": float(found.performance[at] + half[at]),
                "p": plain(regression.p[at + 1]),
            }
            for at, (kpi, name) in enumerate(zip(kpis, rows.names, strict=True))
        ],
    }
