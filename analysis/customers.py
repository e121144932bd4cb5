"""Answers reduced to one vote a customer, on the engine: so that one keen customer is one vote.

Votes of a customer do not add up over months or scopes: a customer who answered in May and in June
is one customer of the quarter. So customers are reduced for every scope and window by themselves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
from ibis.expr.types import Table

from analysis.definitions import (
    Kpi,
    RatingSource,
    ScopeType,
)
from analysis.engines import Connection, fetch, put_table
from analysis.scorebook import Scorebook
from analysis.vote_tally import WindowedVotes
from analysis.votes import CastVotes, vote
from analysis.wanted import PLACE
from analysis.windows import Windows

SCALES = ("scale_low", "scale_low_most", "scale_high", "scale_high_most")


@dataclass(frozen=True)
class CustomerTally:
    """Customers of every KPI, window and scope, counted per mean of their votes."""

    scopes: int
    spans: int
    numbers: dict[str, int]
    rows: pa.Table
    series: dict[str, WindowedVotes]

    @classmethod
    def empty(
        cls, book: Scorebook, windows: Windows, counted: dict[str, WindowedVotes]
    ) -> "CustomerTally":
        """Where there are no facts of ratings at all."""
        types = dict.fromkeys(("asked", "span", "scope", "answers", "count"), pa.int64())
        types |= dict.fromkeys((*SCALES, "value"), pa.float64())
        rows = pa.schema(types).empty_table()
        numbers = {kpi_id: number for number, kpi_id in enumerate(counted)}
        return cls(len(book.scopes), len(windows.spans), numbers, rows, counted)

    def sum_votes(self, kpi: Kpi) -> WindowedVotes:
        """The KPI's votes of every scope and window, one a customer."""
        own = self.rows.filter(pa.compute.equal(self.rows["asked"], self.numbers[kpi.id]))
        scope, span = (own[name].to_numpy().astype(np.int64) for name in ("scope", "span"))
        value = own["value"].to_numpy()
        low, low_most, high, high_most = (own[name].to_numpy() for name in SCALES)
        votes = CastVotes(
            cell=scope * self.spans + span,
            count=own["count"].to_numpy().astype(np.float64),
            cast=value,
            answers=own["answers"].to_numpy().astype(np.float64),
            voted=~np.isnan(value),
            shown=np.ones(len(value), np.bool_),
            valued=~np.isnan(low),
            low=low,
            low_most=low_most,
            high=high,
            high_most=high_most,
        )
        sums = votes.sum(self.scopes * self.spans).shaped((self.scopes, self.spans))
        counted = self.series[kpi.id]
        return WindowedVotes(sums, counted.present, counted.series, counted.note)


def tally_customers(
    connection: Connection,
    ratings: Table,
    book: Scorebook,
    windows: Windows,
    counted: dict[str, WindowedVotes],
) -> CustomerTally:
    """Count the customers of every KPI whose unit of analysis they are.

    An answer whose customer is unknown stands for itself. A customer who was shown the question
    but cast no vote has a NULL value. The ends of the scales are those of answers with a value,
    the least and the greatest: a customer may have answered on two scales.

    Parameters
    ----------
    ratings : ibis Table
        The facts of the windows' months.
    counted : dict
        By KPI, which series counts in each window (``VoteTally.sum_votes``).
    """
    kpis = [kpi for kpi in book.kpis if kpi.id in counted]
    votes = ibis.union(*(_votes(ratings, kpi, number) for number, kpi in enumerate(kpis)))
    votes = votes.group_by("asked", "month", "series", *PLACE, "customer", "response").aggregate(
        **_sums(votes)
    )
    reach = _reach(connection, windows, [counted[kpi.id] for kpi in kpis])
    in_windows = votes.join(reach, ("asked", "month", "series"))
    customers = _per_customer(in_windows, ("asked", "span", *PLACE)).cache()
    spread = _spread(connection, book, customers)
    each = _per_customer(spread, ("asked", "span", "scope"))
    keys = ("asked", "span", "scope", *SCALES, "value", "answers")
    rows = (
        each.mutate(value=each["votes"] / each["answers"].nullif(0))
        .group_by(*keys)
        .aggregate(count=ibis._.count())
        .order_by(*keys)
    )
    numbers = {kpi.id: number for number, kpi in enumerate(kpis)}
    return CustomerTally(
        len(book.scopes), len(windows.spans), numbers, fetch(connection, rows), counted
    )


def _votes(ratings: Table, kpi: Kpi, number: int) -> Table:
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
    answered = shown["value"].notnull()
    counts_missing = shown["missing"].isin(kpi.in_denominator).fill_null(False)
    return shown.select(
        *PLACE,
        "month",
        "customer",
        **{name: ibis.ifelse(answered, shown[name.removesuffix("_most")], None) for name in SCALES},
        series=shown["series"].cast("int64"),
        asked=ibis.literal(number, "int64"),
        response=ibis.ifelse(shown["customer"] == "", shown["response"], ""),
        votes=_choose(answered, vote(kpi, shown["value"], _choose), 0.0),
        answers=(answered | counts_missing).cast("int64"),
    )


def _choose(condition: ibis.Value, yes: Any, no: Any) -> ibis.Value:
    """One of two numbers, as a double: Spark takes a literal 1.0 for a decimal of one digit."""
    numbers = (
        ibis.literal(int(one), "int64").cast("float64") if isinstance(one, float) else one
        for one in (yes, no)
    )
    return ibis.ifelse(condition, *numbers)


def _per_customer(votes: Table, within: Sequence[str]) -> Table:
    return votes.group_by(*within, "customer", "response").aggregate(**_sums(votes))


def _sums(votes: Table) -> dict[str, ibis.Value]:
    scales = {
        name: votes[name].max() if name.endswith("_most") else votes[name].min() for name in SCALES
    }
    return {"votes": votes["votes"].sum(), "answers": votes["answers"].sum(), **scales}


def _reach(connection: Connection, windows: Windows, counted: Sequence[WindowedVotes]) -> Table:
    """For each KPI, month and series, the spans of months in which its answers count."""
    types = {"asked": pa.int64(), "month": pa.string(), "series": pa.int64(), "span": pa.int64()}
    rows = [
        {"asked": asked, "month": month, "series": int(series), "span": span}
        for asked, votes in enumerate(counted)
        for span, (months, chosen) in enumerate(zip(windows.spans, votes.series, strict=True))
        for month in windows.months[months]
        # Where nobody answered no series is chosen, and all who were shown the question count.
        for series in ([chosen] if chosen else votes.present)
    ]
    return put_table(connection, pa.Table.from_pylist(rows, pa.schema(types)))


def _spread(connection: Connection, book: Scorebook, counted: Table) -> Table:
    """Each row once for every scope it counts in, with the column ``scope``.

    A unit or representative that the scorebook does not know counts for everybody only.
    """
    number = {(scope.type, scope.id): at for at, scope in enumerate(book.scopes)}
    units = [
        (unit.id, number[ScopeType.UNIT, above])
        for unit in book.units
        for above in book.upwards(unit.id)
    ]
    people = [(one.id, number[ScopeType.REPRESENTATIVE, one.id]) for one in book.representatives]
    everybody = counted.mutate(scope=ibis.literal(0, "int64"))
    in_units = counted.join(_table(connection, "unit", units), "unit")
    in_people = counted.join(_table(connection, "representative", people), "representative")
    names = everybody.columns
    return ibis.union(everybody, in_units.select(names), in_people.select(names))


def _table(connection: Connection, name: str, rows: Sequence[tuple[str, int]]) -> Table:
    columns = {
        name: pa.array([word for word, _ in rows], pa.string()),
        "scope": pa.array([scope for _, scope in rows], pa.int64()),
    }
    return put_table(connection, pa.table(columns))
