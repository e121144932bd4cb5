"""Gaps, on the engine: what each respondent perceived less what the same one expected.

The pairs of a response are reduced to one difference first; a difference is then counted like an
answer to a question of its own. So its mean has the paired interval, and whoever answered one of
the two questions only is in neither side of it.
"""

import ibis
import pyarrow as pa
from ibis.expr.types import Table

from analysis.definitions import RatingSource
from analysis.engines import Connection, fetch
from analysis.facts import FactsError
from analysis.scorebook import Scorebook
from analysis.wanted import PLACE, Wanted, code_texts


def tally_gaps(
    connection: Connection, ratings: Table, book: Scorebook, wanted: Wanted
) -> list[pa.Table]:
    """Differences counted per place, month and value: tallies in the form of those of answers.

    Parameters
    ----------
    ratings : ibis Table
        The facts of the windows' months.
    wanted : Wanted
        What is asked of the ratings; the tallies have its columns.

    Raises
    ------
    FactsError
        For a response that answers a question of a gap more than once.
    """
    sources = {
        kpi.source
        for kpi in book.kpis
        if isinstance(kpi.source, RatingSource) and kpi.source.expected
    }
    asked = {(one.questionnaire, one.question, one.expected): one for one in sources}
    return [_tally(connection, ratings, asked[key], wanted) for key in sorted(asked)]


def _tally(
    connection: Connection, ratings: Table, source: RatingSource, wanted: Wanted
) -> pa.Table:
    perceived = _shown(ratings, source.questionnaire, source.question)
    expected = _shown(ratings, source.questionnaire, source.expected)
    _check_once(connection, perceived, source.question)
    _check_once(connection, expected, source.expected)
    expected = expected.select(
        "month",
        "response",
        other_value="value",
        other_missing="missing",
        other_low="scale_low",
        other_high="scale_high",
        other_series="series",
    )
    pairs = perceived.join(expected, ["month", "response"])
    pairs = pairs.select(
        "month",
        *PLACE,
        *wanted.dimensions,
        "version",
        series=ibis.greatest(pairs["series"], pairs["other_series"]),
        scale_low=pairs["scale_low"] - pairs["other_high"],
        scale_high=pairs["scale_high"] - pairs["other_low"],
        value=pairs["value"] - pairs["other_value"],
        missing=ibis.coalesce(pairs["missing"], pairs["other_missing"]),
    )
    counted = fetch(connection, pairs.group_by(*pairs.columns).aggregate(count=ibis._.count()))
    columns = {
        name: pa.repeat(word, counted.num_rows)
        for name, word in (("questionnaire", source.questionnaire), ("question", source.asked))
    }
    columns |= {name: counted[name] for name in counted.column_names}
    plain = pa.table({name: columns[name] for name in wanted.types})
    return code_texts(plain.cast(pa.schema(wanted.types)))


def _check_once(connection: Connection, shown: Table, question: str) -> None:
    """Whoever answered one question twice would be in as many pairs."""
    responses = shown.group_by(["month", "response"]).aggregate(count=ibis._.count())
    counted = responses.aggregate(several=(responses["count"] > 1).sum())
    if several := int(fetch(connection, counted)["several"][0].as_py() or 0):
        told = "1 response answers" if several == 1 else f"{several} responses answer"
        raise FactsError(
            f"In the ratings, {told} the question {question} more than once, and a gap needs one "
            "answer of each. Keep one."
        )


def _shown(ratings: Table, questionnaire: str, question: str) -> Table:
    return ratings.filter(
        ratings["questionnaire"] == questionnaire,
        ratings["question"] == question,
        ratings["missing"].isnull() | (ratings["missing"] != "not_shown"),
    )
