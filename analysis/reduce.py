"""Facts to tallies, on the engine: the unit of analysis first, then counts.

A tally counts what is equal: answers per value, visits per time, figures per month. A fact counts
in several scopes (everybody, a unit and all above it, a representative); it is counted once per
unit and representative first, and only these counts are repeated for the scopes.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import ibis
import numpy as np
from ibis.expr.types import Table

from analysis.cells import Asked, ScopeTables, Tally
from analysis.definitions import (
    DurationSource,
    FigureSource,
    Kpi,
    RatingSource,
    RatioSource,
    Scorebook,
    UnitOfAnalysis,
)
from analysis.facts import EVENTS, Facts
from analysis.series import CountedSeries, newest_series
from analysis.votes import vote

PLACE = ("unit", "representative")
QUESTION = ("questionnaire", "question")
MILESTONE = ("process", "milestone")
ANSWER = ("version", "series", "scale_low", "scale_high", "value", "missing")
SCALES = ("scale_low", "scale_low_most", "scale_high", "scale_high_most")
MICROSECONDS = 1_000_000


def tally_kpis(facts: Facts, book: Scorebook, now: datetime) -> dict[str, Tally]:
    """The tally of every KPI, by its id; KPIs of one kind share one pass over the facts.

    A visit that was still running when its facts were made counts as open until ``now``.
    """
    scopes = ScopeTables.of(book)
    customers: list[Kpi] = []
    responses: dict[str, RatingSource] = {}
    durations: dict[str, DurationSource] = {}
    figures: dict[str, FigureSource | RatioSource] = {}
    tallies: dict[str, Tally] = {}
    for kpi in book.kpis:
        match kpi.source:
            case RatingSource() if kpi.unit_of_analysis is UnitOfAnalysis.CUSTOMER:
                customers.append(kpi)
            case RatingSource():
                responses[kpi.id] = kpi.source
            case DurationSource():
                durations[kpi.id] = kpi.source
            case FigureSource() | RatioSource():
                figures[kpi.id] = kpi.source
    if customers:
        tallies.update(tally_customers(facts.ratings, scopes, customers))
    if responses:
        tallies.update(tally_responses(facts.ratings, scopes, responses))
    if durations:
        tallies.update(tally_durations(facts.durations, scopes, durations, now))
    if figures:
        tallies.update(tally_figures(facts.figures, scopes, figures))
    return tallies


def tally_responses(
    ratings: Table, scopes: ScopeTables, sources: dict[str, RatingSource]
) -> dict[str, Tally]:
    """Answers of the newest series counted per scale and value or missing code.

    Columns: version, series, scale_low, scale_high, value, missing, count.
    """
    asked = Asked(QUESTION, [(one.questionnaire, one.question) for one in sources.values()])
    counted = (
        asked.filtered(ratings).group_by(*QUESTION, *PLACE, *ANSWER).aggregate(count=ibis._.count())
    )
    by_question = _folded(asked, counted, scopes, ANSWER, ("count",))
    tallies = {}
    for kpi_id, source in sources.items():
        tally = by_question[source.questionnaire, source.question]
        if source.versions:
            tally = tally.only(np.isin(tally.integers("version"), source.versions))
        # Everybody's cell has all answers, so all scopes come to the same series.
        versions, series = tally.integers("version"), tally.integers("series")
        counted_series = newest_series(source, versions, series, ~np.isnan(tally.floats("value")))
        if counted_series.number is not None:
            tally = tally.only(series == counted_series.number)
        tallies[kpi_id] = replace(tally, note=counted_series.note)
    return tallies


def tally_customers(ratings: Table, scopes: ScopeTables, kpis: Sequence[Kpi]) -> dict[str, Tally]:
    """Customers counted per mean of their votes: each customer is one, however keen.

    An answer whose customer is unknown stands for itself. A customer who was shown the question
    but cast no vote has a NULL value. The ends of the scales are those of answers with a value,
    the least and the greatest: a customer may have answered on two scales. Only answers of the
    newest series count.

    Columns: scale_low, scale_low_most, scale_high, scale_high_most (NULL where no answer has a
    value), value, answers (votes of each such customer), count.
    """
    series = _series_of(ratings, kpis)
    votes = ibis.union(
        *(_votes(ratings, kpi, number, series[kpi.id]) for number, kpi in enumerate(kpis))
    )
    customers = _per_customer(scopes.spread(_per_customer(votes, PLACE).cache()), ("scope",))
    keys = ("asked", "scope", *SCALES, "value", "answers")
    counted = (
        customers.mutate(value=customers["votes"] / customers["answers"].nullif(0))
        .group_by(*keys)
        .aggregate(count=ibis._.count())
        .order_by(*keys)
    )
    tally = Tally.from_arrow(counted.to_pyarrow(), scopes.scopes)
    parts = tally.split("asked", len(kpis))
    return {
        kpi.id: replace(part, note=series[kpi.id].note)
        for kpi, part in zip(kpis, parts, strict=True)
    }


def _series_of(ratings: Table, kpis: Sequence[Kpi]) -> dict[str, CountedSeries]:
    """The series that counts for each KPI, by its id."""
    sources = {kpi.id: kpi.source for kpi in kpis if isinstance(kpi.source, RatingSource)}
    asked = Asked(QUESTION, [(one.questionnaire, one.question) for one in sources.values()])
    answered = asked.filtered(ratings).filter(ibis._.value.notnull())
    rows = answered.select(*QUESTION, "version", "series").distinct().to_pyarrow().to_pylist()
    found = {}
    for kpi_id, source in sources.items():
        wanted = (source.questionnaire, source.question)
        own = [row for row in rows if (row["questionnaire"], row["question"]) == wanted]
        versions, series = (
            np.array([row[name] for row in own], dtype=np.int64) for name in ("version", "series")
        )
        found[kpi_id] = newest_series(source, versions, series, np.ones(len(own), dtype=np.bool_))
    return found


def _votes(ratings: Table, kpi: Kpi, number: int, series: CountedSeries) -> Table:
    """What everybody who was shown a KPI's question voted, or 0 votes; ``asked`` is the number."""
    source = kpi.source
    assert isinstance(source, RatingSource)
    shown = ratings.filter(
        ratings["questionnaire"] == source.questionnaire,
        ratings["question"] == source.question,
        ratings["missing"].isnull() | (ratings["missing"] != "not_shown"),
    )
    if source.versions:
        shown = shown.filter(shown["version"].isin(source.versions))
    if series.number is not None:
        shown = shown.filter(shown["series"] == series.number)
    answered = shown["value"].notnull()
    counts_missing = shown["missing"].isin(kpi.in_denominator).fill_null(False)
    return shown.select(
        *PLACE,
        "customer",
        **{name: ibis.ifelse(answered, shown[name.removesuffix("_most")], None) for name in SCALES},
        asked=ibis.literal(number, "int64"),
        response=ibis.ifelse(shown["customer"] == "", shown["response"], ""),
        votes=ibis.ifelse(answered, vote(kpi, shown["value"], ibis.ifelse), 0.0),
        answers=(answered | counts_missing).cast("int64"),
    )


def _per_customer(votes: Table, within: Sequence[str]) -> Table:
    return votes.group_by("asked", *within, "customer", "response").aggregate(
        votes=votes["votes"].sum(),
        answers=votes["answers"].sum(),
        **{
            name: votes[name].max() if name.endswith("_most") else votes[name].min()
            for name in SCALES
        },
    )


def tally_durations(
    durations: Table, scopes: ScopeTables, sources: dict[str, DurationSource], now: datetime
) -> dict[str, Tally]:
    """Visits counted per time since their start, by how they were last seen.

    Columns: seconds, reached, called_back, left, open.
    """
    asked = Asked(MILESTONE, [(one.process, one.milestone) for one in sources.values()])
    visits = asked.filtered(durations)
    running = ibis.literal(now).delta(visits["started_at"], unit="microsecond") / MICROSECONDS
    counted = (
        visits.mutate(seconds=ibis.coalesce(visits["seconds"], ibis.greatest(running, 0.0)))
        .group_by(*MILESTONE, *PLACE, "seconds")
        .aggregate(**{event: (ibis._.event == event).sum() for event in EVENTS})
    )
    by_milestone = _folded(asked, counted, scopes, ("seconds",), EVENTS)
    return {
        kpi_id: by_milestone[source.process, source.milestone] for kpi_id, source in sources.items()
    }


def tally_figures(
    figures: Table, scopes: ScopeTables, sources: dict[str, FigureSource | RatioSource]
) -> dict[str, Tally]:
    """Figures as they stand, one row a unit, representative and month; they are few.

    Columns: unit, representative, period_start, value, and is_numerator (of a ratio).
    """
    measures = {
        kpi_id: (source.measure,)
        if isinstance(source, FigureSource)
        else (source.numerator, source.denominator)
        for kpi_id, source in sources.items()
    }
    asked = Asked(("measure",), [(one,) for wanted in measures.values() for one in wanted])
    keys = (*PLACE, "period_start")
    by_measure = _folded(asked, asked.filtered(figures), scopes, keys, ("value",))
    tallies = {}
    for kpi_id, wanted in measures.items():
        first, *others = (by_measure[(measure,)] for measure in wanted)
        tallies[kpi_id] = first.beside(others[0], "is_numerator") if others else first
    return tallies


def _folded(
    asked: Asked, counted: Table, scopes: ScopeTables, keys: Sequence[str], sums: Sequence[str]
) -> dict[tuple[str, ...], Tally]:
    """Counts per unit and representative added up to counts per scope, one tally a thing asked."""
    spread = scopes.spread(asked.numbered(counted).cache())
    folded = (
        spread.group_by("asked", "scope", *keys)
        .aggregate(**{name: spread[name].sum() for name in sums})
        .order_by("asked", "scope", *keys)
    )
    parts = Tally.from_arrow(folded.to_pyarrow(), scopes.scopes).split("asked", len(asked.keys))
    return dict(zip(asked.keys, parts, strict=True))
